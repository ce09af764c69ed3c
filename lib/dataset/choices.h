/* SPDX-License-Identifier: Apache-2.0 */
/* The options of a dataset, in the form that formats use. */
#ifndef CHECKROB_LIB_CHOICES_H
#define CHECKROB_LIB_CHOICES_H

#include <checkrob/options.h>
#include <stdbool.h>

#include "dataset/files/path.h"

/* Masks whose pixels are numbers, as Pascal VOC has them. */
typedef enum mask_kind {
  MASKS_AUTO,    /* those that a folder of annotations is named after; else none */
  MASKS_CLASSES, /* the numbers are classes */
  MASKS_OBJECTS  /* the numbers are objects, in the order of the image's XML file */
} mask_kind;

typedef struct dataset_choices {
  path_list images, annotations, lists;
  const char *names;      /* belongs to the options; NULL: none */
  unsigned ignored_flags; /* a sum of checkrob_object_flag */
  mask_kind masks;
  size_t limit; /* inputs; 0: all */
  bool boxes_only;
  bool skip_unannotated;
  bool skip_unmapped;
} dataset_choices;

/* The caller clears `out`, also after a failure. OUT_OF_MEMORY. */
checkrob_status dataset_choices_take(dataset_choices *out, const checkrob_options *options);
void dataset_choices_clear(dataset_choices *choices);

/* The value of the option `regions` that means these choices. */
const char *dataset_choices_regions(const dataset_choices *choices);

#endif
