/* SPDX-License-Identifier: Apache-2.0 */
/* EXIF orientations: how the pixels of a file lie against the upright photo. */
#ifndef CHECKROB_LIB_ORIENTATION_H
#define CHECKROB_LIB_ORIENTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 1 to 8, as in EXIF's tag 274. */
#define ORIENTATION_UPRIGHT 1

/* What turns an image: first x and y change places, then the new axes are mirrored. */
typedef struct orientation_turn {
  bool swap, mirror_x, mirror_y;
} orientation_turn;

/* From pixels as stored with this orientation to the upright photo, and back. */
orientation_turn orientation_to_upright(int orientation);
orientation_turn orientation_to_stored(int orientation);

/* The orientation in a block of EXIF data, which begins with TIFF's header ("II*\0" or "MM\0*"), or with
 * "Exif\0\0" before it; ORIENTATION_UPRIGHT if it states none, or none from 1 to 8. */
int orientation_in_exif(const uint8_t *data, size_t bytes);

#endif
