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
static checkrob_status append_polygon(checkrob_regions *to, const shape *s, orientation_turn turn,
                                      double width, double height) {
  double *xy = malloc(2 * s->points * sizeof *xy);
  if (!xy) return error_memory("a region's polygon");
  for (size_t i = 0; i < s->points; i++)
    turn_point(xy + 2 * i, s->xy[2 * i], s->xy[2 * i + 1], turn, width, height);
  checkrob_status status = checkrob_regions_add_polygon(to, xy, s->points);
  free(xy);
  return status;
}

static void set_run(uint8_t *mask, mask_run run, orientation_turn turn, uint32_t width, uint32_t height) {
  uint32_t new_width = turn.swap ? height : width, new_height = turn.swap ? width : height;
  for (uint32_t i = run.start; i < run.start + run.length; i++) {
    uint32_t x = turn.swap ? i / width : i % width, y = turn.swap ? i % width : i / width;
    if (turn.mirror_x) x = new_width - 1 - x;
    if (turn.mirror_y) y = new_height - 1 - y;
    mask[(size_t)y * new_width + x] = 1;
  }
}

static checkrob_status append_mask(checkrob_regions *to, const shape *s, orientation_turn turn,
                                   uint32_t width, uint32_t height) {
  if (s->width != width || s->height != height)
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "a mask has %u x %u pixels, but the image has %u x %u; use the mask that belongs to the "
                     "image",
                     s->width, s->height, width, height);
  uint8_t *mask = calloc((size_t)width * height + 1, 1);
  if (!mask) return error_memory("a region's mask");
  for (size_t i = 0; i < s->run_count; i++) set_run(mask, s->runs[i], turn, width, height);
  checkrob_status status =
      checkrob_regions_add_mask(to, mask, turn.swap ? height : width, turn.swap ? width : height);
  free(mask);
  return status;
}

checkrob_status regions_append_turned(checkrob_regions *to, const checkrob_regions *from,
                                      orientation_turn turn, uint32_t width, uint32_t height) {
  double across = from->relative ? 1 : width, down = from->relative ? 1 : height;
  checkrob_status status = CHECKROB_OK;
  if (to->count == 0) to->relative = from->relative;
  to->image_width = turn.swap ? from->image_height : from->image_width;
  to->image_height = turn.swap ? from->image_width : from->image_height;
  for (size_t i = 0; i < from->count && !status; i++) {
    const shape *s = &from->shapes[i];
    rectangle box = turn_box(&s->box, turn, across, down);
    if (s->kind == SHAPE_POLYGON)
      status = append_polygon(to, s, turn, across, down);
    else if (s->kind == SHAPE_MASK)
      status = append_mask(to, s, turn, width, height);
    else
      status = checkrob_regions_add_box(to, box.x1, box.y1, box.x2, box.y2);
  }
  return status;
}
