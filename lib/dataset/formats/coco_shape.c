/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/formats/coco_shape.h"

#include <stdlib.h>

#include "base/error.h"
#include "dataset/formats/coco_rle.h"
#include "dataset/formats/json_value.h"
#include "dataset/formats/shares.h"
#include "dataset/formats/turned_box.h"

static bool read_numbers(double *out, const json_t *list, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (!json_real_number(&out[i], json_array_get(list, i))) return false;
  return true;
}

/* CVAT's attribute; 0 if there is none. */
static double rotation_of(const json_t *annotation) {
  double degrees;
  const json_t *rotation = json_object_get(json_object_get(annotation, "attributes"), "rotation");
  return json_real_number(&degrees, rotation) ? degrees : 0;
}

static checkrob_status add_box(checkrob_regions *regions, const json_t *annotation) {
  double b[4];
  const json_t *box = json_object_get(annotation, "bbox");
  if (!box || json_is_null(box))
    return error_set(
        CHECKROB_ERROR_BAD_INPUT,
        "has neither a segmentation nor a bbox of four numbers, x, y, width and height; add one, "
        "or remove it");
  if (json_array_size(box) != 4 || !read_numbers(b, box, 4))
    return error_set(
        CHECKROB_ERROR_BAD_INPUT,
        "has the bbox %s, which is not a list of four numbers, x, y, width and height; correct it",
        json_show(box).text);
  if (shares_not_pixels(b, 4)) return shares_error("bbox");
  const double sides[4] = {b[0], b[1], b[0] + b[2], b[1] + b[3]};
  checkrob_status status = turned_box_add(regions, sides, rotation_of(annotation));
  if (status != CHECKROB_ERROR_INVALID_ARGUMENT) return status;
  return error_set(CHECKROB_ERROR_BAD_INPUT, "has an empty bbox, %g x %g; correct or remove it", b[2], b[3]);
}

static checkrob_status add_polygon(checkrob_regions *regions, const json_t *list) {
  size_t count = json_array_size(list);
  double *xy = malloc((count + 1) * sizeof *xy);
  if (!xy) return error_memory("a polygon");
  checkrob_status status = CHECKROB_OK;
  if (!json_is_array(list) || count % 2 != 0 || !read_numbers(xy, list, count))
    status = error_set(CHECKROB_ERROR_BAD_INPUT,
                       "has a polygon that is not a list of x, y, x, y and so on; correct or remove it");
  else if (count >= 6 && shares_not_pixels(xy, count))
    status = shares_error("polygon");
  else
    status = checkrob_regions_add_polygon(regions, xy, count / 2);
  free(xy);
  /* Annotators leave a stray line or point beside the true outline. */
  return status == CHECKROB_ERROR_INVALID_ARGUMENT ? CHECKROB_OK : status;
}

/* A list of polygons, or one polygon without the list around it. */
static checkrob_status add_polygons(checkrob_regions *regions, const json_t *polygons) {
  double first;
  if (json_real_number(&first, json_array_get(polygons, 0))) return add_polygon(regions, polygons);
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < json_array_size(polygons) && !status; i++)
    status = add_polygon(regions, json_array_get(polygons, i));
  return status;
}

/* ---- runs ---- */

static checkrob_status list_lengths(uint32_t **lengths, size_t *count, const json_t *list) {
  *count = json_array_size(list);
  *lengths = malloc((*count + 1) * sizeof **lengths);
  if (!*lengths) return error_memory("a mask");
  for (size_t i = 0; i < *count; i++) {
    int64_t value;
    const json_t *item = json_array_get(list, i);
    if (!json_whole(&value, item) || value < 0 || value > UINT32_MAX) {
      free(*lengths);
      return error_set(CHECKROB_ERROR_BAD_INPUT, "has a run of %s pixels; export it again",
                       json_show(item).text);
    }
    (*lengths)[i] = (uint32_t)value;
  }
  return CHECKROB_OK;
}

static checkrob_status add_mask(checkrob_regions *regions, const uint32_t *lengths, size_t count,
                                const json_t *size) {
  int64_t height, width;
  if (!json_whole(&height, json_array_get(size, 0)) || !json_whole(&width, json_array_get(size, 1)) ||
      width < 1 || height < 1 || width > UINT32_MAX || height > UINT32_MAX)
    return error_set(CHECKROB_ERROR_BAD_INPUT, "has a mask without a size; export it again");
  return coco_rle_add(regions, lengths, count, (uint32_t)width, (uint32_t)height);
}

static checkrob_status add_runs(checkrob_regions *regions, const json_t *segmentation) {
  const json_t *counts = json_object_get(segmentation, "counts");
  uint32_t *lengths = NULL;
  size_t count = 0;
  checkrob_status status;
  if (json_is_string(counts))
    status = coco_rle_parse(&lengths, &count, json_string_value(counts));
  else if (json_is_array(counts))
    status = list_lengths(&lengths, &count, counts);
  else
    status = error_set(CHECKROB_ERROR_BAD_INPUT, "has a mask without counts; export it again");
  if (status) return status;
  status = add_mask(regions, lengths, count, json_object_get(segmentation, "size"));
  free(lengths);
  return status;
}

checkrob_status coco_shape(checkrob_regions **out, const json_t *annotation, bool boxes_only) {
  const json_t *segmentation = boxes_only ? NULL : json_object_get(annotation, "segmentation");
  checkrob_regions *regions = NULL;
  checkrob_status status = checkrob_regions_new(&regions);
  if (!status && json_is_object(segmentation))
    status = add_runs(regions, segmentation);
  else if (!status && json_is_array(segmentation))
    status = add_polygons(regions, segmentation);
  else if (!status && segmentation && !json_is_null(segmentation))
    status = error_set(CHECKROB_ERROR_BAD_INPUT,
                       "has the segmentation %s, which is neither polygons nor a mask; correct or remove it",
                       json_show(segmentation).text);
  if (!status && checkrob_regions_count(regions) == 0) status = add_box(regions, annotation);
  if (status)
    checkrob_regions_free(regions);
  else
    *out = regions;
  return status;
}
