/* SPDX-License-Identifier: Apache-2.0 */
#include "image/source.h"

#include <inttypes.h>

#include "base/error.h"

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
