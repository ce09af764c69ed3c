/* SPDX-License-Identifier: Apache-2.0 */
#include "analysis/stored_map.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "saliency/method.h"

checkrob_status stored_map_maker_init(stored_map_maker *maker, size_t pixel_height, size_t pixel_width) {
  size_t cells = (size_t)STORED_MAP_SIDE * STORED_MAP_SIDE;
  *maker = (stored_map_maker){.pixel_height = pixel_height,
                              .pixel_width = pixel_width,
                              .map = malloc(cells * sizeof *maker->map),
                              .region = malloc(cells * sizeof *maker->region),
                              .counted = malloc(cells * sizeof *maker->counted),
                              .pixels = malloc(pixel_height * pixel_width * sizeof *maker->pixels)};
  bool good = maker->map && maker->region && maker->counted && maker->pixels;
  return good ? CHECKROB_OK : error_memory("a sample's stored map");
}

void stored_map_maker_clear(stored_map_maker *maker) {
  free(maker->map);
  free(maker->region);
  free(maker->counted);
  free(maker->pixels);
  free(maker->positions);
  *maker = (stored_map_maker){0};
}

/* ---- maps finer than the largest grid: cells of about the same size ---- */

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

/* Computes the mean, or the sum, of the pixels in each cell. */
static void average_cells(float *out, const stored_map *grid, const stored_map_maker *maker,
                          const float *pixels, bool sum) {
  for (size_t row = 0; row < grid->height; row++)
    for (size_t column = 0; column < grid->width; column++) {
      size_t top = row * maker->pixel_height / grid->height, left = column * maker->pixel_width / grid->width;
      size_t bottom = (row + 1) * maker->pixel_height / grid->height;
      size_t right = (column + 1) * maker->pixel_width / grid->width;
      double total = 0.0;
      for (size_t y = top; y < bottom; y++)
        for (size_t x = left; x < right; x++) total += (double)pixels[y * maker->pixel_width + x];
      if (!sum) total /= (double)((bottom - top) * (right - left));
      out[row * grid->width + column] = (float)total;
    }
}

/* ---- for all maps ---- */

/* Whether the grid is that of the layer. */
static bool is_own(const stored_map *grid, size_t height, size_t width) {
  return grid->height == height && grid->width == width;
}

static checkrob_status reduce(float *out, const stored_map *grid, const stored_map_maker *maker,
                              const float *pixels, bool own) {
  if (own)
    return saliency_gather(out, grid->height, grid->width, pixels, maker->pixel_height, maker->pixel_width);
  average_cells(out, grid, maker, pixels, false);
  return CHECKROB_OK;
}

/* Scales the map to the sum 1 over the image. If the grid is that of the layer, the sum is that of the
 * upsampled map, in which positions at the border have another weight than those inside. */
static void scale_map(stored_map_maker *maker, const stored_map *grid, const float *map,
                      const float *upsampled, bool own) {
  size_t cells = grid->height * grid->width, pixels = maker->pixel_height * maker->pixel_width;
  double total = 0.0;
  for (size_t i = 0; i < pixels; i++) total += (double)upsampled[i];
  if (!own) average_cells(maker->map, grid, maker, upsampled, true);
  for (size_t i = 0; i < cells; i++) {
    double value = own ? (double)map[i] : (double)maker->map[i];
    maker->map[i] = total > 0.0 ? (float)(value / total) : 0.0F;
  }
}

/* The share of each pixel that counts: all except what is ignored and not object. */
static void fill_counted(stored_map_maker *maker, const float *coverage, const float *ignored) {
  size_t pixels = maker->pixel_height * maker->pixel_width;
  for (size_t i = 0; i < pixels; i++) maker->pixels[i] = 1.0F - ignored[i] * (1.0F - coverage[i]);
}

checkrob_status stored_map_make(stored_map *out, stored_map_maker *maker, const float *map, size_t height,
                                size_t width, const float *upsampled, const float *coverage,
                                const float *ignored) {
  bool fits = height <= STORED_MAP_SIDE && width <= STORED_MAP_SIDE;
  *out = (stored_map){.height = fits ? height : smaller(STORED_MAP_SIDE, maker->pixel_height),
                      .width = fits ? width : smaller(STORED_MAP_SIDE, maker->pixel_width),
                      .map = maker->map,
                      .region = maker->region,
                      .counted = ignored ? maker->counted : NULL};
  bool own = is_own(out, height, width);
  scale_map(maker, out, map, upsampled, own);
  checkrob_status status = reduce(maker->region, out, maker, coverage, own);
  if (status || !ignored) return status;
  fill_counted(maker, coverage, ignored);
  return reduce(maker->counted, out, maker, maker->pixels, own);
}

checkrob_status stored_map_region(float *out, const stored_map_maker *maker, const stored_map *made,
                                  size_t height, size_t width, const float *coverage) {
  return reduce(out, made, maker, coverage, is_own(made, height, width));
}

/* ---- contrast ---- */

/* Allocates the arrays for a layer of this size, and computes the weight of its positions in the whole
 * image. */
static checkrob_status prepare_positions(stored_map_maker *maker, size_t height, size_t width) {
  if (maker->positions && maker->height == height && maker->width == width) return CHECKROB_OK;
  free(maker->positions);
  maker->positions = NULL;
  size_t count = height * width, pixels = maker->pixel_height * maker->pixel_width;
  float *fresh = count <= SIZE_MAX / 3 / sizeof *fresh ? malloc(3 * count * sizeof *fresh) : NULL;
  if (!fresh) return error_memory("a layer's attribution");
  for (size_t i = 0; i < pixels; i++) maker->pixels[i] = 1.0F;
  checkrob_status status = saliency_gather(fresh + 2 * count, height, width, maker->pixels,
                                           maker->pixel_height, maker->pixel_width);
  if (status) {
    free(fresh);
    return status;
  }
  maker->positions = fresh;
  maker->height = height;
  maker->width = width;
  return CHECKROB_OK;
}

/* Computes the object's share of each position, and the share that counts. */
static checkrob_status gather_positions(stored_map_maker *maker, size_t height, size_t width,
                                        const float *coverage, const float *ignored) {
  float *region = maker->positions, *counted = region + height * width;
  checkrob_status status =
      saliency_gather(region, height, width, coverage, maker->pixel_height, maker->pixel_width);
  if (status || !ignored) return status;
  fill_counted(maker, coverage, ignored);
  return saliency_gather(counted, height, width, maker->pixels, maker->pixel_height, maker->pixel_width);
}

checkrob_status stored_map_contrast(double *out, stored_map_maker *maker, const stored_map *made,
                                    const float *values, size_t height, size_t width, const float *coverage,
                                    const float *ignored) {
  size_t count = height * width;
  bool again = made && is_own(made, height, width);
  checkrob_status status = prepare_positions(maker, height, width);
  if (!status && !again) status = gather_positions(maker, height, width, coverage, ignored);
  if (status) return status;
  const float *region = again ? made->region : maker->positions;
  const float *counted = again ? made->counted : maker->positions + count;
  const float *whole = maker->positions + 2 * count;
  double contrast = 0.0;
  for (size_t i = 0; i < count; i++) {
    if (!(values[i] > 0.0F) || !(whole[i] > 0.0F)) continue;
    /* The receptive field of a position is larger than its part of the image. So a position of which a small
     * part is covered counts for more than that part. */
    double on = sqrt(fmin((double)region[i] / (double)whole[i], 1.0));
    double counts = ignored ? (double)counted[i] / (double)whole[i] : 1.0;
    contrast += (double)values[i] * (on - fmax(counts - on, 0.0));
  }
  *out = contrast;
  return CHECKROB_OK;
}
