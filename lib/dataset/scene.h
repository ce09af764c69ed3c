/* One image with its objects, class by class: what the image's samples have in common. Never changed once its
 * samples exist, so that threads may read it. */
#ifndef CHECKROB_LIB_SCENE_H
#define CHECKROB_LIB_SCENE_H

#include <stdatomic.h>

#include "dataset/input.h"

typedef struct scene_class {
  char *name;
  int64_t index; /* -1: not in the class map */
  checkrob_regions *regions;
  char *problem; /* NULL, or why the class can't be measured: a sentence, of BAD_INPUT */
} scene_class;

typedef struct scene {
  atomic_size_t holders;
  char *image; /* its name */
  file_place place;
  checkrob_image *pixels;
  char *origin;
  uint32_t annotated_width, annotated_height;
  scene_class *classes; /* those in the map by index, then the others by name */
  size_t class_count;
  checkrob_regions *ignored; /* never NULL */
} scene;

/* Takes what it can use out of `input`. Objects with one of the flags in `ignore` go to the ignored regions;
 * `classes` may be NULL: then no class is in the map. The caller holds it. */
checkrob_status scene_make(scene **out, checkrob_input *input, const checkrob_class_map *classes,
                           unsigned ignore);

void scene_hold(scene *s);
/* NULL is fine. */
void scene_release(scene *s);

#endif
