/* SPDX-License-Identifier: Apache-2.0 */
/* What the annotation of one image may have, whatever its format. Real ones have a hundredth of this. The
 * limits bound memory (16 MiB each for corners and runs) and time, because nothing in this room can be
 * interrupted: half a second for an image of 12 megapixels, two or three for one of 100. */
#ifndef CHECKROB_LIB_REGION_LIMITS_H
#define CHECKROB_LIB_REGION_LIMITS_H

#include <checkrob/status.h>
#include <stddef.h>

#define REGION_SHAPE_LIMIT 10000    /* boxes, polygons and masks */
#define REGION_CORNER_LIMIT 1000000 /* of all polygons */
#define REGION_RUN_LIMIT 2000000    /* of all masks: pixels of the object that follow each other */
/* Pixels of the image that all outlines pass through. Some hundred objects have a million together. */
#define REGION_OUTLINE_LIMIT 10000000

/* How much an image has of what the limits are for. */
typedef struct region_size {
  size_t shapes, corners, runs;
} region_size;

/* LIMIT if it is above a limit: the error message is a predicate, "has more than ...". */
checkrob_status region_size_check(region_size size);

#endif
