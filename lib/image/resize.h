/* SPDX-License-Identifier: Apache-2.0 */
/* Pillow's resize of only a part of the result. */
#ifndef CHECKROB_LIB_RESIZE_H
#define CHECKROB_LIB_RESIZE_H

#include <checkrob/image.h>

/* A rectangle of the resized image; it must be within full_width x full_height. */
typedef struct resize_part {
  uint32_t full_width, full_height;
  uint32_t x, y, width, height;
} resize_part;

/* Writes [height, width, 3] bytes to `out`: the same bytes as a crop of the whole resized image, at the cost
 * of the part. OUT_OF_MEMORY. */
checkrob_status resize_to(uint8_t *out, const checkrob_image *image, const resize_part *part,
                          checkrob_filter filter);

#endif
