/* SPDX-License-Identifier: Apache-2.0 */
/* Polygons, exactly. */
#ifndef CHECKROB_LIB_POLYGON_H
#define CHECKROB_LIB_POLYGON_H

#include <checkrob/status.h>
#include <stddef.h>
#include <stdint.h>

/* Writes to `shares` [height, width] the share of each pixel's area that is inside the polygon of `points`
 * corners (x and y of each), closed from the last corner to the first, by the non-zero rule. If the outline
 * crosses itself within a pixel, that pixel's share is an approximation. Parts outside the raster are
 * ignored. OUT_OF_MEMORY. */
checkrob_status polygon_cover(float *shares, const double *xy, size_t points, uint32_t width,
                              uint32_t height);

#endif
