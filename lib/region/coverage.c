/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "image/geometry.h"
#include "region/raster.h"

static double clamp(double value, double high) {
  return fmin(fmax(value, 0), high);
}

/* Divides last, so that whole numbers stay exact if possible. */
static double move(double value, uint32_t resized, uint32_t original, int32_t crop, uint32_t high) {
  return clamp(value * resized / original - crop, high);
}

static rectangle box_in_pixels(const checkrob_regions *regions, size_t i, const geometry *map) {
  rectangle box = regions->shapes[i].box;
  if (!regions->relative) return box;
  return (rectangle){box.x1 * map->image_width, box.y1 * map->image_height, box.x2 * map->image_width,
                     box.y2 * map->image_height};
}

static bool only_boxes(const checkrob_regions *regions) {
  for (size_t i = 0; i < regions->count; i++)
    if (regions->shapes[i].kind != SHAPE_BOX) return false;
  return true;
}

static checkrob_status cover_boxes(float *coverage, const checkrob_regions *regions, const geometry *map) {
  rectangle *moved = malloc((regions->count + 1) * sizeof *moved);
  if (!moved) return error_memory("an image's boxes");
  size_t count = 0;
  for (size_t i = 0; i < regions->count; i++) {
    rectangle box = box_in_pixels(regions, i, map);
    rectangle r = {
        move(box.x1, map->resized_width, map->image_width, map->crop_x, map->width),
        move(box.y1, map->resized_height, map->image_height, map->crop_y, map->height),
        move(box.x2, map->resized_width, map->image_width, map->crop_x, map->width),
        move(box.y2, map->resized_height, map->image_height, map->crop_y, map->height),
    };
    if (r.x1 < r.x2 && r.y1 < r.y2) moved[count++] = r;
  }
  checkrob_status status = rectangles_cover(coverage, moved, count, map->width, map->height);
  free(moved);
  return status;
}

/* The authors' corner. They crop at floor((new - crop) / 2), which may differ from torchvision's crop by half
 * a pixel. They shift the longer axis only, because their resize leaves nothing to crop on the shorter one.
 * If a preprocessing does crop there, that axis is shifted by the same rule. */
static uint32_t paper_corner(double corner, uint32_t resized, uint32_t original, uint32_t crop) {
  uint32_t offset = (resized - crop) / 2;
  return (uint32_t)clamp(trunc(corner * resized / original) - offset, crop);
}

static checkrob_status cover_paper(float *coverage, const checkrob_regions *regions, const geometry *map) {
  if (!only_boxes(regions))
    return error_set(CHECKROB_ERROR_UNSUPPORTED,
                     "the paper's geometry is defined for boxes, but the object has a mask or a polygon; use "
                     "the standard geometry, or the boxes");
  rectangle *moved = malloc((regions->count + 1) * sizeof *moved);
  if (!moved) return error_memory("an image's boxes");
  size_t count = 0;
  for (size_t i = 0; i < regions->count; i++) {
    rectangle box = box_in_pixels(regions, i, map);
    /* Back to VOC's corners, with which their arithmetic starts. */
    rectangle r = {
        paper_corner(box.x1 + 1, map->resized_width, map->image_width, map->width),
        paper_corner(box.y1 + 1, map->resized_height, map->image_height, map->height),
        paper_corner(box.x2, map->resized_width, map->image_width, map->width),
        paper_corner(box.y2, map->resized_height, map->image_height, map->height),
    };
    if (r.x1 < r.x2 && r.y1 < r.y2) moved[count++] = r;
  }
  checkrob_status status = rectangles_cover(coverage, moved, count, map->width, map->height);
  free(moved);
  return status;
}

checkrob_status checkrob_regions_coverage(float *coverage, const checkrob_regions *regions,
                                          const checkrob_preprocess *preprocess, uint32_t image_width,
                                          uint32_t image_height, checkrob_geometry geometry_kind) {
  if (!coverage || !regions || !preprocess)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_regions_coverage: coverage, regions or preprocess is NULL");
  if (image_width == 0 || image_height == 0)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "an image cannot have %u x %u pixels", image_width,
                     image_height);
  geometry map;
  checkrob_status status = geometry_make(&map, preprocess, image_width, image_height);
  if (status) return status;
  switch (geometry_kind) {
    case CHECKROB_GEOMETRY_STANDARD:
      return only_boxes(regions) ? cover_boxes(coverage, regions, &map)
                                 : raster_cover(coverage, regions, &map);
    case CHECKROB_GEOMETRY_PAPER:
      return cover_paper(coverage, regions, &map);
  }
  return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "%d is not a checkrob_geometry", (int)geometry_kind);
}
