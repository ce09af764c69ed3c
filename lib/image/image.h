/* SPDX-License-Identifier: Apache-2.0 */
/* The image itself, for the room's files. */
#ifndef CHECKROB_LIB_IMAGE_H
#define CHECKROB_LIB_IMAGE_H

#include <checkrob/image.h>
#include <stdbool.h>

/* Bytes after the last pixel that may be read but are not used: the resize loads whole vectors. */
#define IMAGE_SLACK 32

struct checkrob_image {
  uint32_t width, height;
  uint8_t orientation; /* that the file states: 1 to 8 (orientation.h) */
  bool turned;         /* upright, from pixels that were stored with another orientation */
  bool clipped;        /* a 16-bit gray image, with values above 255 that became white */
  uint8_t pixels[];    /* height * width * 3, then IMAGE_SLACK */
};

/* An image whose pixels are not set yet. INVALID_ARGUMENT for an empty one, OUT_OF_MEMORY. */
checkrob_status image_new(checkrob_image **out, uint32_t width, uint32_t height);

#endif
