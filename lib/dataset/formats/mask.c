/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/formats/mask.h"

#include <stdlib.h>

#include "base/error.h"

checkrob_status mask_add(checkrob_regions *regions, const checkrob_image *image) {
  uint32_t width = checkrob_image_width(image), height = checkrob_image_height(image);
  const uint8_t *rgb = checkrob_image_pixels(image);
  uint8_t *mask = malloc((size_t)width * height + 1);
  if (!mask) return error_memory("a mask");
  for (size_t i = 0; i < (size_t)width * height; i++) mask[i] = rgb[3 * i] | rgb[3 * i + 1] | rgb[3 * i + 2];
  checkrob_status status = checkrob_regions_add_mask(regions, mask, width, height);
  free(mask);
  if (status != CHECKROB_ERROR_INVALID_ARGUMENT) return status;
  return error_set(CHECKROB_ERROR_BAD_INPUT, "is completely black; correct it");
}
