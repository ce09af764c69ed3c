/* SPDX-License-Identifier: Apache-2.0 */
/* Eigen-CAM against eigenvectors found in another way: by Jacobi rotations of the channels' covariance. */
#include <checkrob/saliency.h>
#include <math.h>
#include <string.h>

#include "support/test.h"

enum { MOST = 12 };

static void rotate(double a[MOST][MOST], double v[MOST][MOST], size_t n, size_t p, size_t q) {
  if (fabs(a[p][q]) < 1e-300) return;
  double theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
  double t = (theta >= 0.0 ? 1.0 : -1.0) / (fabs(theta) + sqrt(theta * theta + 1.0));
  double c = 1.0 / sqrt(t * t + 1.0), s = t * c;
  for (size_t i = 0; i < n; i++) {
    double x = a[i][p], y = a[i][q];
    a[i][p] = c * x - s * y;
    a[i][q] = s * x + c * y;
    double u = v[i][p], w = v[i][q];
    v[i][p] = c * u - s * w;
    v[i][q] = s * u + c * w;
  }
  for (size_t i = 0; i < n; i++) {
    double x = a[p][i], y = a[q][i];
    a[p][i] = c * x - s * y;
    a[q][i] = s * x + c * y;
  }
}

/* The projection before relu, with the sign of saliency.h. */
static void reference(double *map, const float *activation, size_t channels, size_t positions) {
  double x[MOST][64], a[MOST][MOST] = {{0}}, v[MOST][MOST] = {{0}};
  for (size_t k = 0; k < channels; k++) {
    double mean = 0.0;
    for (size_t i = 0; i < positions; i++) mean += (double)activation[k * positions + i] / (double)positions;
    for (size_t i = 0; i < positions; i++) x[k][i] = (double)activation[k * positions + i] - mean;
    v[k][k] = 1.0;
  }
  for (size_t k = 0; k < channels; k++)
    for (size_t l = 0; l < channels; l++)
      for (size_t i = 0; i < positions; i++) a[k][l] += x[k][i] * x[l][i];
  for (int sweep = 0; sweep < 50; sweep++)
    for (size_t p = 0; p + 1 < channels; p++)
      for (size_t q = p + 1; q < channels; q++) rotate(a, v, channels, p, q);
  size_t best = 0;
  for (size_t k = 1; k < channels; k++)
    if (a[k][k] > a[best][best]) best = k;
  double with_sum = 0.0;
  for (size_t i = 0; i < positions; i++) {
    double sum = 0.0;
    map[i] = 0.0;
    for (size_t k = 0; k < channels; k++) {
      map[i] += v[k][best] * x[k][i];
      sum += x[k][i];
    }
    with_sum += map[i] * sum;
  }
  for (size_t i = 0; i < positions && with_sum < 0.0; i++) map[i] = -map[i];
}

static void check(const float *activation, size_t channels, size_t height, size_t width) {
  double expected[64], high = 0.0;
  float map[64];
  reference(expected, activation, channels, height * width);
  for (size_t i = 0; i < height * width; i++) high = fmax(high, expected[i]);
  assert_true(high > 0.0);
  assert_int_equal(
      checkrob_saliency(map, CHECKROB_METHOD_EIGENCAM, activation, NULL, channels, height, width),
      CHECKROB_OK);
  for (size_t i = 0; i < height * width; i++)
    assert_true(fabs((double)map[i] - fmax(expected[i], 0.0) / high) < 1e-6);
}

static void agrees_with_jacobi(void **state) {
  (void)state;
  static const size_t shapes[][3] = {{1, 2, 3},  {2, 3, 3}, {5, 4, 4}, {12, 2, 2},
                                     {12, 3, 2}, {9, 3, 3}, {3, 8, 8}};
  uint32_t random = 5;
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
    for (int trial = 0; trial < 20; trial++) {
      float activation[MOST * 64];
      for (size_t i = 0; i < MOST * 64; i++) {
        random = random * 1664525U + 1013904223U;
        activation[i] = (float)(random >> 8) / (float)(1 << 24) - 0.3F;
      }
      check(activation, shapes[s][0], shapes[s][1], shapes[s][2]);
    }
}

/* One channel is its own component; its mean is taken out, and what is below it is no evidence. */
static void one_channel_by_hand(void **state) {
  (void)state;
  const float activation[] = {1, 2, 3, 6};
  float map[4];
  assert_int_equal(checkrob_saliency(map, CHECKROB_METHOD_EIGENCAM, activation, NULL, 1, 2, 2), CHECKROB_OK);
  static const float expected[] = {0, 0, 0, 1};
  assert_memory_equal(map, expected, sizeof map);
}

static void nothing_varies_is_empty(void **state) {
  (void)state;
  const float activation[] = {2, 2, 2, 2, 5, 5, 5, 5};
  float map[4];
  assert_int_equal(checkrob_saliency(map, CHECKROB_METHOD_EIGENCAM, activation, NULL, 2, 2, 2), CHECKROB_OK);
  for (size_t i = 0; i < 4; i++) assert_true(map[i] == 0.0F);
}

static void what_is_no_number_is_empty(void **state) {
  (void)state;
  float map[4];
  for (size_t place = 0; place < 8; place++) {
    float activation[] = {1, 2, 3, 4, 4, 3, 2, 9};
    activation[place] = place % 2 ? NAN : INFINITY;
    assert_int_equal(checkrob_saliency(map, CHECKROB_METHOD_EIGENCAM, activation, NULL, 2, 2, 2),
                     CHECKROB_OK);
    for (size_t i = 0; i < 4; i++) assert_true(map[i] == 0.0F);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(agrees_with_jacobi),
      cmocka_unit_test(one_channel_by_hand),
      cmocka_unit_test(nothing_varies_is_empty),
      cmocka_unit_test(what_is_no_number_is_empty),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
