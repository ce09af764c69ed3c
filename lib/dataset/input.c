/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/input.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/text.h"
#include "base/utf8.h"
#include "region/regions.h"

/* Takes the copy; NULL: there was no memory for it. */
static checkrob_status replace(char **field, char *copy) {
  if (!copy) return error_memory("an image's annotation");
  free(*field);
  *field = copy;
  return CHECKROB_OK;
}

/* Names of images and annotations are shown and stored, and may have any bytes. The location keeps them. */
checkrob_status input_set_name(checkrob_input *input, const char *name) {
  return replace(&input->name, utf8_escaped(name));
}

checkrob_status input_set_origin(checkrob_input *input, const char *origin, uint32_t width, uint32_t height) {
  input->width = width;
  input->height = height;
  return replace(&input->origin, utf8_escaped(origin));
}

checkrob_status input_set_only(checkrob_input *input, const char *class_name) {
  return replace(&input->only, text_copy(class_name));
}

/* With the last object, which has a shape or the problem of one. */
static region_size size_of(const checkrob_input *input) {
  if (input->count == 0) return input->before;
  const checkrob_regions *last = input->objects[input->count - 1].shape;
  region_size size = regions_size_with(input->before, last);
  if (!last) size.shapes++;
  return size;
}

static checkrob_status check_size(const checkrob_input *input, region_size size) {
  checkrob_status status = region_size_check(size);
  if (!status) return CHECKROB_OK;
  return error_set(status, "%s %s", input->origin ? input->origin : "the image", checkrob_last_error());
}

checkrob_status input_check_size(const checkrob_input *input) {
  return check_size(input, regions_size_with(size_of(input), input->ignored));
}

static checkrob_status check_class_name(const checkrob_input *input, const char *name) {
  size_t bytes = strlen(name);
  if (bytes <= INPUT_CLASS_NAME_LIMIT) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_LIMIT,
                   "%s has an object whose class has a name of %zu bytes, '%.40s...'; the limit is %d",
                   input->origin ? input->origin : "the image", bytes, name, INPUT_CLASS_NAME_LIMIT);
}

checkrob_status input_add_object(input_object **out, checkrob_input *input, const char *name) {
  region_size size = size_of(input), next = size;
  next.shapes++;
  checkrob_status status = check_size(input, next);
  if (!status) status = check_class_name(input, name);
  if (status) return status;
  input_object *objects = array_grow(input->objects, &input->capacity, input->count, sizeof *objects);
  if (!objects) return error_memory("an image's objects");
  input->objects = objects;
  input_object fresh = {.name = utf8_escaped(name)};
  if (!fresh.name) return error_memory("an image's objects");
  objects[input->count] = fresh;
  input->before = size;
  *out = &objects[input->count++];
  return CHECKROB_OK;
}

checkrob_status input_object_fail(input_object *object, checkrob_status status) {
  if (!status || status == CHECKROB_ERROR_OUT_OF_MEMORY) return status;
  checkrob_regions_free(object->shape);
  object->shape = NULL;
  object->problem = text_copy(checkrob_last_error());
  return object->problem ? CHECKROB_OK : error_memory("an object's problem");
}

void input_clear(checkrob_input *input) {
  for (size_t i = 0; i < input->count; i++) {
    free(input->objects[i].name);
    free(input->objects[i].problem);
    checkrob_regions_free(input->objects[i].shape);
  }
  free(input->objects);
  free(input->name);
  free(input->origin);
  free(input->only);
  location_clear(&input->location);
  checkrob_image_free(input->pixels);
  checkrob_regions_free(input->ignored);
  *input = (checkrob_input){0};
}

/* ---- the caller's own datasets ---- */

checkrob_status checkrob_input_set_name(checkrob_input *input, const char *name) {
  if (!input || !name || !*name)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_input_set_name: input or name is NULL, or the name is empty");
  return input_set_name(input, name);
}

checkrob_status checkrob_input_set_path(checkrob_input *input, const char *path) {
  if (!input || !path)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_input_set_path: NULL argument");
  return replace(&input->location.path, text_copy(path));
}

checkrob_status checkrob_input_set_pixels(checkrob_input *input, const uint8_t *pixels, uint32_t width,
                                          uint32_t height) {
  if (!input) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_input_set_pixels: NULL argument");
  checkrob_image *image = NULL;
  checkrob_status status = checkrob_image_from_rgb(&image, pixels, width, height);
  if (status) return status;
  checkrob_image_free(input->pixels);
  input->pixels = image;
  return CHECKROB_OK;
}

static checkrob_status append_copy(checkrob_regions **to, const checkrob_regions *from) {
  checkrob_status status = CHECKROB_OK;
  if (!*to) {
    status = checkrob_regions_new(to);
    if (!status) (*to)->relative = from->relative;
  }
  if (!status && (*to)->relative != from->relative)
    status = error_set(
        CHECKROB_ERROR_INVALID_ARGUMENT,
        "some of the image's regions are relative and some are not; use the same coordinates for all");
  return status ? status : regions_append(*to, from);
}

checkrob_status checkrob_input_add_object(checkrob_input *input, const char *class_name, unsigned flags,
                                          const checkrob_regions *regions) {
  if (!input || !class_name || !regions)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_input_add_object: NULL argument");
  if (checkrob_regions_count(regions) == 0)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_input_add_object: the object of class '%s' has no shape", class_name);
  for (size_t i = 0; i < input->count; i++)
    if (checkrob_regions_relative(input->objects[i].shape) != checkrob_regions_relative(regions))
      return error_set(
          CHECKROB_ERROR_INVALID_ARGUMENT,
          "some of the image's regions are relative and some are not; use the same coordinates for all");
  input_object *added = NULL;
  checkrob_status status = input_add_object(&added, input, class_name);
  if (status) return status;
  added->flags = flags;
  status = append_copy(&added->shape, regions);
  if (status) { /* an object without shape must have a problem */
    free(added->name);
    checkrob_regions_free(added->shape);
    input->count--;
  }
  return status;
}

checkrob_status checkrob_input_add_ignored(checkrob_input *input, const checkrob_regions *regions) {
  if (!input || !regions)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_input_add_ignored: NULL argument");
  return append_copy(&input->ignored, regions);
}

checkrob_status checkrob_input_fail(checkrob_input *input, checkrob_status status, const char *message) {
  if (!input || !message)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_input_fail: NULL argument");
  if (status == CHECKROB_OK || status == CHECKROB_END)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_input_fail: the status %s is no failure",
                     checkrob_status_name(status));
  return error_set(status, "%s", message);
}
