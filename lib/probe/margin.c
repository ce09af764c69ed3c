/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/margin.h"

#include <math.h>
#include <string.h>

static size_t larger(size_t a, size_t b) {
  return a > b ? a : b;
}

size_t margin_work(size_t height, size_t width) {
  return larger(transplant_work(height, width), larger(height, width) * sizeof(float));
}

/* The largest of `count` values, `step` apart, within `reach` of each. `line` holds the old values. */
static void spread(float *values, size_t count, size_t step, size_t reach, float *line) {
  for (size_t i = 0; i < count; i++) line[i] = values[i * step];
  for (size_t i = 0; i < count; i++) {
    size_t first = i > reach ? i - reach : 0, last = count - 1 - i > reach ? i + reach : count - 1;
    float most = line[first];
    for (size_t k = first + 1; k <= last; k++) most = fmaxf(most, line[k]);
    values[i * step] = most;
  }
}

void margin_add(float *coverage, size_t height, size_t width, double share, void *work) {
  extent e;
  if (!(share > 0.0)) return;
  if (!object_extent(&e, coverage, height, width, work)) return;
  size_t across = (size_t)lround(share * (double)(e.x1 - e.x0)),
         along = (size_t)lround(share * (double)(e.y1 - e.y0));
  for (size_t y = 0; y < height && across > 0; y++) spread(coverage + y * width, width, 1, across, work);
  for (size_t x = 0; x < width && along > 0; x++) spread(coverage + x, height, width, along, work);
}

void margin_fill_middle(float *image, float *object, const float *coverage, size_t height, size_t width,
                        double share, const channel_scale *scale, void *work) {
  memcpy(object, coverage, height * width * sizeof *object);
  margin_add(object, height, width, share, work);
  fill_middle(image, object, height, width, scale);
}
