/* Pictures for people. */
#ifndef CHECKROB_REPORT_H
#define CHECKROB_REPORT_H

#include <checkrob/region.h>

CHECKROB_BEGIN_DECLS

/* A saliency map over its photo, at the photo's size (a small photo is enlarged by a whole factor): `map`
 * [height, width] as checkrob_saliency gives it, drawn where the model's input came from; what the crop cut
 * away is darkened, since the model never saw it. The outline of each shape of `regions`; NULL: none. The
 * caller frees *out. Errors: OUT_OF_MEMORY, INVALID_ARGUMENT, BAD_INPUT (the image is smaller than the crop,
 * a mask has another size). */
CHECKROB_API checkrob_status checkrob_overlay(checkrob_image **out, const checkrob_image *image,
                                              const checkrob_preprocess *preprocess, const float *map,
                                              size_t height, size_t width, const checkrob_regions *regions);

CHECKROB_END_DECLS
#endif
