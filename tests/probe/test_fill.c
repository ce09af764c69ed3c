/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/fill.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

static const channel_scale scale = {{0.5, 0.4, 0.3}, {0.25, 0.2, 0.5}};

static void assert_near(double value, double expected) {
  if (!(fabs(value - expected) <= 1e-6)) fail_msg("%.9g instead of %.9g", value, expected);
}

static double value_of(float normalised, int channel) {
  return (double)normalised * scale.std[channel] + scale.mean[channel];
}

static void gray_has_the_pixels_brightness(void **state) {
  (void)state;
  float image[6];
  const double before[3] = {0.9, 0.2, 0.6};
  for (int c = 0; c < 3; c++)
    for (int i = 0; i < 2; i++) image[2 * c + i] = (float)((before[c] - scale.mean[c]) / scale.std[c]);
  fill_gray(image, (const float[]){1, 0}, 1, 2, &scale);
  double gray = 0.299 * 0.9 + 0.587 * 0.2 + 0.114 * 0.6;
  for (int c = 0; c < 3; c++) assert_near(value_of(image[2 * c], c), gray);
  for (int c = 0; c < 3; c++) assert_near(value_of(image[2 * c + 1], c), before[c]);
}

static void middle_is_half_of_the_range(void **state) {
  (void)state;
  float image[6] = {1, 3, -1, -3, 0, 7};
  fill_middle(image, (const float[]){1, 0.5F}, 1, 2, &scale);
  const double before[3] = {3, -3, 7};
  for (int c = 0; c < 3; c++) {
    assert_near(value_of(image[2 * c], c), 0.5);
    assert_near(value_of(image[2 * c + 1], c), (0.5 + before[c] * scale.std[c] + scale.mean[c]) / 2.0);
  }
}

/* ---- blur ---- */

/* The weighted mean of all pixels near by, one by one; beyond the border it sees the border. */
static double blurred_slowly(const float *plane, int height, int width, int y, int x, double sigma) {
  int radius = (int)(3.0 * sigma + 0.5);
  double sum = 0.0, weights = 0.0;
  for (int v = y - radius; v <= y + radius; v++)
    for (int u = x - radius; u <= x + radius; u++) {
      double squares = (double)((v - y) * (v - y) + (u - x) * (u - x));
      double weight = exp(-0.5 * squares / (sigma * sigma));
      int row = v < 0 ? 0 : v >= height ? height - 1 : v, column = u < 0 ? 0 : u >= width ? width - 1 : u;
      sum += weight * (double)plane[row * width + column];
      weights += weight;
    }
  return sum / weights;
}

static void blur_is_gaussian(void **state) {
  (void)state;
  enum { HEIGHT = 11, WIDTH = 17, PIXELS = HEIGHT * WIDTH };
  static float image[3 * PIXELS], before[3 * PIXELS], replaced[PIXELS];
  uint32_t random = 3;
  for (int round = 0; round < 3; round++) {
    double sigma = round == 0 ? 0.2 : round == 1 ? 1.3 : 3.4; /* the last radius is nearly the height */
    float *work = malloc(fill_blurred_work(HEIGHT, WIDTH) * sizeof *work);
    assert_non_null(work);
    for (size_t i = 0; i < 3 * PIXELS; i++) {
      random = random * 1664525U + 1013904223U;
      image[i] = before[i] = (float)(random >> 8) / 16777216.0F;
    }
    for (size_t i = 0; i < PIXELS; i++) replaced[i] = i % 5 == 0 ? 0.0F : i % 5 == 1 ? 0.5F : 1.0F;
    fill_blurred(image, replaced, HEIGHT, WIDTH, sigma, work);
    for (int i = 0; i < 3 * PIXELS; i++) {
      int at = i % PIXELS;
      double blurred = blurred_slowly(before + i - at, HEIGHT, WIDTH, at / WIDTH, at % WIDTH, sigma);
      double own = (double)before[i], share = (double)replaced[at];
      assert_near((double)image[i], own + share * (blurred - own));
    }
    free(work);
  }
}

/* Images smaller than the radius. */
static void blur_of_few_pixels_keeps_their_mean(void **state) {
  (void)state;
  float image[6] = {1, 1, 2, 4, -3, -3}, work[64];
  assert_true(fill_blurred_work(1, 2) <= 64);
  fill_blurred(image, (const float[]){1, 1}, 1, 2, 50.0, work);
  assert_near((double)image[0], 1.0);
  assert_true(image[2] > 2.0F && image[2] < image[3] && image[3] < 4.0F);
  assert_near((double)image[2] + (double)image[3], 6.0);
  assert_near((double)image[5], -3.0);
}

/* ---- from around ---- */

/* An image of random numbers with a hole of random pixels and a square one, filled from around. */
static void around(float *image, float *before, float *replaced, size_t height, size_t width) {
  uint32_t random = (uint32_t)(height * 31 + width);
  size_t pixels = height * width;
  float *work = malloc(fill_around_work(height, width) * sizeof *work);
  assert_non_null(work);
  for (size_t i = 0; i < 3 * pixels; i++) {
    random = random * 1664525U + 1013904223U;
    image[i] = (float)(random >> 8) / 16777216.0F;
  }
  for (size_t i = 0; i < pixels; i++) {
    size_t y = i / width, x = i % width;
    bool in_square = y >= height / 4 && y < height / 2 + 1 && x >= width / 3 && x < width / 3 + width / 2;
    random = random * 1664525U + 1013904223U;
    replaced[i] = i > 0 && (in_square || random >> 28 == 0) ? 1.0F : 0.0F;
  }
  memcpy(before, image, 3 * pixels * sizeof *image);
  fill_around(image, replaced, height, width, work);
  free(work);
}

static void around_stays_within_its_surroundings(void **state) {
  (void)state;
  static float image[3 * 64 * 64], before[3 * 64 * 64], replaced[64 * 64];
  static const size_t sizes[][2] = {{64, 64}, {37, 50}, {5, 64}, {1, 9}, {7, 1}, {1, 1}, {2, 3}};
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    size_t pixels = sizes[s][0] * sizes[s][1];
    around(image, before, replaced, sizes[s][0], sizes[s][1]);
    for (size_t c = 0; c < 3; c++) {
      float low = INFINITY, high = -INFINITY;
      for (size_t i = 0; i < pixels; i++)
        if (replaced[i] < 0.5F) {
          assert_true(image[c * pixels + i] == before[c * pixels + i]); /* nothing else changes */
          low = fminf(low, before[c * pixels + i]);
          high = fmaxf(high, before[c * pixels + i]);
        }
      for (size_t i = 0; i < pixels; i++)
        assert_true(image[c * pixels + i] >= low - 1e-6F && image[c * pixels + i] <= high + 1e-6F);
    }
  }
}

/* The left half is 0 and the right half 1, with a hole between them: what fills it rises from left to right.
 */
static void around_is_smooth(void **state) {
  (void)state;
  enum { SIDE = 32 };
  static float image[3 * SIDE * SIDE], replaced[SIDE * SIDE];
  float *work = malloc(fill_around_work(SIDE, SIDE) * sizeof *work);
  for (size_t i = 0; i < 3 * SIDE * SIDE; i++) image[i] = i % SIDE < SIDE / 2 ? 0.0F : 1.0F;
  for (size_t i = 0; i < SIDE * SIDE; i++) replaced[i] = i % SIDE >= 8 && i % SIDE < 24 ? 1.0F : 0.0F;
  fill_around(image, replaced, SIDE, SIDE, work);
  const float *row = image + (size_t)13 * SIDE;
  for (size_t x = 1; x < SIDE; x++) assert_true(row[x] >= row[x - 1] && row[x] - row[x - 1] < 0.2F);
  assert_near((double)row[15] + (double)row[16], 1.0);
  free(work);
}

static void around_nothing_is_zero(void **state) {
  (void)state;
  float image[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, work[64];
  assert_true(fill_around_work(2, 2) <= 64);
  fill_around(image, (const float[]){1, 1, 1, 1}, 2, 2, work);
  for (int i = 0; i < 12; i++) assert_true(image[i] == 0.0F);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(middle_is_half_of_the_range),
      cmocka_unit_test(gray_has_the_pixels_brightness),
      cmocka_unit_test(blur_is_gaussian),
      cmocka_unit_test(blur_of_few_pixels_keeps_their_mean),
      cmocka_unit_test(around_stays_within_its_surroundings),
      cmocka_unit_test(around_is_smooth),
      cmocka_unit_test(around_nothing_is_zero),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
