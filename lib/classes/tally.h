/* SPDX-License-Identifier: Apache-2.0 */
/* Running counts of each class and of all samples. Only this code counts rows. */
#ifndef CHECKROB_LIB_TALLY_H
#define CHECKROB_LIB_TALLY_H

#include "classes/running.h"
#include "classes/sample_columns.h"

/* The columns that tally_fill() sets. */
extern const column_list class_count_columns;

typedef struct class_count {
  int64_t index;
  char *name;
  size_t images, failed;
  /* Of the images: those that have a rank, and those with the class among the top k. */
  size_t ranked, hits;
  size_t first; /* of the images: those with the class as the highest logit */
  double rs_sum;
} class_count;

/* How often a class was the highest logit, in samples of any class. */
typedef struct call_count {
  int64_t index;
  size_t calls;
} call_count;

typedef struct class_tally {
  const row_layout *layout; /* of the last row; the columns belong to this layout */
  sample_columns columns;
  size_t top_k;
  class_count *items; /* [count], by rising index */
  size_t count, capacity;
  call_count *calls; /* [call_count], by rising index */
  size_t call_count, call_capacity;
  size_t samples, evaluated, failed, empty_maps, remarks;
  running relative_logit; /* of the recognised samples: its mean is the unit of probes */
} class_tally;

/* Initialises a tally for rows of this layout and of others: the rows in a resumed file may have another
 * order of columns. */
void tally_start(class_tally *out, const row_layout *samples, size_t top_k);
void tally_clear(class_tally *tally);

/* Counts a row. OUT_OF_MEMORY. */
checkrob_status tally_add(class_tally *tally, const checkrob_row *sample);

/* NULL if no sample had the class. */
const class_count *tally_find(const class_tally *tally, int64_t index);

/* NaN without images. */
double tally_crs(const class_count *count);
double tally_accuracy(const class_count *count);

/* Sets the class's columns that the tally determines. OUT_OF_MEMORY. */
checkrob_status tally_fill(checkrob_row *out, const class_tally *tally, const class_count *count);

/* Sets the values of a row of the table "totals" that the tally knows: samples, evaluated, failed,
 * empty_maps, remarks. */
void tally_total(checkrob_row *totals, const class_tally *tally);

#endif
