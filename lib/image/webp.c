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

/* A chunk of RIFF: a name, a size and data. */
typedef struct chunk {
  const uint8_t *start; /* NULL: there are no more */
  size_t bytes;         /* of its data, as it says; fewer are there if the file is truncated */
  size_t left;          /* of the file, from `start` on */
} chunk;

static chunk chunk_at(const image_source *source, size_t at) {
  if (source->bytes < 8 || at > source->bytes - 8) return (chunk){0};
  return (chunk){source->data + at, number_at(source->data + at + 4), source->bytes - at};
}

/* The chunks begin after 12 bytes. A zero byte makes their data even. */
static chunk next_chunk(const image_source *source, const chunk *before) {
  if (!before) return chunk_at(source, 12);
  if (before->bytes > before->left - 8) return (chunk){0};
  return chunk_at(source, (size_t)(before->start - source->data) + 8 + before->bytes + (before->bytes & 1));
}

static bool is_named(const chunk *c, const char *name) {
  return memcmp(c->start, name, 4) == 0;
}

static uint8_t find_orientation(const image_source *source) {
  for (chunk c = next_chunk(source, NULL); c.start; c = next_chunk(source, &c))
    if (is_named(&c, "EXIF") && c.bytes <= c.left - 8)
      return (uint8_t)orientation_in_exif(c.start + 8, c.bytes);
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
  for (chunk c = next_chunk(source, NULL); c.start && !is_named(&c, "VP8L"); c = next_chunk(source, &c))
    if (is_named(&c, "VP8 ")) return (span){c.start, c.bytes < c.left - 8 ? c.bytes + 8 : c.left};
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
