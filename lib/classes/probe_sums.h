/* SPDX-License-Identifier: Apache-2.0 */
/* What the samples of other classes say about a class whose object was their donor. Sums only, so the samples
 * may come from any shard. Pure functions. */
#ifndef CHECKROB_LIB_PROBE_SUMS_H
#define CHECKROB_LIB_PROBE_SUMS_H

#include "classes/running.h"
#include "classes/sample_columns.h"

/* The evidence for a class: exp(relative logit / unit), and 1 for a class that the image says nothing about.
 * The unit is the mean relative logit of the recognised samples of all classes. More than 10 units, which no
 * sound network has, count as 10. */
double probe_evidence(double relative_logit, double unit);

#define BLURS 2 /* the strong one, and the slight one */

/* The weights in the suspicion of a class of what its donors' samples say; docs/method.md says how they were
 * chosen. */
#define PROBE_OBJECT_WEIGHT (-0.5)
#define PROBE_BLUR_WEIGHT 1.0

/* The evidence for a class in images of others. */
typedef struct foreign_answers {
  int64_t index;
  running object;      /* where its object was put into another class's surroundings */
  running blur[BLURS]; /* what blurring off the object adds */
  /* The weighted sum of both. They are numbers of the same samples, so their variances do not add up. */
  running both[BLURS];
} foreign_answers;

typedef struct probe_sums {
  foreign_answers *items; /* sorted by index */
  size_t count, capacity;
} probe_sums;

void probe_sums_clear(probe_sums *sums);
/* OUT_OF_MEMORY. */
checkrob_status probe_sums_add(probe_sums *sums, const checkrob_row *sample, const sample_columns *columns,
                               double unit);
/* NULL if no sample says anything about the class. */
const foreign_answers *probe_sums_find(const probe_sums *sums, int64_t index);

#endif
