/* SPDX-License-Identifier: Apache-2.0 */
/* One image with its objects by class, which the image's samples share. It does not change once samples
 * exist, so any thread may read it. */
#ifndef CHECKROB_LIB_SCENE_H
#define CHECKROB_LIB_SCENE_H

#include <stdatomic.h>

#include "dataset/input.h"
#include "region/turn.h"

typedef struct scene_class {
  char *name;
  int64_t index; /* -1: not in the class map */
  bool unnamed;  /* as in input_object */
  checkrob_regions *regions;
  char *problem; /* NULL, or an error message of BAD_INPUT: the class cannot be measured */
} scene_class;

typedef struct scene {
  atomic_size_t holders;
  char *image; /* its name */
  file_location location;
  checkrob_image *pixels;
  bool unusable;
  char *origin;
  uint32_t annotated_width, annotated_height;
  scene_class *classes; /* those in the map, sorted by index; then the others, by name */
  size_t class_count;
  checkrob_regions *ignored; /* never NULL */
  bool hides_objects;        /* some objects are ignored, so their classes are not listed */
  bool annotated;            /* an annotation was read */
  int64_t only_index;        /* the class that the image's folder or .cls file names; -1: none */
} scene;

/* An image of more classes is no real one. Each class is a sample, which has a row for each other one. */
#define SCENE_CLASS_LIMIT 256

/* Moves what it needs out of `input`. Objects with a flag in `ignore` become ignored regions; `classes` may
 * be NULL: then no class is in the map. The caller holds the scene. LIMIT: the objects have too many classes;
 * the scene is made without them. OUT_OF_MEMORY: there is no scene. */
checkrob_status scene_make(scene **out, checkrob_input *input, const checkrob_class_map *classes,
                           unsigned ignore);

/* The frame in which the objects were drawn, as far as the annotation tells. */
frame scene_frame(const scene *s, const frame_sizes *sizes);

/* A copy whose regions are turned with their image, which was width x height pixels large before. The caller
 * holds it. Errors: LIMIT, OUT_OF_MEMORY. */
checkrob_status scene_turned(scene **out, const scene *s, orientation_turn turn, uint32_t width,
                             uint32_t height);

void scene_hold(scene *s);
/* NULL is fine. */
void scene_release(scene *s);

#endif
