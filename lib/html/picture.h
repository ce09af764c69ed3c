/* SPDX-License-Identifier: Apache-2.0 */
/* One picture of a report: the photo as a thumbnail, and where its objects and its map are. */
#ifndef CHECKROB_LIB_HTML_PICTURE_H
#define CHECKROB_LIB_HTML_PICTURE_H

#include <checkrob/dataset.h>

/* The same for all pictures of a report. */
typedef struct picture_style {
  const checkrob_preprocess *preprocess;
  checkrob_image_limits limits;
  uint32_t side; /* the longer side, in pixels, at most */
  size_t bytes;  /* of the encoded file: lower qualities are tried until it is as small as that */
} picture_style;

typedef struct picture {
  uint8_t *webp; /* NULL: the image could not be read */
  size_t bytes;
  uint32_t width, height;
  char *outline;  /* of the objects: a path in pixels of the picture */
  double view[4]; /* x, y, width, height of what the model sees, in shares of the picture's sides */
} picture;

void picture_clear(picture *p);

/* Decodes the sample's image, and draws it small. `sample` is changed: its regions are turned to the image as
 * it lies. Safe from several threads. Errors: those of decoding, OUT_OF_MEMORY. */
checkrob_status picture_make(picture *out, const picture_style *style, checkrob_sample *sample);

/* Style for `count` pictures in one page, or, with `alone`, as files. */
void picture_style_for(picture_style *style, size_t count, int alone);

#endif
