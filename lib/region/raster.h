/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of any kind as a raster of the original image's pixels, and that raster resampled to the model's
 * input. If shapes of several kinds, or several polygons, cover one pixel, the larger share counts: their
 * union is exact except for pixels on borders. Errors: BAD_INPUT if a mask has another size than the image,
 * LIMIT if the outlines are too long together, OUT_OF_MEMORY. */
#ifndef CHECKROB_LIB_RASTER_H
#define CHECKROB_LIB_RASTER_H

#include "image/geometry.h"
#include "region/regions.h"

/* The share of each pixel of the original image that the shapes cover, in a window around them. */
typedef struct raster {
  uint32_t left, top, width, height; /* the window; width 0 if no shape is in the image */
  float *shares;                     /* [height, width], 0 to 1 */
} raster;

checkrob_status raster_make(raster *out, const checkrob_regions *regions, uint32_t image_width,
                            uint32_t image_height);
void raster_clear(raster *r);

/* Writes [map->height, map->width]: the mean share over the part of the original that each pixel of the
 * model's input shows. The raster is drawn some rows at a time, so memory does not grow with the image. */
checkrob_status raster_cover(float *coverage, const checkrob_regions *regions, const geometry *map);

#endif
