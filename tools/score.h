/* checkrob score: the choices, and what is written of the results. */
#ifndef CHECKROB_TOOLS_SCORE_H
#define CHECKROB_TOOLS_SCORE_H

#include <stdio.h>

#include "model_options.h"

#define ROOTS_LIMIT 4096

typedef struct score_choices {
  model_options model;
  const char *dataset, *classes, *names, *out;
  const char *images[ROOTS_LIMIT], *annotations[ROOTS_LIMIT];
  size_t image_count, annotation_count;
  checkrob_dataset_format format;
  unsigned ignored_flags;
  const char *ignored_text; /* as given; NULL: nothing */
  int64_t shard, shards;    /* 0, 0: all */
  int strict, restart, boxes_only;
  int64_t batch;
  profile profile;
} score_choices;

#define FAILURES_SHOWN 5

/* The output folder. results.sqlite grows while the run goes on, so that nothing computed is lost; the other
 * files are made of it at the end, each whole or not at all. */
typedef struct score_output {
  const char *folder;
  char *store_path;
  size_t failures;
  char *shown[FAILURES_SHOWN]; /* the first failures, a line each */
} score_output;

/* Makes the folder where it is missing; checks that no result would replace an input; with --restart takes an
 * earlier run's results away. EXIT_OK, or the code after the error is printed. */
int output_open(score_output *output, const score_choices *choices);
/* images.csv, classes.csv and summary.json, from what the store holds; `complete` 0 when the run was cut
 * short. */
int output_finish(score_output *output, const checkrob_run *run, const score_choices *choices,
                  const char *layer, const char *preprocess_json, int complete);
/* The table on standard output, the warnings on standard error. */
int output_print(const score_output *output, const checkrob_run *run, const score_choices *choices);
void output_close(score_output *output);

#endif
