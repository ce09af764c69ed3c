#include "region/regions.h"

#include <math.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/error.h"

checkrob_status checkrob_regions_new(checkrob_regions **out) {
  if (!out) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_regions_new: out is NULL");
  checkrob_regions *regions = calloc(1, sizeof *regions);
  if (!regions) return error_memory("regions");
  *out = regions;
  return CHECKROB_OK;
}

void checkrob_regions_free(checkrob_regions *regions) {
  if (!regions) return;
  free(regions->boxes);
  free(regions);
}

checkrob_status checkrob_regions_add_box(checkrob_regions *regions, double x1, double y1, double x2,
                                         double y2) {
  if (!regions)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_regions_add_box: regions is NULL");
  if (!isfinite(x1) || !isfinite(y1) || !isfinite(x2) || !isfinite(y2) || x2 <= x1 || y2 <= y1)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "the box from (%g, %g) to (%g, %g) is empty, inverted or not finite; "
                     "x2 must exceed x1, and y2 must exceed y1",
                     x1, y1, x2, y2);
  rectangle *boxes =
      array_grow(regions->boxes, &regions->box_capacity, regions->box_count, sizeof *regions->boxes);
  if (!boxes) return error_memory("a region's box");
  regions->boxes = boxes;
  boxes[regions->box_count++] = (rectangle){x1, y1, x2, y2};
  return CHECKROB_OK;
}

size_t checkrob_regions_count(const checkrob_regions *regions) {
  return regions->box_count;
}

checkrob_status checkrob_regions_box(double box[4], const checkrob_regions *regions, size_t index) {
  if (!box || !regions)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_regions_box: box or regions is NULL");
  if (index >= regions->box_count)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "there is no box %zu: the regions have %zu, from 0",
                     index, regions->box_count);
  const rectangle *found = &regions->boxes[index];
  box[0] = found->x1;
  box[1] = found->y1;
  box[2] = found->x2;
  box[3] = found->y2;
  return CHECKROB_OK;
}
