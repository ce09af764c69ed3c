/* Upright rectangles in a raster, without a thought of images. */
#ifndef CHECKROB_LIB_RECTANGLES_H
#define CHECKROB_LIB_RECTANGLES_H

#include <checkrob/status.h>
#include <stddef.h>
#include <stdint.h>

typedef struct rectangle {
  double x1, y1, x2, y2; /* [x1, x2) x [y1, y2) */
} rectangle;

/* Writes to `coverage`, [height, width], which share of each pixel's area the union of the rectangles covers.
 * Every rectangle must be non-empty and lie within 0..width x 0..height; their order is changed. The union is
 * exact, but for the rounding of doubles. Takes time in the order of (width + 2 count) * (height + count) and
 * memory in that of width + height + count: a thousand rectangles in an input of 224 x 224 pixels take some
 * milliseconds. OUT_OF_MEMORY leaves `coverage` as it was. */
checkrob_status rectangles_cover(float *coverage, rectangle *rectangles, size_t count, uint32_t width,
                                 uint32_t height);

#endif
