/* Running totals for each class. */
#ifndef CHECKROB_LIB_CLASS_TALLY_H
#define CHECKROB_LIB_CLASS_TALLY_H

#include <checkrob/run.h>
#include <stddef.h>
#include <stdint.h>

/* What is known of a class once all maps are. */
typedef struct class_assessment {
  checkrob_class_result result; /* its name is not set */
  char *reason;
  double *blind; /* [cells]: the object-blind map, its sum over the image 1; NULL where there is none */
  size_t cells;
} class_assessment;

typedef struct class_total {
  int64_t index;
  char *name;
  size_t images, failed, hits;
  double rs_sum;
  class_assessment *assessed; /* NULL: not yet */
} class_total;

typedef struct class_tally {
  class_total *items;
  size_t count, capacity;
} class_tally;

void tally_clear(class_tally *tally);

checkrob_status tally_add(class_tally *tally, int64_t index, const char *name, double rs, int hit);
checkrob_status tally_add_failed(class_tally *tally, int64_t index, const char *name);

/* NULL where the class was not met. */
class_total *tally_find(const class_tally *tally, int64_t index);

void class_assessment_free(class_assessment *assessed);

/* NaN without images. */
double tally_crs(const class_total *total);
double tally_accuracy(const class_total *total);

/* As programs are given it. */
checkrob_class_result tally_result(const class_total *total);

/* Writes the items to `order` [count] as checkrob_run_class ranks them. */
void tally_rank(const class_total **order, const class_tally *tally);

#endif
