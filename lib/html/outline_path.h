/* SPDX-License-Identifier: Apache-2.0 */
/* The outlines of an image's objects as the path of an SVG element. */
#ifndef CHECKROB_LIB_HTML_OUTLINE_PATH_H
#define CHECKROB_LIB_HTML_OUTLINE_PATH_H

#include "region/regions.h"

/* The path in pixels of a picture of the whole image, `width` x `height`: boxes as boxes, other shapes by the
 * pixels of a picture of at most 96 pixels that are at least half covered. *out: the caller frees it; "" if
 * there is nothing to show. Errors: those of raster_cover(). */
checkrob_status outline_path(char **out, const checkrob_regions *regions, uint32_t image_width,
                             uint32_t image_height, uint32_t width, uint32_t height);

#endif
