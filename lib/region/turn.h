/* SPDX-License-Identifier: Apache-2.0 */
/* Regions that were drawn on an image as it is stored, or upright, where the pixels lie the other way. */
#ifndef CHECKROB_LIB_REGION_TURN_H
#define CHECKROB_LIB_REGION_TURN_H

#include <checkrob/region.h>

#include "image/orientation.h"

/* The two ways in which an image may lie. They differ if its EXIF orientation is not 1. */
typedef enum frame { FRAME_UNKNOWN, FRAME_STORED, FRAME_UPRIGHT } frame;

/* The sizes of an image in both frames. */
typedef struct frame_sizes {
  uint32_t stored_width, stored_height;
  uint32_t upright_width, upright_height;
} frame_sizes;

/* Of an image with this orientation, whose pixels as they are stored have this size. */
frame_sizes frame_sizes_of(int orientation, uint32_t stored_width, uint32_t stored_height);

/* The frame that has this size; UNKNOWN if both have it, or neither. */
frame frame_of_size(const frame_sizes *sizes, uint32_t width, uint32_t height);

/* The frame that the regions were drawn in, as far as they tell: their annotation states its size, masks have
 * it, and shapes in pixels do not reach beyond it. UNKNOWN if they fit both, or neither. */
frame frame_of_regions(const frame_sizes *sizes, const checkrob_regions *regions);

/* Appends the shapes of `from`, turned with their image, which was width x height pixels large before. `to`
 * must be empty or of the same kind (relative or not). A mask turns with its own size, which may be wrong.
 * LIMIT, OUT_OF_MEMORY. */
checkrob_status regions_append_turned(checkrob_regions *to, const checkrob_regions *from,
                                      orientation_turn turn, uint32_t width, uint32_t height);

#endif
