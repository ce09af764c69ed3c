#include "dataset/voc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "dataset/voc_xml.h"

checkrob_status voc_open(void **state, const char *images_folder, const char *annotations_folder) {
  pairing *pairs;
  checkrob_status status = pairing_open(&pairs, images_folder, annotations_folder);
  if (!status) *state = pairs;
  return status;
}

void voc_close(void *state) {
  pairing_free(state);
}

size_t voc_input_count(const void *state) {
  return ((const pairing *)state)->count;
}

/* What the steps below share: one image with its annotation. */
typedef struct job {
  sample_list *samples;
  const checkrob_class_map *classes;
  const char *image, *image_path;
  const char *annotation_path;
  int64_t only_index;
} job;

/* Fails the whole input; its class is known only where the caller has fixed it. */
static checkrob_status fail_input(const job *j, checkrob_status status) {
  if (status == CHECKROB_ERROR_OUT_OF_MEMORY) return status;
  const char *name = j->only_index >= 0 ? checkrob_class_map_name_of(j->classes, j->only_index) : NULL;
  return sample_add_failed(j->samples, status, j->image, j->image_path, name, j->only_index);
}

static checkrob_status add_box(checkrob_regions *regions, const double corners[VOC_CORNERS]) {
  return checkrob_regions_add_box(regions, corners[VOC_XMIN] - 1, corners[VOC_YMIN] - 1, corners[VOC_XMAX],
                                  corners[VOC_YMAX]);
}

/* An object of a class in the map. */
typedef struct mapped {
  int64_t index;
  const voc_object *object;
} mapped;

static int compare_mapped(const void *left, const void *right) {
  const mapped *a = left, *b = right;
  if (a->index != b->index) return a->index < b->index ? -1 : 1;
  return (a->object > b->object) - (a->object < b->object); /* both lie in one array */
}

static checkrob_status fill_sample(checkrob_sample *sample, const mapped *objects, size_t count,
                                   const char *path) {
  for (size_t i = 0; i < count; i++) {
    const voc_object *object = objects[i].object;
    checkrob_status status =
        object->problem ? voc_object_error(object, path) : add_box(sample_regions(sample), object->corners);
    if (status == CHECKROB_ERROR_OUT_OF_MEMORY) return status;
    if (status) return sample_fail(sample, status);
  }
  return CHECKROB_OK;
}

static checkrob_status add_samples(const job *j, const voc_annotation *annotation, const mapped *objects,
                                   size_t count) {
  for (size_t i = 0, end; i < count; i = end) {
    int64_t index = objects[i].index;
    for (end = i + 1; end < count && objects[end].index == index;) end++;
    checkrob_sample *sample;
    checkrob_status status = sample_add(&sample, j->samples, j->image, j->image_path,
                                        checkrob_class_map_name_of(j->classes, index), index);
    if (!status)
      status = sample_set_origin(sample, j->annotation_path, annotation->width, annotation->height);
    if (!status) status = fill_sample(sample, objects + i, end - i, j->annotation_path);
    if (status) return status;
  }
  return CHECKROB_OK;
}

/* Writes up to three of the objects' names, each once. */
static void list_names(char *text, size_t bytes, const voc_annotation *annotation) {
  const char *names[3];
  size_t count = 0, used = 0;
  text[0] = '\0';
  for (size_t i = 0; i < annotation->count; i++) {
    const char *name = annotation->objects[i].name;
    size_t known = 0;
    while (known < count && strcmp(names[known], name) != 0) known++;
    if (known < count) continue;
    if (count == 3) {
      snprintf(text + used, bytes - used, ", ...");
      return;
    }
    names[count++] = name;
    snprintf(text + used, bytes - used, "%s'%.80s'", count > 1 ? ", " : "", name);
    used = strlen(text);
  }
}

static checkrob_status no_object(const job *j, const voc_annotation *annotation) {
  char names[320];
  list_names(names, sizeof names, annotation);
  if (annotation->count == 0)
    return error_set(CHECKROB_ERROR_NO_OBJECT, "%s has no <object>; annotate the image or remove it",
                     j->annotation_path);
  if (j->only_index >= 0)
    return error_set(
        CHECKROB_ERROR_NO_OBJECT,
        "%s has no object of the class '%s' that the image's folder names, but %s; add the name to "
        "the class map with the index %lld if it means the same",
        j->annotation_path, checkrob_class_map_name_of(j->classes, j->only_index), names,
        (long long)j->only_index);
  return error_set(
      CHECKROB_ERROR_NO_OBJECT,
      "%s has no object of a class in the class map, but %s; add the name to the class map if the "
      "model knows it",
      j->annotation_path, names);
}

static checkrob_status read_annotation(const job *j, const voc_annotation *annotation) {
  mapped *objects = malloc((annotation->count + 1) * sizeof *objects);
  if (!objects) return error_memory("an annotation's objects");
  size_t count = 0;
  for (size_t i = 0; i < annotation->count; i++) {
    int64_t index = checkrob_class_map_find(j->classes, annotation->objects[i].name);
    if (index >= 0 && (j->only_index < 0 || index == j->only_index))
      objects[count++] = (mapped){index, &annotation->objects[i]};
  }
  qsort(objects, count, sizeof *objects, compare_mapped);
  checkrob_status status =
      count > 0 ? add_samples(j, annotation, objects, count) : fail_input(j, no_object(j, annotation));
  free(objects);
  return status;
}

static checkrob_status read_matched(job *j, const pairing *pairs, const image_pair *pair) {
  char *path = path_join(pairs->annotations_folder, pair->annotation);
  if (!path) return error_memory("an annotation's path");
  j->annotation_path = path;
  voc_annotation annotation;
  checkrob_status status = voc_annotation_open(&annotation, path);
  if (status) {
    status = fail_input(j, status);
  } else {
    status = read_annotation(j, &annotation);
    voc_annotation_clear(&annotation);
  }
  free(path);
  return status;
}

checkrob_status voc_read_pair(sample_list *samples, const pairing *pairs, const image_pair *pair,
                              const checkrob_class_map *classes, int64_t only_index) {
  job j = {.samples = samples, .classes = classes, .only_index = only_index};
  if (pair->state == PAIR_NO_IMAGE) {
    j.image = pair->annotation; /* the only name there is */
    return fail_input(&j, pairing_error(pairs, pair));
  }
  char *path = path_join(pairs->images_folder, pair->image);
  if (!path) return error_memory("an image's path");
  j.image = pair->image;
  j.image_path = path;
  checkrob_status status = pair->state == PAIR_MATCHED ? read_matched(&j, pairs, pair)
                                                       : fail_input(&j, pairing_error(pairs, pair));
  free(path);
  return status;
}

static checkrob_status read_voc(sample_list *samples, const void *state, size_t input,
                                const checkrob_class_map *classes) {
  const pairing *pairs = state;
  return voc_read_pair(samples, pairs, &pairs->pairs[input], classes, VOC_ANY_CLASS);
}

const dataset_format dataset_format_voc = {CHECKROB_DATASET_VOC, "voc",   voc_open, voc_close,
                                           voc_input_count,      read_voc};

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
