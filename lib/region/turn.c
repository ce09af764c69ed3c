/* SPDX-License-Identifier: Apache-2.0 */
#include "region/turn.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "region/regions.h"

/* ---- which frame ---- */

frame_sizes frame_sizes_of(int orientation, uint32_t stored_width, uint32_t stored_height) {
  bool swap = orientation_to_upright(orientation).swap;
  return (frame_sizes){stored_width, stored_height, swap ? stored_height : stored_width,
                       swap ? stored_width : stored_height};
}

frame frame_of_size(const frame_sizes *sizes, uint32_t width, uint32_t height) {
  bool stored = width == sizes->stored_width && height == sizes->stored_height;
  bool upright = width == sizes->upright_width && height == sizes->upright_height;
  if (stored == upright) return FRAME_UNKNOWN;
  return stored ? FRAME_STORED : FRAME_UPRIGHT;
}

/* One pixel beyond the border is normal: some tools count from 0, or write the corner after the last pixel.
 */
static bool fits(const checkrob_regions *regions, uint32_t width, uint32_t height) {
  for (size_t i = 0; i < regions->count; i++) {
    const rectangle *box = &regions->shapes[i].box;
    if (box->x2 > (double)width + 1 || box->y2 > (double)height + 1) return false;
  }
  return true;
}

frame frame_of_regions(const frame_sizes *sizes, const checkrob_regions *regions) {
  frame stated = frame_of_size(sizes, regions->image_width, regions->image_height);
  if (stated) return stated;
  for (size_t i = 0; i < regions->count; i++) {
    const shape *s = &regions->shapes[i];
    if (s->kind == SHAPE_MASK) return frame_of_size(sizes, s->width, s->height);
  }
  if (regions->relative) return FRAME_UNKNOWN;
  bool stored = fits(regions, sizes->stored_width, sizes->stored_height);
  bool upright = fits(regions, sizes->upright_width, sizes->upright_height);
  if (stored == upright) return FRAME_UNKNOWN;
  return stored ? FRAME_STORED : FRAME_UPRIGHT;
}

/* ---- turning ---- */

static void turn_point(double out[2], double x, double y, orientation_turn turn, double width,
                       double height) {
  out[0] = turn.swap ? y : x;
  out[1] = turn.swap ? x : y;
  if (turn.mirror_x) out[0] = (turn.swap ? height : width) - out[0];
  if (turn.mirror_y) out[1] = (turn.swap ? width : height) - out[1];
}

static rectangle turn_box(const rectangle *box, orientation_turn turn, double width, double height) {
  double a[2], b[2];
  turn_point(a, box->x1, box->y1, turn, width, height);
  turn_point(b, box->x2, box->y2, turn, width, height);
  return (rectangle){fmin(a[0], b[0]), fmin(a[1], b[1]), fmax(a[0], b[0]), fmax(a[1], b[1])};
}

/* A mirrored polygon runs the other way round, which the non-zero rule does not mind. */
static void turn_polygon(shape *s, orientation_turn turn, double width, double height) {
  for (size_t i = 0; i < s->points; i++)
    turn_point(s->xy + 2 * i, s->xy[2 * i], s->xy[2 * i + 1], turn, width, height);
}

static int by_start(const void *left, const void *right) {
  const mask_run *a = left, *b = right;
  return (a->start > b->start) - (a->start < b->start);
}

/* A run stays a run: where x and y change places, those along the rows go down the columns, and the other way
 * round. */
static void turn_mask(shape *s, orientation_turn turn) {
  uint32_t lines = s->down ? s->width : s->height, length = s->down ? s->height : s->width;
  bool new_down = s->down != turn.swap;
  bool mirror_lines = new_down ? turn.mirror_x : turn.mirror_y;
  bool mirror_along = new_down ? turn.mirror_y : turn.mirror_x;
  for (size_t i = 0; i < s->run_count; i++) {
    mask_run *run = &s->runs[i];
    uint32_t line = run->start / length, along = run->start % length;
    if (mirror_lines) line = lines - 1 - line;
    if (mirror_along) along = length - along - run->length;
    run->start = line * length + along;
  }
  qsort(s->runs, s->run_count, sizeof *s->runs, by_start);
  uint32_t width = s->width;
  s->down = new_down;
  s->width = turn.swap ? s->height : width;
  s->height = turn.swap ? width : s->height;
}

checkrob_status regions_append_turned(checkrob_regions *to, const checkrob_regions *from,
                                      orientation_turn turn, uint32_t width, uint32_t height) {
  size_t first = to->count;
  if (first == 0) to->relative = from->relative;
  checkrob_status status = regions_append(to, from);
  if (status) return status;
  double across = from->relative ? 1 : width, down = from->relative ? 1 : height;
  for (size_t i = first; i < to->count; i++) {
    shape *s = &to->shapes[i];
    bool is_mask = s->kind == SHAPE_MASK; /* of another size it fails later, by name */
    s->box = turn_box(&s->box, turn, is_mask ? s->width : across, is_mask ? s->height : down);
    if (s->kind == SHAPE_POLYGON) turn_polygon(s, turn, across, down);
    if (is_mask) turn_mask(s, turn);
  }
  to->image_width = turn.swap ? from->image_height : from->image_width;
  to->image_height = turn.swap ? from->image_width : from->image_height;
  return CHECKROB_OK;
}
