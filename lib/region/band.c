/* SPDX-License-Identifier: Apache-2.0 */
#include "region/band.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

checkrob_status band_init(band *b, uint32_t width, uint32_t height) {
  size_t across = width, down = height;
  *b = (band){.width = width, .height = height, .most_rows = height, .words = (across + 2 + 63) / 64};
  b->shares = calloc(across * down + 1, sizeof *b->shares);
  b->blocks = calloc((across + 1) * (down + 1), sizeof *b->blocks);
  b->steps = calloc((across + 2) * down + 1, sizeof *b->steps);
  b->touched = calloc(b->words * down + 1, sizeof *b->touched);
  if (b->shares && b->blocks && b->steps && b->touched) return CHECKROB_OK;
  band_clear(b);
  return error_memory("an image's shapes");
}

void band_clear(band *b) {
  free(b->shares);
  free(b->blocks);
  free(b->steps);
  free(b->touched);
  *b = (band){0};
}

void band_restart(band *b, uint32_t height) {
  b->height = height;
  memset(b->shares, 0, (size_t)b->width * height * sizeof *b->shares);
  memset(b->blocks, 0, ((size_t)b->width + 1) * ((size_t)height + 1) * sizeof *b->blocks);
}

void band_add_block(band *b, size_t left, size_t top, size_t right, size_t bottom) {
  size_t stride = (size_t)b->width + 1;
  b->blocks[top * stride + left]++;
  b->blocks[top * stride + right]--;
  b->blocks[bottom * stride + left]--;
  b->blocks[bottom * stride + right]++;
}

void band_finish(band *b) {
  size_t stride = (size_t)b->width + 1;
  for (size_t y = 0; y < b->height; y++) {
    int32_t *row = b->blocks + y * stride;
    const int32_t *above = y > 0 ? row - stride : NULL;
    int32_t count = 0;
    for (size_t x = 0; x < b->width; x++) {
      if (above) row[x] += above[x];
      count += row[x];
      if (count > 0) b->shares[y * b->width + x] = 1;
    }
  }
}
