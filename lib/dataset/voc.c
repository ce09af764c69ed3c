#include "dataset/voc.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "dataset/voc_xml.h"

checkrob_status voc_open(void **state, const checkrob_dataset_options *options) {
  pairing *pairs = NULL;
  checkrob_status status = pairing_open(&pairs, options, ".xml");
  if (!status) *state = pairs;
  return status;
}

void voc_close(void *state) {
  pairing_free(state);
}

size_t voc_input_count(const void *state) {
  return ((const pairing *)state)->count;
}

const char *voc_name_of(const void *state, size_t input) {
  return pairing_name(state, input);
}

/* VOC's corners are 1-based, and the last pixel belongs to the box. */
static checkrob_status add_box(checkrob_regions *regions, const double corners[VOC_CORNERS]) {
  return checkrob_regions_add_box(regions, corners[VOC_XMIN] - 1, corners[VOC_YMIN] - 1, corners[VOC_XMAX],
                                  corners[VOC_YMAX]);
}

static checkrob_status shape_object(input_object *to, const voc_object *from, const char *path) {
  checkrob_status status = from->problem ? voc_object_error(from, path) : checkrob_regions_new(&to->shape);
  if (!status) status = add_box(to->shape, from->corners);
  if (!status || status == CHECKROB_ERROR_OUT_OF_MEMORY) return status;
  checkrob_regions_free(to->shape);
  to->shape = NULL;
  to->problem = text_copy(checkrob_last_error());
  return to->problem ? CHECKROB_OK : error_memory("an object's problem");
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

static checkrob_status parse_annotation(checkrob_input *out, const file_place *place, const char *path) {
  char *xml = NULL;
  size_t bytes = 0;
  checkrob_status status = place_read(&xml, &bytes, place, VOC_FILE_LIMIT);
  if (status) return status;
  voc_annotation annotation;
  status = voc_annotation_parse(&annotation, xml, bytes, path);
  free(xml);
  if (status) return status;
  status = add_objects(out, &annotation, path);
  voc_annotation_clear(&annotation);
  return status;
}

/* A shard's member is told by the shard and its name. */
static checkrob_status read_annotation(checkrob_input *out, const listing *list, const listed_file *file) {
  file_place place = {0};
  checkrob_status status = listing_place(&place, list, file);
  if (status) return status;
  char *name = place.part ? text_format("%s(%s)", place.path, file->path) : text_copy(place.path);
  status = name ? parse_annotation(out, &place, name) : error_memory("an annotation's path");
  free(name);
  place_clear(&place);
  return status;
}

checkrob_status voc_read(checkrob_input *out, void *state, size_t input) {
  const pairing *pairs = state;
  const image_pair *pair = &pairs->pairs[input];
  checkrob_status status = input_set_name(out, pairing_name(pairs, input));
  if (!status && pair->image) status = listing_place(&out->place, &pairs->images, pair->image);
  if (!status && pair->state != PAIR_MATCHED) status = pairing_error(pairs, pair);
  return status ? status : read_annotation(out, &pairs->annotations, pair->annotation);
}

const dataset_format dataset_format_voc = {CHECKROB_DATASET_VOC, "voc",       voc_open, voc_close,
                                           voc_input_count,      voc_name_of, voc_read};

static checkrob_status collect_boxes(checkrob_regions *regions, const voc_annotation *annotation,
                                     const char *path, const char *class_name) {
  for (size_t i = 0; i < annotation->count; i++) {
    const voc_object *object = &annotation->objects[i];
    if (class_name && strcmp(class_name, object->name) != 0) continue;
    checkrob_status status =
        object->problem ? voc_object_error(object, path) : add_box(regions, object->corners);
    if (status) return status;
  }
  return CHECKROB_OK;
}

checkrob_status checkrob_regions_open_voc(checkrob_regions **out, const char *path, const char *class_name) {
  if (!out || !path)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_regions_open_voc: out or path is NULL");
  voc_annotation annotation;
  checkrob_status status = voc_annotation_open(&annotation, path);
  if (status) return status;
  checkrob_regions *regions = NULL;
  status = checkrob_regions_new(&regions);
  if (!status) status = collect_boxes(regions, &annotation, path, class_name);
  voc_annotation_clear(&annotation);
  if (status)
    checkrob_regions_free(regions);
  else
    *out = regions;
  return status;
}
