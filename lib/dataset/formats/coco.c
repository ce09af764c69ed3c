/* SPDX-License-Identifier: Apache-2.0 */
/* COCO instances: one JSON file for all images. Opening reads it once and stores the offset of each
 * annotation. Reading an image reads its annotations again: memory holds some bytes of each annotation
 * instead of its polygons. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/text.h"
#include "dataset/formats/coco_shape.h"
#include "dataset/formats/format.h"
#include "dataset/formats/json_stream.h"
#include "dataset/formats/named_inputs.h"

typedef struct coco_image {
  int64_t id;
  char *file_name;
  uint32_t width, height;
} coco_image;

typedef struct coco_category {
  int64_t id;
  char *name;
} coco_category;

typedef struct coco_annotation {
  int64_t image; /* its id */
  uint64_t offset;
  uint32_t bytes, line;
} coco_annotation;

typedef struct coco {
  char *path;
  bool boxes_only;
  coco_image *images; /* by id, once all are read */
  size_t image_count, image_capacity;
  coco_category *categories;
  size_t category_count, category_capacity;
  coco_annotation *annotations; /* by image, then by offset */
  size_t annotation_count, annotation_capacity;
  const coco_annotation **strays; /* those whose image the file does not list */
  size_t stray_count;
  listing files;
  named_inputs inputs; /* an entry is an image or, after the images, a stray */
} coco;

/* ---- reading the file once ---- */

static checkrob_status bad_element(const coco *c, const json_element *e, const char *what) {
  return error_set(CHECKROB_ERROR_BAD_INPUT, "%s:%zu: an element of %s %s; export the file again", c->path,
                   e->line, e->array, what);
}

static checkrob_status take_image(coco *c, const json_element *e, const json_t *json) {
  json_t *id = json_object_get(json, "id"), *name = json_object_get(json, "file_name");
  if (!json_is_integer(id) || !json_is_string(name)) return bad_element(c, e, "has no id or no file_name");
  coco_image *grown = array_grow(c->images, &c->image_capacity, c->image_count, sizeof *grown);
  if (!grown) return error_memory(c->path);
  c->images = grown;
  coco_image image = {.id = json_integer_value(id), .file_name = text_copy(json_string_value(name))};
  if (!image.file_name) return error_memory(c->path);
  json_int_t width = json_integer_value(json_object_get(json, "width"));
  json_int_t height = json_integer_value(json_object_get(json, "height"));
  if (width > 0 && height > 0 && width <= UINT32_MAX && height <= UINT32_MAX) {
    image.width = (uint32_t)width;
    image.height = (uint32_t)height;
  }
  grown[c->image_count++] = image;
  return CHECKROB_OK;
}

static checkrob_status take_category(coco *c, const json_element *e, const json_t *json) {
  json_t *id = json_object_get(json, "id"), *name = json_object_get(json, "name");
  if (!json_is_integer(id) || !json_is_string(name)) return bad_element(c, e, "has no id or no name");
  coco_category *grown = array_grow(c->categories, &c->category_capacity, c->category_count, sizeof *grown);
  if (!grown) return error_memory(c->path);
  c->categories = grown;
  grown[c->category_count].id = json_integer_value(id);
  grown[c->category_count].name = text_copy(json_string_value(name));
  return grown[c->category_count++].name ? CHECKROB_OK : error_memory(c->path);
}

static checkrob_status take_annotation(coco *c, const json_element *e, const json_t *json) {
  json_t *image = json_object_get(json, "image_id");
  if (!json_is_integer(image)) return bad_element(c, e, "has no image_id");
  coco_annotation *grown =
      array_grow(c->annotations, &c->annotation_capacity, c->annotation_count, sizeof *grown);
  if (!grown) return error_memory(c->path);
  c->annotations = grown;
  grown[c->annotation_count++] = (coco_annotation){json_integer_value(image), e->offset, (uint32_t)e->bytes,
                                                   e->line > UINT32_MAX ? 0 : (uint32_t)e->line};
  return CHECKROB_OK;
}

static checkrob_status take_element(const json_element *e, void *user_data) {
  coco *c = user_data;
  checkrob_status (*take)(coco *, const json_element *, const json_t *) =
      strcmp(e->array, "images") == 0        ? take_image
      : strcmp(e->array, "categories") == 0  ? take_category
      : strcmp(e->array, "annotations") == 0 ? take_annotation
                                             : NULL;
  if (!take) return CHECKROB_OK;
  json_error_t problem;
  json_t *json = json_loadb(e->text, e->bytes, JSON_REJECT_DUPLICATES, &problem);
  checkrob_status status = json ? take(c, e, json) : bad_element(c, e, "is not JSON");
  json_decref(json);
  return status;
}

static int by_id(const void *left, const void *right) {
  const coco_image *a = left, *b = right;
  return (a->id > b->id) - (a->id < b->id);
}

static int by_image(const void *left, const void *right) {
  const coco_annotation *a = left, *b = right;
  if (a->image != b->image) return a->image < b->image ? -1 : 1;
  return (a->offset > b->offset) - (a->offset < b->offset);
}

static checkrob_status read_file(coco *c) {
  checkrob_status status = json_stream(c->path, take_element, c);
  if (status) return status;
  if (c->image_count == 0)
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "%s has no \"images\"; use a file of COCO instances, such as instances_val2017.json",
                     c->path);
  qsort(c->images, c->image_count, sizeof *c->images, by_id);
  if (c->annotation_count) qsort(c->annotations, c->annotation_count, sizeof *c->annotations, by_image);
  for (size_t i = 1; i < c->image_count; i++)
    if (c->images[i].id == c->images[i - 1].id)
      return error_set(CHECKROB_ERROR_BAD_INPUT,
                       "%s has two images with the id %lld, %s and %s; give each image an id of its own",
                       c->path, (long long)c->images[i].id, c->images[i - 1].file_name,
                       c->images[i].file_name);
  return CHECKROB_OK;
}

/* ---- images and files ---- */

/* The names of all entries. A stray has the name of the JSON file. */
static void name_entries(coco *c, const char **names) {
  for (size_t i = 0; i < c->image_count; i++) names[i] = c->images[i].file_name;
  for (size_t i = 0; i < c->annotation_count; i++) {
    const coco_image key = {.id = c->annotations[i].image};
    if (bsearch(&key, c->images, c->image_count, sizeof key, by_id)) continue;
    names[c->image_count + c->stray_count] = c->path;
    c->strays[c->stray_count++] = &c->annotations[i];
  }
}

static checkrob_status match_files(coco *c) {
  const char **names = malloc((c->image_count + c->annotation_count + 1) * sizeof *names);
  c->strays = malloc((c->annotation_count + 1) * sizeof(coco_annotation *));
  checkrob_status status = names && c->strays ? CHECKROB_OK : error_memory("the list of images");
  if (!status) {
    name_entries(c, names);
    status = named_inputs_make(&c->inputs, &c->files, names, c->image_count + c->stray_count);
    const coco_annotation **fitted = realloc(c->strays, (c->stray_count + 1) * sizeof(coco_annotation *));
    if (fitted) c->strays = fitted;
  }
  free(names);
  return status;
}

static void close_coco(void *state) {
  coco *c = state;
  for (size_t i = 0; i < c->image_count; i++) free(c->images[i].file_name);
  for (size_t i = 0; i < c->category_count; i++) free(c->categories[i].name);
  listing_clear(&c->files);
  named_inputs_clear(&c->inputs);
  free(c->strays);
  free(c->images);
  free(c->categories);
  free(c->annotations);
  free(c->path);
  free(c);
}

static int compare_image(const void *key, const void *item) {
  int64_t image = *(const int64_t *)key, found = ((const coco_annotation *)item)->image;
  return (image > found) - (image < found);
}

/* The first annotation of an image; the others follow it. */
static size_t find_annotations(const coco *c, int64_t image) {
  return array_lower_bound(&image, c->annotations, c->annotation_count, sizeof *c->annotations,
                           compare_image);
}

static bool has_no_annotation(const void *state, size_t entry) {
  const coco *c = state;
  if (entry >= c->image_count) return false;
  size_t first = find_annotations(c, c->images[entry].id);
  return first == c->annotation_count || c->annotations[first].image != c->images[entry].id;
}

static checkrob_status open_all(coco *c, const dataset_choices *choices) {
  c->path = text_copy(choices->annotations.items[0]);
  if (!c->path) return error_memory("a dataset");
  if (choices->annotations.count != 1)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "a COCO dataset has one file of annotations, not %zu",
                     choices->annotations.count);
  checkrob_status status =
      listing_make(&c->files, path_list_span(&choices->images), listing_image_endings, "images");
  if (!status) status = read_file(c);
  if (!status) status = match_files(c);
  if (!status && choices->skip_unannotated) named_inputs_leave_out(&c->inputs, has_no_annotation, c);
  return status;
}

static checkrob_status open_coco(void **state, const dataset_choices *choices) {
  coco *c = calloc(1, sizeof *c);
  if (!c) return error_memory("a dataset");
  c->boxes_only = choices->boxes_only;
  checkrob_status status = open_all(c, choices);
  if (status)
    close_coco(c);
  else
    *state = c;
  return status;
}

/* ---- an image ---- */

static size_t count_inputs(const void *state) {
  return ((const coco *)state)->inputs.count;
}

static const char *name_input(const void *state, size_t input) {
  return ((const coco *)state)->inputs.items[input].name;
}

static const char *category_name(const coco *c, int64_t id) {
  for (size_t i = 0; i < c->category_count; i++)
    if (c->categories[i].id == id) return c->categories[i].name;
  return NULL;
}

static checkrob_status load_annotation(json_t **out, const coco *c, const coco_annotation *a) {
  char *text = NULL;
  size_t bytes = 0;
  const file_location location = {.path = c->path, .part = true, .offset = a->offset, .bytes = a->bytes};
  checkrob_status status = location_read(&text, &bytes, &location, JSON_ELEMENT_LIMIT);
  if (status) return status;
  *out = json_loadb(text, bytes, 0, NULL);
  free(text);
  if (*out) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_BAD_INPUT, "%s:%u: the annotation was changed after the dataset was opened",
                   c->path, a->line);
}

static checkrob_status add_annotation(checkrob_input *out, const coco *c, const coco_annotation *a) {
  json_t *json = NULL;
  checkrob_status status = load_annotation(&json, c, a);
  if (status) return status;
  char unknown[64];
  int64_t id = json_integer_value(json_object_get(json, "category_id"));
  const char *name = category_name(c, id);
  snprintf(unknown, sizeof unknown, "category %lld, which the file does not name", (long long)id);
  input_object *added = NULL;
  status = input_add_object(&added, out, name ? name : unknown);
  if (!status && json_integer_value(json_object_get(json, "iscrowd")) == 1)
    added->flags = CHECKROB_OBJECT_CROWD;
  if (!status) status = coco_shape(&added->shape, json, c->boxes_only);
  if (status && added && status != CHECKROB_ERROR_OUT_OF_MEMORY)
    error_store("%s:%u: an object of '%.80s' %s", c->path, a->line, added->name, checkrob_last_error());
  json_decref(json);
  return added ? input_object_fail(added, status) : status;
}

static checkrob_status read_image(checkrob_input *out, const coco *c, const coco_image *image) {
  char *origin = text_format("%s, image %lld,", c->path, (long long)image->id);
  checkrob_status status =
      origin ? input_set_origin(out, origin, image->width, image->height) : error_memory("an image");
  free(origin);
  for (size_t i = find_annotations(c, image->id);
       !status && i < c->annotation_count && c->annotations[i].image == image->id; i++)
    status = add_annotation(out, c, &c->annotations[i]);
  return status;
}

static checkrob_status stray(const coco *c, const coco_annotation *a) {
  return error_set(
      CHECKROB_ERROR_NOT_FOUND,
      "%s:%u: an annotation has the image %lld, which the file does not list; add it to \"images\"", c->path,
      a->line, (long long)a->image);
}

static checkrob_status unmatched(const coco *c, const named_input *in) {
  const char *folder = c->files.roots[0].path;
  if (in->entry == NAMED_NOWHERE)
    return error_set(CHECKROB_ERROR_NOT_FOUND,
                     "image %s is not among the \"images\" of %s; add it there or remove the image", in->name,
                     c->path);
  if (in->candidates == 0)
    return error_set(CHECKROB_ERROR_NOT_FOUND,
                     "%s lists the image %s, which is not below %s; add or remove it", c->path, in->name,
                     folder);
  return error_set(
      CHECKROB_ERROR_NOT_FOUND,
      "%s lists the image %s, but below %s there are %zu of that name; add its folder to file_name", c->path,
      in->name, folder, in->candidates);
}

static checkrob_status read_coco(checkrob_input *out, const void *state, size_t input) {
  const coco *c = state;
  const named_input *in = &c->inputs.items[input];
  checkrob_status status = named_input_start(out, &c->files, in);
  if (status) return status;
  if (in->entry != NAMED_NOWHERE && in->entry >= c->image_count)
    return stray(c, c->strays[in->entry - c->image_count]);
  return in->file && in->entry != NAMED_NOWHERE ? read_image(out, c, &c->images[in->entry])
                                                : unmatched(c, in);
}

static size_t count_left_out(const void *state) {
  return ((const coco *)state)->inputs.left_out;
}

const dataset_format dataset_format_coco = {.name = "coco",
                                            .features = FORMAT_FILE,
                                            .open = open_coco,
                                            .close = close_coco,
                                            .input_count = count_inputs,
                                            .name_of = name_input,
                                            .read = read_coco,
                                            .left_out = count_left_out};
