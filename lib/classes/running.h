/* SPDX-License-Identifier: Apache-2.0 */
/* Mean and variance of numbers that come one by one. */
#ifndef CHECKROB_LIB_RUNNING_H
#define CHECKROB_LIB_RUNNING_H

#include <math.h>
#include <stddef.h>

/* Starts as zeros. */
typedef struct running {
  size_t count;
  double sum, squares;
} running;

/* NaN is ignored. */
static inline void running_add(running *r, double value) {
  if (isnan(value)) return;
  r->count++;
  r->sum += value;
  r->squares += value * value;
}

/* NaN for none. */
static inline double running_mean(const running *r) {
  return r->count > 0 ? r->sum / (double)r->count : NAN;
}

/* The variance of the mean, s^2 / n; NaN for fewer than two. */
static inline double running_variance(const running *r) {
  if (r->count < 2) return NAN;
  double n = (double)r->count, spread = r->squares - r->sum * (r->sum / n);
  return fmax(spread, 0.0) / (n * (n - 1.0)); /* rounding may leave less than nothing */
}

#endif
