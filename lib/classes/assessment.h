/* What a class's samples say together: means, object-blind scores, certainty. Pure functions on arrays. */
#ifndef CHECKROB_LIB_ASSESSMENT_H
#define CHECKROB_LIB_ASSESSMENT_H

#include "classes/rule.h"
#include "classes/sample_columns.h"

/* Excess robustness and log-odds lift of a score over the object-blind one, of a sample or a class
 * (checkrob/verdict.h). Not finite where the formula is not. */
double assess_ers(double score, double blind);
double assess_lift(double score, double blind);

/* A class's evaluated samples; their order decides which resamples there are. */
typedef struct class_samples {
  size_t count, capacity;
  size_t cells;                      /* of a map */
  double *rs, *contrast, *area;      /* [count] */
  unsigned char *hit;                /* [count]: the class is among the top k */
  float *regions;                    /* [count, cells], as in saliency/evidence.h */
  float **counted;                   /* [count] of [cells], owned; NULL where all of the image counts */
  double (*metrics)[SAMPLE_METRICS]; /* [count] */
} class_samples;

void class_samples_clear(class_samples *samples);
/* Makes room for one more. OUT_OF_MEMORY. */
checkrob_status class_samples_grow(class_samples *samples);

/* Maps of other classes, [cells] each, their sums over the image 1; and their mean, NULL where there is none.
 */
typedef struct foreign_maps {
  const float *const *maps;
  size_t count;
  const double *mean;
} foreign_maps;

/* Sets the numbers of a class's row but for the counts, acc, crs, q, the verdict and its reasons.
 * OUT_OF_MEMORY. */
checkrob_status assess_class(checkrob_row *out, const class_samples *samples, const foreign_maps *foreign,
                             const verdict_rule *rule);

#endif
