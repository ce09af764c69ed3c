/* Running totals for each class. */
#ifndef CHECKROB_LIB_CLASS_TALLY_H
#define CHECKROB_LIB_CLASS_TALLY_H

#include <checkrob/run.h>
#include <stddef.h>
#include <stdint.h>

typedef struct class_total {
  int64_t index;
  char *name;
  size_t images, failed, hits;
  double rs_sum;
} class_total;

typedef struct class_tally {
  class_total *items;
  size_t count, capacity;
} class_tally;

void tally_clear(class_tally *tally);

checkrob_status tally_add(class_tally *tally, int64_t index, const char *name, double rs, int hit);
checkrob_status tally_add_failed(class_tally *tally, int64_t index, const char *name);

/* NaN without images. */
double tally_crs(const class_total *total);
double tally_accuracy(const class_total *total);

/* As programs are given it. */
checkrob_class_result tally_result(const class_total *total);

/* Writes the items by rising CRS, those without images last, equals by index, to `order` [count]. */
void tally_rank(const class_total **order, const class_tally *tally);

#endif
