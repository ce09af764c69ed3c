/* SPDX-License-Identifier: Apache-2.0 */
#include "image/image.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "image/orientation.h"

checkrob_status image_new(checkrob_image **out, uint32_t width, uint32_t height) {
  if (width == 0 || height == 0)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "an image cannot have %" PRIu32 " x %" PRIu32 " pixels",
                     width, height);
  uint64_t pixels = (uint64_t)width * height;
  if (pixels > (PTRDIFF_MAX - sizeof(checkrob_image) - IMAGE_SLACK) / 3) return error_memory("an image");
  checkrob_image *image = malloc(sizeof *image + (size_t)pixels * 3 + IMAGE_SLACK);
  if (!image) return error_memory("an image");
  *image = (checkrob_image){.width = width, .height = height, .orientation = ORIENTATION_UPRIGHT};
  *out = image;
  return CHECKROB_OK;
}

checkrob_status checkrob_image_from_rgb(checkrob_image **out, const uint8_t *pixels, uint32_t width,
                                        uint32_t height) {
  if (!out || !pixels)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_image_from_rgb() needs `out` and `pixels`");
  checkrob_image *image = NULL;
  checkrob_status status = image_new(&image, width, height);
  if (!image) return status;
  memcpy(image->pixels, pixels, (size_t)width * height * 3);
  *out = image;
  return CHECKROB_OK;
}

void checkrob_image_free(checkrob_image *image) {
  free(image);
}

uint32_t checkrob_image_width(const checkrob_image *image) {
  return image ? image->width : 0;
}

uint32_t checkrob_image_height(const checkrob_image *image) {
  return image ? image->height : 0;
}

const uint8_t *checkrob_image_pixels(const checkrob_image *image) {
  return image ? image->pixels : NULL;
}

int checkrob_image_orientation(const checkrob_image *image) {
  return image ? image->orientation : 0;
}
