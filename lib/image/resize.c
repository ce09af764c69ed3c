/* SPDX-License-Identifier: Apache-2.0 */
#include "image/resize.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "image/image.h"
#include "image/resize_kernels.h"

/* Space for the result of the first pass. */
static checkrob_status new_rows(uint8_t **out, size_t rows, size_t row_bytes) {
  if (rows > (SIZE_MAX - IMAGE_SLACK) / row_bytes) return error_memory("resizing an image");
  *out = malloc(rows * row_bytes + IMAGE_SLACK);
  return *out ? CHECKROB_OK : error_memory("resizing an image");
}

/* As in Pillow: first columns, only in the rows that the second pass reads. A pass that changes no size is
 * left out. */
checkrob_status resize_to(uint8_t *out, const checkrob_image *image, const resize_part *part,
                          checkrob_filter filter) {
  const resize_kernels *kernels = resize_best_kernels();
  size_t row_bytes = (size_t)part->width * 3;
  weights x_axis = {0}, y_axis = {0};
  uint8_t *between = NULL;
  checkrob_status status = CHECKROB_OK;

  const uint8_t *in = image->pixels;
  size_t in_stride = (size_t)image->width * 3;
  uint32_t first_row = part->y, rows = part->height;
  int resize_width = part->full_width != image->width, resize_height = part->full_height != image->height;
  if (resize_height) {
    status = weights_make(&y_axis, image->height, part->full_height, part->y, part->height, filter);
    if (status != CHECKROB_OK) goto done;
    uint32_t last = part->height - 1;
    first_row = y_axis.start[0];
    rows = y_axis.start[last] + y_axis.count[last] - first_row;
  }
  in += first_row * in_stride;
  if (resize_width) {
    status = weights_make(&x_axis, image->width, part->full_width, part->x, part->width, filter);
    if (status != CHECKROB_OK) goto done;
    uint8_t *target = out;
    if (resize_height) {
      status = new_rows(&between, rows, row_bytes);
      if (status != CHECKROB_OK) goto done;
      target = between;
    }
    kernels->across(target, in, in_stride, rows, &x_axis);
    in = target;
    in_stride = row_bytes;
  } else {
    in += (size_t)part->x * 3;
  }
  if (resize_height)
    kernels->down(out, row_bytes, in, in_stride, first_row, &y_axis);
  else if (!resize_width)
    for (uint32_t y = 0; y < rows; y++) memcpy(out + y * row_bytes, in + y * in_stride, row_bytes);
done:
  free(between);
  weights_free(&x_axis);
  weights_free(&y_axis);
  return status;
}

checkrob_status checkrob_image_resize(checkrob_image **out, const checkrob_image *image, uint32_t width,
                                      uint32_t height, checkrob_filter filter) {
  if (!out || !image)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_image_resize() needs `out` and `image`");
  if (filter != CHECKROB_FILTER_BILINEAR && filter != CHECKROB_FILTER_BICUBIC)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "there is no filter %d: use a CHECKROB_FILTER_ value",
                     (int)filter);
  checkrob_image *resized = NULL;
  checkrob_status status = image_new(&resized, width, height);
  if (status != CHECKROB_OK) return status;
  resize_part whole = {
      .full_width = width, .full_height = height, .x = 0, .y = 0, .width = width, .height = height};
  status = resize_to(resized->pixels, image, &whole, filter);
  if (status == CHECKROB_OK)
    *out = resized;
  else
    checkrob_image_free(resized);
  return status;
}
