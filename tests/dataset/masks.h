/* SPDX-License-Identifier: Apache-2.0 */
/* Masks of numbers, for the tests of VOC's. */
#ifndef CHECKROB_TESTS_MASKS_H
#define CHECKROB_TESTS_MASKS_H

#include <png.h>

#include "dataset/scratch.h"
#include "region/regions.h"
#include "support/index_png.h"

/* A PNG whose numbers are the digits and letters of `pixels`: 0 to 9, then a for 10 and so on; `.` is 0, and
 * `x` is 255. */
static inline const char *scratch_mask_of(const char *name, uint32_t width, uint32_t height,
                                          const char *pixels, int colour, int depth) {
  const char *path = scratch_write(name, "");
  uint8_t numbers[1024];
  assert_true((size_t)width * height <= sizeof numbers);
  for (size_t i = 0; i < (size_t)width * height; i++) {
    char c = pixels[i];
    numbers[i] = (uint8_t)(c == 'x' ? 255 : c == '.' ? 0 : c >= 'a' ? c - 'a' + 10 : c - '0');
  }
  index_png_write(path, width, height, numbers, colour, depth);
  return path;
}

static inline const char *scratch_mask(const char *name, uint32_t width, uint32_t height,
                                       const char *pixels) {
  return scratch_mask_of(name, width, height, pixels, PNG_COLOR_TYPE_PALETTE, 8);
}

/* Whether the only shape is a mask of just the pixels that are `c`. */
static inline void assert_mask(const checkrob_regions *regions, uint32_t width, uint32_t height,
                               const char *pixels, char c) {
  assert_int_equal(regions->count, 1);
  const shape *s = &regions->shapes[0];
  assert_int_equal(s->kind, SHAPE_MASK);
  assert_int_equal(s->width, width);
  assert_int_equal(s->height, height);
  char *own = calloc(1, (size_t)width * height + 1);
  assert_non_null(own);
  for (size_t i = 0; i < s->run_count; i++) memset(own + s->runs[i].start, 1, s->runs[i].length);
  for (size_t i = 0; i < (size_t)width * height; i++)
    if (own[i] != (pixels[i] == c)) fail_msg("pixel %zu", i);
  free(own);
}

#endif
