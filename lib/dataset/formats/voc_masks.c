/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/formats/voc_masks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "dataset/formats/voc_xml.h"

#define VOID 255

static const char *const class_names[] = {
    "background", "aeroplane", "bicycle",     "bird",  "boat",        "bottle", "bus",
    "car",        "cat",       "chair",       "cow",   "diningtable", "dog",    "horse",
    "motorbike",  "person",    "pottedplant", "sheep", "sofa",        "train",  "tvmonitor"};

#define CLASS_COUNT (sizeof class_names / sizeof class_names[0])

/* A mask with the count of each number; `pixels` is space for the mask of one number. */
typedef struct numbered_mask {
  const index_image *image;
  size_t counts[256];
  uint8_t *pixels;
} numbered_mask;

static checkrob_status begin(numbered_mask *m, const index_image *image) {
  size_t count = (size_t)image->width * image->height;
  *m = (numbered_mask){.image = image, .pixels = malloc(count)};
  if (!m->pixels) return error_memory("a mask");
  for (size_t i = 0; i < count; i++) m->counts[image->indices[i]]++;
  return CHECKROB_OK;
}

static checkrob_status add_number(checkrob_regions *to, const numbered_mask *m, unsigned number) {
  const index_image *image = m->image;
  size_t count = (size_t)image->width * image->height;
  for (size_t i = 0; i < count; i++) m->pixels[i] = image->indices[i] == number;
  return checkrob_regions_add_mask(to, m->pixels, image->width, image->height);
}

static checkrob_status make_region(checkrob_regions **out, const numbered_mask *m, unsigned number) {
  checkrob_status status = checkrob_regions_new(out);
  return status ? status : add_number(*out, m, number);
}

static checkrob_status add_void(checkrob_input *out, const numbered_mask *m) {
  return m->counts[VOID] ? make_region(&out->ignored, m, VOID) : CHECKROB_OK;
}

/* ---- masks of classes ---- */

static checkrob_status add_class(checkrob_input *out, const numbered_mask *m, unsigned number,
                                 const yolo_names *names) {
  char unnamed[64];
  const char *name = NULL;
  if (names->count > 0)
    name = number < names->count ? names->items[number] : NULL;
  else
    name = number < CLASS_COUNT ? class_names[number] : NULL;
  snprintf(unnamed, sizeof unnamed, "class %u, which has no name", number);
  input_object *added = NULL;
  checkrob_status status = input_add_object(&added, out, name ? name : unnamed);
  if (status) return status;
  added->unnamed = !name;
  return input_object_fail(added, make_region(&added->shape, m, number));
}

checkrob_status voc_masks_add_classes(checkrob_input *out, const index_image *mask, const char *path,
                                      const yolo_names *names) {
  numbered_mask m;
  checkrob_status status = input_set_origin(out, path, mask->width, mask->height);
  if (!status) status = begin(&m, mask);
  if (status) return status;
  status = add_void(out, &m);
  for (unsigned number = 1; number < VOID && !status; number++)
    if (m.counts[number]) status = add_class(out, &m, number, names);
  free(m.pixels);
  return status;
}

/* ---- masks of objects ---- */

typedef struct object_job {
  checkrob_input *out;
  numbered_mask mask;
  const voc_annotation *annotation;
  const char *path, *xml_path;
} object_job;

static checkrob_status check_numbers(const object_job *j) {
  for (size_t number = j->annotation->count + 1; number < VOID; number++)
    if (j->mask.counts[number])
      return error_set(CHECKROB_ERROR_BAD_INPUT,
                       "%s has %zu pixels of object %zu, but %s has %zu objects; use the annotation that "
                       "belongs to the mask",
                       j->path, j->mask.counts[number], number, j->xml_path, j->annotation->count);
  return CHECKROB_OK;
}

/* A corner between pixels, clamped to the mask. */
static uint32_t clamp(double value, uint32_t high) {
  return (uint32_t)fmin(fmax(value, 0), high);
}

/* Whether pixels of a number are in an object's box. */
static bool in_box(const index_image *image, const voc_object *object, unsigned number) {
  const double *corners = object->corners;
  uint32_t left = clamp(floor(corners[VOC_XMIN] - 1), image->width);
  uint32_t right = clamp(ceil(corners[VOC_XMAX]), image->width);
  uint32_t bottom = clamp(ceil(corners[VOC_YMAX]), image->height);
  for (uint32_t y = clamp(floor(corners[VOC_YMIN] - 1), image->height); y < bottom; y++)
    if (left < right && memchr(image->indices + (size_t)y * image->width + left, (int)number, right - left))
      return true;
  return false;
}

/* The object's own box shows whether the mask and the XML file have the same numbering. */
static checkrob_status shape_object(input_object *to, const object_job *j, size_t i) {
  const voc_object *object = &j->annotation->objects[i];
  unsigned number = (unsigned)i + 1;
  if (number >= VOID || !j->mask.counts[number])
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "%s:%zu: object '%s' is number %zu, but %s has no pixel of that number; correct the "
                     "mask, or use the boxes",
                     j->xml_path, object->line, object->name, i + 1, j->path);
  if (!object->problem && !in_box(j->mask.image, object, number))
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "%s:%zu: object '%s' is number %zu, but no pixel of that number in %s lies in its box; "
                     "use the annotation that belongs to the mask",
                     j->xml_path, object->line, object->name, i + 1, j->path);
  return make_region(&to->shape, &j->mask, number);
}

static checkrob_status add_object(const object_job *j, size_t i) {
  const voc_object *object = &j->annotation->objects[i];
  bool empty = i + 1 >= VOID || !j->mask.counts[i + 1];
  /* Difficult or tiny objects, and those at the border of a crowd, have void pixels only. */
  if (empty && !object->problem && j->mask.counts[VOID] && in_box(j->mask.image, object, VOID))
    return CHECKROB_OK;
  input_object *added = NULL;
  checkrob_status status = input_add_object(&added, j->out, object->name);
  if (status) return status;
  added->flags = object->flags;
  return input_object_fail(added, shape_object(added, j, i));
}

checkrob_status voc_masks_add_objects(checkrob_input *out, const index_image *mask, const char *path,
                                      const voc_annotation *annotation, const char *xml_path) {
  object_job j = {.out = out, .annotation = annotation, .path = path, .xml_path = xml_path};
  checkrob_status status = input_set_origin(out, path, mask->width, mask->height);
  if (!status) status = begin(&j.mask, mask);
  if (status) return status;
  status = check_numbers(&j);
  if (!status) status = add_void(out, &j.mask);
  for (size_t i = 0; i < annotation->count && !status; i++) status = add_object(&j, i);
  free(j.mask.pixels);
  return status;
}

/* ---- for showing ---- */

checkrob_status voc_masks_collect(checkrob_regions *regions, const index_image *mask,
                                  const char *class_name) {
  numbered_mask m;
  checkrob_status status = begin(&m, mask);
  if (status) return status;
  for (unsigned number = 1; number < VOID && !status; number++) {
    if (!m.counts[number]) continue;
    bool wanted = !class_name || (number < CLASS_COUNT && strcmp(class_name, class_names[number]) == 0);
    if (wanted) status = add_number(regions, &m, number);
  }
  free(m.pixels);
  return status;
}
