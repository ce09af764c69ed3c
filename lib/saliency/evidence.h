/* What is stored of a sample's map and region: little enough to store it for every sample, and enough to score
 * the region against any other map.
 *
 * All three are on one grid. With M the map of an image, and of other images, at the model's input size:
 *
 *   sum(M * B) / sum(M * counted) = sum(map * region) / sum(map * counted)
 *
 * exactly where the grid is the layer's own, since upsampling is linear; where maps are finer than the
 * largest grid, both are averaged to it first. */
#ifndef CHECKROB_LIB_SALIENCY_EVIDENCE_H
#define CHECKROB_LIB_SALIENCY_EVIDENCE_H

#include <stddef.h>

#define EVIDENCE_SIDE 16 /* of the largest grid */

typedef struct evidence {
  size_t height, width;
  const float *map;     /* [height, width], its sum over the image 1; of an empty map all zeros */
  const float *region;  /* [height, width] */
  const float *counted; /* [height, width]; NULL where all of the image counts */
} evidence;

/* The share of a map on a region of the same grid: its RS. 0 for an empty map. */
double evidence_share(const double *map, const float *region, const float *counted, size_t cells);

#endif
