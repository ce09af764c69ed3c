/* SPDX-License-Identifier: Apache-2.0 */
#include "region/raster.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "region/polygon.h"

/* ---- the window ---- */

static double clamp(double value, double high) {
  return fmin(fmax(value, 0), high);
}

/* A shape's box in pixels, cut to the image. */
static rectangle box_within(const checkrob_regions *regions, size_t i, double width, double height) {
  double scale_x = regions->relative ? width : 1, scale_y = regions->relative ? height : 1;
  const rectangle *box = &regions->shapes[i].box;
  return (rectangle){clamp(box->x1 * scale_x, width), clamp(box->y1 * scale_y, height),
                     clamp(box->x2 * scale_x, width), clamp(box->y2 * scale_y, height)};
}

static void frame(raster *out, const checkrob_regions *regions, uint32_t width, uint32_t height) {
  rectangle all = {width, height, 0, 0};
  for (size_t i = 0; i < regions->count; i++) {
    rectangle box = box_within(regions, i, width, height);
    if (box.x1 >= box.x2 || box.y1 >= box.y2) continue;
    all = (rectangle){fmin(all.x1, box.x1), fmin(all.y1, box.y1), fmax(all.x2, box.x2), fmax(all.y2, box.y2)};
  }
  *out = (raster){0};
  if (all.x1 >= all.x2) return;
  out->left = (uint32_t)all.x1;
  out->top = (uint32_t)all.y1;
  out->width = (uint32_t)ceil(all.x2) - out->left;
  out->height = (uint32_t)ceil(all.y2) - out->top;
}

/* ---- the shapes ---- */

static checkrob_status add_boxes(raster *r, const checkrob_regions *regions, uint32_t width,
                                 uint32_t height) {
  rectangle *boxes = malloc((regions->count + 1) * sizeof *boxes);
  if (!boxes) return error_memory("an image's boxes");
  size_t count = 0;
  for (size_t i = 0; i < regions->count; i++) {
    rectangle box = box_within(regions, i, width, height);
    if (regions->shapes[i].kind == SHAPE_BOX && box.x1 < box.x2 && box.y1 < box.y2)
      boxes[count++] = (rectangle){box.x1 - r->left, box.y1 - r->top, box.x2 - r->left, box.y2 - r->top};
  }
  checkrob_status status =
      count > 0 ? rectangles_cover(r->shares, boxes, count, r->width, r->height) : CHECKROB_OK;
  free(boxes);
  return status;
}

static checkrob_status add_polygon(raster *r, float *spare, const shape *s, double scale_x, double scale_y) {
  double *moved = malloc(2 * s->points * sizeof *moved);
  if (!moved) return error_memory("an image's polygon");
  for (size_t i = 0; i < s->points; i++) {
    moved[2 * i] = s->xy[2 * i] * scale_x - r->left;
    moved[2 * i + 1] = s->xy[2 * i + 1] * scale_y - r->top;
  }
  checkrob_status status = polygon_cover(spare, moved, s->points, r->width, r->height);
  free(moved);
  size_t pixels = (size_t)r->width * r->height;
  for (size_t i = 0; !status && i < pixels; i++) r->shares[i] = fmaxf(r->shares[i], spare[i]);
  return status;
}

static checkrob_status add_mask(raster *r, const shape *s, uint32_t width, uint32_t height) {
  if (s->width != width || s->height != height)
    return error_set(
        CHECKROB_ERROR_BAD_INPUT,
        "the mask has %u x %u pixels, but the image has %u x %u; use the mask that belongs to the image",
        s->width, s->height, width, height);
  for (size_t i = 0; i < s->run_count; i++) {
    size_t y = s->runs[i].start / width - r->top, x = s->runs[i].start % width - r->left;
    for (size_t k = 0; k < s->runs[i].length; k++) r->shares[y * r->width + x + k] = 1;
  }
  return CHECKROB_OK;
}

static checkrob_status add_shapes(raster *r, const checkrob_regions *regions, uint32_t width,
                                  uint32_t height) {
  float *spare = malloc((size_t)r->width * r->height * sizeof *spare);
  if (!spare) return error_memory("an image's shapes");
  checkrob_status status = add_boxes(r, regions, width, height);
  for (size_t i = 0; i < regions->count && !status; i++) {
    const shape *s = &regions->shapes[i];
    if (s->kind == SHAPE_POLYGON)
      status = add_polygon(r, spare, s, regions->relative ? width : 1, regions->relative ? height : 1);
    else if (s->kind == SHAPE_MASK)
      status = add_mask(r, s, width, height);
  }
  free(spare);
  return status;
}

checkrob_status raster_make(raster *out, const checkrob_regions *regions, uint32_t image_width,
                            uint32_t image_height) {
  raster r;
  frame(&r, regions, image_width, image_height);
  checkrob_status status = CHECKROB_OK;
  if (r.width > 0) {
    r.shares = calloc((size_t)r.width * r.height, sizeof *r.shares);
    status =
        r.shares ? add_shapes(&r, regions, image_width, image_height) : error_memory("an image's shapes");
  }
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

checkrob_status raster_resample(float *coverage, const raster *r, const geometry *map) {
  size_t pixels = (size_t)map->width * map->height;
  double *sums = malloc(((size_t)r->width + 1) * sizeof *sums);
  double *shrunk = malloc(map->width * sizeof *shrunk);
  double *out = calloc(pixels, sizeof *out);
  checkrob_status status = sums && shrunk && out ? CHECKROB_OK : error_memory("an image's region");
  if (!status) {
    axis across = {(double)map->image_width / map->resized_width, map->crop_x, r->left, r->width};
    axis down = {(double)map->image_height / map->resized_height, map->crop_y, r->top, r->height};
    for (size_t row = 0; row < r->height; row++) {
      shrink_row(shrunk, sums, r->shares + row * r->width, r->width, &across, map->width);
      spread_row(out, shrunk, row, &down, map);
    }
    for (size_t i = 0; i < pixels; i++) coverage[i] = (float)fmin(fmax(out[i], 0), 1);
  }
  free(sums);
  free(shrunk);
  free(out);
  return status;
}
