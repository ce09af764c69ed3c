/* Running counts of each class and of all samples: the one place where rows become counts. */
#ifndef CHECKROB_LIB_TALLY_H
#define CHECKROB_LIB_TALLY_H

#include "classes/sample_columns.h"

typedef struct class_count {
  int64_t index;
  char *name;
  size_t images, failed;
  size_t ranked, hits; /* of the images: those that have a rank, and those with the class among the top k */
  double rs_sum;
} class_count;

typedef struct class_tally {
  const row_layout *layout; /* of the row that was counted last, whose columns these are */
  sample_columns columns;
  size_t top_k;
  class_count *items; /* [count], by rising index */
  size_t count, capacity;
  size_t samples, evaluated, failed, empty_maps;
} class_tally;

/* For rows of this layout, and of others: those that a resumed file has may have another order. */
void tally_start(class_tally *out, const row_layout *samples, size_t top_k);
void tally_clear(class_tally *tally);

/* Counts a row. OUT_OF_MEMORY. */
checkrob_status tally_add(class_tally *tally, const checkrob_row *sample);

/* NULL where no sample had the class. */
const class_count *tally_find(const class_tally *tally, int64_t index);

/* NaN without images. */
double tally_crs(const class_count *count);
double tally_accuracy(const class_count *count);

/* Sets what the tally knows of a row of the table "totals": samples, evaluated, failed, empty_maps. */
void tally_total(checkrob_row *totals, const class_tally *tally);

#endif
