/* SPDX-License-Identifier: Apache-2.0 */
/* Computes the stored map (saliency/stored_map.h) from a map and a region at the model's input size, and the
 * contrast. */
#ifndef CHECKROB_LIB_ANALYSIS_STORED_MAP_H
#define CHECKROB_LIB_ANALYSIS_STORED_MAP_H

#include <checkrob/status.h>

#include "saliency/stored_map.h"

/* Buffers for one sample at a time, and data that is the same for all samples. */
typedef struct stored_map_maker {
  size_t pixel_height, pixel_width; /* of the model's input */
  float *map, *region, *counted;    /* [STORED_MAP_SIDE, STORED_MAP_SIDE] */
  float *pixels;                    /* [pixel_height, pixel_width] */
  /* [3, height, width] of the last layer that stored_map_contrast received: the object's share of each
   * position, the share that counts, and the weight of each position in the whole image, which is the same
   * for all samples. NULL before. */
  float *positions;
  size_t height, width;
} stored_map_maker;

checkrob_status stored_map_maker_init(stored_map_maker *maker, size_t pixel_height, size_t pixel_width);
void stored_map_maker_clear(stored_map_maker *maker);

/* `map` [height, width]: the map of the layer. `upsampled`, `coverage` and `ignored` (may be NULL):
 * [pixel_height, pixel_width]. The arrays of *out are valid until the next call. */
checkrob_status stored_map_make(stored_map *out, stored_map_maker *maker, const float *map, size_t height,
                                size_t width, const float *upsampled, const float *coverage,
                                const float *ignored);

/* Writes what stored_map_make() would write for this coverage as `region`: [made->height, made->width].
 * `height`, `width`: of the layer's map. */
checkrob_status stored_map_region(float *out, const stored_map_maker *maker, const stored_map *made,
                                  size_t height, size_t width, const float *coverage);

/* The contrast (checkrob/verdict.h) of `values` [height, width], the attribution at the layer. `made`: the
 * stored map that the same maker computed from the same coverage and ignored pixels, which is reused if its
 * grid has this size; or NULL. */
checkrob_status stored_map_contrast(double *out, stored_map_maker *maker, const stored_map *made,
                                    const float *values, size_t height, size_t width, const float *coverage,
                                    const float *ignored);

#endif
