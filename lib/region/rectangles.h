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

/* Goes down the rows of a raster, and returns for each pixel the share of its area that the union covers. */
typedef struct rectangle_sweep rectangle_sweep;

/* Every rectangle must be non-empty and within 0..width x 0..height; the array must outlive the sweep. Time
 * for the whole raster is O(width * height + count * (width + log(count))), memory O(width + count).
 * OUT_OF_MEMORY. */
checkrob_status rectangle_sweep_new(rectangle_sweep **out, const rectangle *rectangles, size_t count,
                                    uint32_t width);
void rectangle_sweep_free(rectangle_sweep *sweep);

/* Writes [width] shares: the first call those of row 0, the next one those of row 1, and so on. The union is
 * exact, except for the rounding of doubles. */
void rectangle_sweep_row(float *shares, rectangle_sweep *sweep);

/* Writes all rows to `coverage`, [height, width]. OUT_OF_MEMORY does not change it. */
checkrob_status rectangles_cover(float *coverage, const rectangle *rectangles, size_t count, uint32_t width,
                                 uint32_t height);

#endif
