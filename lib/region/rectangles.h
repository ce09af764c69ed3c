/* SPDX-License-Identifier: Apache-2.0 */
/* The union of axis-parallel rectangles in a raster. */
#ifndef CHECKROB_LIB_RECTANGLES_H
#define CHECKROB_LIB_RECTANGLES_H

#include <checkrob/status.h>
#include <stddef.h>
#include <stdint.h>

typedef struct rectangle {
  double x1, y1, x2, y2; /* [x1, x2) x [y1, y2) */
} rectangle;

/* Writes to `coverage`, [height, width], the share of each pixel's area that the union of the rectangles
 * covers. Every rectangle must be non-empty and within 0..width x 0..height; their order changes. The union
 * is exact, except for the rounding of doubles. Time is O((width + 2 count) * (height + count)), memory
 * O(width + height + count): a thousand rectangles in an input of 224 x 224 pixels take some milliseconds.
 * OUT_OF_MEMORY does not change `coverage`. */
checkrob_status rectangles_cover(float *coverage, rectangle *rectangles, size_t count, uint32_t width,
                                 uint32_t height);

#endif
