/* SPDX-License-Identifier: Apache-2.0 */
#include "region/polygon.h"

#include <math.h>
#include <string.h>

/* Each edge adds, to every pixel right of it, the height that it spans in that pixel's row; downward edges
 * count positive, upward ones negative. The sum over all edges is the winding number times the share of the
 * area. As in font rasterisers, only the differences between neighbours are stored, and summed from the left
 * at the end: the cost of an edge is the pixels that it crosses, not those right of it. A bit for each
 * difference shows where the sum changes, so that the pixels between are added as one span. */

static double clamp(double value, double low, double high) {
  return fmin(fmax(value, low), high);
}

static void add_step(const band *b, size_t row, size_t x, double step) {
  b->steps[row * ((size_t)b->width + 2) + x] += step;
  b->touched[row * b->words + x / 64] |= UINT64_C(1) << x % 64;
}

/* A piece of an edge within one row: from x1 to x2, both in 0..width, spanning `dy` of it. */
static void add_piece(const band *b, size_t row, double x1, double x2, double dy) {
  double left = fmin(x1, x2), right = fmax(x1, x2);
  size_t first = (size_t)left, last = (size_t)ceil(right);
  double before = 0; /* what was added to the pixel on the left */
  if (last <= first + 1) {
    before = dy * ((double)first + 1 - 0.5 * (left + right));
    add_step(b, row, first, before);
    add_step(b, row, first + 1, dy - before);
    return;
  }
  for (size_t x = first; x < last; x++) {
    double from = fmax(left, (double)x), to = fmin(right, (double)x + 1);
    double passed = dy * (from - left) / (right - left), here = dy * (to - from) / (right - left);
    double covered = passed + here * ((double)x + 1 - 0.5 * (from + to));
    add_step(b, row, x, covered - before);
    before = covered;
  }
  add_step(b, row, last, dy - before);
}

/* A part of an edge whose x does not leave 0..width. */
static void add_part(const band *to, double x1, double y1, double x2, double y2) {
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
    add_piece(to, row, clamp(x1 + (from - y1) * slope, 0, to->width),
              clamp(x1 + (until - y1) * slope, 0, to->width), sign * (until - from));
  }
}

/* Cuts an edge at the left and the right border. A part beyond them becomes a vertical edge along the border:
 * left of the raster it still covers all pixels right of it. */
static void add_edge(const band *to, const double from[2], const double until[2]) {
  if ((from[1] <= 0 && until[1] <= 0) || (from[1] >= to->height && until[1] >= to->height)) return;
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

/* ---- from steps to shares ---- */

static float share_of(double winding) {
  double share = fmin(fabs(winding), 1);
  return (float)(share < 1e-12 ? 0 : share); /* sums of opposite steps are not exactly 0 */
}

/* Pixels between two steps have the same share. It is neither 0 nor 1 only in rows that have a corner. */
static void add_span(band *b, size_t row, size_t left, size_t right, float share) {
  if (left >= right || share <= 0) return;
  if (share >= 1) {
    band_add_block(b, left, row, right, row + 1);
    return;
  }
  for (size_t x = left; x < right; x++) band_add_share(b, x, row, share);
}

/* Sums the steps of a row, and makes them 0 again. */
static void take_row(band *b, size_t row, size_t first_word, size_t last_word) {
  uint64_t *touched = b->touched + row * b->words;
  double *steps = b->steps + row * ((size_t)b->width + 2), winding = 0;
  size_t next = 0;
  for (size_t word = first_word; word <= last_word; word++) {
    for (; touched[word]; touched[word] &= touched[word] - 1) {
      size_t x = 64 * word + (size_t)__builtin_ctzll(touched[word]);
      size_t end = x < b->width ? x : b->width;
      add_span(b, row, next, end, share_of(winding));
      winding += steps[x];
      steps[x] = 0;
      if (x < b->width) band_add_share(b, x, row, share_of(winding));
      next = x + 1;
    }
  }
  add_span(b, row, next, b->width, share_of(winding));
}

void polygon_draw(band *b, const double *xy, size_t points) {
  double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
  for (size_t i = 0; i < points; i++) {
    for (int axis = 0; axis < 2; axis++) {
      low[axis] = fmin(low[axis], xy[2 * i + (size_t)axis]);
      high[axis] = fmax(high[axis], xy[2 * i + (size_t)axis]);
    }
    add_edge(b, xy + 2 * i, xy + 2 * ((i + 1) % points));
  }
  /* One more on each side: where an edge is cut, rounding may move it across the border of a pixel. */
  size_t top = (size_t)clamp(low[1] - 1, 0, b->height);
  size_t bottom = (size_t)ceil(clamp(high[1] + 1, 0, b->height));
  size_t left = (size_t)clamp(low[0] - 1, 0, b->width);
  size_t right = (size_t)ceil(clamp(high[0] + 1, 0, b->width)) + 1;
  for (size_t row = top; row < bottom; row++) take_row(b, row, left / 64, right / 64);
}

checkrob_status polygon_cover(float *shares, const double *xy, size_t points, uint32_t width,
                              uint32_t height) {
  band b;
  checkrob_status status = band_init(&b, width, height);
  if (status) return status;
  polygon_draw(&b, xy, points);
  band_finish(&b);
  memcpy(shares, b.shares, (size_t)width * height * sizeof *shares);
  band_clear(&b);
  return CHECKROB_OK;
}
