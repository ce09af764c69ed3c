/* SPDX-License-Identifier: Apache-2.0 */
/* What is stored of a sample's map and region: little enough to store it for each sample, and enough to score
 * the region with any other map.
 *
 * map, region and counted have the same grid. With M the map of this image, or of other images, at the
 * model's input size:
 *
 *   sum(M * B) / sum(M * counted) = sum(map * region) / sum(map * counted)
 *
 * This is exact if the grid is that of the layer, because upsampling is linear. Maps finer than the largest
 * grid are averaged to it first; region and counted too. */
#ifndef CHECKROB_LIB_SALIENCY_STORED_MAP_H
#define CHECKROB_LIB_SALIENCY_STORED_MAP_H

#include <stddef.h>

#define STORED_MAP_SIDE 16 /* side of the largest grid */

typedef struct stored_map {
  size_t height, width;
  /* [height, width], with the sum 1 over the image; all zeros for an empty map */
  const float *map;
  const float *region;  /* [height, width] */
  const float *counted; /* [height, width]; NULL if all of the image counts */
} stored_map;

/* The share of a map on a region, of the same grid: its RS. 0 for an empty map. */
double stored_map_share(const double *map, const float *region, const float *counted, size_t cells);

#endif
