/* SPDX-License-Identifier: Apache-2.0 */
/* What a checkrob_regions holds. */
#ifndef CHECKROB_LIB_REGIONS_H
#define CHECKROB_LIB_REGIONS_H

#include <checkrob/region.h>
#include <stdbool.h>

#include "region/rectangles.h"

typedef enum shape_kind { SHAPE_BOX, SHAPE_POLYGON, SHAPE_MASK } shape_kind;

/* A run of a mask's pixels, in row-major order. */
typedef struct mask_run {
  uint32_t start, length;
} mask_run;

typedef struct shape {
  shape_kind kind;
  rectangle box; /* the shape itself, or the smallest box around it */
  double *xy;    /* of a polygon: x and y of each corner */
  size_t points;
  mask_run *runs; /* of a mask */
  size_t run_count;
  uint32_t width, height; /* of a mask: the image's */
} shape;

struct checkrob_regions {
  shape *shapes;
  size_t count, capacity;
  bool relative;
};

/* Appends copies of another's shapes. Both must be relative, or neither. */
checkrob_status regions_append(checkrob_regions *regions, const checkrob_regions *other);

/* Replaces each shape by the smallest box around it. */
void regions_reduce_to_boxes(checkrob_regions *regions);

#endif
