/* SPDX-License-Identifier: Apache-2.0 */
/* A small dataset on disk: images, Pascal VOC annotations and a class map, written file by file, then opened.
 * Images are black but for a coloured rectangle, so that it is known where a model that looks at colours
 * looks. */
#ifndef SUPPORT_WORLD_H
#define SUPPORT_WORLD_H

#include <checkrob/dataset.h>
#include <stddef.h>
#include <stdint.h>

typedef struct world {
  char *folder; /* holds images/, annotations/ and classes.csv */
  checkrob_class_map *classes;
  checkrob_dataset *dataset;
  int skip_unmapped; /* to be set before it is opened */
} world;

typedef struct rectangle {
  uint32_t x1, y1, x2, y2; /* columns [x1, x2), rows [y1, y2) */
} rectangle;

typedef struct colour {
  uint8_t red, green, blue;
} colour;

/* The class map "red,0", "green,1", "blue,2", "other,3". */
void world_start(world *w);
void world_start_with_classes(world *w, const char *csv);

/* Writes images/NAME, a PNG; or a JPEG of quality 95 when the name ends in ".jpg". */
void world_image(const world *w, const char *name, uint32_t width, uint32_t height, rectangle spot,
                 colour spot_colour);
/* Writes annotations/NAME (with ".xml") with one object. */
void world_annotation(const world *w, const char *name, uint32_t width, uint32_t height,
                      const char *class_name, rectangle box);
/* Both, for an image of 32 x 32, "NAME.png". */
void world_sample(const world *w, const char *name, const char *class_name, rectangle spot,
                  colour spot_colour, rectangle box);

/* Opens class map and dataset from what was written. */
void world_open(world *w);
void world_end(world *w);

#endif
