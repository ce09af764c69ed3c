/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/fill.h"

#include <math.h>
#include <string.h>

#include "probe/between.h"

static float mix(float own, float other, float replaced) {
  return own + replaced * (other - own);
}

void fill_middle(float *image, const float *replaced, size_t height, size_t width,
                 const channel_scale *scale) {
  size_t pixels = height * width;
  for (size_t c = 0; c < 3; c++) {
    float middle = (float)((0.5 - scale->mean[c]) / scale->std[c]);
    for (size_t i = 0; i < pixels; i++)
      image[c * pixels + i] = mix(image[c * pixels + i], middle, replaced[i]);
  }
}

void fill_gray(float *image, const float *replaced, size_t height, size_t width, const channel_scale *scale) {
  static const double weights[3] = {0.299, 0.587, 0.114};
  size_t pixels = height * width;
  for (size_t i = 0; i < pixels; i++) {
    if (!(replaced[i] > 0.0F)) continue;
    double brightness = 0.0;
    for (size_t c = 0; c < 3; c++)
      brightness += weights[c] * ((double)image[c * pixels + i] * scale->std[c] + scale->mean[c]);
    for (size_t c = 0; c < 3; c++) {
      float gray = (float)((brightness - scale->mean[c]) / scale->std[c]);
      image[c * pixels + i] = mix(image[c * pixels + i], gray, replaced[i]);
    }
  }
}

/* ---- blur ---- */

/* The largest radius: beyond it, every pixel sees the border alone. */
static size_t blur_radius(size_t height, size_t width, double sigma) {
  size_t radius = (size_t)(3.0 * sigma + 0.5), longest = height > width ? height : width;
  return radius < longest ? radius : longest;
}

/* A plane, a line with borders on both sides, and the weights. */
size_t fill_blurred_work(size_t height, size_t width) {
  size_t longest = height > width ? height : width;
  return height * width + 3 * longest + longest + 1;
}

static void make_weights(float *weights, size_t radius, double sigma) {
  double sum = 1.0;
  for (size_t r = 1; r <= radius; r++) sum += 2.0 * exp(-0.5 * (double)(r * r) / (sigma * sigma));
  for (size_t r = 0; r <= radius; r++)
    weights[r] = (float)(exp(-0.5 * (double)(r * r) / (sigma * sigma)) / sum);
}

/* out[x] is the weighted mean around line[x + radius]. */
static void blur_line(float *restrict out, const float *restrict line, size_t width, const float *weights,
                      size_t radius) {
  for (size_t x = 0; x < width; x++) out[x] = weights[0] * line[x + radius];
  for (size_t r = 1; r <= radius; r++) {
    const float *before = line + radius - r, *after = line + radius + r;
    for (size_t x = 0; x < width; x++) out[x] += weights[r] * (before[x] + after[x]);
  }
}

static void blur_rows(float *out, const float *plane, size_t height, size_t width, const float *weights,
                      size_t radius, float *line) {
  for (size_t y = 0; y < height; y++) {
    const float *row = plane + y * width;
    for (size_t i = 0; i < radius; i++) {
      line[i] = row[0];
      line[radius + width + i] = row[width - 1];
    }
    memcpy(line + radius, row, width * sizeof *line);
    blur_line(out + y * width, line, width, weights, radius);
  }
}

/* Adds up whole rows, so that the inner loop runs along the memory. `out` is one row. */
static void blur_column(float *restrict out, const float *plane, size_t height, size_t width, size_t y,
                        const float *weights, size_t radius) {
  const float *row = plane + y * width;
  for (size_t x = 0; x < width; x++) out[x] = weights[0] * row[x];
  for (size_t r = 1; r <= radius; r++) {
    const float *above = plane + (y > r ? y - r : 0) * width;
    const float *below = plane + (y + r < height ? y + r : height - 1) * width;
    for (size_t x = 0; x < width; x++) out[x] += weights[r] * (above[x] + below[x]);
  }
}

void fill_blurred(float *image, const float *replaced, size_t height, size_t width, double sigma,
                  float *work) {
  size_t pixels = height * width, radius = blur_radius(height, width, sigma);
  float *line = work + pixels, *weights = line + 3 * (height > width ? height : width);
  make_weights(weights, radius, sigma);
  for (size_t c = 0; c < 3; c++) {
    float *plane = image + c * pixels;
    blur_rows(work, plane, height, width, weights, radius, line);
    for (size_t y = 0; y < height; y++) {
      blur_column(line, work, height, width, y, weights, radius);
      for (size_t x = 0; x < width; x++)
        plane[y * width + x] = mix(plane[y * width + x], line[x], replaced[y * width + x]);
    }
  }
}

/* ---- pull-push ---- */

#define PLANES 4 /* three channels, and the weight */
#define MOST_LEVELS 64

/* A grid of the pyramid: planes of three channels and of the weight, from 0 (unknown) to 1. */
typedef struct level {
  size_t height, width;
  float *planes; /* [PLANES, height, width] */
} level;

static size_t half(size_t side) {
  return (side + 1) / 2;
}

size_t fill_around_work(size_t height, size_t width) {
  size_t numbers = PLANES * height * width;
  while (height > 1 || width > 1) {
    height = half(height);
    width = half(width);
    numbers += PLANES * height * width;
  }
  return numbers;
}

static void start(level *finest, const float *image, const float *replaced) {
  size_t pixels = finest->height * finest->width;
  memcpy(finest->planes, image, 3 * pixels * sizeof *image);
  for (size_t i = 0; i < pixels; i++) finest->planes[3 * pixels + i] = 1.0F - replaced[i];
}

/* Each cell of the coarser grid is the weighted mean of up to 2 x 2 cells. */
static void pull(level *coarse, const level *fine) {
  size_t fine_cells = fine->height * fine->width, cells = coarse->height * coarse->width;
  const float *weights = fine->planes + 3 * fine_cells;
  for (size_t y = 0; y < coarse->height; y++)
    for (size_t x = 0; x < coarse->width; x++) {
      float sums[PLANES] = {0};
      for (size_t v = 2 * y; v < 2 * y + 2 && v < fine->height; v++)
        for (size_t u = 2 * x; u < 2 * x + 2 && u < fine->width; u++) {
          size_t i = v * fine->width + u;
          for (size_t c = 0; c < 3; c++) sums[c] += weights[i] * fine->planes[c * fine_cells + i];
          sums[3] += weights[i];
        }
      size_t at = y * coarse->width + x;
      for (size_t c = 0; c < 3; c++)
        coarse->planes[c * cells + at] = sums[3] > 0.0F ? sums[c] / sums[3] : 0.0F;
      coarse->planes[3 * cells + at] = fminf(sums[3], 1.0F);
    }
}

/* Where a cell of the finer grid lies on the coarser one. */
static between place(size_t fine, size_t coarse_side) {
  return between_at(((float)fine + 0.5F) / 2.0F - 0.5F, coarse_side);
}

static void push(level *fine, const level *coarse) {
  size_t cells = fine->height * fine->width, coarse_cells = coarse->height * coarse->width;
  const float *weights = fine->planes + 3 * cells;
  for (size_t y = 0; y < fine->height; y++) {
    between v = place(y, coarse->height);
    for (size_t x = 0; x < fine->width; x++) {
      size_t i = y * fine->width + x;
      if (!(weights[i] < 1.0F)) continue;
      between u = place(x, coarse->width);
      for (size_t c = 0; c < 3; c++) {
        float around = between_value(coarse->planes + c * coarse_cells, coarse->width, v, u);
        fine->planes[c * cells + i] = mix(around, fine->planes[c * cells + i], weights[i]);
      }
    }
  }
}

void fill_around(float *image, const float *replaced, size_t height, size_t width, float *work) {
  level levels[MOST_LEVELS] = {{height, width, work}};
  size_t last = 0;
  start(&levels[0], image, replaced);
  while (levels[last].height > 1 || levels[last].width > 1) {
    const level *fine = &levels[last];
    levels[last + 1] =
        (level){half(fine->height), half(fine->width), fine->planes + PLANES * fine->height * fine->width};
    pull(&levels[last + 1], fine);
    last++;
  }
  for (size_t i = last; i > 0; i--) push(&levels[i - 1], &levels[i]);
  memcpy(image, levels[0].planes, 3 * height * width * sizeof *image);
}
