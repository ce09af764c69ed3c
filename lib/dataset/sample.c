#include "dataset/sample.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/text.h"

struct checkrob_sample {
  checkrob_status status;
  char *message;
  char *image, *path;
  char *class_name;
  int64_t class_index;
  checkrob_regions *regions;
  char *annotation; /* the path of the file that the regions come from */
  uint32_t annotated_width, annotated_height;
};

static checkrob_status fill(checkrob_sample *sample, const char *image, const char *path,
                            const char *class_name) {
  sample->message = text_copy("");
  sample->image = text_copy(image);
  sample->path = text_copy(path ? path : "");
  sample->class_name = text_copy(class_name ? class_name : "");
  sample->annotation = text_copy("");
  if (!sample->message || !sample->image || !sample->path || !sample->class_name || !sample->annotation)
    return error_memory("a sample");
  return checkrob_regions_new(&sample->regions);
}

checkrob_status sample_add(checkrob_sample **out, sample_list *list, const char *image, const char *path,
                           const char *class_name, int64_t class_index) {
  checkrob_sample **items = array_grow(list->items, &list->capacity, list->count, sizeof(checkrob_sample *));
  if (!items) return error_memory("a sample");
  list->items = items;
  checkrob_sample *sample = calloc(1, sizeof *sample);
  if (!sample) return error_memory("a sample");
  sample->class_index = class_index;
  checkrob_status status = fill(sample, image, path, class_name);
  if (status) {
    checkrob_sample_free(sample);
    return status;
  }
  list->items[list->count++] = sample;
  *out = sample;
  return CHECKROB_OK;
}

checkrob_status sample_add_failed(sample_list *list, checkrob_status status, const char *image,
                                  const char *path, const char *class_name, int64_t class_index) {
  checkrob_sample *sample = NULL;
  checkrob_status added = sample_add(&sample, list, image, path, class_name, class_index);
  return added ? added : sample_fail(sample, status);
}

static checkrob_status set_message(checkrob_sample *sample, const char *message) {
  char *copy = text_copy(message);
  if (!copy) return error_memory("a sample's message");
  free(sample->message);
  sample->message = copy;
  return CHECKROB_OK;
}

checkrob_status sample_fail(checkrob_sample *sample, checkrob_status status) {
  checkrob_regions *none;
  checkrob_status failure = set_message(sample, checkrob_last_error());
  if (!failure) failure = checkrob_regions_new(&none);
  if (failure) return failure;
  checkrob_regions_free(sample->regions);
  sample->regions = none;
  sample->status = status;
  return CHECKROB_OK;
}

checkrob_regions *sample_regions(checkrob_sample *sample) {
  return sample->regions;
}

checkrob_status sample_set_origin(checkrob_sample *sample, const char *annotation, uint32_t width,
                                  uint32_t height) {
  char *copy = text_copy(annotation);
  if (!copy) return error_memory("a sample");
  free(sample->annotation);
  sample->annotation = copy;
  sample->annotated_width = width;
  sample->annotated_height = height;
  return CHECKROB_OK;
}

void sample_list_clear(sample_list *list) {
  for (size_t i = 0; i < list->count; i++) checkrob_sample_free(list->items[i]);
  free(list->items);
  *list = (sample_list){0};
}

void checkrob_sample_free(checkrob_sample *sample) {
  if (!sample) return;
  checkrob_regions_free(sample->regions);
  free(sample->message);
  free(sample->image);
  free(sample->path);
  free(sample->class_name);
  free(sample->annotation);
  free(sample);
}

checkrob_status checkrob_sample_status(const checkrob_sample *sample) {
  return sample->status;
}

const char *checkrob_sample_message(const checkrob_sample *sample) {
  return sample->message;
}

const char *checkrob_sample_image(const checkrob_sample *sample) {
  return sample->image;
}

const char *checkrob_sample_path(const checkrob_sample *sample) {
  return sample->path;
}

const char *checkrob_sample_class_name(const checkrob_sample *sample) {
  return sample->class_name;
}

int64_t checkrob_sample_class_index(const checkrob_sample *sample) {
  return sample->class_index;
}

const checkrob_regions *checkrob_sample_regions(const checkrob_sample *sample) {
  return sample->regions;
}

/* How far a box reaches beyond the rim, in pixels; 0 or less if it doesn't. */
static double overhang(const double box[4], double width, double height) {
  return fmax(fmax(-box[0], -box[1]), fmax(box[2] - width, box[3] - height));
}

static checkrob_status find_overhang(double *furthest, const checkrob_sample *sample, uint32_t width,
                                     uint32_t height) {
  size_t count = checkrob_regions_count(sample->regions);
  for (size_t i = 0; i < count; i++) {
    double box[4];
    checkrob_status status = checkrob_regions_box(box, sample->regions, i);
    if (status) return status;
    if (box[0] >= width || box[1] >= height || box[2] <= 0 || box[3] <= 0)
      return error_set(CHECKROB_ERROR_BAD_INPUT,
                       "%s: the box (%.10g, %.10g to %.10g, %.10g) lies outside the image of %u x %u pixels; "
                       "correct it, or pair the image with its own annotation",
                       sample->annotation, box[0] + 1, box[1] + 1, box[2], box[3], width, height);
    *furthest = fmax(*furthest, overhang(box, width, height));
  }
  return CHECKROB_OK;
}

/* What is odd about an annotation that can still be used; "" if nothing is. */
static char *compose_remark(const checkrob_sample *sample, double furthest, uint32_t width, uint32_t height) {
  /* Up to a pixel is the habit of tools that count from 0, or that write the corner behind the last pixel. */
  bool beyond = furthest > 1;
  bool other_size = sample->annotated_width > 0 && sample->annotated_height > 0 &&
                    (sample->annotated_width != width || sample->annotated_height != height);
  if (!beyond && !other_size) return text_copy("");
  char size_part[128] = "", rim_part[128] = "";
  if (other_size)
    snprintf(size_part, sizeof size_part, " gives the image %u x %u pixels, but it has %u x %u",
             sample->annotated_width, sample->annotated_height, width, height);
  if (beyond)
    snprintf(rim_part, sizeof rim_part, "%s has a box that reaches %.10g pixels beyond the image",
             other_size ? ", and" : "", furthest);
  return text_format("%s%s%s; check that it belongs to this image", sample->annotation, size_part, rim_part);
}

checkrob_status checkrob_sample_check_size(checkrob_sample *sample, uint32_t image_width,
                                           uint32_t image_height) {
  if (!sample)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_sample_check_size: sample is NULL");
  if (sample->status) return error_set(sample->status, "%s", sample->message);
  double furthest = 0;
  checkrob_status status = find_overhang(&furthest, sample, image_width, image_height);
  if (status) {
    checkrob_status failure = sample_fail(sample, status);
    return failure ? failure : status;
  }
  char *remark = compose_remark(sample, furthest, image_width, image_height);
  if (!remark) return error_memory("a sample's message");
  free(sample->message);
  sample->message = remark;
  return CHECKROB_OK;
}
