/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/scene.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "region/regions.h"

/* An object with its class, for sorting. Objects of one class are then neighbours, in the annotation's order.
 */
typedef struct sorted_object {
  int64_t index;
  input_object *of;
} sorted_object;

static int compare_classes(const sorted_object *a, const sorted_object *b) {
  if ((a->index < 0) != (b->index < 0)) return a->index < 0 ? 1 : -1;
  if (a->index != b->index) return a->index < b->index ? -1 : 1;
  return a->index < 0 ? strcmp(a->of->name, b->of->name) : 0;
}

static int compare_objects(const void *left, const void *right) {
  const sorted_object *a = left, *b = right;
  int order = compare_classes(a, b);
  return order ? order : (a->of > b->of) - (a->of < b->of); /* both are in one array */
}

static checkrob_status add_shape(checkrob_regions *to, const checkrob_regions *from) {
  if (to->count == 0) to->relative = from->relative;
  return regions_append(to, from);
}

static checkrob_status fill_class(scene_class *out, const sorted_object *objects, size_t count,
                                  const checkrob_class_map *classes) {
  int64_t index = objects[0].index;
  const char *name = index >= 0 ? checkrob_class_map_name_of(classes, index) : objects[0].of->name;
  *out = (scene_class){.name = text_copy(name), .index = index, .unnamed = objects[0].of->unnamed};
  if (!out->name) return error_memory("an image's classes");
  checkrob_status status = checkrob_regions_new(&out->regions);
  for (size_t i = 0; i < count && !status; i++) {
    input_object *o = objects[i].of;
    if (o->shape) {
      status = add_shape(out->regions, o->shape);
    } else if (!out->problem) {
      out->problem = o->problem;
      o->problem = NULL;
    }
  }
  return status;
}

static checkrob_status fill_classes(scene *s, const sorted_object *objects, size_t count,
                                    const checkrob_class_map *classes) {
  s->classes = calloc(count + 1, sizeof *s->classes);
  if (!s->classes) return error_memory("an image's classes");
  for (size_t i = 0, end; i < count; i = end) {
    for (end = i + 1; end < count && compare_classes(&objects[i], &objects[end]) == 0;) end++;
    checkrob_status status = fill_class(&s->classes[s->class_count++], objects + i, end - i, classes);
    if (status) return status;
  }
  return CHECKROB_OK;
}

static checkrob_status check_classes(const scene *s, const sorted_object *objects, size_t count) {
  size_t classes = 0;
  for (size_t i = 0; i < count; i++)
    if (i == 0 || compare_classes(&objects[i - 1], &objects[i]) != 0) classes++;
  if (classes <= SCENE_CLASS_LIMIT) return CHECKROB_OK;
  return error_set(
      CHECKROB_ERROR_LIMIT,
      "%s has objects of %zu classes, more than the limit of %d for one image; split or repair the "
      "annotation",
      s->origin, classes, SCENE_CLASS_LIMIT);
}

static checkrob_status take_objects(scene *s, checkrob_input *input, const checkrob_class_map *classes,
                                    unsigned ignore) {
  sorted_object *sorted = malloc((input->count + 1) * sizeof *sorted);
  if (!sorted) return error_memory("an image's objects");
  size_t count = 0;
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < input->count && !status; i++) {
    input_object *o = &input->objects[i];
    if (!(o->flags & ignore))
      sorted[count++] = (sorted_object){classes ? checkrob_class_map_find(classes, o->name) : -1, o};
    else if (o->shape)
      status = add_shape(s->ignored, o->shape);
    if (o->flags & ignore) s->hides_objects = true;
  }
  qsort(sorted, count, sizeof *sorted, compare_objects);
  if (!status) status = check_classes(s, sorted, count);
  if (!status) status = fill_classes(s, sorted, count, classes);
  free(sorted);
  return status;
}

static char *take(char **field) {
  char *taken = *field ? *field : text_copy("");
  *field = NULL;
  return taken;
}

static checkrob_status fill(scene *s, checkrob_input *input, const checkrob_class_map *classes,
                            unsigned ignore) {
  s->image = take(&input->name);
  s->origin = take(&input->origin);
  s->location = input->location;
  input->location = (file_location){0};
  s->pixels = input->pixels;
  input->pixels = NULL;
  s->unusable = input->unusable;
  s->annotated_width = input->width;
  s->annotated_height = input->height;
  s->ignored = input->ignored;
  input->ignored = NULL;
  if (!s->image || !s->origin) return error_memory("an image");
  checkrob_status status = s->ignored ? CHECKROB_OK : checkrob_regions_new(&s->ignored);
  return status ? status : take_objects(s, input, classes, ignore);
}

checkrob_status scene_make(scene **out, checkrob_input *input, const checkrob_class_map *classes,
                           unsigned ignore) {
  scene *s = calloc(1, sizeof *s);
  if (!s) return error_memory("an image");
  atomic_init(&s->holders, 1);
  s->only_index = -1;
  checkrob_status status = fill(s, input, classes, ignore);
  if (status && status != CHECKROB_ERROR_LIMIT)
    scene_release(s);
  else
    *out = s;
  return status;
}

/* ---- images that lie the other way ---- */

frame scene_frame(const scene *s, const frame_sizes *sizes) {
  frame found = frame_of_size(sizes, s->annotated_width, s->annotated_height);
  if (!found) found = frame_of_regions(sizes, s->ignored);
  for (size_t i = 0; i < s->class_count && !found; i++)
    found = frame_of_regions(sizes, s->classes[i].regions);
  return found;
}

static checkrob_status turn_class(scene_class *out, const scene_class *from, orientation_turn turn,
                                  uint32_t width, uint32_t height) {
  *out = (scene_class){.name = text_copy(from->name), .index = from->index, .unnamed = from->unnamed};
  if (from->problem) out->problem = text_copy(from->problem);
  if (!out->name || (from->problem && !out->problem)) return error_memory("an image's classes");
  checkrob_status status = checkrob_regions_new(&out->regions);
  return status ? status : regions_append_turned(out->regions, from->regions, turn, width, height);
}

static checkrob_status copy_turned(scene *to, const scene *s, orientation_turn turn, uint32_t width,
                                   uint32_t height) {
  to->image = text_copy(s->image);
  to->origin = text_copy(s->origin);
  to->location = s->location;
  if (s->location.path) to->location.path = text_copy(s->location.path);
  to->classes = calloc(s->class_count + 1, sizeof *to->classes);
  if (!to->image || !to->origin || !to->classes || (s->location.path && !to->location.path))
    return error_memory("an image");
  checkrob_status status = checkrob_regions_new(&to->ignored);
  if (!status) status = regions_append_turned(to->ignored, s->ignored, turn, width, height);
  for (size_t i = 0; i < s->class_count && !status; i++)
    status = turn_class(&to->classes[to->class_count++], &s->classes[i], turn, width, height);
  return status;
}

checkrob_status scene_turned(scene **out, const scene *s, orientation_turn turn, uint32_t width,
                             uint32_t height) {
  scene *to = calloc(1, sizeof *to);
  if (!to) return error_memory("an image");
  atomic_init(&to->holders, 1);
  to->unusable = s->unusable;
  to->annotated_width = turn.swap ? s->annotated_height : s->annotated_width;
  to->annotated_height = turn.swap ? s->annotated_width : s->annotated_height;
  to->hides_objects = s->hides_objects;
  to->annotated = s->annotated;
  to->only_index = s->only_index;
  checkrob_status status = copy_turned(to, s, turn, width, height);
  if (status)
    scene_release(to);
  else
    *out = to;
  return status;
}

/* ---- holding ---- */

void scene_hold(scene *s) {
  atomic_fetch_add(&s->holders, 1);
}

void scene_release(scene *s) {
  if (!s || atomic_fetch_sub(&s->holders, 1) != 1) return;
  for (size_t i = 0; i < s->class_count; i++) {
    free(s->classes[i].name);
    free(s->classes[i].problem);
    checkrob_regions_free(s->classes[i].regions);
  }
  free(s->classes);
  free(s->image);
  free(s->origin);
  location_clear(&s->location);
  checkrob_image_free(s->pixels);
  checkrob_regions_free(s->ignored);
  free(s);
}
