/* SPDX-License-Identifier: Apache-2.0 */
/* What a checkrob_regions holds. */
#ifndef CHECKROB_LIB_REGIONS_H
#define CHECKROB_LIB_REGIONS_H

#include <checkrob/region.h>
#include <stdbool.h>

#include "region/limits.h"
#include "region/rectangles.h"

typedef enum shape_kind { SHAPE_BOX, SHAPE_POLYGON, SHAPE_MASK } shape_kind;

/* Pixels of a mask that follow each other in a row or, if its runs go down, in a column. Pixels are numbered
 * along the rows, or down the columns. */
typedef struct mask_run {
  uint32_t start, length;
} mask_run;

typedef struct shape {
  shape_kind kind;
  rectangle box; /* the shape itself, or the smallest box around it */
  double *xy;    /* of a polygon: x and y of each corner */
  size_t points;
  mask_run *runs; /* of a mask, in the order of their pixels */
  size_t run_count;
  bool down;              /* the runs go down the columns */
  uint32_t width, height; /* of a mask: the image's */
} shape;

struct checkrob_regions {
  shape *shapes;
  size_t count, capacity;
  size_t corners, runs; /* of all shapes */
  bool relative;
  uint32_t image_width, image_height; /* as the annotation states them; 0: it does not */
};

/* Adds the mask whose pixels, down the columns from left to right, are lengths[0] times 0, lengths[1] times
 * 1, lengths[2] times 0 and so on. The lengths must add up to the mask's size. Memory is that of the runs,
 * not of the pixels. INVALID_ARGUMENT if all pixels are 0, LIMIT, OUT_OF_MEMORY. */
checkrob_status regions_add_columns(checkrob_regions *regions, const uint32_t *lengths, size_t count,
                                    uint32_t width, uint32_t height);

/* The sum; `regions` may be NULL. */
region_size regions_size_with(region_size size, const checkrob_regions *regions);

/* Appends copies of another's shapes. Both must be relative, or neither. LIMIT, OUT_OF_MEMORY. */
checkrob_status regions_append(checkrob_regions *regions, const checkrob_regions *other);

/* Replaces each shape by the smallest box around it. */
void regions_reduce_to_boxes(checkrob_regions *regions);

#endif
