/* SPDX-License-Identifier: Apache-2.0 */
#include "image/weights.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"

/* Every expression here has the order of evaluation of Pillow's Resample.c: another order rounds differently,
 * and a weight that differs by one changes pixels. */

static double triangle(double x) {
  x = fabs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

static double keys_cubic(double x) {
  const double a = -0.5;
  x = fabs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
  return 0.0;
}

static int32_t to_fixed(double weight) {
  double scaled = weight * (1 << WEIGHT_BITS);
  return (int32_t)(weight < 0 ? scaled - 0.5 : scaled + 0.5);
}

static checkrob_status allocate(weights *axis, uint32_t outputs, size_t stride) {
  if (stride > SIZE_MAX / sizeof *axis->weight / outputs) return error_memory("resizing an image");
  axis->outputs = outputs;
  axis->stride = stride;
  axis->start = malloc(outputs * sizeof *axis->start);
  axis->count = malloc(outputs * sizeof *axis->count);
  axis->weight = calloc(outputs * stride, sizeof *axis->weight);
  axis->pair = malloc(outputs * (stride / 2) * sizeof *axis->pair);
  return axis->start && axis->count && axis->weight && axis->pair ? CHECKROB_OK
                                                                  : error_memory("resizing an image");
}

static void fill_pairs(weights *axis) {
  const uint32_t low = (1U << WEIGHT_SPLIT) - 1;
  for (size_t i = 0; i < axis->outputs * (axis->stride / 2); i++) {
    int32_t first = axis->weight[i * 2], second = axis->weight[i * 2 + 1];
    axis->pair[i].low = ((uint32_t)first & low) | ((uint32_t)second & low) << 16;
    axis->pair[i].high = (uint16_t)(first >> WEIGHT_SPLIT) | (uint32_t)(uint16_t)(second >> WEIGHT_SPLIT)
                                                                 << 16;
  }
}

checkrob_status weights_make(weights *out, uint32_t in, uint32_t full, uint32_t first, uint32_t outputs,
                             checkrob_filter filter) {
  *out = (weights){0};
  double (*shape)(double) = filter == CHECKROB_FILTER_BICUBIC ? keys_cubic : triangle;
  double scale = (double)in / full;
  double stretch = scale < 1.0 ? 1.0 : scale; /* shrinking widens the filter: that is the antialiasing */
  double support = (filter == CHECKROB_FILTER_BICUBIC ? 2.0 : 1.0) * stretch;
  size_t stride = ((size_t)ceil(support) * 2 + 2) / 2 * 2;
  double *exact = malloc(stride * sizeof *exact);
  if (!exact) return error_memory("resizing an image");
  checkrob_status status = allocate(out, outputs, stride);
  for (uint32_t i = 0; status == CHECKROB_OK && i < outputs; i++) {
    double center = ((double)first + i + 0.5) * scale;
    double low = center - support + 0.5, high = center + support + 0.5;
    uint32_t start = low < 0.0 ? 0 : (uint32_t)low;
    uint32_t count = (high > in ? in : (uint32_t)high) - start;
    double sum = 0.0, shrink = 1.0 / stretch;
    for (uint32_t t = 0; t < count; t++) {
      exact[t] = shape(((double)t + start - center + 0.5) * shrink);
      sum += exact[t];
    }
    for (uint32_t t = 0; t < count; t++)
      out->weight[i * stride + t] = to_fixed(sum != 0.0 ? exact[t] / sum : exact[t]);
    out->start[i] = start;
    out->count[i] = count;
  }
  if (status == CHECKROB_OK) fill_pairs(out);
  free(exact);
  return status;
}

void weights_free(weights *axis) {
  free(axis->start);
  free(axis->count);
  free(axis->weight);
  free(axis->pair);
}
