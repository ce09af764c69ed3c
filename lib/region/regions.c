/* SPDX-License-Identifier: Apache-2.0 */
#include "region/regions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "region/limits.h"

checkrob_status checkrob_regions_new(checkrob_regions **out) {
  if (!out) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_regions_new: out is NULL");
  checkrob_regions *regions = calloc(1, sizeof *regions);
  if (!regions) return error_memory("regions");
  *out = regions;
  return CHECKROB_OK;
}

static void clear_shape(shape *s) {
  free(s->xy);
  free(s->runs);
}

void checkrob_regions_free(checkrob_regions *regions) {
  if (!regions) return;
  for (size_t i = 0; i < regions->count; i++) clear_shape(&regions->shapes[i]);
  free(regions->shapes);
  free(regions);
}

/* ---- limits ---- */

region_size regions_size_with(region_size size, const checkrob_regions *regions) {
  if (!regions) return size;
  return (region_size){size.shapes + regions->count, size.corners + regions->corners,
                       size.runs + regions->runs};
}

checkrob_status region_size_check(region_size size) {
  if (size.shapes > REGION_SHAPE_LIMIT)
    return error_set(CHECKROB_ERROR_LIMIT,
                     "has more than the limit of %d shapes for one image; remove some, or split the image",
                     REGION_SHAPE_LIMIT);
  if (size.corners > REGION_CORNER_LIMIT)
    return error_set(CHECKROB_ERROR_LIMIT,
                     "has polygons of more than the limit of %d corners for one image; simplify them, or use "
                     "the boxes",
                     REGION_CORNER_LIMIT);
  if (size.runs > REGION_RUN_LIMIT)
    return error_set(
        CHECKROB_ERROR_LIMIT,
        "has masks of more than the limit of %d runs of pixels for one image; smooth them, or use "
        "the boxes",
        REGION_RUN_LIMIT);
  return CHECKROB_OK;
}

/* Whether there is room for a further shape. */
static checkrob_status check_room(const checkrob_regions *regions, size_t corners, size_t runs) {
  return region_size_check(regions_size_with((region_size){1, corners, runs}, regions));
}

static checkrob_status append_shape(checkrob_regions *regions, const shape *fresh) {
  shape *shapes = array_grow(regions->shapes, &regions->capacity, regions->count, sizeof *shapes);
  if (!shapes) return error_memory("a region's shapes");
  regions->shapes = shapes;
  shapes[regions->count++] = *fresh;
  regions->corners += fresh->points;
  regions->runs += fresh->run_count;
  return CHECKROB_OK;
}

/* ---- shapes ---- */

checkrob_status checkrob_regions_add_box(checkrob_regions *regions, double x1, double y1, double x2,
                                         double y2) {
  if (!regions)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_regions_add_box: regions is NULL");
  if (!isfinite(x1) || !isfinite(y1) || !isfinite(x2) || !isfinite(y2) || x2 <= x1 || y2 <= y1)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "the box from (%g, %g) to (%g, %g) is empty, inverted or not finite; "
                     "x2 must exceed x1, and y2 must exceed y1",
                     x1, y1, x2, y2);
  checkrob_status status = check_room(regions, 0, 0);
  return status ? status : append_shape(regions, &(shape){.kind = SHAPE_BOX, .box = {x1, y1, x2, y2}});
}

static bool bound_polygon(rectangle *box, const double *xy, size_t points) {
  *box = (rectangle){INFINITY, INFINITY, -INFINITY, -INFINITY};
  for (size_t i = 0; i < points; i++) {
    if (!isfinite(xy[2 * i]) || !isfinite(xy[2 * i + 1])) return false;
    box->x1 = fmin(box->x1, xy[2 * i]);
    box->x2 = fmax(box->x2, xy[2 * i]);
    box->y1 = fmin(box->y1, xy[2 * i + 1]);
    box->y2 = fmax(box->y2, xy[2 * i + 1]);
  }
  return box->x1 < box->x2 && box->y1 < box->y2;
}

checkrob_status checkrob_regions_add_polygon(checkrob_regions *regions, const double *xy, size_t points) {
  if (!regions || !xy)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_regions_add_polygon: NULL argument");
  shape fresh = {.kind = SHAPE_POLYGON, .points = points};
  if (points < 3 || !bound_polygon(&fresh.box, xy, points))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "the polygon of %zu corners has no area or is not finite; it needs at least three "
                     "corners that are not on one vertical or horizontal line",
                     points);
  checkrob_status status = check_room(regions, points, 0);
  if (status) return status;
  fresh.xy = malloc(2 * points * sizeof *xy);
  if (!fresh.xy) return error_memory("a region's polygon");
  memcpy(fresh.xy, xy, 2 * points * sizeof *xy);
  status = append_shape(regions, &fresh);
  if (status) free(fresh.xy);
  return status;
}

/* The runs of pixels that are not 0; a run ends at the end of its row. */
static size_t list_runs(mask_run *runs, const uint8_t *mask, uint32_t width, uint32_t height) {
  size_t count = 0;
  for (uint32_t y = 0; y < height; y++) {
    const uint8_t *row = mask + (size_t)y * width;
    for (uint32_t x = 0, end; x < width; x = end) {
      for (end = x + 1; end < width && !row[end] == !row[x];) end++;
      if (!row[x]) continue;
      if (runs) runs[count] = (mask_run){y * width + x, end - x};
      count++;
    }
  }
  return count;
}

/* The smallest box around a mask's runs, which follow its rows or its columns. */
static rectangle bound_runs(const shape *s) {
  uint32_t length = s->down ? s->height : s->width, low = length, high = 0;
  for (size_t i = 0; i < s->run_count; i++) {
    uint32_t along = s->runs[i].start % length;
    if (along < low) low = along;
    if (along + s->runs[i].length > high) high = along + s->runs[i].length;
  }
  uint32_t first = s->runs[0].start / length, last = s->runs[s->run_count - 1].start / length + 1;
  return s->down ? (rectangle){first, low, last, high} : (rectangle){low, first, high, last};
}

/* Whether a mask with this number of runs can be added; then allocates them. */
static checkrob_status start_mask(shape *fresh, const checkrob_regions *regions, size_t run_count) {
  fresh->run_count = run_count;
  if (run_count == 0)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "all pixels of the mask of %u x %u pixels are 0",
                     fresh->width, fresh->height);
  checkrob_status status = check_room(regions, 0, run_count);
  if (status) return status;
  fresh->runs = calloc(run_count, sizeof *fresh->runs); /* clang-tidy does not see that all are set */
  return fresh->runs ? CHECKROB_OK : error_memory("a region's mask");
}

static checkrob_status append_mask(checkrob_regions *regions, shape *fresh) {
  fresh->box = bound_runs(fresh);
  checkrob_status status = append_shape(regions, fresh);
  if (status) clear_shape(fresh);
  return status;
}

checkrob_status checkrob_regions_add_mask(checkrob_regions *regions, const uint8_t *mask, uint32_t width,
                                          uint32_t height) {
  if (!regions || !mask)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_regions_add_mask: NULL argument");
  if (regions->relative || (uint64_t)width * height > UINT32_MAX)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_regions_add_mask: a mask of %u x %u pixels is too large, or the regions' "
                     "coordinates are relative",
                     width, height);
  shape fresh = {.kind = SHAPE_MASK, .width = width, .height = height};
  checkrob_status status = start_mask(&fresh, regions, list_runs(NULL, mask, width, height));
  if (status) return status;
  list_runs(fresh.runs, mask, width, height);
  return append_mask(regions, &fresh);
}

/* How many runs list_columns() writes. A mask may have billions of columns, but little text. */
static size_t count_columns(const uint32_t *lengths, size_t lengths_count, uint32_t height) {
  size_t count = 0;
  uint64_t next = 0;
  for (size_t i = 0; i < lengths_count; i++) {
    uint64_t end = next + lengths[i];
    if (i % 2 == 1 && end > next) count += (size_t)((end - 1) / height - next / height + 1);
    next = end;
  }
  return count;
}

/* The runs of ones, cut at the ends of columns. */
static void list_columns(mask_run *runs, const uint32_t *lengths, size_t lengths_count, uint32_t height) {
  uint64_t next = 0;
  for (size_t i = 0; i < lengths_count; i++) {
    uint64_t end = next + lengths[i];
    for (uint64_t start = next, stop; i % 2 == 1 && start < end; start = stop) {
      stop = (start / height + 1) * height;
      if (stop > end) stop = end;
      *runs++ = (mask_run){(uint32_t)start, (uint32_t)(stop - start)};
    }
    next = end;
  }
}

checkrob_status regions_add_columns(checkrob_regions *regions, const uint32_t *lengths, size_t count,
                                    uint32_t width, uint32_t height) {
  shape fresh = {.kind = SHAPE_MASK, .width = width, .height = height, .down = true};
  checkrob_status status = start_mask(&fresh, regions, count_columns(lengths, count, height));
  if (status) return status;
  list_columns(fresh.runs, lengths, count, height);
  return append_mask(regions, &fresh);
}

checkrob_status checkrob_regions_set_relative(checkrob_regions *regions) {
  if (!regions || regions->count > 0)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_regions_set_relative: regions is NULL, or has shapes already");
  regions->relative = true;
  return CHECKROB_OK;
}

int checkrob_regions_relative(const checkrob_regions *regions) {
  return regions ? regions->relative : 0;
}

static void *copy_array(const void *array, size_t bytes) {
  void *copy = malloc(bytes);
  if (copy) memcpy(copy, array, bytes);
  return copy;
}

/* A shape has one array at most. */
static bool copy_shape(shape *out, const shape *from) {
  *out = *from;
  if (from->kind == SHAPE_POLYGON) {
    out->xy = copy_array(from->xy, 2 * from->points * sizeof *out->xy);
    return out->xy != NULL;
  }
  if (from->kind == SHAPE_MASK) {
    out->runs = copy_array(from->runs, from->run_count * sizeof *out->runs);
    return out->runs != NULL;
  }
  return true;
}

checkrob_status regions_append(checkrob_regions *regions, const checkrob_regions *other) {
  if (regions->image_width == 0) regions->image_width = other->image_width;
  if (regions->image_height == 0) regions->image_height = other->image_height;
  checkrob_status status =
      region_size_check(regions_size_with(regions_size_with((region_size){0}, regions), other));
  for (size_t i = 0; i < other->count && !status; i++) {
    shape copy;
    if (!copy_shape(&copy, &other->shapes[i])) return error_memory("a region's shapes");
    status = append_shape(regions, &copy);
    if (status) clear_shape(&copy);
  }
  return status;
}

void regions_reduce_to_boxes(checkrob_regions *regions) {
  for (size_t i = 0; i < regions->count; i++) {
    shape *s = &regions->shapes[i];
    clear_shape(s);
    *s = (shape){.kind = SHAPE_BOX, .box = s->box};
  }
  regions->corners = regions->runs = 0;
}

size_t checkrob_regions_count(const checkrob_regions *regions) {
  return regions ? regions->count : 0;
}

checkrob_status checkrob_regions_box(double box[4], const checkrob_regions *regions, size_t index) {
  if (!box || !regions)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_regions_box: box or regions is NULL");
  if (index >= regions->count)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "there is no shape %zu: the regions have %zu, from 0",
                     index, regions->count);
  const rectangle *found = &regions->shapes[index].box;
  box[0] = found->x1;
  box[1] = found->y1;
  box[2] = found->x2;
  box[3] = found->y2;
  return CHECKROB_OK;
}
