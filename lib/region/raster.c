/* SPDX-License-Identifier: Apache-2.0 */
#include "region/raster.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "region/drawing.h"

checkrob_status raster_make(raster *out, const checkrob_regions *regions, uint32_t image_width,
                            uint32_t image_height) {
  drawing d;
  checkrob_status status = drawing_start(&d, regions, image_width, image_height);
  raster r = {.left = d.left, .top = d.top, .width = d.width, .height = d.height};
  size_t width = r.width;
  if (!status && width > 0) {
    r.shares = malloc(width * r.height * sizeof *r.shares);
    if (!r.shares) status = error_memory("an image's shapes");
  }
  while (r.shares && !status && drawing_next_rows(&d))
    memcpy(r.shares + d.row * width, d.rows.shares, width * d.rows.height * sizeof *r.shares);
  drawing_clear(&d);
  if (status)
    raster_clear(&r);
  else
    *out = r;
  return status;
}

void raster_clear(raster *r) {
  free(r->shares);
  *r = (raster){0};
}

/* ---- as the model's input sees it ---- */

/* Along one axis: input pixel i shows the original from at(i) to at(i + 1), in the window's coordinates. */
typedef struct axis {
  double scale, shift; /* at(i) = (i + shift) * scale - start */
  double start, limit; /* the window's; outside it everything is 0 */
} axis;

static double at(const axis *a, size_t i) {
  return fmin(fmax(((double)i + a->shift) * a->scale - a->start, 0), a->limit);
}

/* The sum over one row from its left end to x. */
static double integral(const double *sums, const float *row, double x) {
  size_t whole = (size_t)x;
  double part = x - (double)whole;
  return part > 0 ? sums[whole] + part * (double)row[whole] : sums[whole];
}

static void shrink_row(double *out, double *sums, const float *row, size_t pixels, const axis *a,
                       size_t count) {
  sums[0] = 0;
  for (size_t i = 0; i < pixels; i++) sums[i + 1] = sums[i] + (double)row[i];
  for (size_t x = 0; x < count; x++)
    out[x] = (integral(sums, row, at(a, x + 1)) - integral(sums, row, at(a, x))) / a->scale;
}

/* Adds row `row` of the window, already as wide as the input, to the input's rows that show a part of it. */
static void spread_row(double *out, const double *shrunk, size_t row, const axis *a, const geometry *map) {
  double first = ((double)row + a->start) / a->scale - a->shift;
  size_t y = first > 0 ? (size_t)first : 0;
  if (y > 0) y--; /* rounding may be one too high */
  for (; y < map->height; y++) {
    double from = fmax(at(a, y), (double)row), to = fmin(at(a, y + 1), (double)row + 1);
    if (at(a, y) >= (double)row + 1) return;
    if (to <= from) continue;
    double weight = (to - from) / a->scale;
    for (size_t x = 0; x < map->width; x++) out[y * map->width + x] += weight * shrunk[x];
  }
}

checkrob_status raster_cover(float *coverage, const checkrob_regions *regions, const geometry *map) {
  drawing d;
  checkrob_status status = drawing_start(&d, regions, map->image_width, map->image_height);
  size_t pixels = (size_t)map->width * map->height;
  double *sums = malloc(((size_t)d.width + 1) * sizeof *sums);
  double *shrunk = malloc(map->width * sizeof *shrunk);
  double *out = calloc(pixels, sizeof *out);
  if (!status && !(sums && shrunk && out)) status = error_memory("an image's region");
  axis across = {(double)map->image_width / map->resized_width, map->crop_x, d.left, d.width};
  axis down = {(double)map->image_height / map->resized_height, map->crop_y, d.top, d.height};
  while (!status && drawing_next_rows(&d)) {
    for (size_t y = 0; y < d.rows.height; y++) {
      shrink_row(shrunk, sums, d.rows.shares + y * d.width, d.width, &across, map->width);
      spread_row(out, shrunk, d.row + y, &down, map);
    }
  }
  for (size_t i = 0; !status && i < pixels; i++) coverage[i] = (float)fmin(fmax(out[i], 0), 1);
  drawing_clear(&d);
  free(sums);
  free(shrunk);
  free(out);
  return status;
}
