/* SPDX-License-Identifier: Apache-2.0 */
/* Simple properties of an image that may predict its class and have nothing to do with its object:
 * brightness, colour, sharpness, borders, corners. */
#ifndef CHECKROB_LIB_PROPERTIES_H
#define CHECKROB_LIB_PROPERTIES_H

#include "analysis/analysis.h"

enum {
  PROPERTY_PIXELS,
  PROPERTY_ASPECT,
  PROPERTY_BRIGHTNESS,
  PROPERTY_CONTRAST,
  PROPERTY_COLOUR,
  PROPERTY_WARMTH,
  PROPERTY_GREENNESS,
  PROPERTY_SHARPNESS,
  PROPERTY_BORDER,
  PROPERTY_CORNER,
  PROPERTIES
};

/* "brightness"; the columns' names are "property_brightness". */
extern const char *const property_names[PROPERTIES];
extern const column_list property_columns;

/* OUT_OF_MEMORY. */
checkrob_status properties_new(analysis *out);

/* Computes the properties of an image. Pure. */
void properties_of(double out[PROPERTIES], const checkrob_image *image);

#endif
