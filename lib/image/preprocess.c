/* SPDX-License-Identifier: Apache-2.0 */
#include "image/preprocess.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "image/geometry.h"
#include "image/image.h"
#include "image/resize.h"

#define MAX_FILE_BYTES 1000000

static const struct preset {
  const char *name, *json;
} presets[] = {
    {"imagenet",
     "{\"resize\": 256, \"crop\": 224, \"mean\": [0.485, 0.456, 0.406], \"std\": [0.229, 0.224, 0.225]}"},
    {"paper", "{\"resize\": 224, \"mean\": [0.4914, 0.4822, 0.4465], \"std\": [0.2023, 0.1994, 0.2010]}"},
};
#define PRESET_COUNT (sizeof presets / sizeof presets[0])

/* torchvision's ToTensor and Normalize: three float32 operations, each rounded. Fewer operations would round
 * differently. */
static checkrob_status fill_values(checkrob_preprocess *preprocess, const char *where) {
  for (int c = 0; c < 3; c++) {
    float mean = (float)preprocess->mean[c], std = (float)preprocess->std[c];
    for (int v = 0; v < 256; v++) {
      float value = ((float)v / 255.0F - mean) / std;
      if (!isfinite(value))
        return error_set(CHECKROB_ERROR_BAD_INPUT, "%s: \"std\" has %g, too small for float32", where,
                         preprocess->std[c]);
      preprocess->value[c][v] = value;
    }
  }
  return CHECKROB_OK;
}

static checkrob_status make(checkrob_preprocess **out, const char *where, const char *json, size_t bytes) {
  checkrob_preprocess *preprocess = calloc(1, sizeof *preprocess);
  if (!preprocess) return error_memory("a preprocessing");
  checkrob_status status = preprocess_read(preprocess, where, json, bytes);
  if (status == CHECKROB_OK) status = fill_values(preprocess, where);
  if (status == CHECKROB_OK) {
    preprocess->json = preprocess_write(preprocess);
    if (!preprocess->json) status = error_memory("a preprocessing");
  }
  if (status == CHECKROB_OK)
    *out = preprocess;
  else
    checkrob_preprocess_free(preprocess);
  return status;
}

checkrob_status checkrob_preprocess_open(checkrob_preprocess **out, const char *name_or_path) {
  if (!out || !name_or_path)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_preprocess_open() needs `out` and a name");
  for (size_t i = 0; i < PRESET_COUNT; i++)
    if (strcmp(presets[i].name, name_or_path) == 0)
      return make(out, name_or_path, presets[i].json, strlen(presets[i].json));
  if (*name_or_path == '{') return checkrob_preprocess_parse(out, name_or_path, strlen(name_or_path));
  char *json = NULL;
  size_t bytes = 0;
  checkrob_status status = file_read(&json, &bytes, name_or_path, MAX_FILE_BYTES);
  if (status == CHECKROB_ERROR_NOT_FOUND)
    return error_set(status, "%s is neither a preprocessing file nor a preset: the presets are %s and %s",
                     name_or_path, presets[0].name, presets[1].name);
  if (status != CHECKROB_OK) return status;
  status = make(out, name_or_path, json, bytes);
  free(json);
  return status;
}

checkrob_status checkrob_preprocess_parse(checkrob_preprocess **out, const char *json, size_t bytes) {
  if (!out || !json)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_preprocess_parse() needs `out` and `json`");
  return make(out, "preprocessing", json, bytes);
}

void checkrob_preprocess_free(checkrob_preprocess *preprocess) {
  if (!preprocess) return;
  free(preprocess->json);
  free(preprocess);
}

uint32_t checkrob_preprocess_width(const checkrob_preprocess *preprocess) {
  return preprocess ? preprocess->width : 0;
}

uint32_t checkrob_preprocess_height(const checkrob_preprocess *preprocess) {
  return preprocess ? preprocess->height : 0;
}

const char *checkrob_preprocess_json(const checkrob_preprocess *preprocess) {
  return preprocess ? preprocess->json : NULL;
}

bool preprocess_is_gray(const checkrob_preprocess *preprocess) {
  return preprocess->is_gray;
}

/* Pillow's convert("L"), from ITU-R BT.601: the same integers. All three channels get the luma. */
static checkrob_status make_gray(checkrob_image **out, const checkrob_image *image) {
  checkrob_status status = image_new(out, image->width, image->height);
  if (status) return status;
  const uint8_t *from = image->pixels;
  uint8_t *to = (*out)->pixels;
  for (size_t i = (size_t)image->width * image->height; i > 0; i--, from += 3, to += 3)
    to[0] = to[1] = to[2] =
        (uint8_t)((from[0] * 19595U + from[1] * 38470U + from[2] * 7471U + 0x8000U) >> 16);
  return CHECKROB_OK;
}

/* From interleaved bytes to planes of floats. */
static void normalise(float *tensor, const uint8_t *pixels, size_t count, const float value[3][256]) {
  float *red = tensor, *green = tensor + count, *blue = tensor + 2 * count;
  for (size_t i = 0; i < count; i++, pixels += 3) {
    red[i] = value[0][pixels[0]];
    green[i] = value[1][pixels[1]];
    blue[i] = value[2][pixels[2]];
  }
}

checkrob_status checkrob_preprocess_apply(float *tensor, const checkrob_preprocess *preprocess,
                                          const checkrob_image *image) {
  if (!tensor || !preprocess || !image)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_preprocess_apply() needs `tensor`, `preprocess` and `image`");
  geometry geometry_of;
  checkrob_status status = geometry_make(&geometry_of, preprocess, image->width, image->height);
  if (status != CHECKROB_OK) return status;
  size_t count = (size_t)geometry_of.width * geometry_of.height;
  uint8_t *pixels = malloc(count * 3);
  if (!pixels) return error_memory("resizing an image");
  resize_part part = {.full_width = geometry_of.resized_width,
                      .full_height = geometry_of.resized_height,
                      .x = (uint32_t)geometry_of.crop_x,
                      .y = (uint32_t)geometry_of.crop_y,
                      .width = geometry_of.width,
                      .height = geometry_of.height};
  checkrob_image *gray = NULL;
  if (preprocess->is_gray) status = make_gray(&gray, image);
  if (status == CHECKROB_OK) status = resize_to(pixels, gray ? gray : image, &part, preprocess->filter);
  checkrob_image_free(gray);
  if (status == CHECKROB_OK) normalise(tensor, pixels, count, preprocess->value);
  free(pixels);
  return status;
}
