/* SPDX-License-Identifier: Apache-2.0 */
#include "support/index_png.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_rows(png_structp png, uint32_t width, uint32_t height, const uint8_t *numbers,
                       size_t channels) {
  uint8_t *row = malloc(width * channels);
  if (!row) abort();
  for (uint32_t y = 0; y < height; y++) {
    for (uint32_t x = 0; x < width; x++) memset(row + x * channels, numbers[(size_t)y * width + x], channels);
    png_write_row(png, row);
  }
  free(row);
}

void index_png_write(const char *path, uint32_t width, uint32_t height, const uint8_t *numbers, int colour,
                     int depth) {
  FILE *file = fopen(path, "wb");
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!file || !info) abort();
  png_init_io(png, file);
  png_set_IHDR(png, info, width, height, depth, colour, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_color colours[256] = {{0, 0, 0}};
  if (colour == PNG_COLOR_TYPE_PALETTE) png_set_PLTE(png, info, colours, 1 << depth);
  png_write_info(png, info);
  png_set_packing(png);
  write_rows(png, width, height, numbers, colour == PNG_COLOR_TYPE_RGB ? 3 : 1);
  png_write_end(png, NULL);
  png_destroy_write_struct(&png, &info);
  if (fclose(file) != 0) abort();
}
