/* Shapes of any kind as a raster of the original image's pixels, and that raster as the model's input sees
 * it. */
#ifndef CHECKROB_LIB_RASTER_H
#define CHECKROB_LIB_RASTER_H

#include "image/geometry.h"
#include "region/regions.h"

/* Which share of each pixel of the original image the shapes cover, in a window around them. */
typedef struct raster {
  uint32_t left, top, width, height; /* the window; 0 wide where no shape meets the image */
  float *shares;                     /* [height, width], 0 to 1 */
} raster;

/* Where shapes of several kinds, or several polygons, meet within one pixel, the larger share counts: their
 * union is exact but for pixels on the rims. BAD_INPUT where a mask has another size than the image. */
checkrob_status raster_make(raster *out, const checkrob_regions *regions, uint32_t image_width,
                            uint32_t image_height);
void raster_clear(raster *r);

/* Writes the mean share over what each pixel of the model's input shows of the original, [map->height,
 * map->width]. */
checkrob_status raster_resample(float *coverage, const raster *r, const geometry *map);

#endif
