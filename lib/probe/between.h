/* SPDX-License-Identifier: Apache-2.0 */
/* Linear interpolation between the pixels of a line, and of a plane. */
#ifndef CHECKROB_LIB_BETWEEN_H
#define CHECKROB_LIB_BETWEEN_H

#include <math.h>
#include <stddef.h>

/* A place between two neighbouring pixels. */
typedef struct between {
  size_t low, high;
  float share; /* of `high` */
} between;

/* Beyond the first and the last pixel it is theirs. */
static inline between between_at(float position, size_t side) {
  float at = fminf(fmaxf(position, 0.0F), (float)(side - 1));
  size_t low = (size_t)at;
  return (between){.low = low, .high = low + 1 < side ? low + 1 : low, .share = at - (float)low};
}

/* The value of a plane of this width in row v and column u. */
static inline float between_value(const float *plane, size_t width, between v, between u) {
  const float *above = plane + v.low * width, *below = plane + v.high * width;
  float first = above[u.low] + u.share * (above[u.high] - above[u.low]);
  float second = below[u.low] + u.share * (below[u.high] - below[u.low]);
  return first + v.share * (second - first);
}

#endif
