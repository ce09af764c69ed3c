/* SPDX-License-Identifier: Apache-2.0 */
/* Polygons, exactly. */
#ifndef CHECKROB_LIB_POLYGON_H
#define CHECKROB_LIB_POLYGON_H

#include "region/band.h"

/* Draws the polygon of `points` corners (x and y of each), closed from the last corner to the first, by the
 * non-zero rule: each pixel gets the share of its area that is inside. If the outline crosses itself within a
 * pixel, that pixel's share is an approximation. Parts outside the band are ignored. Time is O(points +
 * pixels of the outline + height * width / 64). */
void polygon_draw(band *b, const double *xy, size_t points);

/* Writes to `shares` [height, width] the shares of one polygon. OUT_OF_MEMORY. */
checkrob_status polygon_cover(float *shares, const double *xy, size_t points, uint32_t width,
                              uint32_t height);

#endif
