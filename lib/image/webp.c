/* SPDX-License-Identifier: Apache-2.0 */
#include "image/webp.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <webp/decode.h>

#include "base/error.h"
#include "image/image.h"
#include "image/orientation.h"

static checkrob_status fail(const image_source *source, VP8StatusCode code) {
  switch (code) {
    case VP8_STATUS_OUT_OF_MEMORY:
      return error_memory("decoding a WebP image");
    case VP8_STATUS_SUSPENDED:
    case VP8_STATUS_NOT_ENOUGH_DATA:
      return error_set(CHECKROB_ERROR_BAD_INPUT,
                       "%s is a truncated WebP image: its data ends before its pixels do", source->name);
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      return error_set(CHECKROB_ERROR_UNSUPPORTED,
                       "%s is a WebP image of a kind not supported; convert it to PNG", source->name);
    default:
      return error_set(CHECKROB_ERROR_BAD_INPUT, "%s is a broken WebP image", source->name);
  }
}

static uint32_t number_at(const uint8_t *data) {
  return (uint32_t)data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24;
}

/* RIFF: after 12 bytes, chunks of a name, a size and data, which a zero byte makes even. */
static uint8_t find_orientation(const image_source *source) {
  for (size_t at = 12; source->bytes >= at + 8;) {
    size_t bytes = number_at(source->data + at + 4), left = source->bytes - at - 8;
    if (bytes > left) break;
    if (memcmp(source->data + at, "EXIF", 4) == 0)
      return (uint8_t)orientation_in_exif(source->data + at + 8, bytes);
    at += 8 + bytes;
    at += bytes & 1;
  }
  return ORIENTATION_UPRIGHT;
}

typedef struct span {
  const uint8_t *data;
  size_t bytes;
} span;

/* The lossy picture without its alpha channel, or all of the file. The colours below the alpha channel count,
 * as for PNG; libwebp would decode it all the same, and crashes where it lacks memory for that. A second
 * picture does not count: the image has the size of the first. */
static span without_alpha(const image_source *source) {
  bool is_whole = source->bytes >= 12 && number_at(source->data + 4) <= source->bytes - 8;
  if (!is_whole) return (span){source->data, source->bytes}; /* libwebp reports it */
  for (size_t at = 12; source->bytes >= at + 8;) {
    size_t bytes = number_at(source->data + at + 4), left = source->bytes - at;
    if (memcmp(source->data + at, "VP8 ", 4) == 0)
      return (span){source->data + at, bytes < left - 8 ? bytes + 8 : left};
    if (bytes > left - 8 || memcmp(source->data + at, "VP8L", 4) == 0) break;
    at += 8 + bytes;
    at += bytes & 1;
  }
  return (span){source->data, source->bytes};
}

static checkrob_status try_pixels(checkrob_image *image, WebPDecoderConfig *config,
                                  const image_source *source) {
  config->output.colorspace = MODE_RGB;
  config->output.is_external_memory = 1;
  config->output.u.RGBA = (WebPRGBABuffer){.rgba = image->pixels,
                                           .stride = (int)image->width * 3,
                                           .size = (size_t)image->width * image->height * 3};
  span picture = without_alpha(source);
  VP8StatusCode code = WebPDecode(picture.data, picture.bytes, config);
  WebPFreeDecBuffer(&config->output);
  return code == VP8_STATUS_OK ? CHECKROB_OK : fail(source, code);
}

/* The decoder holds two planes of 4 bytes at most, and some rows. */
static bool is_memory_short(const checkrob_image *image) {
  void *volatile memory =
      malloc((size_t)image->width * image->height * 8 + (1U << 20)); /* not optimised away */
  free(memory);
  return !memory;
}

/* Where libwebp lacks memory it may report a broken image or, as 1.2.4 does in a lossless one, crash: so
 * memory is looked for first. An image that seems broken is tried twice, which costs a really broken one a
 * moment.
 */
static checkrob_status decode_pixels(checkrob_image *image, WebPDecoderConfig *config,
                                     const image_source *source) {
  if (is_memory_short(image)) return error_memory("decoding a WebP image");
  checkrob_status status = try_pixels(image, config, source);
  if (status != CHECKROB_ERROR_BAD_INPUT) return status;
  if (is_memory_short(image)) return error_memory("decoding a WebP image");
  WebPDecoderConfig again = {.input = config->input};
  return try_pixels(image, &again, source);
}

checkrob_status webp_decode(checkrob_image **out, const image_source *source) {
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config))
    return error_set(CHECKROB_ERROR_UNSUPPORTED, "libwebp has another version than checkrob was built with");
  VP8StatusCode code = WebPGetFeatures(source->data, source->bytes, &config.input);
  if (code != VP8_STATUS_OK) return fail(source, code);
  if (config.input.has_animation)
    return error_set(CHECKROB_ERROR_UNSUPPORTED, "%s is an animated WebP image; save the frame that counts",
                     source->name);
  uint32_t width = (uint32_t)config.input.width, height = (uint32_t)config.input.height;
  checkrob_status status = image_check_limits(source, width, height);
  checkrob_image *image = NULL;
  if (!status) status = image_new(&image, width, height);
  if (!status) status = decode_pixels(image, &config, source);
  if (status) {
    checkrob_image_free(image);
    return status;
  }
  image->orientation = find_orientation(source);
  *out = image;
  return CHECKROB_OK;
}
