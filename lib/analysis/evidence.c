#include "analysis/evidence.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "saliency/method.h"

checkrob_status evidence_maker_init(evidence_maker *maker, size_t pixel_height, size_t pixel_width) {
  size_t cells = (size_t)EVIDENCE_SIDE * EVIDENCE_SIDE;
  *maker = (evidence_maker){.pixel_height = pixel_height,
                            .pixel_width = pixel_width,
                            .map = malloc(cells * sizeof *maker->map),
                            .region = malloc(cells * sizeof *maker->region),
                            .counted = malloc(cells * sizeof *maker->counted),
                            .pixels = malloc(pixel_height * pixel_width * sizeof *maker->pixels)};
  bool good = maker->map && maker->region && maker->counted && maker->pixels;
  return good ? CHECKROB_OK : error_memory("a map's evidence");
}

void evidence_maker_clear(evidence_maker *maker) {
  free(maker->map);
  free(maker->region);
  free(maker->counted);
  free(maker->pixels);
  free(maker->positions);
  *maker = (evidence_maker){0};
}

/* ---- maps finer than the grid: cells of about the same size ---- */

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

/* The mean, or the sum, of the pixels in each cell. */
static void average_cells(float *out, const evidence *grid, const evidence_maker *maker, const float *pixels,
                          bool sum) {
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

/* ---- either way ---- */

/* Is the grid the layer's own? */
static bool is_own(const evidence *grid, size_t height, size_t width) {
  return grid->height == height && grid->width == width;
}

static checkrob_status bring(float *out, const evidence *grid, const evidence_maker *maker,
                             const float *pixels, bool own) {
  if (own)
    return saliency_gather(out, grid->height, grid->width, pixels, maker->pixel_height, maker->pixel_width);
  average_cells(out, grid, maker, pixels, false);
  return CHECKROB_OK;
}

/* Its sum over the image becomes 1. Where the grid is the layer's own, positions weigh what their share of
 * the upsampled map is; at the rim more than inside. */
static void scale_map(evidence_maker *maker, const evidence *grid, const float *map, const float *upsampled,
                      bool own) {
  size_t cells = grid->height * grid->width, pixels = maker->pixel_height * maker->pixel_width;
  double total = 0.0;
  for (size_t i = 0; i < pixels; i++) total += (double)upsampled[i];
  if (!own) average_cells(maker->map, grid, maker, upsampled, true);
  for (size_t i = 0; i < cells; i++) {
    double value = own ? (double)map[i] : (double)maker->map[i];
    maker->map[i] = total > 0.0 ? (float)(value / total) : 0.0F;
  }
}

/* What of each pixel counts: all but what is ignored and no object. */
static void fill_counted(evidence_maker *maker, const float *coverage, const float *ignored) {
  size_t pixels = maker->pixel_height * maker->pixel_width;
  for (size_t i = 0; i < pixels; i++) maker->pixels[i] = 1.0F - ignored[i] * (1.0F - coverage[i]);
}

checkrob_status evidence_make(evidence *out, evidence_maker *maker, const float *map, size_t height,
                              size_t width, const float *upsampled, const float *coverage,
                              const float *ignored) {
  bool fits = height <= EVIDENCE_SIDE && width <= EVIDENCE_SIDE;
  *out = (evidence){.height = fits ? height : smaller(EVIDENCE_SIDE, maker->pixel_height),
                    .width = fits ? width : smaller(EVIDENCE_SIDE, maker->pixel_width),
                    .map = maker->map,
                    .region = maker->region,
                    .counted = ignored ? maker->counted : NULL};
  bool own = is_own(out, height, width);
  scale_map(maker, out, map, upsampled, own);
  checkrob_status status = bring(maker->region, out, maker, coverage, own);
  if (status || !ignored) return status;
  fill_counted(maker, coverage, ignored);
  return bring(maker->counted, out, maker, maker->pixels, own);
}

/* ---- contrast ---- */

/* Room for a layer of this size, and what its positions weigh in the whole image. */
static checkrob_status prepare_positions(evidence_maker *maker, size_t height, size_t width) {
  if (maker->positions && maker->height == height && maker->width == width) return CHECKROB_OK;
  free(maker->positions);
  maker->positions = NULL;
  size_t count = height * width, pixels = maker->pixel_height * maker->pixel_width;
  float *fresh = count <= SIZE_MAX / 3 / sizeof *fresh ? malloc(3 * count * sizeof *fresh) : NULL;
  if (!fresh) return error_memory("a layer's evidence");
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

/* The object's share of each position, and what counts of it. */
static checkrob_status gather_positions(evidence_maker *maker, size_t height, size_t width,
                                        const float *coverage, const float *ignored) {
  float *region = maker->positions, *counted = region + height * width;
  checkrob_status status =
      saliency_gather(region, height, width, coverage, maker->pixel_height, maker->pixel_width);
  if (status || !ignored) return status;
  fill_counted(maker, coverage, ignored);
  return saliency_gather(counted, height, width, maker->pixels, maker->pixel_height, maker->pixel_width);
}

checkrob_status evidence_contrast(double *out, evidence_maker *maker, const evidence *made,
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
    /* A position sees more than its own part of the image: one that is covered a little counts for more than
     * that. */
    double on = sqrt(fmin((double)region[i] / (double)whole[i], 1.0));
    double counts = ignored ? (double)counted[i] / (double)whole[i] : 1.0;
    contrast += (double)values[i] * (on - fmax(counts - on, 0.0));
  }
  *out = contrast;
  return CHECKROB_OK;
}
