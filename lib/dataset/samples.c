#include "dataset/samples.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"

typedef struct job {
  sample_list *samples;
  scene *shared;
  const checkrob_class_map *classes;
  const char *only;   /* NULL: every class of the map */
  int64_t only_index; /* -1: it is not in the map */
} job;

/* Fails the whole image; its class is known only where the format has fixed it. */
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

static checkrob_status no_object(const job *j) {
  const scene *s = j->shared;
  char names[320];
  list_names(names, sizeof names, s);
  if (j->only && j->only_index < 0)
    return error_set(
        CHECKROB_ERROR_NO_OBJECT,
        "image %s lies in the folder %s, which is no class of the class map; add the name to the "
        "map, or remove the folder",
        s->image, j->only);
  if (s->class_count == 0 && checkrob_regions_count(s->ignored) > 0)
    return error_set(CHECKROB_ERROR_NO_OBJECT,
                     "%s has no object but those that are ignored; leave the image out, or ignore less",
                     s->origin);
  if (s->class_count == 0)
    return error_set(CHECKROB_ERROR_NO_OBJECT, "%s has no object; annotate the image or remove it",
                     s->origin);
  if (j->only)
    return error_set(
        CHECKROB_ERROR_NO_OBJECT,
        "%s has no object of the class '%s' that the image's folder names, but %s; add the name to "
        "the class map with the index %lld if it means the same",
        s->origin, checkrob_class_map_name_of(j->classes, j->only_index), names, (long long)j->only_index);
  return error_set(
      CHECKROB_ERROR_NO_OBJECT,
      "%s has no object of a class in the class map, but %s; add the name to the class map if the "
      "model knows it",
      s->origin, names);
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
  if (j->only && j->only_index < 0) return fail_image(j, no_object(j));
  for (size_t i = 0; i < j->shared->class_count; i++) {
    int64_t index = j->shared->classes[i].index;
    if (index < 0 || (j->only && index != j->only_index)) continue;
    checkrob_status status = add_class(j, i);
    if (status) return status;
  }
  return j->samples->count > before ? CHECKROB_OK : fail_image(j, no_object(j));
}

checkrob_status samples_make(sample_list *samples, checkrob_input *input, checkrob_status read,
                             const checkrob_class_map *classes, unsigned ignore) {
  if (read == CHECKROB_ERROR_OUT_OF_MEMORY) return read;
  job j = {.samples = samples, .classes = classes, .only = input->only, .only_index = -1};
  if (j.only && classes) j.only_index = checkrob_class_map_find(classes, j.only);
  checkrob_status status = scene_make(&j.shared, input, classes, ignore);
  if (status) return status;
  if (read) {
    /* Of the folder's class, or of none: an unmapped folder is the nearer reason. */
    status = fail_image(&j, j.only && j.only_index < 0 ? no_object(&j) : read);
  } else if (!classes) {
    checkrob_sample *sample = NULL;
    status = sample_add(&sample, samples, j.shared, SAMPLE_NO_CLASS);
  } else {
    status = add_classes(&j);
  }
  scene_release(j.shared);
  return status;
}
