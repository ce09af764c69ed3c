/* SPDX-License-Identifier: Apache-2.0 */
#include "region/drawing.h"

#include <math.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/error.h"
#include "region/limits.h"
#include "region/polygon.h"

/* About 4 MiB for a band: most of it stays in the cache. */
#define BAND_PIXELS (UINT32_C(1) << 18)
#define FEWEST_ROWS 32

static double clamp(double value, double high) {
  return fmin(fmax(value, 0), high);
}

/* ---- the window ---- */

/* A shape's box in pixels, cut to the image. */
static rectangle box_within(const drawing *d, size_t i) {
  double width = d->image_width, height = d->image_height;
  double scale_x = d->regions->relative ? width : 1, scale_y = d->regions->relative ? height : 1;
  const rectangle *box = &d->regions->shapes[i].box;
  return (rectangle){clamp(box->x1 * scale_x, width), clamp(box->y1 * scale_y, height),
                     clamp(box->x2 * scale_x, width), clamp(box->y2 * scale_y, height)};
}

static bool is_visible(const rectangle *box) {
  return box->x1 < box->x2 && box->y1 < box->y2;
}

static void frame(drawing *d) {
  rectangle all = {d->image_width, d->image_height, 0, 0};
  for (size_t i = 0; i < d->regions->count; i++) {
    rectangle box = box_within(d, i);
    if (!is_visible(&box)) continue;
    all = (rectangle){fmin(all.x1, box.x1), fmin(all.y1, box.y1), fmax(all.x2, box.x2), fmax(all.y2, box.y2)};
  }
  if (all.x1 >= all.x2) return;
  d->left = (uint32_t)all.x1;
  d->top = (uint32_t)all.y1;
  d->width = (uint32_t)ceil(all.x2) - d->left;
  d->height = (uint32_t)ceil(all.y2) - d->top;
}

/* ---- what cannot be drawn ---- */

/* The pixels of the window that a polygon's outline passes through, or a few more. */
static double outline_of(const drawing *d, const shape *s) {
  double scale_x = d->regions->relative ? d->image_width : 1;
  double scale_y = d->regions->relative ? d->image_height : 1;
  double sum = 0;
  for (size_t i = 0; i < s->points; i++) {
    const double *from = s->xy + 2 * i, *to = s->xy + 2 * ((i + 1) % s->points);
    sum += 1 + clamp(fabs(to[0] - from[0]) * scale_x, d->width) +
           clamp(fabs(to[1] - from[1]) * scale_y, d->height);
  }
  return sum;
}

static checkrob_status check_shapes(const drawing *d) {
  double outlines = 0;
  for (size_t i = 0; i < d->regions->count; i++) {
    const shape *s = &d->regions->shapes[i];
    if (s->kind == SHAPE_MASK && (s->width != d->image_width || s->height != d->image_height))
      return error_set(
          CHECKROB_ERROR_BAD_INPUT,
          "the mask has %u x %u pixels, but the image has %u x %u; use the mask that belongs to the image",
          s->width, s->height, d->image_width, d->image_height);
    if (s->kind == SHAPE_POLYGON) outlines += outline_of(d, s);
  }
  if (outlines <= REGION_OUTLINE_LIMIT) return CHECKROB_OK;
  return error_set(
      CHECKROB_ERROR_LIMIT,
      "the outlines of the polygons pass through %.0f pixels, more than the limit of %d; simplify "
      "the polygons, or use the boxes",
      outlines, REGION_OUTLINE_LIMIT);
}

/* ---- the shapes ---- */

static void draw_polygon(drawing *d, const shape *s) {
  double scale_x = d->regions->relative ? d->image_width : 1;
  double scale_y = d->regions->relative ? d->image_height : 1;
  double top = (double)d->top + d->row, bottom = top + d->rows.height;
  if (s->box.y2 * scale_y <= top || s->box.y1 * scale_y >= bottom) return;
  for (size_t i = 0; i < s->points; i++) {
    d->corners[2 * i] = s->xy[2 * i] * scale_x - d->left;
    d->corners[2 * i + 1] = s->xy[2 * i + 1] * scale_y - top;
  }
  polygon_draw(&d->rows, d->corners, s->points);
}

static int compare_run(const void *start, const void *run) {
  uint32_t wanted = *(const uint32_t *)start, found = ((const mask_run *)run)->start;
  return (wanted > found) - (wanted < found);
}

static void draw_rows(drawing *d, const shape *s) {
  size_t top = (size_t)d->top + d->row;
  uint32_t from = (uint32_t)(top * s->width);
  size_t i = array_lower_bound(&from, s->runs, s->run_count, sizeof *s->runs, compare_run);
  for (; i < s->run_count; i++) {
    size_t y = s->runs[i].start / s->width - top, x = s->runs[i].start % s->width - d->left;
    if (y >= d->rows.height) return;
    band_add_block(&d->rows, x, y, x + s->runs[i].length, y + 1);
  }
}

static void draw_columns(drawing *d, const shape *s) {
  size_t top = (size_t)d->top + d->row, bottom = top + d->rows.height;
  for (size_t i = 0; i < s->run_count; i++) {
    size_t x = s->runs[i].start / s->height - d->left;
    size_t from = s->runs[i].start % s->height, to = from + s->runs[i].length;
    if (from < top) from = top;
    if (to > bottom) to = bottom;
    if (from < to) band_add_block(&d->rows, x, from - top, x + 1, to - top);
  }
}

bool drawing_next_rows(drawing *d) {
  if (d->next_row >= d->height) return false;
  uint32_t left = d->height - d->next_row, most = d->rows.most_rows;
  d->row = d->next_row;
  band_restart(&d->rows, left < most ? left : most);
  d->next_row += d->rows.height;
  for (size_t y = 0; d->sweep && y < d->rows.height; y++)
    rectangle_sweep_row(d->rows.shares + y * d->width, d->sweep);
  for (size_t i = 0; i < d->regions->count; i++) {
    const shape *s = &d->regions->shapes[i];
    if (s->kind == SHAPE_POLYGON) draw_polygon(d, s);
    if (s->kind == SHAPE_MASK && s->down) draw_columns(d, s);
    if (s->kind == SHAPE_MASK && !s->down) draw_rows(d, s);
  }
  band_finish(&d->rows);
  return true;
}

/* ---- start and end ---- */

static checkrob_status start_boxes(drawing *d) {
  size_t count = 0;
  d->boxes = malloc((d->regions->count + 1) * sizeof *d->boxes);
  if (!d->boxes) return error_memory("an image's boxes");
  for (size_t i = 0; i < d->regions->count; i++) {
    rectangle box = box_within(d, i);
    if (d->regions->shapes[i].kind == SHAPE_BOX && is_visible(&box))
      d->boxes[count++] = (rectangle){box.x1 - d->left, box.y1 - d->top, box.x2 - d->left, box.y2 - d->top};
  }
  return count > 0 ? rectangle_sweep_new(&d->sweep, d->boxes, count, d->width) : CHECKROB_OK;
}

static checkrob_status start_polygons(drawing *d) {
  size_t most = 0;
  for (size_t i = 0; i < d->regions->count; i++)
    if (d->regions->shapes[i].points > most) most = d->regions->shapes[i].points;
  d->corners = malloc((2 * most + 1) * sizeof *d->corners);
  return d->corners ? CHECKROB_OK : error_memory("an image's polygon");
}

checkrob_status drawing_start(drawing *d, const checkrob_regions *regions, uint32_t image_width,
                              uint32_t image_height) {
  *d = (drawing){.regions = regions, .image_width = image_width, .image_height = image_height};
  frame(d);
  checkrob_status status = check_shapes(d);
  if (status || d->width == 0) return status;
  uint32_t rows = BAND_PIXELS / d->width;
  if (rows < FEWEST_ROWS) rows = FEWEST_ROWS;
  status = start_boxes(d);
  if (!status) status = start_polygons(d);
  if (!status) status = band_init(&d->rows, d->width, rows < d->height ? rows : d->height);
  return status;
}

void drawing_clear(drawing *d) {
  free(d->boxes);
  rectangle_sweep_free(d->sweep);
  free(d->corners);
  band_clear(&d->rows);
  *d = (drawing){0};
}
