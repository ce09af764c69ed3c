/* SPDX-License-Identifier: Apache-2.0 */
/* Some rows of a raster on which shapes are drawn. What a shape costs is its outline, not its area: pixels
 * that it covers whole are only noted at the corners of a block. */
#ifndef CHECKROB_LIB_BAND_H
#define CHECKROB_LIB_BAND_H

#include <checkrob/status.h>
#include <stddef.h>
#include <stdint.h>

typedef struct band {
  uint32_t width, height;
  uint32_t most_rows; /* that it has room for */
  float *shares;      /* [height, width], 0 to 1; complete after band_finish() */
  /* [height + 1, width + 1]: the sum of those above and left of a pixel, with its own, is the number of
   * blocks that cover it. */
  int32_t *blocks;
  /* Between two polygons all of these are 0. */
  double *steps;     /* [height, width + 2] */
  uint64_t *touched; /* [height, words]: a bit for each step that is not 0 */
  size_t words;
} band;

/* OUT_OF_MEMORY. */
checkrob_status band_init(band *b, uint32_t width, uint32_t height);
void band_clear(band *b);

/* Forgets all shapes. The band then has `height` rows, at most those of band_init(). */
void band_restart(band *b, uint32_t height);

/* The pixels [left, right) x [top, bottom) are covered whole. */
void band_add_block(band *b, size_t left, size_t top, size_t right, size_t bottom);

/* The polygon covers a share of a pixel: the largest one counts. */
static inline void band_add_share(band *b, size_t x, size_t y, float share) {
  float *pixel = &b->shares[y * b->width + x];
  if (share > *pixel) *pixel = share;
}

/* Applies the blocks to the shares. */
void band_finish(band *b);

#endif
