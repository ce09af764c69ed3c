/* SPDX-License-Identifier: Apache-2.0 */
/* The methods against the formulas of <checkrob/saliency.h>, worked by hand and written down a
 * second time, plainly. */
#include <checkrob/saliency.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

static const checkrob_method both[] = {CHECKROB_METHOD_GRADCAM, CHECKROB_METHOD_GRADCAMPP};

static void compute(float *map, checkrob_method method, const float *activation, const float *gradient,
                    size_t channels, size_t height, size_t width) {
  for (size_t i = 0; i < height * width; i++) map[i] = -7.0F;
  assert_int_equal(checkrob_saliency(map, method, activation, gradient, channels, height, width),
                   CHECKROB_OK);
}

static void assert_map(const float *map, const double *expected, size_t count) {
  for (size_t i = 0; i < count; i++) assert_float_equal(map[i], (float)expected[i], 1e-6F);
}

static void assert_empty(const float *map, size_t count) {
  for (size_t i = 0; i < count; i++) assert_true(map[i] == 0.0F);
}

/* ---- by hand ---- */

static void gradcam_by_hand(void **state) {
  (void)state;
  const float activation[] = {1, 2, 3, 4, /* */ 4, 0, 2, 2};
  const float gradient[] = {0, 2, 2, 4, /* mean 2 */ -1, -1, -2, 0 /* mean -1 */};
  float map[4];
  /* L = relu(2 A_0 - A_1) = 0 (-2 before), 4, 4, 6 */
  compute(map, CHECKROB_METHOD_GRADCAM, activation, gradient, 2, 2, 2);
  assert_map(map, (double[]){0, 4.0 / 6, 4.0 / 6, 1}, 4);
}

static void gradcam_subtracts_the_minimum(void **state) {
  (void)state;
  const float activation[] = {3, 4, 5, 7};
  const float gradient[] = {1, 1, 1, 1};
  float map[4];
  compute(map, CHECKROB_METHOD_GRADCAM, activation, gradient, 1, 2, 2);
  assert_map(map, (double[]){0, 0.25, 0.5, 1}, 4);
}

static void xgradcam_by_hand(void **state) {
  (void)state;
  /* a_0 = (1*0 + 2*1 + 1*2) / 4 = 1, a_1 = (2*-1 + 2*0 + 0) / 4 = -0.5; L = relu(1-1, 2-1, 1-0) */
  const float activation[] = {1, 2, 1, /* */ 2, 2, 0};
  const float gradient[] = {0, 1, 2, /* */ -1, 0, 5};
  float map[3];
  compute(map, CHECKROB_METHOD_XGRADCAM, activation, gradient, 2, 1, 3);
  assert_map(map, (double[]){0, 1, 1}, 3);
  /* A channel that sums to 0: 1e-7 makes its weight finite, here 3 / 1e-7, and so its shape. */
  compute(map, CHECKROB_METHOD_XGRADCAM, (float[]){-1, 0, 1}, (float[]){0, 0, 3}, 1, 1, 3);
  assert_map(map, (double[]){0, 0, 1}, 3);
}

static void hirescam_by_hand(void **state) {
  (void)state;
  const float activation[] = {1, 2, 3, /* */ 4, 1, 2};
  const float gradient[] = {2, 1, -1, /* */ 1, 1, 1};
  float map[3];
  /* 2+4, 2+1, -3+2 = 6, 3, -1 */
  compute(map, CHECKROB_METHOD_HIRESCAM, activation, gradient, 2, 1, 3);
  assert_map(map, (double[]){1, 0.5, 0}, 3);
}

static void layercam_by_hand(void **state) {
  (void)state;
  const float activation[] = {1, 2, 3, /* */ 4, 1, 2};
  const float gradient[] = {2, 1, -1, /* */ 1, -1, 1};
  float map[3];
  /* 2+4, 2+0, 0+2 = 6, 2, 2 */
  compute(map, CHECKROB_METHOD_LAYERCAM, activation, gradient, 2, 1, 3);
  assert_map(map, (double[]){1, 0, 0}, 3);
}

static void later_methods_pass_no_nan_over(void **state) {
  (void)state;
  static const checkrob_method later[] = {CHECKROB_METHOD_XGRADCAM, CHECKROB_METHOD_HIRESCAM,
                                          CHECKROB_METHOD_LAYERCAM};
  const float sound[] = {1, 2, 3}, broken[] = {1, NAN, 3};
  float map[3];
  for (size_t i = 0; i < 3; i++) {
    compute(map, later[i], sound, broken, 1, 1, 3);
    assert_empty(map, 3);
    compute(map, later[i], broken, sound, 1, 1, 3);
    assert_empty(map, 3);
  }
}

static void gradcampp_by_hand(void **state) {
  (void)state;
  /* Channel 0: sum(A G^3) = 1*1 + 3*8 = 25; alpha = 1/27 and 4/33 where G is 1 and 2;
     w = 1/27 + 2 * 4/33 = 0.279461279...
     Channel 1: G = -1, 1; sum(A G^3) = -2 + 6 = 4; alpha = 1/6 at the second position alone counts. */
  const float activation[] = {1, 3, /* */ 2, 6};
  const float gradient[] = {1, 2, /* */ -1, 1};
  double w0 = 1.0 / 27 + 8.0 / 33, w1 = 1.0 / 6;
  double low = w0 + 2 * w1, high = 3 * w0 + 6 * w1;
  float map[2];
  compute(map, CHECKROB_METHOD_GRADCAMPP, activation, gradient, 2, 1, 2);
  assert_map(map, (double[]){0, 1}, 2);

  /* A third position, between the two, shows the weights' ratio: A = 2 and 3 there, with no gradient. */
  const float three[] = {1, 2, 3, /* */ 2, 3, 6};
  const float slopes[] = {1, 0, 2, /* */ -1, 0, 1};
  float wide[3];
  compute(wide, CHECKROB_METHOD_GRADCAMPP, three, slopes, 2, 1, 3);
  assert_map(wide, (double[]){0, (2 * w0 + 3 * w1 - low) / (high - low), 1}, 3);
}

/* 2 G^2 + sum(A G^3) + eps may be negative: the weight then is too, as in the authors' code. */
static void gradcampp_takes_negative_activations(void **state) {
  (void)state;
  const float activation[] = {-4, 1, 2};
  const float gradient[] = {1, 0, 0};
  /* sum(A G^3) = -4; alpha = 1 / (2 - 4) = -0.5 = w; L = relu(2, -0.5, -1) */
  float map[3];
  compute(map, CHECKROB_METHOD_GRADCAMPP, activation, gradient, 1, 1, 3);
  assert_map(map, (double[]){1, 0, 0}, 3);
}

static void negative_evidence_alone_is_empty(void **state) {
  (void)state;
  const float activation[] = {1, 2, 3, 4};
  const float gradient[] = {-1, -1, -2, -1};
  float map[4];
  for (size_t m = 0; m < 2; m++) {
    compute(map, both[m], activation, gradient, 1, 2, 2);
    assert_empty(map, 4);
  }
}

/* ---- against the formulas, written down again ---- */

static double relu(double value) {
  return value > 0 ? value : 0;
}

static double reference_weight(checkrob_method method, const float *a, const float *g, size_t n) {
  double mean = 0, sum = 0, weight = 0;
  for (size_t i = 0; i < n; i++) {
    mean += (double)g[i] / (double)n;
    sum += (double)a[i] * pow((double)g[i], 3);
  }
  for (size_t i = 0; i < n; i++) {
    double denominator = 2 * pow((double)g[i], 2) + sum + 1e-7;
    weight += pow((double)g[i], 2) / (denominator == 0 ? 1 : denominator) * relu((double)g[i]);
  }
  return method == CHECKROB_METHOD_GRADCAM ? mean : weight;
}

static void reference(double *map, checkrob_method method, const float *a, const float *g, size_t channels,
                      size_t n) {
  for (size_t i = 0; i < n; i++) map[i] = 0;
  for (size_t k = 0; k < channels; k++) {
    double weight = reference_weight(method, a + k * n, g + k * n, n);
    for (size_t i = 0; i < n; i++) map[i] += weight * (double)a[k * n + i];
  }
  double low = DBL_MAX, high = 0;
  for (size_t i = 0; i < n; i++) {
    map[i] = relu(map[i]);
    low = fmin(low, map[i]);
  }
  for (size_t i = 0; i < n; i++) high = fmax(high, map[i] -= low);
  for (size_t i = 0; i < n; i++) map[i] /= high > 0 ? high : 1;
}

/* -1 to 1, from a linear congruential generator: the same everywhere. */
static float noise(uint32_t *seed) {
  *seed = *seed * 1664525U + 1013904223U;
  return (float)((double)(*seed >> 8) / (1 << 23) - 1.0);
}

static void fill(float *values, size_t count, uint32_t seed, double scale, double shift) {
  for (size_t i = 0; i < count; i++) values[i] = (float)(scale * ((double)noise(&seed) + shift));
}

static void agrees_with_the_reference(void **state) {
  (void)state;
  static const size_t shapes[][3] = {{1, 1, 2}, {3, 2, 2}, {64, 7, 7}, {17, 5, 9}, {256, 13, 4}};
  static const double gradient_scales[] = {1.0, 1e-3, 1e-8, 1e-13, 1e4};
  for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
    size_t channels = shapes[s][0], n = shapes[s][1] * shapes[s][2];
    float *a = malloc(channels * n * sizeof *a), *g = malloc(channels * n * sizeof *g);
    float *map = malloc(n * sizeof *map);
    double *expected = malloc(n * sizeof *expected);
    assert_true(a && g && map && expected);
    for (size_t t = 0; t < 10; t++) {
      uint32_t seed = (uint32_t)(100 * s + t);
      fill(a, channels * n, seed, 3.0, t % 2 ? 1.0 : 0.0); /* after a relu, and not */
      fill(g, channels * n, seed + 7, gradient_scales[t / 2], 0.3);
      for (size_t m = 0; m < 2; m++) {
        compute(map, both[m], a, g, channels, shapes[s][1], shapes[s][2]);
        reference(expected, both[m], a, g, channels, n);
        assert_map(map, expected, n);
      }
    }
    free(a);
    free(g);
    free(map);
    free(expected);
  }
}

/* ---- invariants ---- */

static void runs_from_zero_to_one(void **state) {
  (void)state;
  float a[8 * 30], g[8 * 30], map[30];
  for (uint32_t seed = 0; seed < 50; seed++) {
    fill(a, 240, seed, 1.0, 1.0);
    fill(g, 240, seed + 1000, 1.0, 0.2);
    for (size_t m = 0; m < 2; m++) {
      compute(map, both[m], a, g, 8, 5, 6);
      float low = 2, high = -1;
      for (size_t i = 0; i < 30; i++) {
        low = fminf(low, map[i]);
        high = fmaxf(high, map[i]);
      }
      assert_true(low == 0.0F && high == 1.0F);
    }
  }
}

/* A positive factor on the activation, and for Grad-CAM on the gradient, cancels in the normalisation. That
 * is why Grad-CAM++ can leave the factor exp(logit) out. */
static void does_not_depend_on_scale(void **state) {
  (void)state;
  float a[4 * 12], g[4 * 12], scaled[4 * 12], map[12], again[12];
  fill(a, 48, 1, 1.0, 1.0);
  fill(g, 48, 2, 1.0, 0.2);
  for (size_t i = 0; i < 48; i++) scaled[i] = ldexpf(a[i], 10);
  compute(map, CHECKROB_METHOD_GRADCAM, a, g, 4, 3, 4);
  compute(again, CHECKROB_METHOD_GRADCAM, scaled, g, 4, 3, 4);
  assert_memory_equal(map, again, sizeof map);
  for (int power = -100; power <= 100; power += 20) {
    for (size_t i = 0; i < 48; i++) scaled[i] = ldexpf(g[i], power);
    compute(again, CHECKROB_METHOD_GRADCAM, a, scaled, 4, 3, 4);
    assert_memory_equal(map, again, sizeof map);
  }
}

static void does_not_depend_on_channel_order(void **state) {
  (void)state;
  float a[2 * 6], g[2 * 6], swapped_a[2 * 6], swapped_g[2 * 6], map[6], again[6];
  fill(a, 12, 3, 1.0, 1.0);
  fill(g, 12, 4, 1.0, 0.5);
  for (size_t i = 0; i < 12; i++) {
    swapped_a[(i + 6) % 12] = a[i];
    swapped_g[(i + 6) % 12] = g[i];
  }
  for (size_t m = 0; m < 2; m++) {
    compute(map, both[m], a, g, 2, 2, 3);
    compute(again, both[m], swapped_a, swapped_g, 2, 2, 3);
    for (size_t i = 0; i < 6; i++) assert_float_equal(map[i], again[i], 1e-6F);
  }
}

/* Networks that are sure of themselves have gradients near 1e-13; their cubes are no float32 any more. */
static void tiny_gradients_still_give_a_map(void **state) {
  (void)state;
  const float activation[] = {0, 1, 2, 4};
  float map[4];
  for (int power = -37; power <= 37; power++) {
    float g = powf(10.0F, (float)power);
    const float gradient[] = {g, g, g, g};
    for (size_t m = 0; m < 2; m++) {
      compute(map, both[m], activation, gradient, 1, 2, 2);
      assert_map(map, (double[]){0, 0.25, 0.5, 1}, 4);
    }
  }
}

static void takes_the_largest_floats(void **state) {
  (void)state;
  const float activation[] = {0, FLT_MAX / 2, FLT_MAX, /* */ FLT_MAX, 0, 0};
  const float gradient[] = {FLT_MAX, FLT_MAX, FLT_MAX, /* */ FLT_MIN, FLT_MIN, FLT_MIN};
  float map[3];
  for (size_t m = 0; m < 2; m++) {
    compute(map, both[m], activation, gradient, 2, 1, 3);
    assert_map(map, (double[]){0, 0.5, 1}, 3);
  }
}

/* ---- empty maps ---- */

static void nothing_to_see_is_empty(void **state) {
  (void)state;
  const float zeros[4] = {0}, ones[] = {1, 1, 1, 1}, some[] = {1, 2, 3, 4};
  float map[4];
  for (size_t m = 0; m < 2; m++) {
    compute(map, both[m], zeros, ones, 1, 2, 2);
    assert_empty(map, 4);
    compute(map, both[m], some, zeros, 1, 2, 2);
    assert_empty(map, 4);
    compute(map, both[m], ones, ones, 1, 2, 2); /* the same everywhere */
    assert_empty(map, 4);
    compute(map, both[m], some, ones, 4, 1, 1); /* a single position cannot stand out */
    assert_empty(map, 1);
  }
}

/* One value that is no number spoils the map, wherever it stands: the network broke down, and what is left is
 * not its evidence. */
static void what_is_no_number_is_empty(void **state) {
  (void)state;
  const float bad[] = {NAN, INFINITY, -INFINITY};
  float map[4];
  for (size_t b = 0; b < 3; b++)
    for (size_t place = 0; place < 8; place++)
      for (size_t m = 0; m < 2; m++) {
        float activation[] = {1, 2, 3, 4, 4, 3, 2, 1}, gradient[] = {1, 1, 1, 1, 2, 1, 1, 0.5F};
        activation[place] = bad[b];
        compute(map, both[m], activation, gradient, 2, 2, 2);
        assert_empty(map, 4);
        activation[place] = 1;
        gradient[place] = bad[b];
        compute(map, both[m], activation, gradient, 2, 2, 2);
        assert_empty(map, 4);
      }
}

static void a_broken_channel_is_not_passed_over(void **state) {
  (void)state;
  const float activation[] = {1, 2, 3, 4, /* */ 1, 2, 3, 5, /* */ 0, 0, 0, 0};
  const float bad[] = {NAN, INFINITY, -INFINITY};
  float map[4];
  for (size_t b = 0; b < 3; b++)
    for (size_t broken = 1; broken < 3; broken++)
      for (size_t m = 0; m < 2; m++) {
        /* No positive gradient is left in the broken channel. */
        float gradient[12] = {1, 1, 1, 1};
        for (size_t i = 0; i < 4; i++) gradient[4 * broken + i] = bad[b];
        compute(map, both[m], activation, gradient, 3, 2, 2);
        assert_empty(map, 4);
      }
}

/* ---- names and arguments ---- */

static void finds_methods_by_name(void **state) {
  (void)state;
  static const struct {
    const char *name;
    checkrob_method method;
  } names[] = {{"gradcam", CHECKROB_METHOD_GRADCAM},
               {"GradCAM", CHECKROB_METHOD_GRADCAM},
               {"gradcam++", CHECKROB_METHOD_GRADCAMPP},
               {"Gradcam++", CHECKROB_METHOD_GRADCAMPP},
               {"gradcampp", CHECKROB_METHOD_GRADCAMPP},
               {"SmoothGradCAMpp", CHECKROB_METHOD_SMOOTHGRADCAMPP},
               {"integrated-gradients", CHECKROB_METHOD_INTEGRATED_GRADIENTS}};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    checkrob_method method = 0;
    assert_int_equal(checkrob_method_find(&method, names[i].name), CHECKROB_OK);
    assert_int_equal(method, names[i].method);
  }
  assert_string_equal(checkrob_method_name(CHECKROB_METHOD_GRADCAM), "gradcam");
  assert_string_equal(checkrob_method_name(CHECKROB_METHOD_GRADCAMPP), "gradcam++");
  assert_null(checkrob_method_name((checkrob_method)77));
}

static void names_the_methods_that_exist(void **state) {
  (void)state;
  checkrob_method method = CHECKROB_METHOD_GRADCAM;
  assert_int_equal(checkrob_method_find(&method, "gradcam+"), CHECKROB_ERROR_NOT_FOUND);
  assert_int_equal(method, CHECKROB_METHOD_GRADCAM);
  assert_non_null(strstr(checkrob_last_error(), "'gradcam+'"));
  assert_non_null(strstr(checkrob_last_error(), "gradcam, gradcam++, smoothgradcam++, xgradcam, hirescam"));
  assert_int_equal(checkrob_method_find(&method, ""), CHECKROB_ERROR_NOT_FOUND);
  assert_int_equal(checkrob_method_find(&method, "grad-cam"), CHECKROB_ERROR_NOT_FOUND);
  assert_int_equal(checkrob_method_find(NULL, "gradcam"), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_method_find(&method, NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
}

static void refuses_wrong_arguments(void **state) {
  (void)state;
  const float some[] = {1};
  float map[] = {5};
  const checkrob_method method = CHECKROB_METHOD_GRADCAM;
  assert_int_equal(checkrob_saliency(NULL, method, some, some, 1, 1, 1), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_saliency(map, method, NULL, some, 1, 1, 1), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_saliency(map, method, some, NULL, 1, 1, 1), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_saliency(map, method, some, some, 0, 1, 1), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_saliency(map, method, some, some, 1, 0, 1), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_saliency(map, method, some, some, 1, 1, 0), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_saliency(map, (checkrob_method)0, some, some, 1, 1, 1),
                   CHECKROB_ERROR_INVALID_ARGUMENT);
  /* It runs the model, which is not here. */
  assert_int_equal(checkrob_saliency(map, CHECKROB_METHOD_SCORECAM, some, some, 1, 1, 1),
                   CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_true(map[0] == 5.0F);
}

static void lists_its_methods(void **state) {
  (void)state;
  size_t pure = 0;
  assert_int_equal(checkrob_method_count(), 11);
  for (size_t i = 0; i < checkrob_method_count(); i++) {
    checkrob_method_info info = CHECKROB_METHOD_INFO_INIT;
    checkrob_method found = 0;
    assert_int_equal(checkrob_method_at(&info, i), CHECKROB_OK);
    assert_int_equal(checkrob_method_find(&found, info.name), CHECKROB_OK);
    assert_int_equal(found, info.method);
    assert_string_equal(checkrob_method_name(info.method), info.name);
    assert_true(strlen(info.summary) > 10 && strlen(info.source) > 10);
    pure += (size_t)info.is_pure;
    assert_int_equal(info.is_random, info.method == CHECKROB_METHOD_SMOOTHGRADCAMPP);
  }
  assert_int_equal(pure, 7);
  checkrob_method_info info = CHECKROB_METHOD_INFO_INIT;
  assert_int_equal(checkrob_method_at(&info, 11), CHECKROB_ERROR_INVALID_ARGUMENT);
}

/* G_k = w_k / 4 at every position, as before a global average pooling. */
static void cam_by_hand(void **state) {
  (void)state;
  const float activation[] = {1, 0, 2, 4, /* */ 1, 3, 0, 0};
  float gradient[] = {0.5F, 0.5F, 0.5F, 0.5F, /* */ -0.25F, -0.25F, -0.25F, -0.25F}, map[4];
  compute(map, CHECKROB_METHOD_CAM, activation, gradient, 2, 2, 2);
  const double expected[] = {0.125, 0, 0.5, 1};
  assert_map(map, expected, 4);
  gradient[5] = -0.26F;
  assert_int_equal(checkrob_saliency(map, CHECKROB_METHOD_CAM, activation, gradient, 2, 2, 2),
                   CHECKROB_ERROR_MODEL_UNSUPPORTED);
  assert_non_null(strstr(checkrob_last_error(), "global average pooling"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gradcam_by_hand),
      cmocka_unit_test(cam_by_hand),
      cmocka_unit_test(lists_its_methods),
      cmocka_unit_test(gradcam_subtracts_the_minimum),
      cmocka_unit_test(gradcampp_by_hand),
      cmocka_unit_test(xgradcam_by_hand),
      cmocka_unit_test(hirescam_by_hand),
      cmocka_unit_test(layercam_by_hand),
      cmocka_unit_test(later_methods_pass_no_nan_over),
      cmocka_unit_test(gradcampp_takes_negative_activations),
      cmocka_unit_test(negative_evidence_alone_is_empty),
      cmocka_unit_test(agrees_with_the_reference),
      cmocka_unit_test(runs_from_zero_to_one),
      cmocka_unit_test(does_not_depend_on_scale),
      cmocka_unit_test(does_not_depend_on_channel_order),
      cmocka_unit_test(tiny_gradients_still_give_a_map),
      cmocka_unit_test(takes_the_largest_floats),
      cmocka_unit_test(nothing_to_see_is_empty),
      cmocka_unit_test(what_is_no_number_is_empty),
      cmocka_unit_test(a_broken_channel_is_not_passed_over),
      cmocka_unit_test(finds_methods_by_name),
      cmocka_unit_test(names_the_methods_that_exist),
      cmocka_unit_test(refuses_wrong_arguments),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
