/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of checkrob explain: which images, their maps, the pictures. */
#ifndef CHECKROB_TOOLS_EXPLAIN_H
#define CHECKROB_TOOLS_EXPLAIN_H

#include <signal.h>

#include "inputs.h"
#include "progress.h"

/* Nobody looks at a contact sheet of more. */
#define MOST_EXPLAINED 256
/* Without --top. */
#define EXPLAINED_BY_DEFAULT 64

/* An image and the class that is explained in it. */
typedef struct explained_item {
  char *name;         /* the image's, in the dataset */
  sample_place place; /* of its sample in the dataset */
  int64_t index;      /* the sample's class; -1: it has none */
  int64_t target;     /* the class that is explained */
  double score;       /* by which it was chosen, then of its map; NaN: it has none */
  double flat;        /* the score of a flat map */
  double logit;       /* of the target */
  int64_t rank;       /* of the target among the logits, from 1 */
  int64_t predicted;
  size_t tile; /* of the contact sheet, from 1; 0: it is not drawn */
} explained_item;

typedef struct explaining {
  const command_line *line;
  inputs in;
  checkrob_options *spec;          /* of the run that wrote the results; NULL without results */
  const checkrob_options *options; /* these, or those of the command line */
  int is_loose;                    /* the images are files, not of a dataset with classes */
  const char *annotations;         /* of such images, a file or a folder; NULL: there are none */
  const char *object_name;         /* only objects of this name; NULL: all */
  int64_t class_index;             /* only samples of this class; -1: of all */
  int64_t target;                  /* the class to explain; -1: the sample's own */
  explained_item *items;
  size_t count, capacity;
  size_t left_out; /* of those that were meant, beyond the limit */
  checkrob_explainer *explainer;
  checkrob_overlay_style style;
  uint32_t height, width; /* of the model's input */
  size_t failed;          /* items without a map */
  progress bar;
  volatile sig_atomic_t is_interrupted;
} explaining;

/* ---- explain_photos.c ---- */

/* Makes a dataset of the files that --image names. EXIT_OK, or the exit code after an error message. */
int open_loose(explaining *e);

/* ---- explain_choice.c ---- */

/* --top, as it was given. */
typedef enum top_kind { TOP_NONE, TOP_WORST, TOP_BEST, TOP_TYPICAL } top_kind;
typedef struct top_choice {
  top_kind kind;
  size_t most;
} top_choice;
/* EXIT_OK, or EXIT_USAGE after an error message. */
int top_choice_read(top_choice *top, const command_line *line);

/* Fills `items` from the dataset, and with results by the stored scores. EXIT_OK, or the exit code after an
 * error message. */
int choose_items(explaining *e, const top_choice *top);
/* Keeps those items that --top asks for, by their scores, in their order. */
void keep_top(explaining *e, const top_choice *top);
void items_free(explaining *e);

/* ---- explain_maps.c ---- */

/* What is known of an item while it is drawn. */
typedef struct explained {
  explained_item *item;
  size_t number; /* of the item */
  const char *path;
  const checkrob_image *image;
  const checkrob_regions *regions; /* NULL: there are none */
  const float *map, *logits;
  size_t shape[2]; /* of the map */
} explained;

/* Returns an exit code; anything but EXIT_OK stops. */
typedef int (*explained_function)(explaining *e, const explained *x, void *data);

/* Explains the items in their order, and computes their numbers. Those that cannot be explained are counted,
 * with a warning; but the only one is an error. `take` NULL: only the numbers. */
int explain_items(explaining *e, explained_function take, void *data);

/* ---- explain_pictures.c ---- */

/* One picture, and its numbers in words. */
int draw_picture(explaining *e);
/* A contact sheet, in a folder with a picture for each, and a table. */
int draw_pictures(explaining *e, int is_folder);

#endif
