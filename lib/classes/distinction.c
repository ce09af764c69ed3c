/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/distinction.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "classes/levelling.h"
#include "classes/statistics.h"

#define FEWEST_VALUES 5
#define LARGEST 20.0
#define SMALLEST_USUAL 0.2

void value_sums_add(value_sums *to, double value) {
  if (!isfinite(value)) return;
  to->count++;
  to->sum += value;
  to->squares += value * value;
}

double value_sums_mean(const value_sums *of) {
  return of->count > 0 ? of->sum / (double)of->count : NAN;
}

static double deviation(const value_sums *of) {
  double n = (double)of->count, mean = of->sum / n;
  return sqrt(fmax(of->squares - n * mean * mean, 0.0) / (n - 1.0));
}

double distinction_of(const value_sums *own, const value_sums *control) {
  if (own->count < FEWEST_VALUES || control->count < FEWEST_VALUES) return NAN;
  double difference = value_sums_mean(own) - value_sums_mean(control);
  double scale = fmax(deviation(control), fabs(difference) / LARGEST);
  return scale > 0.0 ? difference / scale : 0.0;
}

static int compare(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

/* Sorts the values. Between two, linear. */
static double lower_quartile(double *values, size_t count) {
  qsort(values, count, sizeof *values, compare);
  double at = 0.25 * (double)(count - 1);
  size_t below = (size_t)at;
  double share = at - (double)below;
  return below + 1 < count ? values[below] + share * (values[below + 1] - values[below]) : values[below];
}

checkrob_status distinction_usual(double *out, const double *distinction, const double *area, size_t count) {
  double *sizes = malloc((2 * count + 1) * sizeof *sizes), slope = 0.0, quartile = NAN;
  checkrob_status status = CHECKROB_OK;
  if (!sizes) return error_memory("the features of the classes");
  double *values = sizes + count;
  size_t known = 0;
  for (size_t i = 0; i < count; i++) {
    if (isnan(distinction[i]) || !(area[i] > 0.0)) continue;
    sizes[known] = log(area[i]);
    values[known++] = log(fmax(distinction[i], SMALLEST_USUAL));
  }
  if (known >= LEVELLED_CLASSES) status = statistics_slope(&slope, sizes, values, known);
  for (size_t i = 0; i < known; i++) values[i] -= slope * sizes[i];
  if (known > 0) quartile = lower_quartile(values, known);
  for (size_t i = 0; i < count; i++) out[i] = area[i] > 0.0 ? exp(quartile + slope * log(area[i])) : NAN;
  free(sizes);
  return status;
}
