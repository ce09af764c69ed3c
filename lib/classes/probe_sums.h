/* SPDX-License-Identifier: Apache-2.0 */
/* What the probes of all samples say about each class: of a class as a donor, as a control, and the unit of
 * relative logits. Sums only, so the samples may come in any order and from any shard. Pure functions. */
#ifndef CHECKROB_LIB_PROBE_SUMS_H
#define CHECKROB_LIB_PROBE_SUMS_H

#include <stdbool.h>

#include "classes/sample_columns.h"

/* The sum of numbers, and of their squares. */
typedef struct running {
  size_t count;
  double sum, squares;
} running;

/* NaN is ignored. */
void running_add(running *r, double value);
/* NaN for none. */
double running_mean(const running *r);
/* The variance of the mean, s^2 / n; NaN for fewer than two. */
double running_variance(const running *r);

#define BLURS 2 /* the strong one, and the slight one */

/* The weights in the suspicion of a class of what its donors' samples say; docs/method.md says how they were
 * chosen. */
#define PROBE_OBJECT_WEIGHT (-0.5)
#define PROBE_BLUR_WEIGHT 2.0

/* Relative logits of a class in images of others. */
typedef struct foreign_answers {
  int64_t index;
  running object;      /* where its object was put into another class's surroundings */
  running blur[BLURS]; /* what blurring off the object adds */
  /* The weighted sum of both. They are numbers of the same samples, so their variances do not add up. */
  running both[BLURS];
  running control; /* where neither the object nor the surroundings are its own */
} foreign_answers;

typedef struct probe_sums {
  foreign_answers *items; /* sorted by index */
  size_t count, capacity;
  running unit; /* `relative_logit` of the recognised samples of all classes */
} probe_sums;

void probe_sums_clear(probe_sums *sums);
/* OUT_OF_MEMORY. */
checkrob_status probe_sums_add(probe_sums *sums, const checkrob_row *sample, const sample_columns *columns,
                               bool recognised);
/* NULL if no sample says anything about the class. */
const foreign_answers *probe_sums_find(const probe_sums *sums, int64_t index);

#endif
