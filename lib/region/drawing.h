/* SPDX-License-Identifier: Apache-2.0 */
/* Draws shapes of any kind at the size of the original image, some rows at a time. */
#ifndef CHECKROB_LIB_DRAWING_H
#define CHECKROB_LIB_DRAWING_H

#include "region/band.h"
#include "region/regions.h"

typedef struct drawing {
  const checkrob_regions *regions;
  uint32_t image_width, image_height;
  uint32_t left, top, width, height; /* the window around the shapes; width 0 if none is in the image */
  rectangle *boxes;                  /* those of the shapes that are boxes, in the window */
  rectangle_sweep *sweep;            /* over the boxes; NULL: there is none */
  double *corners;                   /* of a polygon */
  uint32_t next_row;
  /* What drawing_next_rows() has drawn. */
  uint32_t row; /* of the window: the first of `rows` */
  band rows;
} drawing;

/* The errors of raster.h. The caller calls drawing_clear(), also after an error. */
checkrob_status drawing_start(drawing *d, const checkrob_regions *regions, uint32_t image_width,
                              uint32_t image_height);
/* False after the last row. */
bool drawing_next_rows(drawing *d);
void drawing_clear(drawing *d);

#endif
