/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/formats/voc.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "base/utf8.h"
#include "dataset/formats/mask.h"
#include "dataset/formats/turned_box.h"
#include "dataset/formats/voc_masks.h"
#include "dataset/formats/voc_tree.h"
#include "region/regions.h"

#define MASK_ENDING ".seg.png"
#define NUMBER_FILE_LIMIT 64

/* ---- folders ---- */

/* A PNG could be either. */
static checkrob_status check_apart(const path_list *images, const path_list *annotations) {
  for (size_t i = 0; i < images->count; i++)
    for (size_t k = 0; k < annotations->count; k++)
      if (strcmp(images->items[i], annotations->items[k]) == 0)
        return error_set(
            CHECKROB_ERROR_INVALID_ARGUMENT,
            "%s is the folder of the images and of their masks; move the masks to a folder of their own",
            images->items[i]);
  return CHECKROB_OK;
}

/* The folders of images and those of annotations; in a tree the annotations are in its folder `inside`. */
static checkrob_status find_folders(path_list *images, path_list *annotations, const dataset_choices *choices,
                                    const char *inside) {
  bool trees = false, unused;
  bool beside = choices->annotations.count == 0;
  checkrob_status status = voc_tree_expand(images, &trees, &choices->images, VOC_IMAGES);
  if (!status && beside && !trees)
    status =
        error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                  "%s has no folder " VOC_IMAGES ", as a tree of Pascal VOC has; name the annotations too",
                  choices->images.items[0]);
  if (!status)
    status = voc_tree_expand(annotations, &unused, beside ? &choices->images : &choices->annotations, inside);
  return status;
}

/* With `all` no image is left out, whatever the choices are. */
static checkrob_status pair_with(pairing **out, const dataset_choices *choices, const char *inside,
                                 const char *const *endings, bool all) {
  path_list images = {0}, annotations = {0};
  checkrob_status status = find_folders(&images, &annotations, choices, inside);
  if (!status && choices->masks != MASKS_AUTO) status = check_apart(&images, &annotations);
  pairing_request request = {.images = path_list_span(&images), .annotations = path_list_span(&annotations)};
  if (!all) {
    request.lists = path_list_span(&choices->lists);
    request.skip_unannotated = choices->skip_unannotated;
  }
  if (!status) status = pairing_open(out, &request, endings);
  path_list_clear(&images);
  path_list_clear(&annotations);
  return status;
}

static checkrob_status open_source(voc_source *source, const dataset_choices *choices) {
  static const char *const boxes[] = {".xml", MASK_ENDING, NULL}, *const masks[] = {".png", NULL};
  static const char *const xml[] = {".xml", NULL};
  source->masks = choices->masks;
  if (source->masks == MASKS_AUTO) return pair_with(&source->pairs, choices, VOC_XML, boxes, false);
  bool classes = source->masks == MASKS_CLASSES;
  checkrob_status status =
      pair_with(&source->pairs, choices, classes ? VOC_CLASS_MASKS : VOC_OBJECT_MASKS, masks, false);
  /* All XML files, because the pairing of the masks selects the images. */
  if (!status && !classes) status = pair_with(&source->objects, choices, VOC_XML, xml, true);
  if (!status && classes && choices->names) status = yolo_names_open(&source->names, choices->names);
  return status;
}

checkrob_status voc_open(void **state, const dataset_choices *choices) {
  voc_source *source = calloc(1, sizeof *source);
  if (!source) return error_memory("a dataset");
  checkrob_status status = open_source(source, choices);
  if (status)
    voc_close(source);
  else
    *state = source;
  return status;
}

void voc_close(void *state) {
  voc_source *source = state;
  pairing_free(source->pairs);
  pairing_free(source->objects);
  yolo_names_clear(&source->names);
  free(source);
}

size_t voc_input_count(const void *state) {
  return ((const voc_source *)state)->pairs->count;
}

const char *voc_name_of(const void *state, size_t input) {
  return pairing_name(((const voc_source *)state)->pairs, input);
}

size_t voc_left_out(const void *state) {
  return ((const voc_source *)state)->pairs->left_out;
}

/* ---- XML ---- */

checkrob_status voc_add_box(checkrob_regions *regions, const voc_object *object) {
  const double *corners = object->corners;
  const double box[4] = {corners[VOC_XMIN] - 1, corners[VOC_YMIN] - 1, corners[VOC_XMAX], corners[VOC_YMAX]};
  return turned_box_add(regions, box, object->rotation);
}

static checkrob_status shape_object(input_object *to, const voc_object *from, const char *path) {
  checkrob_status status = from->problem ? voc_object_error(from, path) : checkrob_regions_new(&to->shape);
  if (!status) status = voc_add_box(to->shape, from);
  return input_object_fail(to, status);
}

static checkrob_status add_objects(checkrob_input *out, const voc_annotation *annotation, const char *path) {
  checkrob_status status = input_set_origin(out, path, annotation->width, annotation->height);
  for (size_t i = 0; i < annotation->count && !status; i++) {
    input_object *added = NULL;
    status = input_add_object(&added, out, annotation->objects[i].name);
    if (!status) added->flags = annotation->objects[i].flags;
    if (!status) status = shape_object(added, &annotation->objects[i], path);
  }
  return status;
}

checkrob_status voc_parse_file(voc_annotation *out, const file_location *location, const char *path) {
  char *xml = NULL;
  size_t bytes = 0;
  checkrob_status status = location_read(&xml, &bytes, location, VOC_FILE_LIMIT);
  if (!status) status = voc_annotation_parse(out, xml, bytes, path);
  free(xml);
  return status;
}

static checkrob_status parse_annotation(checkrob_input *out, const file_location *location,
                                        const char *path) {
  voc_annotation annotation;
  checkrob_status status = voc_parse_file(&annotation, location, path);
  if (status) return status;
  status = add_objects(out, &annotation, path);
  voc_annotation_clear(&annotation);
  return status;
}

/* ---- WebDataset's 7.seg.png and 7.cls ---- */

static checkrob_status parse_number(int64_t *out, const file_location *location, const char *path) {
  char *text = NULL;
  size_t bytes = 0;
  checkrob_status status = location_read(&text, &bytes, location, NUMBER_FILE_LIMIT);
  if (status) return status;
  const char *start = text;
  status = utf8_start(&start, &bytes, path);
  text[(start - text) + (ptrdiff_t)strcspn(start, " \t\r\n")] = '\0';
  if (!status && !number_parse_index(out, start))
    status = error_set(
        CHECKROB_ERROR_BAD_INPUT,
        "%s: '%.40s' is not a class number; write the index of the model's output, a whole number from 0",
        path, start);
  free(text);
  return status;
}

checkrob_status voc_read_number(checkrob_input *out, const pairing *pairs, size_t input) {
  const listed_file *image = pairs->pairs[input].image;
  const listed_file *file = image ? pairing_number_file(pairs, image) : NULL;
  if (!file) return CHECKROB_OK;
  file_location location = {0};
  checkrob_status status = listing_locate(&location, &pairs->images, file);
  if (status) return status;
  char *name = listing_describe(&pairs->images, file);
  status = name ? parse_number(&out->class_number, &location, name) : error_memory("a file's path");
  if (!status) out->numbered = true;
  free(name);
  location_clear(&location);
  return status;
}

static checkrob_status shape_mask(input_object *to, const file_location *location, const char *path) {
  checkrob_image *image = NULL;
  checkrob_status status = location_decode_mask(&image, location);
  if (status) return error_set(status, "%s: %s", path, checkrob_last_error());
  status = checkrob_regions_new(&to->shape);
  if (!status) status = mask_add(to->shape, image);
  if (status == CHECKROB_ERROR_BAD_INPUT) error_store("%s %s", path, checkrob_last_error());
  checkrob_image_free(image);
  return status;
}

/* A mask has no class: the image's folder or its .cls file has. */
static checkrob_status add_mask(checkrob_input *out, const file_location *location, const char *path) {
  checkrob_status status = input_set_origin(out, path, 0, 0);
  if (status) return status;
  if (!out->only && !out->numbered)
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "%s is a mask whose class is unknown; write the class's number to a file with the "
                     "image's name and the ending .cls",
                     path);
  input_object *added = NULL;
  status = input_add_object(&added, out, out->only ? out->only : "");
  return status ? status : input_object_fail(added, shape_mask(added, location, path));
}

/* ---- masks of numbers ---- */

static checkrob_status add_object_mask(checkrob_input *out, const voc_source *source, size_t input,
                                       const index_image *mask, const char *path) {
  const pairing *objects = source->objects;
  const image_pair *pair = pairing_find(objects, pairing_name(source->pairs, input));
  if (!pair || pair->state != PAIR_MATCHED)
    return pair ? pairing_error(objects, pair)
                : error_set(CHECKROB_ERROR_NOT_FOUND, "%s has no XML file", path);
  file_location location = {0};
  checkrob_status status = listing_locate(&location, &objects->annotations, pair->annotation);
  char *xml = status ? NULL : listing_describe(&objects->annotations, pair->annotation);
  if (!status && !xml) status = error_memory("an annotation's path");
  voc_annotation annotation = {0};
  if (!status) status = voc_parse_file(&annotation, &location, xml);
  if (!status) status = voc_masks_add_objects(out, mask, path, &annotation, xml);
  voc_annotation_clear(&annotation);
  free(xml);
  location_clear(&location);
  return status;
}

static checkrob_status add_numbered_mask(checkrob_input *out, const voc_source *source, size_t input,
                                         const file_location *location, const char *path) {
  index_image *mask = NULL;
  checkrob_status status = location_decode_indices(&mask, location, path);
  if (status) return status;
  status = source->masks == MASKS_CLASSES ? voc_masks_add_classes(out, mask, path, &source->names)
                                          : add_object_mask(out, source, input, mask, path);
  free(mask);
  return status;
}

/* ---- an image ---- */

checkrob_status voc_read_image(checkrob_input *out, const voc_source *source, size_t input) {
  const pairing *pairs = source->pairs;
  const image_pair *pair = &pairs->pairs[input];
  checkrob_status status = input_set_name(out, pairing_name(pairs, input));
  return status || !pair->image ? status : listing_locate(&out->location, &pairs->images, pair->image);
}

static checkrob_status parse_file(checkrob_input *out, const voc_source *source, size_t input, bool mask) {
  const listing *annotations = &source->pairs->annotations;
  const listed_file *file = source->pairs->pairs[input].annotation;
  file_location location = {0};
  checkrob_status status = listing_locate(&location, annotations, file);
  if (status) return status;
  char *name = listing_describe(annotations, file);
  if (!name)
    status = error_memory("an annotation's path");
  else if (source->masks != MASKS_AUTO)
    status = add_numbered_mask(out, source, input, &location, name);
  else
    status = mask ? add_mask(out, &location, name) : parse_annotation(out, &location, name);
  free(name);
  location_clear(&location);
  return status;
}

checkrob_status voc_read_annotation(checkrob_input *out, const voc_source *source, size_t input) {
  static const char *const mask_ending[] = {MASK_ENDING, NULL};
  const image_pair *pair = &source->pairs->pairs[input];
  if (pair->state != PAIR_MATCHED) return pairing_error(source->pairs, pair);
  bool mask = source->masks == MASKS_AUTO && listing_ends_in(pair->annotation->path, mask_ending);
  bool class_known = out->only || out->numbered;
  checkrob_status status = mask && !class_known ? voc_read_number(out, source->pairs, input) : CHECKROB_OK;
  return status ? status : parse_file(out, source, input, mask);
}

static checkrob_status read_voc(checkrob_input *out, const void *state, size_t input) {
  checkrob_status status = voc_read_image(out, state, input);
  return status ? status : voc_read_annotation(out, state, input);
}

const dataset_format dataset_format_voc = {.name = "voc",
                                           .features = FORMAT_LISTS | FORMAT_MASKS | FORMAT_TREES,
                                           .open = voc_open,
                                           .close = voc_close,
                                           .input_count = voc_input_count,
                                           .name_of = voc_name_of,
                                           .read = read_voc,
                                           .left_out = voc_left_out};

/* ---- for showing ---- */

static checkrob_status collect_boxes(checkrob_regions *regions, const voc_annotation *annotation,
                                     const char *path, const char *class_name) {
  for (size_t i = 0; i < annotation->count; i++) {
    const voc_object *object = &annotation->objects[i];
    if (class_name && strcmp(class_name, object->name) != 0) continue;
    checkrob_status status = object->problem ? voc_object_error(object, path) : voc_add_box(regions, object);
    if (status) return status;
  }
  return CHECKROB_OK;
}

static checkrob_status collect_from_xml(checkrob_regions *regions, const char *path, const char *class_name) {
  voc_annotation annotation;
  checkrob_status status = voc_annotation_open(&annotation, path);
  if (status) return status;
  status = collect_boxes(regions, &annotation, path, class_name);
  regions->image_width = annotation.width;
  regions->image_height = annotation.height;
  voc_annotation_clear(&annotation);
  return status;
}

static checkrob_status collect_from_mask(checkrob_regions *regions, const char *path,
                                         const char *class_name) {
  index_image *mask = NULL;
  char *copy = text_copy(path);
  const file_location location = {.path = copy};
  checkrob_status status = copy ? location_decode_indices(&mask, &location, path) : error_memory("a mask");
  free(copy);
  if (!status) status = voc_masks_collect(regions, mask, class_name);
  free(mask);
  return status;
}

checkrob_status checkrob_regions_open_voc(checkrob_regions **out, const char *path, const char *class_name) {
  static const char *const mask_ending[] = {".png", NULL};
  if (!out || !path)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_regions_open_voc: out or path is NULL");
  checkrob_regions *regions = NULL;
  checkrob_status status = checkrob_regions_new(&regions);
  if (!status)
    status = listing_ends_in(path, mask_ending) ? collect_from_mask(regions, path, class_name)
                                                : collect_from_xml(regions, path, class_name);
  if (status)
    checkrob_regions_free(regions);
  else
    *out = regions;
  return status;
}
