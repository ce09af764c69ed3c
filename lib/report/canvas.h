/* SPDX-License-Identifier: Apache-2.0 */
/* A picture that is drawn on. Coordinates may be outside of it: what is there is not drawn. */
#ifndef CHECKROB_LIB_CANVAS_H
#define CHECKROB_LIB_CANVAS_H

#include <stdint.h>

typedef struct canvas {
  uint8_t *pixels; /* [height, width, 3] */
  uint32_t width, height;
} canvas;

/* Fills columns [x1, x2) and rows [y1, y2). */
void canvas_fill(canvas *to, long x1, long y1, long x2, long y2, const uint8_t colour[3]);

/* Draws the border of this rectangle: `thick` pixels of the colour, inside a dark line of one pixel. It is
 * visible on any image. */
void canvas_outline(canvas *to, long x1, long y1, long x2, long y2, long thick, const uint8_t colour[3]);

#endif
