/* SPDX-License-Identifier: Apache-2.0 */
/* How much more a feature says about its class in the class's surroundings than in those of other classes. */
#ifndef CHECKROB_LIB_DISTINCTION_H
#define CHECKROB_LIB_DISTINCTION_H

#include <checkrob/status.h>
#include <stddef.h>

/* Sums over values. */
typedef struct value_sums {
  size_t count;
  double sum, squares;
} value_sums;

void value_sums_add(value_sums *to, double value);
/* NaN without values. */
double value_sums_mean(const value_sums *of);

/* The difference of the means in standard deviations of `control`, from -20 to 20: that deviation is taken to
 * be at least 1/20 of the difference. NaN if one of them has fewer than 5 values. */
double distinction_of(const value_sums *own, const value_sums *control);

/* Writes the distinction that is usual for a class of this area [count]: the lower quartile over the classes,
 * as most of a dataset's classes may have cues. From 16 classes on, it depends on the area: the logarithm is
 * on Theil and Sen's line over the logarithm of the area. `distinction`: the largest one of each class; below
 * 0.2, 0.2 counts; NaN: the class does not count. NaN if none does. OUT_OF_MEMORY. */
checkrob_status distinction_usual(double *out, const double *distinction, const double *area, size_t count);

#endif
