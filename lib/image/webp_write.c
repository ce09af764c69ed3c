/* SPDX-License-Identifier: Apache-2.0 */
#include "image/webp_write.h"

#include <stdlib.h>
#include <string.h>
#include <webp/encode.h>

#include "base/error.h"

checkrob_status webp_encode(uint8_t **out, size_t *bytes, const checkrob_image *image, float quality) {
  uint32_t width = checkrob_image_width(image), height = checkrob_image_height(image);
  if (width > WEBP_MAX_DIMENSION || height > WEBP_MAX_DIMENSION)
    return error_set(CHECKROB_ERROR_LIMIT, "a WebP image has at most %d x %d pixels; this one has %u x %u",
                     WEBP_MAX_DIMENSION, WEBP_MAX_DIMENSION, width, height);
  uint8_t *encoded = NULL;
  size_t count = WebPEncodeRGB(checkrob_image_pixels(image), (int)width, (int)height, (int)(3 * width),
                               quality, &encoded);
  *out = count > 0 ? malloc(count) : NULL; /* WebP's memory has a function of its own to free it */
  if (*out) memcpy(*out, encoded, count);
  *bytes = count;
  WebPFree(encoded);
  return *out ? CHECKROB_OK : error_memory("a WebP image");
}
