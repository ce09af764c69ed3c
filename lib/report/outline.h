/* SPDX-License-Identifier: Apache-2.0 */
/* The outline of shapes other than boxes. */
#ifndef CHECKROB_LIB_OUTLINE_H
#define CHECKROB_LIB_OUTLINE_H

#include "region/raster.h"

/* The depth of the pixels of a picture inside a shape: 1 at its border, 0 outside. */
typedef struct depth_map {
  uint32_t left, top, width, height; /* a window of the picture */
  uint16_t *depths; /* [height, width], to the nearest pixel outside in any of eight directions */
} depth_map;

/* Computes the depths for a raster of an image in a picture of it of width x height pixels. `across` and
 * `down` are pixels of the picture for one of the image. A pixel is inside if half of the image's pixel at
 * its centre is covered. OUT_OF_MEMORY. */
checkrob_status depth_map_make(depth_map *out, const raster *r, double across, double down, uint32_t width,
                               uint32_t height);
void depth_map_clear(depth_map *map);

#endif
