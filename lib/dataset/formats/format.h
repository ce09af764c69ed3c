/* SPDX-License-Identifier: Apache-2.0 */
/* What a format of datasets implements. A new format is a file that defines a dataset_format, a line in
 * formats.c, and a choice of the option `dataset`. */
#ifndef CHECKROB_LIB_FORMAT_H
#define CHECKROB_LIB_FORMAT_H

#include "dataset/choices.h"
#include "dataset/input.h"

/* Features that not every format has. */
enum {
  FORMAT_LISTS = 1, /* text files that select images */
  FORMAT_MASKS = 2, /* masks whose pixels are numbers */
  FORMAT_TREES = 4, /* folders that hold images and annotations, so that the latter need not be named */
  FORMAT_FILE = 8,  /* one file of annotations for all images */
  FORMAT_NAMES = 16 /* a file with the classes' names */
};

typedef struct dataset_format {
  const char *name;
  unsigned features;
  /* Lists the inputs, sorted by their images' paths. The choices were checked, and are valid during the call.
   */
  checkrob_status (*open)(void **state, const dataset_choices *choices);
  void (*close)(void *state);
  size_t (*input_count)(const void *state);
  /* The name of an input's image; NULL if only `read` knows it. */
  const char *(*name_of)(const void *state, size_t input);
  /* Fills `out`, which is empty: the image's name and location, then its annotation, with objects of all
   * classes. Safe from any number of threads: it does not change the state, and opens files itself. A failure
   * with its error message fails the input, which becomes a row of the results with what was filled until
   * then; OUT_OF_MEMORY fails the cursor. */
  checkrob_status (*read)(checkrob_input *out, const void *state, size_t input);
  /* Number of images that skip_unannotated left out; NULL: none. */
  size_t (*left_out)(const void *state);
} dataset_format;

extern const dataset_format dataset_format_voc;
extern const dataset_format dataset_format_imagenet;
extern const dataset_format dataset_format_coco;
extern const dataset_format dataset_format_yolo;
extern const dataset_format dataset_format_manifest;
/* These are no choices of the option `dataset`. */
extern const dataset_format dataset_format_images;
extern const dataset_format dataset_format_caller;

/* By its name; NULL: there is none. */
const dataset_format *format_find(const char *name);

#endif
