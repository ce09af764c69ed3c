/* SPDX-License-Identifier: Apache-2.0 */
#include "image/webp_write.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <webp/encode.h>

#include "base/error.h"

checkrob_status webp_encode(uint8_t **out, size_t *bytes, const checkrob_image *image, float quality) {
  uint32_t width = checkrob_image_width(image), height = checkrob_image_height(image);
  *out = NULL;
  if (width > WEBP_MAX_DIMENSION || height > WEBP_MAX_DIMENSION)
    return error_set(CHECKROB_ERROR_LIMIT, "a WebP image has at most %d x %d pixels; this one has %u x %u",
                     WEBP_MAX_DIMENSION, WEBP_MAX_DIMENSION, width, height);
  WebPConfig config;
  WebPPicture picture;
  if (!WebPConfigInit(&config) || !WebPPictureInit(&picture))
    return error_set(CHECKROB_ERROR_UNSUPPORTED, "this libwebp is another version than that of its headers");
  config.quality = quality;
  config.method = 2; /* twice as fast as 4, for a few percent more bytes */
  WebPMemoryWriter writer;
  WebPMemoryWriterInit(&writer);
  picture.width = (int)width;
  picture.height = (int)height;
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = &writer;
  bool good = WebPPictureImportRGB(&picture, checkrob_image_pixels(image), (int)(3 * width)) &&
              WebPEncode(&config, &picture);
  WebPPictureFree(&picture);
  *out = good ? malloc(writer.size) : NULL; /* WebP's memory has a function of its own to free it */
  if (*out) memcpy(*out, writer.mem, writer.size);
  *bytes = writer.size;
  WebPMemoryWriterClear(&writer);
  return *out ? CHECKROB_OK : error_memory("a WebP image");
}
