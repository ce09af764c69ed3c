/* SPDX-License-Identifier: Apache-2.0 */
/* How pixels of an image become pixels of the model's input. image/ and region/ share this. */
#ifndef CHECKROB_LIB_GEOMETRY_H
#define CHECKROB_LIB_GEOMETRY_H

#include <checkrob/preprocess.h>

typedef struct geometry {
  uint32_t image_width, image_height;     /* the original */
  uint32_t resized_width, resized_height; /* after the resize, before the crop */
  int32_t crop_x, crop_y;                 /* the crop's corner in the resized image, never negative */
  uint32_t width, height;                 /* of the model's input */
} geometry;

/* BAD_INPUT if the image is too small for the crop. In continuous coordinates (region.h): input_x = image_x *
 * resized_width / image_width - crop_x, and the same for y. */
checkrob_status geometry_make(geometry *out, const checkrob_preprocess *preprocess, uint32_t image_width,
                              uint32_t image_height);

#endif
