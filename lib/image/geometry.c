/* SPDX-License-Identifier: Apache-2.0 */
#include "image/geometry.h"

#include <inttypes.h>

#include "base/error.h"
#include "image/recipe.h"

/* int(side * longer / shorter), rounded down as in torchvision. */
static uint64_t in_proportion(uint32_t side, uint32_t longer, uint32_t shorter) {
  return (uint64_t)side * longer / shorter;
}

/* int(round(spare / 2)): Python rounds halves to the even neighbour. */
static int32_t half_of(uint32_t spare) {
  uint32_t half = spare / 2;
  return (int32_t)(spare % 2 == 1 && half % 2 == 1 ? half + 1 : half);
}

checkrob_status geometry_make(geometry *out, const checkrob_preprocess *preprocess, uint32_t image_width,
                              uint32_t image_height) {
  uint64_t width = image_width, height = image_height;
  if (width == 0 || height == 0) return error_set(CHECKROB_ERROR_BAD_INPUT, "the image has no pixels");
  if (preprocess->rule == RESIZE_EXACT) {
    width = preprocess->resize_width;
    height = preprocess->resize_height;
  } else if (preprocess->rule == RESIZE_SHORTER) {
    uint32_t side = preprocess->resize_width;
    width = image_width <= image_height ? side : in_proportion(side, image_width, image_height);
    height = image_height <= image_width ? side : in_proportion(side, image_height, image_width);
  }
  if (width > INT32_MAX || height > INT32_MAX)
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "the image is too elongated: %" PRIu32 " x %" PRIu32 " pixels would become %" PRIu64
                     " x %" PRIu64,
                     image_width, image_height, width, height);
  if (width < preprocess->width || height < preprocess->height)
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "the image is too small: it has %" PRIu64 " x %" PRIu64
                     " pixels, the crop needs %" PRIu32 " x %" PRIu32 "; add \"resize\" to the preprocessing",
                     width, height, preprocess->width, preprocess->height);
  *out = (geometry){.image_width = image_width,
                    .image_height = image_height,
                    .resized_width = (uint32_t)width,
                    .resized_height = (uint32_t)height,
                    .crop_x = half_of((uint32_t)width - preprocess->width),
                    .crop_y = half_of((uint32_t)height - preprocess->height),
                    .width = preprocess->width,
                    .height = preprocess->height};
  return CHECKROB_OK;
}
