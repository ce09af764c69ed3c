/* SPDX-License-Identifier: Apache-2.0 */
/* Places in an image where marks are found that have nothing to do with its object: a watermark in a corner,
 * a border. Pure functions. */
#ifndef CHECKROB_LIB_PLACES_H
#define CHECKROB_LIB_PLACES_H

#include <stdbool.h>
#include <stddef.h>

/* The corners are a third of each side, the sides a sixth of the image, the border a tenth of each side wide.
 * They
 * overlap, and are listed from small to large. */
typedef enum place {
  PLACE_UPPER_LEFT,
  PLACE_UPPER_RIGHT,
  PLACE_LOWER_LEFT,
  PLACE_LOWER_RIGHT,
  PLACE_TOP,
  PLACE_BOTTOM,
  PLACE_LEFT,
  PLACE_RIGHT,
  PLACE_BORDER,
  PLACES
} place;

/* "upper left corner" */
extern const char *const place_names[PLACES];

bool place_contains(place which, double x, double y);

/* The share of each cell of a grid [height, width] over the image that is in the place. */
void place_cover(float *out, place which, size_t height, size_t width);

#endif
