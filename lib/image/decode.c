/* SPDX-License-Identifier: Apache-2.0 */
#include "image/decode.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/structure.h"
#include "base/text.h"
#include "image/bmp.h"
#include "image/jpeg.h"
#include "image/png.h"
#include "image/sniff.h"
#include "image/turn.h"
#include "image/webp.h"

static checkrob_status decode_stored(checkrob_image **out, const image_source *source) {
  if (source->bytes == 0) return error_set(CHECKROB_ERROR_BAD_INPUT, "%s is empty", source->name);
  switch (sniff(source->data, source->bytes)) {
    case SNIFF_JPEG:
      return jpeg_decode(out, source);
    case SNIFF_PNG:
      return png_decode(out, source);
    case SNIFF_WEBP:
      return webp_decode(out, source);
    case SNIFF_BMP:
      return bmp_decode(out, source);
    case SNIFF_OTHER:
      break;
  }
  const char *looks_like = sniff_describe(source->data, source->bytes);
  return error_set(CHECKROB_ERROR_UNSUPPORTED, "%s is neither JPEG, PNG, WebP nor BMP%s%s; %s", source->name,
                   looks_like ? ", it looks like " : "", looks_like ? looks_like : "",
                   sniff_advise(source->data, source->bytes));
}

checkrob_status image_decode(checkrob_image **out, const image_source *source) {
  checkrob_image *image = NULL;
  checkrob_status status = decode_stored(&image, source);
  if (!status && source->limits.orientation != CHECKROB_ORIENTATION_STORED)
    status = image_turn_upright(&image);
  if (!status) *out = image;
  return status;
}

checkrob_status image_decode_indices(index_image **out, const image_source *source) {
  if (source->bytes == 0) return error_set(CHECKROB_ERROR_BAD_INPUT, "%s is empty", source->name);
  if (sniff(source->data, source->bytes) == SNIFF_PNG) return png_decode_indices(out, source);
  return error_set(CHECKROB_ERROR_UNSUPPORTED,
                   "%s is not a PNG, but a mask of numbers must be one; save it as a PNG with a palette",
                   source->name);
}

static checkrob_status take_limits(checkrob_image_limits *out, const checkrob_image_limits *limits) {
  *out = (checkrob_image_limits)CHECKROB_IMAGE_LIMITS_INIT;
  checkrob_status status = limits ? structure_take(out, sizeof *out, limits) : CHECKROB_OK;
  if (status ||
      (out->orientation >= CHECKROB_ORIENTATION_AUTO && out->orientation <= CHECKROB_ORIENTATION_UPRIGHT))
    return status;
  return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "there is no orientation %d; use a checkrob_orientation",
                   (int)out->orientation);
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
  status = image_decode(out, &source);
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
  return image_decode(out, &source);
}
