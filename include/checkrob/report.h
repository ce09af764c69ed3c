/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures of results. */
#ifndef CHECKROB_REPORT_H
#define CHECKROB_REPORT_H

#include <checkrob/region.h>

CHECKROB_BEGIN_DECLS

/* Draws a saliency map over its image, at the image's size. A small image is enlarged by a whole factor.
 * `map` [height, width] is a map of checkrob_saliency or of an explanation. It is drawn on the part of the
 * image that became the model's input. The part that the crop removed is darkened, because the model never
 * saw it. The outline of each shape of `regions` is drawn too; NULL: none. The caller frees *out. Errors:
 * OUT_OF_MEMORY, INVALID_ARGUMENT, BAD_INPUT (the image is smaller than the crop, a mask has another
 * size). */
CHECKROB_API checkrob_status checkrob_overlay(checkrob_image **out, const checkrob_image *image,
                                              const checkrob_preprocess *preprocess, const float *map,
                                              size_t height, size_t width, const checkrob_regions *regions);

CHECKROB_END_DECLS
#endif
