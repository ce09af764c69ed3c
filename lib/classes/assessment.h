/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of a class from its samples: means, object-blind scores, intervals. Pure functions on
 * arrays. */
#ifndef CHECKROB_LIB_ASSESSMENT_H
#define CHECKROB_LIB_ASSESSMENT_H

#include "classes/rule.h"
#include "classes/sample_columns.h"

/* The log-odds of a share from 0.001 to 0.999; of others, those of the nearest of these. */
double assess_logit(double share);

/* Excess robustness and log-odds lift of a score over the object-blind score, for a sample or a class
 * (checkrob/verdict.h). Not finite where the formula has no finite value. */
double assess_ers(double score, double blind);
double assess_lift(double score, double blind);

/* The evaluated samples of a class. Their order determines the resamples. */
typedef struct class_samples {
  size_t count, capacity;
  size_t cells;                 /* of a map */
  double *rs, *contrast, *area; /* [count] */
  unsigned char *hit;           /* [count]: the class is among the top k */
  float *regions;               /* [count, cells], as in saliency/stored_map.h */
  /* [count], each [cells], owned; NULL if all of the image counts */
  float **counted;
  double (*metrics)[SAMPLE_METRICS]; /* [count] */
} class_samples;

void class_samples_clear(class_samples *samples);
/* Allocates one more sample. OUT_OF_MEMORY. */
checkrob_status class_samples_grow(class_samples *samples);

/* Maps of other classes, [cells] each, with the sum 1 over the image; and their mean, NULL if there is
 * none. */
typedef struct foreign_maps {
  const float *const *maps;
  size_t count;
  const double *mean;
} foreign_maps;

/* The columns that assess_class() sets. */
extern const column_list class_score_columns;

/* OUT_OF_MEMORY. */
checkrob_status assess_class(checkrob_row *out, const class_samples *samples, const foreign_maps *foreign,
                             const verdict_rule *rule);

#endif
