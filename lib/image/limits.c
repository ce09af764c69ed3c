/* SPDX-License-Identifier: Apache-2.0 */
#include "image/limits.h"

#include "base/error.h"
#include "base/structure.h"
#include "options/options.h"

checkrob_image_limits image_limits_of(const checkrob_options *options) {
  checkrob_image_limits limits = CHECKROB_IMAGE_LIMITS_INIT;
  limits.max_width = (uint32_t)checkrob_options_integer(options, "image_max_width");
  limits.max_height = (uint32_t)checkrob_options_integer(options, "image_max_height");
  limits.max_pixels = (uint64_t)checkrob_options_integer(options, "image_max_pixels");
  limits.max_file_bytes = (uint64_t)checkrob_options_integer(options, "image_max_file_bytes");
  limits.scale_gray_16 = options_is(options, "gray_range", "scale");
  if (options_is(options, "orientation", "stored")) limits.orientation = CHECKROB_ORIENTATION_STORED;
  if (options_is(options, "orientation", "upright")) limits.orientation = CHECKROB_ORIENTATION_UPRIGHT;
  return limits;
}

checkrob_status checkrob_image_limits_read(checkrob_image_limits *out, const checkrob_options *options) {
  if (!out) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_image_limits_read: out is NULL");
  checkrob_image_limits limits = image_limits_of(options);
  return structure_give(out, &limits, sizeof limits);
}
