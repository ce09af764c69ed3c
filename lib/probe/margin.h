/* SPDX-License-Identifier: Apache-2.0 */
/* An object with a margin around it. A pure function. */
#ifndef CHECKROB_LIB_MARGIN_H
#define CHECKROB_LIB_MARGIN_H

#include <stddef.h>

#include "probe/fill.h"
#include "probe/transplant.h"

/* Bytes of `work` that margin_add() needs. */
size_t margin_work(size_t height, size_t width);

/* Grows an object: each pixel of `coverage` [H, W] becomes the largest one at most `share` of the object's
 * width to its left or right and `share` of its height above or below (in whole pixels, rounded). The
 * object's sides are those of its largest part (object_extent). A box becomes a larger box; a mask grows
 * along its outline. */
void margin_add(float *coverage, size_t height, size_t width, double share, void *work);

/* Fills an object [H, W] with its margin in middle gray: what is left of `image` [3, H, W] are its
 * surroundings. `object` [H, W] is overwritten; `work`: as for margin_add(). */
void margin_fill_middle(float *image, float *object, const float *coverage, size_t height, size_t width,
                        double share, const channel_scale *scale, void *work);

#endif
