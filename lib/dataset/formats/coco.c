/* SPDX-License-Identifier: Apache-2.0 */
/* COCO instances: one JSON file for all images. Opening reads it once and stores the offset of each
 * annotation. Reading an image reads its annotations again: memory holds some bytes of each annotation
 * instead of its polygons. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/text.h"
#include "dataset/files/near_names.h"
#include "dataset/formats/coco_shape.h"
#include "dataset/formats/format.h"
#include "dataset/formats/json_stream.h"
#include "dataset/formats/json_value.h"
#include "dataset/formats/named_inputs.h"

/* Text that is the id of an image or a category is numbered from here on. Ids that are numbers lie above. */
#define TEXT_IDS INT64_MIN
#define NUMBER_IDS (INT64_MIN + (INT64_C(1) << 40))

/* With more broken elements, the file as a whole is broken. */
#define FAULT_LIMIT 10000

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

/* An element that can't be used. It fails one sample: the image's, if the element names it. */
typedef struct coco_fault {
  char *file_name; /* or NULL */
  char *message;
} coco_fault;

typedef struct coco {
  char *path;
  bool boxes_only;
  coco_image *images; /* by id, then by name, once all are read */
  size_t image_count, image_capacity;
  coco_category *categories; /* by id, then by name */
  size_t category_count, category_capacity;
  coco_annotation *annotations; /* by image, then by offset */
  size_t annotation_count, annotation_capacity;
  coco_fault *faults;
  size_t fault_count, fault_capacity;
  json_t *text_ids; /* the ids that are text, with their numbers */
  const char **id_texts;
  size_t id_text_count, id_text_capacity;
  const coco_annotation **strays; /* those whose image the file does not list */
  size_t stray_count;
  listing files;
  named_inputs inputs; /* an entry is an image or, after the images, a fault or, after these, a stray */
} coco;

/* ---- ids ---- */

/* Whether the value is an id: a whole number in any spelling, or text that is one elsewhere in the file. */
static bool find_id(int64_t *out, const coco *c, const json_t *value) {
  if (json_whole(out, value) && *out >= NUMBER_IDS) return true;
  const char *text = json_string_value(value);
  const json_t *known = text ? json_object_get(c->text_ids, text) : NULL;
  if (known) *out = json_integer_value(known);
  return known != NULL;
}

/* Any text may be an id. *found: the value is a number or text. */
static checkrob_status take_id(int64_t *out, bool *found, coco *c, const json_t *value) {
  *found = find_id(out, c, value);
  const char *text = json_string_value(value);
  if (*found || !text || !*text) return CHECKROB_OK;
  const char **texts = array_grow(c->id_texts, &c->id_text_capacity, c->id_text_count, sizeof *texts);
  if (!texts) return error_memory(c->path);
  c->id_texts = texts;
  *out = TEXT_IDS + (int64_t)c->id_text_count;
  if (json_object_set_new(c->text_ids, text, json_integer(*out)) != 0) return error_memory(c->path);
  texts[c->id_text_count++] = json_object_iter_key(json_object_iter_at(c->text_ids, text));
  *found = true;
  return CHECKROB_OK;
}

typedef struct id_shown {
  char text[64];
} id_shown;

static id_shown show_id(const coco *c, int64_t id) {
  id_shown shown;
  if (id < NUMBER_IDS)
    snprintf(shown.text, sizeof shown.text, "'%.60s'", c->id_texts[id - TEXT_IDS]);
  else
    snprintf(shown.text, sizeof shown.text, "%lld", (long long)id);
  return shown;
}

/* ---- reading the file once ---- */

static checkrob_status bad_element(const coco *c, const json_element *e, const char *what) {
  return error_set(CHECKROB_ERROR_BAD_INPUT, "%s:%zu: an element of \"%s\" %s; export the file again",
                   c->path, e->line, e->array, what);
}

/* Notes the last error message as that of one sample. */
static checkrob_status add_fault(coco *c, const char *file_name) {
  if (c->fault_count == FAULT_LIMIT)
    return error_set(CHECKROB_ERROR_BAD_INPUT, "%s (%d elements before it can't be used either)",
                     checkrob_last_error(), FAULT_LIMIT);
  coco_fault *grown = array_grow(c->faults, &c->fault_capacity, c->fault_count, sizeof *grown);
  if (!grown) return error_memory(c->path);
  c->faults = grown;
  coco_fault fault = {.file_name = file_name ? text_copy(file_name) : NULL,
                      .message = text_copy(checkrob_last_error())};
  grown[c->fault_count++] = fault;
  return fault.message && (fault.file_name || !file_name) ? CHECKROB_OK : error_memory(c->path);
}

static checkrob_status take_image(coco *c, const json_element *e, const json_t *json) {
  int64_t id, width, height;
  bool has_id;
  const char *name = json_string_value(json_object_get(json, "file_name"));
  checkrob_status status = take_id(&id, &has_id, c, json_object_get(json, "id"));
  if (status) return status;
  if (!name || !*name || !has_id) {
    bad_element(c, e, has_id ? "has no file_name" : "has no id that is a whole number or text");
    return add_fault(c, name && *name ? name : NULL);
  }
  coco_image *grown = array_grow(c->images, &c->image_capacity, c->image_count, sizeof *grown);
  if (!grown) return error_memory(c->path);
  c->images = grown;
  coco_image image = {.id = id, .file_name = text_copy(name)};
  if (!image.file_name) return error_memory(c->path);
  if (json_whole(&width, json_object_get(json, "width")) &&
      json_whole(&height, json_object_get(json, "height")) && width > 0 && height > 0 &&
      width <= UINT32_MAX && height <= UINT32_MAX) {
    image.width = (uint32_t)width;
    image.height = (uint32_t)height;
  }
  grown[c->image_count++] = image;
  return CHECKROB_OK;
}

/* A category decides about all images: it must be right. */
static checkrob_status take_category(coco *c, const json_element *e, const json_t *json) {
  int64_t id;
  bool has_id;
  const json_t *name = json_object_get(json, "name");
  checkrob_status status = take_id(&id, &has_id, c, json_object_get(json, "id"));
  if (status) return status;
  if (!has_id || !json_is_string(name)) return bad_element(c, e, "has no id or no name");
  coco_category *grown = array_grow(c->categories, &c->category_capacity, c->category_count, sizeof *grown);
  if (!grown) return error_memory(c->path);
  c->categories = grown;
  grown[c->category_count].id = id;
  grown[c->category_count].name = text_copy(json_string_value(name));
  return grown[c->category_count++].name ? CHECKROB_OK : error_memory(c->path);
}

static checkrob_status take_annotation(coco *c, const json_element *e, const json_t *json) {
  int64_t image;
  bool has_image;
  checkrob_status status = take_id(&image, &has_image, c, json_object_get(json, "image_id"));
  if (status) return status;
  if (!has_image) {
    bad_element(c, e, "has no image_id that is a whole number or text");
    return add_fault(c, NULL);
  }
  coco_annotation *grown =
      array_grow(c->annotations, &c->annotation_capacity, c->annotation_count, sizeof *grown);
  if (!grown) return error_memory(c->path);
  c->annotations = grown;
  grown[c->annotation_count++] =
      (coco_annotation){image, e->offset, (uint32_t)e->bytes, e->line > UINT32_MAX ? 0 : (uint32_t)e->line};
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
  if (!e->text)
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "%s:%zu: \"%s\" is not a list, as it is in COCO's instances; export the file again",
                     c->path, e->line, e->array);
  json_t *json = NULL;
  checkrob_status status = json_value_parse(&json, e->text, e->bytes);
  if (status == CHECKROB_OK) {
    status = take(c, e, json);
  } else if (status == CHECKROB_ERROR_BAD_INPUT) {
    status = bad_element(c, e, checkrob_last_error());
    if (take != take_category) status = add_fault(c, NULL);
  }
  json_decref(json);
  return status;
}

static int by_id(const void *left, const void *right) {
  const coco_image *a = left, *b = right;
  if (a->id != b->id) return a->id < b->id ? -1 : 1;
  return strcmp(a->file_name, b->file_name);
}

static int by_category(const void *left, const void *right) {
  const coco_category *a = left, *b = right;
  if (a->id != b->id) return a->id < b->id ? -1 : 1;
  return strcmp(a->name, b->name);
}

static int by_image(const void *left, const void *right) {
  const coco_annotation *a = left, *b = right;
  if (a->image != b->image) return a->image < b->image ? -1 : 1;
  return (a->offset > b->offset) - (a->offset < b->offset);
}

/* Sorts the images, and removes those that the file lists twice. */
static void sort_images(coco *c) {
  size_t kept = 0;
  qsort(c->images, c->image_count, sizeof *c->images, by_id);
  for (size_t i = 0; i < c->image_count; i++)
    if (kept > 0 && by_id(&c->images[i], &c->images[kept - 1]) == 0)
      free(c->images[i].file_name);
    else
      c->images[kept++] = c->images[i];
  c->image_count = kept;
}

static checkrob_status read_file(coco *c) {
  c->text_ids = json_object();
  checkrob_status status = c->text_ids ? json_stream(c->path, take_element, c) : error_memory(c->path);
  if (status) return status;
  if (c->image_count == 0 && c->fault_count > 0)
    return error_set(CHECKROB_ERROR_BAD_INPUT, "%s", c->faults[0].message);
  if (c->image_count == 0)
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "%s has no \"images\"; use a file of COCO instances, such as instances_val2017.json",
                     c->path);
  sort_images(c);
  if (c->category_count) qsort(c->categories, c->category_count, sizeof *c->categories, by_category);
  if (c->annotation_count) qsort(c->annotations, c->annotation_count, sizeof *c->annotations, by_image);
  return CHECKROB_OK;
}

/* ---- images and files ---- */

static int compare_image_id(const void *key, const void *item) {
  int64_t id = *(const int64_t *)key, found = ((const coco_image *)item)->id;
  return (id > found) - (id < found);
}

/* The names of all entries. A stray has the name of the JSON file. */
static void name_entries(coco *c, const char **names) {
  size_t count = 0;
  for (size_t i = 0; i < c->image_count; i++) names[count++] = c->images[i].file_name;
  for (size_t i = 0; i < c->fault_count; i++)
    names[count++] = c->faults[i].file_name ? c->faults[i].file_name : c->path;
  for (size_t i = 0; i < c->annotation_count; i++) {
    if (bsearch(&c->annotations[i].image, c->images, c->image_count, sizeof *c->images, compare_image_id))
      continue;
    names[count++] = c->path;
    c->strays[c->stray_count++] = &c->annotations[i];
  }
}

static checkrob_status match_files(coco *c) {
  const char **names = malloc((c->image_count + c->fault_count + c->annotation_count + 1) * sizeof *names);
  c->strays = malloc((c->annotation_count + 1) * sizeof(coco_annotation *));
  checkrob_status status = names && c->strays ? CHECKROB_OK : error_memory("the list of images");
  if (!status) {
    name_entries(c, names);
    status =
        named_inputs_make(&c->inputs, &c->files, names, c->image_count + c->fault_count + c->stray_count);
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
  for (size_t i = 0; i < c->fault_count; i++) {
    free(c->faults[i].file_name);
    free(c->faults[i].message);
  }
  free(c->faults);
  json_decref(c->text_ids);
  free(c->id_texts);
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

static int compare_category(const void *key, const void *item) {
  int64_t id = *(const int64_t *)key, found = ((const coco_category *)item)->id;
  return (id > found) - (id < found);
}

/* Sets *name, or NULL for a number that the file does not name. Without its class it is unknown which class
 * lacks a region: the image fails. */
static checkrob_status find_category(const char **name, int64_t *id, const coco *c, const json_t *value) {
  if (!find_id(id, c, value))
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "has the category_id %s, which is neither a whole number nor the id of a category; "
                     "correct or remove it",
                     json_show(value).text);
  const coco_category *found =
      array_find(id, c->categories, c->category_count, sizeof *c->categories, compare_category);
  *name = found ? found->name : NULL;
  for (const coco_category *next = found; found && ++next < c->categories + c->category_count;) {
    if (next->id != *id) break;
    if (strcmp(next->name, found->name) != 0)
      return error_set(CHECKROB_ERROR_BAD_INPUT,
                       "has the category_id %s, which two categories have, '%.80s' and '%.80s'; give each "
                       "category an id of its own",
                       show_id(c, *id).text, found->name, next->name);
  }
  return CHECKROB_OK;
}

static checkrob_status load_annotation(json_t **out, const coco *c, const coco_annotation *a) {
  char *text = NULL;
  size_t bytes = 0;
  const file_location location = {.path = c->path, .part = true, .offset = a->offset, .bytes = a->bytes};
  checkrob_status status = location_read(&text, &bytes, &location, JSON_ELEMENT_LIMIT);
  if (status) return status;
  status = json_value_parse(out, text, bytes);
  free(text);
  if (status != CHECKROB_ERROR_BAD_INPUT) return status;
  return error_set(CHECKROB_ERROR_BAD_INPUT, "%s:%u: the annotation was changed after the dataset was opened",
                   c->path, a->line);
}

static checkrob_status shape_object(input_object *to, const coco *c, const json_t *json) {
  const json_t *crowd = json_object_get(json, "iscrowd");
  int flag = json_flag(crowd);
  if (flag < 0)
    return error_set(CHECKROB_ERROR_BAD_INPUT, "has the iscrowd %s, which is neither 0 nor 1; correct it",
                     json_show(crowd).text);
  if (flag) to->flags = CHECKROB_OBJECT_CROWD;
  return coco_shape(&to->shape, json, c->boxes_only);
}

static checkrob_status add_object(checkrob_input *out, const coco *c, const coco_annotation *a,
                                  const json_t *json) {
  const char *name = NULL;
  int64_t id = 0;
  checkrob_status status = find_category(&name, &id, c, json_object_get(json, "category_id"));
  if (status) return error_set(status, "%s:%u: an annotation %s", c->path, a->line, checkrob_last_error());
  char unknown[128];
  snprintf(unknown, sizeof unknown, "category %s, which the file does not name", show_id(c, id).text);
  input_object *added = NULL;
  status = input_add_object(&added, out, name ? name : unknown);
  if (status) return status;
  added->unnamed = !name;
  status = shape_object(added, c, json);
  if (status && status != CHECKROB_ERROR_OUT_OF_MEMORY)
    error_store("%s:%u: an object of '%.80s' %s", c->path, a->line, added->name, checkrob_last_error());
  return input_object_fail(added, status);
}

static checkrob_status add_annotation(checkrob_input *out, const coco *c, const coco_annotation *a) {
  json_t *json = NULL;
  checkrob_status status = load_annotation(&json, c, a);
  if (!status) status = add_object(out, c, a, json);
  json_decref(json);
  return status;
}

/* Annotations name an image by its id alone. */
static checkrob_status check_id(const coco *c, const coco_image *image) {
  const coco_image *other = image + 1 < c->images + c->image_count && image[1].id == image->id ? image + 1
                            : image > c->images && image[-1].id == image->id                   ? image - 1
                                                                                               : NULL;
  if (!other) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_BAD_INPUT,
                   "%s has two images with the id %s, %s and %s; give each image an id of its own", c->path,
                   show_id(c, image->id).text, image->file_name, other->file_name);
}

static checkrob_status read_image(checkrob_input *out, const coco *c, const coco_image *image) {
  char *origin = text_format("image %s of %s", show_id(c, image->id).text, c->path);
  checkrob_status status =
      origin ? input_set_origin(out, origin, image->width, image->height) : error_memory("an image");
  free(origin);
  if (!status) status = check_id(c, image);
  for (size_t i = find_annotations(c, image->id);
       !status && i < c->annotation_count && c->annotations[i].image == image->id; i++)
    status = add_annotation(out, c, &c->annotations[i]);
  return status;
}

static checkrob_status stray(const coco *c, const coco_annotation *a) {
  return error_set(
      CHECKROB_ERROR_NOT_FOUND,
      "%s:%u: an annotation has the image %s, which the file does not list; add it to \"images\"", c->path,
      a->line, show_id(c, a->image).text);
}

static checkrob_status unmatched(const coco *c, const named_input *in) {
  const char *folder = c->files.roots[0].path;
  if (in->entry == NAMED_NOWHERE)
    return error_set(CHECKROB_ERROR_NOT_FOUND,
                     "image %s is not among the \"images\" of %s; add it there or remove the image%s",
                     in->name, c->path, near_names_hint(in->near).text);
  if (in->candidates == 0)
    return error_set(CHECKROB_ERROR_NOT_FOUND,
                     "%s lists the image %s, which is not below %s; add or remove it%s", c->path, in->name,
                     folder, near_names_hint(in->near).text);
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
  size_t faults = c->image_count, strays = faults + c->fault_count;
  if (in->entry != NAMED_NOWHERE && in->entry >= strays) return stray(c, c->strays[in->entry - strays]);
  if (in->entry != NAMED_NOWHERE && in->entry >= faults)
    return error_set(CHECKROB_ERROR_BAD_INPUT, "%s", c->faults[in->entry - faults].message);
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
