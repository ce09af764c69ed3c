/* SPDX-License-Identifier: Apache-2.0 */
/* Smooth Grad-CAM++'s noise: its distribution, and the maps worked out from the very same noise on the fake
 * model. */
#include "explain/noise.h"

#include <checkrob/explain.h>
#include <math.h>
#include <string.h>

#include "fake/fake_shim.h"
#include "support/test.h"

enum { SIDE = 32, PIXELS = SIDE * SIDE, SIZE = 3 * PIXELS, CELLS = 4, POSITIONS = CELLS * CELLS, COUNT = 2 };

static const int64_t targets[COUNT] = {0, 1};
static float images[COUNT * SIZE];

/* Values of [-0.5, 1.5), brighter where the colour's own class is to look. */
static void fill_images(void) {
  uint32_t random = 5;
  for (size_t i = 0; i < COUNT * SIZE; i++) {
    random = random * 1664525U + 1013904223U;
    images[i] = (float)(random >> 8) / (float)(1 << 24) - 0.5F + (float)(i % PIXELS / SIDE / 8) / 3.0F;
  }
}

static void noise_is_gaussian(void **state) {
  (void)state;
  enum { DRAWS = 200000 };
  fill_images();
  noise_stream stream = noise_start(3, images, SIZE);
  double sums[5] = {0};
  size_t beyond_two = 0;
  double last = 0.0, product = 0.0;
  for (size_t i = 0; i < DRAWS; i++) {
    double x = noise_next(&stream);
    assert_true(isfinite(x));
    for (int power = 1; power <= 4; power++) sums[power] += pow(x, power) / DRAWS;
    beyond_two += fabs(x) > 2.0;
    product += x * last / DRAWS;
    last = x;
  }
  /* Five standard errors of each: sqrt(1, 2, 15, 96, 1 over DRAWS). */
  const double error = 5.0 / sqrt(DRAWS);
  assert_true(fabs(sums[1]) < error);
  assert_true(fabs(sums[2] - 1.0) < error * sqrt(2.0));
  assert_true(fabs(sums[3]) < error * sqrt(15.0));
  assert_true(fabs(sums[4] - 3.0) < error * sqrt(96.0));
  assert_true(fabs(product) < error);
  assert_true(fabs((double)beyond_two / DRAWS - 0.0455) < error * 0.21);
}

/* Streams of neighbouring seeds, or of images that differ in one bit of their last number, go separate ways.
 */
static void streams_are_separate(void **state) {
  (void)state;
  fill_images();
  noise_stream same = noise_start(1, images, SIZE), again = noise_start(1, images, SIZE);
  noise_stream other_seed = noise_start(2, images, SIZE);
  images[SIZE - 1] = nextafterf(images[SIZE - 1], 2.0F);
  noise_stream other_image = noise_start(1, images, SIZE);
  double with_seed = 0.0, with_image = 0.0;
  for (size_t i = 0; i < 10000; i++) {
    double x = noise_next(&same);
    assert_true(x == noise_next(&again));
    with_seed += x * noise_next(&other_seed) / 10000.0;
    with_image += x * noise_next(&other_image) / 10000.0;
  }
  assert_true(fabs(with_seed) < 0.05);
  assert_true(fabs(with_image) < 0.05);
}

/* The standard deviation is 0.15 of the image's own range, not of the batch's. */
static double deviation_of(const float *image) {
  float low = INFINITY, high = -INFINITY;
  for (size_t i = 0; i < SIZE; i++) {
    low = fminf(low, image[i]);
    high = fmaxf(high, image[i]);
  }
  return 0.15 * ((double)high - (double)low);
}

/* relu and normalisation are part of Grad-CAM++: `map` comes from the library, which other tests hold against
 * its formula. */
static void add_gradcampp(double *sum, checkrob_cut *cut, const float *copy, int64_t target) {
  checkrob_capture *capture = NULL;
  float map[POSITIONS];
  assert_int_equal(checkrob_cut_run(&capture, cut, copy, 1, SIDE, SIDE, &target), CHECKROB_OK);
  assert_int_equal(checkrob_saliency(map, CHECKROB_METHOD_GRADCAMPP, checkrob_capture_activation(capture, 0),
                                     checkrob_capture_gradient(capture, 0), 3, CELLS, CELLS),
                   CHECKROB_OK);
  for (size_t i = 0; i < POSITIONS; i++) sum[i] += (double)map[i];
  checkrob_capture_free(capture);
}

static void expect_smooth(const float *map, checkrob_cut *cut, const float *image, int64_t target,
                          size_t samples) {
  static float copy[SIZE];
  double sum[POSITIONS] = {0}, low = INFINITY, high = -INFINITY;
  noise_stream stream = noise_start(11, image, SIZE);
  for (size_t sample = 0; sample < samples; sample++) {
    for (size_t i = 0; i < SIZE; i++)
      copy[i] = (float)((double)image[i] + deviation_of(image) * noise_next(&stream));
    add_gradcampp(sum, cut, copy, target);
  }
  for (size_t i = 0; i < POSITIONS; i++) {
    low = fmin(low, sum[i]);
    high = fmax(high, sum[i]);
  }
  assert_true(high > low);
  for (size_t i = 0; i < POSITIONS; i++)
    assert_true(fabs((double)map[i] - (sum[i] - low) / (high - low)) < 1e-5);
}

static checkrob_explainer *open_smooth(checkrob_model **model, int64_t samples) {
  checkrob_explainer *explainer = NULL;
  fill_images();
  for (size_t i = SIZE; i < COUNT * SIZE; i++) images[i] *= 0.1F;
  fake_reset();
  fake.squared = 1;
  assert_int_equal(checkrob_model_open(model, "planted.pt", SIDE, SIDE, NULL), CHECKROB_OK);
  checkrob_options *options = NULL;
  must(checkrob_options_new(&options));
  must(checkrob_options_set(options, "method", "smoothgradcam++"));
  must(checkrob_options_set(options, "score", "logit"));
  must(checkrob_options_set_integer(options, "noise_samples", samples));
  must(checkrob_options_set(options, "seed", "11"));
  must(checkrob_options_set(options, "layer", "stem"));
  must(checkrob_explainer_new(&explainer, *model, options));
  checkrob_options_free(options);
  return explainer;
}

static void smooth_is_the_mean_over_noisy_copies(void **state) {
  (void)state;
  for (size_t samples = 1; samples <= 3; samples++) {
    checkrob_model *model = NULL;
    checkrob_explanation *explanation = NULL;
    checkrob_cut *cut = NULL;
    checkrob_explainer *explainer = open_smooth(&model, (int64_t)samples);
    must(checkrob_cut_new(&cut, model, "stem", CHECKROB_SCORE_LOGIT, CHECKROB_CUT_GRADIENTS));
    size_t shape[2], runs = fake_seen.runs;
    assert_int_equal(checkrob_explainer_run(&explanation, explainer, images, COUNT, SIDE, SIDE, targets),
                     CHECKROB_OK);
    assert_int_equal(fake_seen.runs - runs, samples + 1); /* and one of the images as they are */
    for (size_t n = 0; n < COUNT; n++)
      expect_smooth(checkrob_explanation_map(shape, explanation, n), cut, images + n * SIZE, targets[n],
                    samples);
    checkrob_explanation_free(explanation);
    checkrob_cut_free(cut);
    checkrob_explainer_free(explainer);
    checkrob_model_free(model);
  }
}

static void smooth_refuses_maps_that_change_size(void **state) {
  (void)state;
  checkrob_model *model = NULL;
  checkrob_explanation *explanation = NULL;
  checkrob_explainer *explainer = open_smooth(&model, 3);
  fake.growing_run = fake_seen.runs + 3; /* of the second copies */
  assert_int_not_equal(checkrob_explainer_run(&explanation, explainer, images, COUNT, SIDE, SIDE, targets),
                       CHECKROB_OK);
  if (!strstr(checkrob_last_error(), "size")) fail_msg("%s", checkrob_last_error());
  assert_null(explanation);
  checkrob_explainer_free(explainer);
  checkrob_model_free(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(noise_is_gaussian),
      cmocka_unit_test(streams_are_separate),
      cmocka_unit_test(smooth_is_the_mean_over_noisy_copies),
      cmocka_unit_test(smooth_refuses_maps_that_change_size),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
