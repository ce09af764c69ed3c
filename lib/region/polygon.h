/* Polygons, exactly. */
#ifndef CHECKROB_LIB_POLYGON_H
#define CHECKROB_LIB_POLYGON_H

#include <checkrob/status.h>
#include <stddef.h>
#include <stdint.h>

/* Writes which share of each pixel's area lies inside the polygon of `points` corners (x and y of each), the
 * last one joined to the first, to `shares` [height, width]. Inside is where the outline winds around,
 * whichever way (the non-zero rule); where it crosses itself within one pixel, that pixel's share is an
 * approximation. What lies outside the raster is cut off. OUT_OF_MEMORY. */
checkrob_status polygon_cover(float *shares, const double *xy, size_t points, uint32_t width,
                              uint32_t height);

#endif
