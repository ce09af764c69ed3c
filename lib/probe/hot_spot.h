/* SPDX-License-Identifier: Apache-2.0 */
/* The strongest pixels of a saliency map. A pure function. */
#ifndef CHECKROB_LIB_HOT_SPOT_H
#define CHECKROB_LIB_HOT_SPOT_H

#include <stdbool.h>
#include <stddef.h>

/* Sets `chosen` [pixels] to 1 for the `count` pixels with the largest values of `map` [pixels] among those
 * that are on the object (coverage at least 0.5), or off it; else to 0. All of them if there are fewer. Of
 * equal values, the first are chosen. The map has no negative values. Returns the number of chosen pixels. */
size_t hot_spot_choose(float *chosen, const float *map, const float *coverage, bool on_object, size_t pixels,
                       size_t count);

#endif
