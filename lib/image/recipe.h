/* SPDX-License-Identifier: Apache-2.0 */
/* What a checkrob_preprocess holds. */
#ifndef CHECKROB_LIB_RECIPE_H
#define CHECKROB_LIB_RECIPE_H

#include <checkrob/preprocess.h>

#define PREPROCESS_MAX_SIDE 8192
/* Of the model's input: 4096 x 4096, of which one image takes 200 MB. */
#define PREPROCESS_MAX_PIXELS 16777216

typedef enum resize_rule {
  RESIZE_NONE,    /* the image's own size */
  RESIZE_SHORTER, /* the shorter side to resize_height (= resize_width), the longer one in proportion */
  RESIZE_EXACT    /* to resize_height x resize_width */
} resize_rule;

struct checkrob_preprocess {
  resize_rule rule;
  uint32_t resize_width, resize_height; /* 0 without a resize */
  uint32_t width, height;               /* of the crop */
  checkrob_filter filter;
  int is_gray; /* pixels become gray before they are resized; mean and std are equal for all channels */
  double mean[3], std[3];
  float value[3][256]; /* of each channel: the value of each byte */
  char *json;
};

#endif
