/* SPDX-License-Identifier: Apache-2.0 */
#include <checkrob/saliency.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "saliency/method.h"

/* The two input pixels around output pixel i. */
typedef struct tap {
  size_t left, right;
  float share; /* the weight of `right` */
} tap;

static tap *make_taps(size_t out_size, size_t size) {
  tap *taps = malloc(out_size * sizeof *taps);
  if (!taps) return NULL;
  for (size_t i = 0; i < out_size; i++) {
    double centre = ((double)i + 0.5) * (double)size / (double)out_size - 0.5;
    if (centre < 0.0) centre = 0.0;
    size_t left = (size_t)centre;
    if (left > size - 1) left = size - 1;
    taps[i].left = left;
    taps[i].right = left + 1 < size ? left + 1 : left;
    taps[i].share = (float)(centre - (double)left);
  }
  return taps;
}

static void upsample(float *out, size_t out_height, size_t out_width, const float *map, size_t width,
                     const tap *rows, const tap *columns) {
  for (size_t y = 0; y < out_height; y++) {
    const float *upper = map + rows[y].left * width;
    const float *lower = map + rows[y].right * width;
    float down = rows[y].share;
    for (size_t x = 0; x < out_width; x++) {
      const tap *t = &columns[x];
      float above = upper[t->left] + t->share * (upper[t->right] - upper[t->left]);
      float below = lower[t->left] + t->share * (lower[t->right] - lower[t->left]);
      out[y * out_width + x] = above + down * (below - above);
    }
  }
}

checkrob_status saliency_resize(float *out, size_t out_height, size_t out_width, const float *map,
                                size_t height, size_t width) {
  tap *rows = make_taps(out_height, height);
  tap *columns = make_taps(out_width, width);
  if (rows && columns) upsample(out, out_height, out_width, map, width, rows, columns);
  checkrob_status status = rows && columns ? CHECKROB_OK : error_memory("upsampling a saliency map");
  free(rows);
  free(columns);
  return status;
}

/* First sum the rows of pixels into the rows of the map: neighbours in memory are added side by side. */
static void gather_rows(double *rows, const float *pixels, size_t pixel_height, size_t width,
                        const tap *taps) {
  for (size_t y = 0; y < pixel_height; y++) {
    const float *row = pixels + y * width;
    double down = (double)taps[y].share, up = 1.0 - down;
    double *above = rows + taps[y].left * width, *below = rows + taps[y].right * width;
    for (size_t x = 0; x < width; x++) above[x] += (double)row[x] * up;
    for (size_t x = 0; x < width && down > 0.0; x++) below[x] += (double)row[x] * down;
  }
}

static void gather_columns(double *row, const double *pixels, size_t pixel_width, const tap *taps) {
  for (size_t x = 0; x < pixel_width; x++) {
    double right = pixels[x] * (double)taps[x].share;
    row[taps[x].left] += pixels[x] - right;
    row[taps[x].right] += right;
  }
}

checkrob_status saliency_gather(float *out, size_t height, size_t width, const float *pixels,
                                size_t pixel_height, size_t pixel_width) {
  tap *rows = make_taps(pixel_height, height);
  tap *columns = make_taps(pixel_width, width);
  double *sums = calloc(height * pixel_width, sizeof *sums), *row = malloc(width * sizeof *row);
  bool good = rows && columns && sums && row;
  if (good) gather_rows(sums, pixels, pixel_height, pixel_width, rows);
  for (size_t y = 0; good && y < height; y++) {
    memset(row, 0, width * sizeof *row);
    gather_columns(row, sums + y * pixel_width, pixel_width, columns);
    for (size_t x = 0; x < width; x++) out[y * width + x] = (float)row[x];
  }
  free(rows);
  free(columns);
  free(sums);
  free(row);
  return good ? CHECKROB_OK : error_memory("a region at a map's size");
}

checkrob_status checkrob_saliency_upsample(float *out, size_t out_height, size_t out_width, const float *map,
                                           size_t height, size_t width) {
  if (!out || !map || out_height == 0 || out_width == 0 || height == 0 || width == 0)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_saliency_upsample: NULL argument or empty size");
  checkrob_status status = saliency_resize(out, out_height, out_width, map, height, width);
  for (size_t i = 0; status == CHECKROB_OK && i < out_height * out_width; i++)
    if (out[i] > 1.0F) out[i] = 1.0F;
  return status;
}
