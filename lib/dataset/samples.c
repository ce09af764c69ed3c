/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "dataset/class_map.h"

typedef struct job {
  sample_list *samples;
  scene *shared;
  const checkrob_class_map *classes;
  bool skip_unmapped;
  const checkrob_input *input;
  bool one_class;     /* the image is of one class: only its objects count */
  int64_t only_index; /* that class; -1: not in the map */
} job;

/* Adds one failed sample for the whole image. Its class is known only if the format states it. */
static checkrob_status fail_image(const job *j, checkrob_status status) {
  checkrob_sample *sample = NULL;
  if (status == CHECKROB_ERROR_OUT_OF_MEMORY) return status;
  checkrob_status failure = sample_add(&sample, j->samples, j->shared, SAMPLE_NO_CLASS);
  if (!failure) failure = sample_fail(sample, status);
  if (!failure && j->only_index >= 0)
    failure = sample_set_class(sample, checkrob_class_map_name_of(j->classes, j->only_index), j->only_index);
  return failure;
}

/* Writes up to three of the classes' names. */
static void list_names(char *text, size_t bytes, const scene *s) {
  size_t used = 0;
  text[0] = '\0';
  for (size_t i = 0; i < s->class_count; i++) {
    if (i == 3) {
      snprintf(text + used, bytes - used, ", ...");
      return;
    }
    snprintf(text + used, bytes - used, "%s'%.80s'", i > 0 ? ", " : "", s->classes[i].name);
    used = strlen(text);
  }
}

static const char *similar_name(const checkrob_class_map *classes, const scene *s) {
  const char *found = NULL;
  for (size_t i = 0; i < s->class_count && !found; i++)
    found = class_map_similar(classes, s->classes[i].name);
  return found;
}

static checkrob_status unknown_class(const job *j) {
  if (j->input->numbered)
    return error_set(CHECKROB_ERROR_NO_OBJECT,
                     "image %s has the class number %lld in its .cls file, which is not an index in the "
                     "class map; add it to the map, or remove the image",
                     j->shared->image, (long long)j->input->class_number);
  const char *near_name = class_map_similar(j->classes, j->input->only);
  return error_set(CHECKROB_ERROR_NO_OBJECT,
                   "image %s is in the folder %s, which is not a class in the class map; add the name to the "
                   "map, or remove the folder%s%s%s",
                   j->shared->image, j->input->only, near_name ? "; did you mean the map's '" : "",
                   near_name ? near_name : "", near_name ? "'?" : "");
}

/* The class map cannot have them: the annotations must name them first. */
static bool all_unnamed(const scene *s) {
  size_t unnamed = 0;
  for (size_t i = 0; i < s->class_count; i++) unnamed += s->classes[i].unnamed;
  return unnamed == s->class_count;
}

static checkrob_status no_object(const job *j) {
  const scene *s = j->shared;
  char names[320];
  list_names(names, sizeof names, s);
  if (j->one_class && j->only_index < 0) return unknown_class(j);
  if (s->class_count == 0 && checkrob_regions_count(s->ignored) > 0)
    return error_set(CHECKROB_ERROR_NO_OBJECT,
                     "%s has only objects that are ignored; remove the image, or ignore less", s->origin);
  if (s->class_count == 0)
    return error_set(CHECKROB_ERROR_NO_OBJECT, "%s has no object; annotate the image or remove it",
                     s->origin);
  if (j->one_class)
    return error_set(CHECKROB_ERROR_NO_OBJECT,
                     "%s has no object of the class '%s' that the image's %s names, but %s; add the name to "
                     "the class map with the index %lld if it means the same",
                     s->origin, checkrob_class_map_name_of(j->classes, j->only_index),
                     j->input->numbered ? ".cls file" : "folder", names, (long long)j->only_index);
  const char *near_name = similar_name(j->classes, s);
  if (near_name)
    return error_set(
        CHECKROB_ERROR_NO_OBJECT,
        "%s has no object of a class in the class map, but %s; did you mean the map's '%s'? Names "
        "must be the same in case, accents and blanks",
        s->origin, names, near_name);
  return error_set(
      CHECKROB_ERROR_NO_OBJECT, "%s has no object of a class in the class map, but %s; %s", s->origin, names,
      all_unnamed(s) ? "correct the number, or name it in the dataset's list of classes and in the class map"
                     : "add the name to the class map if the model knows it");
}

/* It has objects, but none that counts. A folder's own class without an object is a contradiction, and fails.
 */
static bool is_unmapped(const job *j) {
  if (j->one_class) return j->only_index < 0;
  return j->shared->class_count > 0 || checkrob_regions_count(j->shared->ignored) > 0;
}

static checkrob_status add_none(const job *j) {
  return j->skip_unmapped && is_unmapped(j) ? CHECKROB_OK : fail_image(j, no_object(j));
}

static checkrob_status add_class(const job *j, size_t i) {
  const scene_class *c = &j->shared->classes[i];
  checkrob_sample *sample = NULL;
  checkrob_status status = sample_add(&sample, j->samples, j->shared, i);
  if (status || !c->problem) return status;
  return sample_fail(sample, error_set(CHECKROB_ERROR_BAD_INPUT, "%s", c->problem));
}

static checkrob_status add_classes(const job *j) {
  size_t before = j->samples->count;
  if (j->one_class && j->only_index < 0) return add_none(j);
  for (size_t i = 0; i < j->shared->class_count; i++) {
    int64_t index = j->shared->classes[i].index;
    if (index < 0 || (j->one_class && index != j->only_index)) continue;
    checkrob_status status = add_class(j, i);
    if (status) return status;
  }
  return j->samples->count > before ? CHECKROB_OK : add_none(j);
}

static checkrob_status find_class(job *j, checkrob_input *input) {
  j->one_class = input->only || input->numbered;
  if (input->only && j->classes) j->only_index = checkrob_class_map_find(j->classes, input->only);
  if (!input->numbered || !j->classes) return CHECKROB_OK;
  const char *name = checkrob_class_map_name_of(j->classes, input->class_number);
  if (!name) return CHECKROB_OK;
  j->only_index = input->class_number;
  for (size_t i = 0; i < input->count; i++) {
    input_object *o = &input->objects[i];
    if (o->name[0]) continue;
    free(o->name);
    o->name = text_copy(name);
    if (!o->name) return error_memory("an image's objects");
  }
  return CHECKROB_OK;
}

static checkrob_status add_samples(const job *j, checkrob_status read) {
  /* If the folder's class is not in the map, that is the reason to report. */
  if (read && j->one_class && j->only_index < 0) return add_none(j);
  if (read) return fail_image(j, read);
  if (j->classes) return add_classes(j);
  checkrob_sample *sample = NULL;
  return sample_add(&sample, j->samples, j->shared, SAMPLE_NO_CLASS);
}

checkrob_status samples_make(sample_list *samples, checkrob_input *input, checkrob_status read,
                             const sample_choice *choice) {
  if (!read) read = input_check_size(input);
  if (read == CHECKROB_ERROR_OUT_OF_MEMORY) return read;
  job j = {.samples = samples,
           .classes = choice->classes,
           .skip_unmapped = choice->skip_unmapped,
           .input = input,
           .only_index = -1};
  checkrob_status status = find_class(&j, input);
  if (!status) status = scene_make(&j.shared, input, choice->classes, choice->ignored_flags);
  if (status == CHECKROB_ERROR_LIMIT) {
    read = status;
    status = CHECKROB_OK;
  }
  if (!status) {
    j.shared->annotated = read == CHECKROB_OK && choice->classes;
    j.shared->only_index = j.only_index;
    status = add_samples(&j, read);
  }
  scene_release(j.shared);
  return status;
}
