/* SPDX-License-Identifier: Apache-2.0 */
/* What a decoder reads: the bytes of an encoded image, and how large its pixels may be. */
#ifndef CHECKROB_LIB_SOURCE_H
#define CHECKROB_LIB_SOURCE_H

#include <checkrob/image.h>

typedef struct image_source {
  const char *name; /* the path, or "image": every error message begins with it */
  const uint8_t *data;
  size_t bytes;
  checkrob_image_limits limits;
} image_source;

/* A number for each pixel: the index of its colour in a PNG's palette, or its 8-bit gray, as Pillow has them
 * in the modes P and L. For masks, whose colours mean nothing. */
typedef struct index_image {
  uint32_t width, height;
  uint8_t indices[]; /* height * width */
} index_image;

/* LIMIT where the header asks for more than the limits allow. A decoder calls it before it allocates the
 * pixels. */
checkrob_status image_check_limits(const image_source *source, uint32_t width, uint32_t height);

#endif
