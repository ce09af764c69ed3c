/* SPDX-License-Identifier: Apache-2.0 */
/* What in the data goes with a class, and whether the model's evidence goes with it too: properties of the
 * image, and other classes that are annotated in it. */
#ifndef CHECKROB_LIB_CUES_H
#define CHECKROB_LIB_CUES_H

#include "classes/sample_columns.h"
#include "table/row_list.h"

#define CUE_TABLE "cue"

extern const column_list cue_columns;

/* An empty list with the table's columns. OUT_OF_MEMORY. */
checkrob_status cues_start(row_list *list);

/* The samples that were read. Starts as zeros. */
typedef struct cue_samples {
  struct cue_sample *items;
  size_t count, capacity;
  char **names; /* of classes that are annotated, sorted */
  size_t name_count, name_capacity;
} cue_samples;

void cue_samples_clear(cue_samples *samples);

/* Adds a sample; nothing happens unless it was evaluated, with properties. OUT_OF_MEMORY. */
checkrob_status cue_samples_add(cue_samples *samples, const checkrob_row *sample,
                                const sample_columns *columns);

/* Appends the rows of all classes, in their order. OUT_OF_MEMORY. */
checkrob_status cues_fill(row_list *out, const cue_samples *samples, checkrob_row *const *classes,
                          size_t class_count);

#endif
