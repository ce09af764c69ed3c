#include "image/image.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/structure.h"
#include "base/text.h"
#include "image/sniff.h"

checkrob_status image_new(checkrob_image **out, uint32_t width, uint32_t height) {
  if (width == 0 || height == 0)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "an image of %" PRIu32 " x %" PRIu32 " pixels has no pixel", width, height);
  uint64_t pixels = (uint64_t)width * height;
  if (pixels > (PTRDIFF_MAX - sizeof(checkrob_image) - IMAGE_SLACK) / 3) return error_memory("an image");
  checkrob_image *image = malloc(sizeof *image + (size_t)pixels * 3 + IMAGE_SLACK);
  if (!image) return error_memory("an image");
  image->width = width;
  image->height = height;
  *out = image;
  return CHECKROB_OK;
}

checkrob_status image_check_limits(const image_source *source, uint32_t width, uint32_t height) {
  const checkrob_image_limits *limits = &source->limits;
  if (width > limits->max_width)
    return error_set(CHECKROB_ERROR_LIMIT,
                     "%s is %" PRIu32 " pixels wide, more than the limit of %" PRIu32 " pixels", source->name,
                     width, limits->max_width);
  if (height > limits->max_height)
    return error_set(CHECKROB_ERROR_LIMIT,
                     "%s is %" PRIu32 " pixels high, more than the limit of %" PRIu32 " pixels", source->name,
                     height, limits->max_height);
  uint64_t pixels = (uint64_t)width * height;
  if (pixels > limits->max_pixels)
    return error_set(CHECKROB_ERROR_LIMIT,
                     "%s has %" PRIu64 " pixels (%" PRIu32 " x %" PRIu32 "), more than the limit of %" PRIu64,
                     source->name, pixels, width, height, limits->max_pixels);
  return CHECKROB_OK;
}

static checkrob_status decode(checkrob_image **out, const image_source *source) {
  if (source->bytes == 0) return error_set(CHECKROB_ERROR_BAD_INPUT, "%s is empty", source->name);
  switch (sniff(source->data, source->bytes)) {
    case SNIFF_JPEG:
      return jpeg_decode(out, source);
    case SNIFF_PNG:
      return png_decode(out, source);
    case SNIFF_OTHER:
      break;
  }
  const char *looks_like = sniff_describe(source->data, source->bytes);
  return error_set(CHECKROB_ERROR_UNSUPPORTED, "%s is neither JPEG nor PNG%s%s: convert it to one of them",
                   source->name, looks_like ? ", it looks like " : "", looks_like ? looks_like : "");
}

checkrob_status image_decode_indices(index_image **out, const image_source *source) {
  if (source->bytes == 0) return error_set(CHECKROB_ERROR_BAD_INPUT, "%s is empty", source->name);
  if (sniff(source->data, source->bytes) == SNIFF_PNG) return png_decode_indices(out, source);
  return error_set(CHECKROB_ERROR_UNSUPPORTED,
                   "%s is no PNG, which a mask of numbers has to be; save it as one with a palette",
                   source->name);
}

static checkrob_status take_limits(checkrob_image_limits *out, const checkrob_image_limits *limits) {
  *out = (checkrob_image_limits)CHECKROB_IMAGE_LIMITS_INIT;
  return limits ? structure_take(out, sizeof *out, limits) : CHECKROB_OK;
}

checkrob_status checkrob_image_open(checkrob_image **out, const char *path,
                                    const checkrob_image_limits *limits) {
  if (!out || !path)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_image_open() needs `out` and `path`");
  image_source source = {.name = path};
  checkrob_status status = take_limits(&source.limits, limits);
  if (status != CHECKROB_OK) return status;
  char *data = NULL;
  status = file_read(&data, &source.bytes, path, source.limits.max_file_bytes);
  if (status != CHECKROB_OK) return status;
  source.data = (const uint8_t *)data;
  status = decode(out, &source);
  free(data);
  return status;
}

checkrob_status checkrob_image_decode(checkrob_image **out, const void *data, size_t bytes,
                                      const checkrob_image_limits *limits) {
  if (!out || (!data && bytes > 0))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_image_decode() needs `out` and `data`");
  image_source source = {.name = "image", .data = data, .bytes = bytes};
  checkrob_status status = take_limits(&source.limits, limits);
  if (status != CHECKROB_OK) return status;
  if (bytes > source.limits.max_file_bytes)
    return error_set(CHECKROB_ERROR_LIMIT, "image has %zu bytes, more than the limit of %" PRIu64, bytes,
                     source.limits.max_file_bytes);
  return decode(out, &source);
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
  return image->width;
}

uint32_t checkrob_image_height(const checkrob_image *image) {
  return image->height;
}

const uint8_t *checkrob_image_pixels(const checkrob_image *image) {
  return image->pixels;
}
