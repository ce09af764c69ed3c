/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/sample.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/structure.h"
#include "base/text.h"
#include "image/decode.h"
#include "image/image.h"
#include "image/orientation.h"
#include "image/turn.h"
#include "region/regions.h"

/* What differs from a plain image. */
typedef struct image_state {
  int orientation; /* that the file states; 0: not known */
  bool turned;     /* upright */
  bool told;       /* the annotation says how it was drawn */
  bool matched;    /* the objects were turned, because they were drawn the other way */
  bool clipped;    /* white 16-bit grays */
} image_state;

struct checkrob_sample {
  scene *shared;
  size_t own; /* the scene's class, or SAMPLE_NO_CLASS */
  checkrob_status status;
  char *message;
  char *class_name; /* also where there is no own class */
  int64_t class_index;
  checkrob_regions *none; /* the regions of a sample that failed or has no class */
  size_t input, part;
  image_state found; /* what the remark must say about the image */
};

checkrob_status sample_add(checkrob_sample **out, sample_list *list, scene *shared, size_t own) {
  checkrob_sample **items = array_grow(list->items, &list->capacity, list->count, sizeof(checkrob_sample *));
  if (!items) return error_memory("a sample");
  list->items = items;
  checkrob_sample *sample = calloc(1, sizeof *sample);
  if (!sample) return error_memory("a sample");
  scene_hold(shared);
  sample->shared = shared;
  sample->own = own;
  sample->class_index = own == SAMPLE_NO_CLASS ? -1 : shared->classes[own].index;
  sample->message = text_copy("");
  sample->class_name = text_copy(own == SAMPLE_NO_CLASS ? "" : shared->classes[own].name);
  if (!sample->message || !sample->class_name || checkrob_regions_new(&sample->none)) {
    checkrob_sample_free(sample);
    return error_memory("a sample");
  }
  list->items[list->count++] = sample;
  *out = sample;
  return CHECKROB_OK;
}

checkrob_status sample_fail(checkrob_sample *sample, checkrob_status status) {
  char *copy = text_copy(checkrob_last_error());
  if (!copy) return error_memory("a sample's message");
  free(sample->message);
  sample->message = copy;
  sample->status = status;
  return CHECKROB_OK;
}

checkrob_status sample_set_class(checkrob_sample *sample, const char *name, int64_t index) {
  char *copy = text_copy(name);
  if (!copy) return error_memory("a sample");
  free(sample->class_name);
  sample->class_name = copy;
  sample->class_index = index;
  return CHECKROB_OK;
}

void sample_reduce_to_image(checkrob_sample *sample) {
  const scene *s = sample->shared;
  sample->own = SAMPLE_NO_CLASS;
  sample->class_index = -1;
  sample->class_name[0] = '\0';
  if (s->unusable || (!s->pixels && !s->location.path)) return;
  sample->status = CHECKROB_OK;
  sample->message[0] = '\0';
}

int sample_shows(const checkrob_sample *sample, int64_t class_index) {
  const scene *s = sample->shared;
  if (s->only_index == class_index) return 1;
  for (size_t i = 0; i < s->class_count; i++)
    if (s->classes[i].index == class_index) return 1;
  return s->annotated && !s->hides_objects ? 0 : -1;
}

void sample_set_position(checkrob_sample *sample, size_t input, size_t part) {
  sample->input = input;
  sample->part = part;
}

checkrob_sample *sample_list_take(sample_list *list) {
  checkrob_sample *first = list->items[0];
  list->count--;
  memmove(list->items, list->items + 1, list->count * sizeof *list->items);
  if (list->count == 0) sample_list_clear(list);
  return first;
}

void sample_list_clear(sample_list *list) {
  for (size_t i = 0; i < list->count; i++) checkrob_sample_free(list->items[i]);
  free(list->items);
  *list = (sample_list){0};
}

void checkrob_sample_free(checkrob_sample *sample) {
  if (!sample) return;
  scene_release(sample->shared);
  checkrob_regions_free(sample->none);
  free(sample->message);
  free(sample->class_name);
  free(sample);
}

checkrob_status checkrob_sample_status(const checkrob_sample *sample) {
  return sample ? sample->status : CHECKROB_ERROR_INVALID_ARGUMENT;
}

const char *checkrob_sample_message(const checkrob_sample *sample) {
  return sample ? sample->message : "";
}

const char *checkrob_sample_image(const checkrob_sample *sample) {
  return sample ? sample->shared->image : "";
}

const char *checkrob_sample_path(const checkrob_sample *sample) {
  return sample && sample->shared->location.path ? sample->shared->location.path : "";
}

const char *checkrob_sample_annotation(const checkrob_sample *sample) {
  return sample ? sample->shared->origin : "";
}

const char *checkrob_sample_class_name(const checkrob_sample *sample) {
  return sample ? sample->class_name : "";
}

int64_t checkrob_sample_class_index(const checkrob_sample *sample) {
  return sample ? sample->class_index : -1;
}

size_t checkrob_sample_input(const checkrob_sample *sample) {
  return sample ? sample->input : 0;
}

size_t checkrob_sample_part(const checkrob_sample *sample) {
  return sample ? sample->part : 0;
}

const checkrob_regions *checkrob_sample_regions(const checkrob_sample *sample) {
  if (!sample) return NULL;
  if (sample->status != CHECKROB_OK || sample->own == SAMPLE_NO_CLASS) return sample->none;
  return sample->shared->classes[sample->own].regions;
}

const checkrob_regions *checkrob_sample_ignored(const checkrob_sample *sample) {
  return sample ? sample->shared->ignored : NULL;
}

/* ---- the image's other classes: all but the own one ---- */

size_t checkrob_sample_other_count(const checkrob_sample *sample) {
  return sample ? sample->shared->class_count - (sample->own != SAMPLE_NO_CLASS) : 0;
}

static const scene_class *other_class(const checkrob_sample *sample, size_t i) {
  if (i >= checkrob_sample_other_count(sample)) return NULL;
  return &sample->shared->classes[i < sample->own ? i : i + 1];
}

const char *checkrob_sample_other_name(const checkrob_sample *sample, size_t i) {
  const scene_class *other = other_class(sample, i);
  return other ? other->name : NULL;
}

int64_t checkrob_sample_other_index(const checkrob_sample *sample, size_t i) {
  const scene_class *other = other_class(sample, i);
  return other ? other->index : -1;
}

const checkrob_regions *checkrob_sample_other_regions(const checkrob_sample *sample, size_t i) {
  const scene_class *other = other_class(sample, i);
  return other ? other->regions : NULL;
}

/* ---- the image ---- */

/* In a tar file, the error message needs both names. */
static checkrob_status name_archive(checkrob_status status, const checkrob_sample *sample) {
  const file_location *location = &sample->shared->location;
  if (!status || !location->part) return status;
  return error_set(status, "%s in %s: %s", checkrob_sample_image(sample), location->path,
                   checkrob_last_error());
}

checkrob_status sample_read_image(char **data, size_t *bytes, const checkrob_sample *sample,
                                  const checkrob_image_limits *limits) {
  *data = NULL;
  *bytes = 0;
  const scene *s = sample->shared;
  if (s->pixels) return CHECKROB_OK;
  if (!s->location.path)
    return error_set(CHECKROB_ERROR_NOT_FOUND, "%s has neither a path nor pixels", s->image);
  return name_archive(location_read(data, bytes, &s->location, limits->max_file_bytes), sample);
}

static frame_sizes sizes_of(const checkrob_image *image) {
  bool swapped = image->turned && orientation_to_upright(image->orientation).swap;
  return frame_sizes_of(image->orientation, swapped ? image->height : image->width,
                        swapped ? image->width : image->height);
}

static frame drawn_in(const scene *s, const checkrob_image *image) {
  frame_sizes sizes = sizes_of(image);
  return image->orientation == ORIENTATION_UPRIGHT ? FRAME_UNKNOWN : scene_frame(s, &sizes);
}

checkrob_status sample_decode_image(checkrob_image **out, const checkrob_sample *sample, const char *data,
                                    size_t bytes, const checkrob_image_limits *limits) {
  const scene *s = sample->shared;
  if (s->pixels)
    return checkrob_image_from_rgb(out, checkrob_image_pixels(s->pixels), checkrob_image_width(s->pixels),
                                   checkrob_image_height(s->pixels));
  image_source source = {.name = s->location.part ? "image" : s->location.path,
                         .data = (const uint8_t *)data,
                         .bytes = bytes,
                         .limits = *limits};
  if (limits->orientation == CHECKROB_ORIENTATION_AUTO)
    source.limits.orientation = CHECKROB_ORIENTATION_STORED;
  checkrob_image *image = NULL;
  checkrob_status status = name_archive(image_decode(&image, &source), sample);
  if (!status && limits->orientation == CHECKROB_ORIENTATION_AUTO && drawn_in(s, image) != FRAME_STORED)
    status = image_turn_upright(&image);
  if (!status) *out = image;
  return status;
}

checkrob_status checkrob_sample_open_image(checkrob_image **out, const checkrob_sample *sample,
                                           const checkrob_image_limits *limits) {
  if (!out || !sample)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_sample_open_image: NULL argument");
  checkrob_image_limits full = CHECKROB_IMAGE_LIMITS_INIT;
  checkrob_status status = limits ? structure_take(&full, sizeof full, limits) : CHECKROB_OK;
  char *data = NULL;
  size_t bytes = 0;
  if (!status) status = sample_read_image(&data, &bytes, sample, &full);
  if (!status) status = sample_decode_image(out, sample, data, bytes, &full);
  free(data);
  return status;
}

/* ---- against the image that was decoded ---- */

checkrob_status samples_match_image(checkrob_sample *const *samples, size_t count,
                                    const checkrob_image *image) {
  if (count == 0) return CHECKROB_OK;
  scene *before = samples[0]->shared, *turned = NULL;
  frame drawn = drawn_in(before, image);
  image_state found = {image->orientation, image->turned, drawn != FRAME_UNKNOWN,
                       drawn == (image->turned ? FRAME_STORED : FRAME_UPRIGHT), image->clipped};
  if (found.matched) {
    frame_sizes s = sizes_of(image);
    checkrob_status status = image->turned
                                 ? scene_turned(&turned, before, orientation_to_upright(image->orientation),
                                                s.stored_width, s.stored_height)
                                 : scene_turned(&turned, before, orientation_to_stored(image->orientation),
                                                s.upright_width, s.upright_height);
    if (status) return status;
  }
  for (size_t i = 0; i < count; i++) {
    bool before_too = samples[i]->found.matched; /* asked again, about regions that were turned already */
    samples[i]->found = found;
    samples[i]->found.matched = found.matched || before_too;
    if (!turned) continue;
    scene_hold(turned);
    scene_release(samples[i]->shared);
    samples[i]->shared = turned;
  }
  scene_release(turned);
  return CHECKROB_OK;
}

/* A mask must have the image's size; else the position of its pixels is unknown. */
static checkrob_status check_masks(const checkrob_sample *sample, uint32_t width, uint32_t height) {
  const checkrob_regions *regions = checkrob_sample_regions(sample);
  for (size_t i = 0; i < regions->count; i++) {
    const shape *s = &regions->shapes[i];
    if (s->kind == SHAPE_MASK && (s->width != width || s->height != height))
      return error_set(
          CHECKROB_ERROR_BAD_INPUT,
          "%s: a mask has %u x %u pixels, but the image has %u x %u; use the mask that belongs to the image",
          sample->shared->origin, s->width, s->height, width, height);
  }
  return CHECKROB_OK;
}

/* How far a box extends beyond the border, in pixels; 0 or less if it does not. */
static double overhang(const double box[4], double width, double height) {
  return fmax(fmax(-box[0], -box[1]), fmax(box[2] - width, box[3] - height));
}

static checkrob_status find_overhang(double *furthest, const checkrob_sample *sample, uint32_t width,
                                     uint32_t height) {
  const checkrob_regions *regions = checkrob_sample_regions(sample);
  size_t count = checkrob_regions_count(regions);
  double scale_x = checkrob_regions_relative(regions) ? width : 1;
  double scale_y = checkrob_regions_relative(regions) ? height : 1;
  for (size_t i = 0; i < count; i++) {
    double box[4];
    checkrob_status status = checkrob_regions_box(box, regions, i);
    if (status) return status;
    box[0] *= scale_x, box[2] *= scale_x, box[1] *= scale_y, box[3] *= scale_y;
    if (box[0] >= width || box[1] >= height || box[2] <= 0 || box[3] <= 0)
      return error_set(CHECKROB_ERROR_BAD_INPUT,
                       "%s: an object from x = %.10g to %.10g and from y = %.10g to %.10g lies outside the "
                       "image of %u x %u pixels; correct it, or use the annotation that belongs to the image",
                       sample->shared->origin, box[0], box[2], box[1], box[3], width, height);
    *furthest = fmax(*furthest, overhang(box, width, height));
  }
  return CHECKROB_OK;
}

static const char *describe_orientation(const image_state *found) {
  if (found->matched)
    return found->turned
               ? "the photo was turned upright, and the objects, drawn on it as stored, with it"
               : "the photo was read as stored, and the objects, drawn on it upright, were turned to it";
  if (found->told)
    return found->turned ? "the photo was turned upright, as its annotation has it"
                         : "the photo was read as stored, as its annotation has it";
  return found->turned ? "the photo was turned upright; nothing says whether its objects were drawn so"
                       : "the photo was read as stored; nothing says whether its objects were drawn so";
}

/* About the image; the caller frees it. */
static char *compose_image_remark(const image_state *found) {
  const char *white = found->clipped ? "16-bit grays above 255 are white; scale them if that is wrong" : "";
  if (found->orientation <= ORIENTATION_UPRIGHT) return text_copy(white);
  return text_format("%s%sEXIF orientation %d: %s", white, *white ? "; " : "", found->orientation,
                     describe_orientation(found));
}

/* The warning about an annotation that can still be used; "" if there is none. The caller frees it. */
static char *compose_annotation_remark(const checkrob_sample *sample, double furthest, uint32_t width,
                                       uint32_t height) {
  /* One pixel is normal: some tools count from 0, or write the corner after the last pixel. */
  bool beyond = furthest > 1;
  const scene *s = sample->shared;
  bool other_size = s->annotated_width > 0 && s->annotated_height > 0 &&
                    (s->annotated_width != width || s->annotated_height != height);
  if (!beyond && !other_size) return text_copy("");
  char size_part[128] = "", rim_part[128] = "";
  if (other_size)
    snprintf(size_part, sizeof size_part, " states an image of %u x %u pixels, but it has %u x %u",
             s->annotated_width, s->annotated_height, width, height);
  if (beyond)
    snprintf(rim_part, sizeof rim_part, "%s has an object that extends %.10g pixels beyond the image",
             other_size ? ", and" : "", furthest);
  return text_format("%s%s%s; check that it belongs to this image", s->origin, size_part, rim_part);
}

static char *compose_remark(const checkrob_sample *sample, double furthest, uint32_t width, uint32_t height) {
  char *annotation = compose_annotation_remark(sample, furthest, width, height);
  char *image = compose_image_remark(&sample->found);
  char *both = annotation && image
                   ? text_format("%s%s%s", annotation, *annotation && *image ? "; " : "", image)
                   : NULL;
  free(annotation);
  free(image);
  return both;
}

checkrob_status checkrob_sample_check_image(checkrob_sample *sample, const checkrob_image *image) {
  if (!sample || !image)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_sample_check_image: NULL argument");
  if (sample->status) return error_set(sample->status, "%s", sample->message);
  checkrob_status status = samples_match_image(&sample, 1, image);
  if (!status) return checkrob_sample_check_size(sample, image->width, image->height);
  if (status == CHECKROB_ERROR_OUT_OF_MEMORY) return status;
  checkrob_status failure = sample_fail(sample, status);
  return failure ? failure : status;
}

checkrob_status checkrob_sample_check_size(checkrob_sample *sample, uint32_t image_width,
                                           uint32_t image_height) {
  if (!sample)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_sample_check_size: sample is NULL");
  if (sample->status) return error_set(sample->status, "%s", sample->message);
  double furthest = 0;
  checkrob_status status = check_masks(sample, image_width, image_height);
  if (!status) status = find_overhang(&furthest, sample, image_width, image_height);
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
