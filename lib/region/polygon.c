/* SPDX-License-Identifier: Apache-2.0 */
#include "region/polygon.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"

/* Each edge adds, to every pixel right of it, the height that it spans in that pixel's row; downward edges
 * count positive, upward ones negative. The sum over all edges is the winding number times the share of the
 * area. As in font rasterisers, only the differences between neighbours are stored, and summed from the left
 * at the end: the cost of an edge is the pixels that it crosses, not those right of it. */
typedef struct accumulator {
  double *steps; /* [height, width + 2] */
  uint32_t width, height;
} accumulator;

static double clamp(double value, double low, double high) {
  return fmin(fmax(value, low), high);
}

/* A piece of an edge within one row: from x1 to x2, both in 0..width, spanning `dy` of it. */
static void add_piece(double *steps, double x1, double x2, double dy) {
  double left = fmin(x1, x2), right = fmax(x1, x2);
  size_t first = (size_t)left, last = (size_t)ceil(right);
  double before = 0; /* what was added to the pixel on the left */
  if (last <= first + 1) {
    steps[first] += before = dy * ((double)first + 1 - 0.5 * (left + right));
    steps[first + 1] += dy - before;
    return;
  }
  for (size_t x = first; x < last; x++) {
    double from = fmax(left, (double)x), to = fmin(right, (double)x + 1);
    double passed = dy * (from - left) / (right - left), here = dy * (to - from) / (right - left);
    double covered = passed + here * ((double)x + 1 - 0.5 * (from + to));
    steps[x] += covered - before;
    before = covered;
  }
  steps[last] += dy - before;
}

/* A part of an edge whose x does not leave 0..width. */
static void add_part(const accumulator *to, double x1, double y1, double x2, double y2) {
  if (y1 == y2) return;
  double sign = y1 < y2 ? 1 : -1;
  if (sign < 0) {
    double x = x1, y = y1;
    x1 = x2, y1 = y2;
    x2 = x, y2 = y;
  }
  double top = clamp(y1, 0, to->height), bottom = clamp(y2, 0, to->height);
  double slope = (x2 - x1) / (y2 - y1);
  for (size_t row = (size_t)top; (double)row < bottom; row++) {
    double from = fmax(top, (double)row), until = fmin(bottom, (double)row + 1);
    add_piece(to->steps + row * ((size_t)to->width + 2), clamp(x1 + (from - y1) * slope, 0, to->width),
              clamp(x1 + (until - y1) * slope, 0, to->width), sign * (until - from));
  }
}

/* Cuts an edge at the left and the right border. A part beyond them becomes a vertical edge along the border:
 * left of the raster it still covers all pixels right of it. */
static void add_edge(const accumulator *to, const double from[2], const double until[2]) {
  double cuts[4] = {0, 1, 1, 1}; /* along the edge */
  size_t count = 1;
  double dx = until[0] - from[0];
  double at_left = (0 - from[0]) / dx, at_right = (to->width - from[0]) / dx;
  double near = fmin(at_left, at_right), far = fmax(at_left, at_right);
  if (dx != 0 && near > 0 && near < 1) cuts[count++] = near;
  if (dx != 0 && far > 0 && far < 1) cuts[count++] = far;
  cuts[count] = 1;
  for (size_t i = 0; i < count; i++) {
    double start[2], end[2];
    for (int axis = 0; axis < 2; axis++) {
      double along = until[axis] - from[axis];
      start[axis] = i == 0 ? from[axis] : from[axis] + cuts[i] * along;
      end[axis] = i + 1 == count ? until[axis] : from[axis] + cuts[i + 1] * along;
    }
    add_part(to, clamp(start[0], 0, to->width), start[1], clamp(end[0], 0, to->width), end[1]);
  }
}

checkrob_status polygon_cover(float *shares, const double *xy, size_t points, uint32_t width,
                              uint32_t height) {
  size_t stride = (size_t)width + 2;
  accumulator sums = {.steps = calloc(stride * height + 1, sizeof(double)), .width = width, .height = height};
  if (!sums.steps) return error_memory("an image's polygon");
  for (size_t i = 0; i < points; i++) add_edge(&sums, xy + 2 * i, xy + 2 * ((i + 1) % points));
  for (size_t y = 0; y < height; y++) {
    double winding = 0;
    for (size_t x = 0; x < width; x++) {
      winding += sums.steps[y * stride + x];
      double share = fmin(fabs(winding), 1);
      shares[y * width + x] =
          (float)(share < 1e-12 ? 0 : share); /* sums of opposite steps are not exactly 0 */
    }
  }
  free(sums.steps);
  return CHECKROB_OK;
}
