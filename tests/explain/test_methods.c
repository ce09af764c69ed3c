/* SPDX-License-Identifier: Apache-2.0 */
/* The methods that run the model, held against their formulas worked out on the fake model, whose numbers are
 * known in closed form (fake/fake_shim.h). */
#include <pthread.h>

#include "explain/bench.h"

static int start(void **state) {
  (void)state;
  fake_reset();
  return bench_open();
}

static checkrob_explanation *explain_at(checkrob_method method, const char *layer, size_t first,
                                        size_t count) {
  checkrob_explanation *explanation = NULL;
  if (renew(method, layer) != CHECKROB_OK ||
      checkrob_explainer_run(&explanation, explainer, images + first * 3 * PIXELS, count, SIDE, SIDE,
                             targets + first) != CHECKROB_OK)
    fail_msg("%s", checkrob_last_error());
  return explanation;
}

static checkrob_explanation *explain(checkrob_method method, const char *layer) {
  return explain_at(method, layer, 0, COUNT);
}

/* ---- the fake model's own numbers, in double ---- */

static double activation(const float *image, size_t k, size_t position) {
  double sum = 0.0;
  for (size_t y = 0; y < FAKE_CELL; y++)
    for (size_t x = 0; x < FAKE_CELL; x++)
      sum += (double)
          image[k * PIXELS + (position / CELLS * FAKE_CELL + y) * SIDE + position % CELLS * FAKE_CELL + x];
  return 2.0 * sum / (FAKE_CELL * FAKE_CELL);
}

static double channel_score(const float *image, size_t k) {
  double sum = 0.0;
  for (size_t i = 0; i < POSITIONS; i++) {
    double a = activation(image, k, i);
    sum += (fake.squared ? a * a / 2.0 : a) / POSITIONS;
  }
  return sum;
}

/* Without channel `without`; 3: none is missing. */
static void logits_of(double *logits, const float *image, size_t without) {
  for (int64_t j = 0; j < CLASSES; j++) {
    logits[j] = 0.0;
    for (size_t k = 0; k < 3; k++)
      if (k != without) logits[j] += (double)fake_weight(j, (int64_t)k) * channel_score(image, k);
  }
}

static double probability(const double *logits, int64_t target) {
  if (fake.ending == SHIM_ENDING_SIGMOID) return 1.0 / (1.0 + exp(-logits[target]));
  if (fake.ending == SHIM_ENDING_PROBABILITIES) return logits[target];
  double sum = 0.0;
  for (int64_t j = 0; j < CLASSES; j++) sum += exp(logits[j] - logits[target]);
  return 1.0 / sum;
}

static double score(const double *logits, int64_t target, int function) {
  if (function == CHECKROB_SCORE_PROBABILITY) return probability(logits, target);
  if (function == CHECKROB_SCORE_LOG_ODDS) {
    double p = probability(logits, target); /* numbers beyond 0 and 1 count as those that are nearly */
    return log(fmax(p, 1.17549435e-38)) - log(fmax(1.0 - p, 1e-12));
  }
  double rival = -INFINITY;
  for (int64_t j = 0; j < CLASSES; j++)
    if (j != target) rival = fmax(rival, logits[j]);
  return function == CHECKROB_SCORE_MARGIN ? logits[target] - rival : logits[target];
}

static void end_in(int ending) {
  fake.ending = ending;
}

/* 1; 0 where the map is empty, as it should be: a test must see others too. */
static int assert_normalised(const float *map, double *raw, size_t count) {
  double low = INFINITY, high = -INFINITY;
  for (size_t i = 0; i < count; i++) {
    raw[i] = fmax(raw[i], 0.0);
    low = fmin(low, raw[i]);
    high = fmax(high, raw[i]);
  }
  for (size_t i = 0; i < count && !(high > low); i++) assert_true(map[i] == 0.0F);
  if (!(high > low)) return 0;
  for (size_t i = 0; i < count; i++)
    if (fabs((double)map[i] - (raw[i] - low) / (high - low)) > 1e-5)
      fail_msg("position %zu: %g, expected %g", i, (double)map[i], (raw[i] - low) / (high - low));
  return 1;
}

static const float *map_of(const checkrob_explanation *explanation, size_t n, size_t side) {
  size_t shape[2];
  const float *map = checkrob_explanation_map(shape, explanation, n);
  assert_non_null(map);
  assert_true(shape[0] == side && shape[1] == side);
  return map;
}

static void assert_logits(const checkrob_explanation *explanation) {
  for (size_t n = 0; n < COUNT; n++) {
    double logits[CLASSES];
    logits_of(logits, images + n * 3 * PIXELS, 3);
    for (size_t j = 0; j < CLASSES; j++)
      assert_true(fabs((double)checkrob_explanation_logits(explanation)[n * CLASSES + j] - logits[j]) < 1e-5);
  }
}

/* ---- methods ---- */

static void ablationcam_weighs_by_what_is_lost(void **state) {
  (void)state;
  int seen = 0;
  for (int turn = 0; turn < 8;
       turn++) { /* all functions; those of probabilities with two other endings too */
    int function = turn < 4   ? CHECKROB_SCORE_LOGIT + turn
                   : turn < 6 ? CHECKROB_SCORE_PROBABILITY
                              : CHECKROB_SCORE_LOG_ODDS;
    end_in(turn < 4 ? SHIM_ENDING_SOFTMAX : turn % 2 ? SHIM_ENDING_SIGMOID : SHIM_ENDING_PROBABILITIES);
    set("score", checkrob_score_function_name((checkrob_score_function)function));
    checkrob_explanation *explanation = explain(CHECKROB_METHOD_ABLATIONCAM, "stem");
    assert_logits(explanation);
    for (size_t n = 0; n < COUNT; n++) {
      const float *image = images + n * 3 * PIXELS;
      double raw[POSITIONS] = {0}, whole[CLASSES], rest[CLASSES];
      logits_of(whole, image, 3);
      for (size_t k = 0; k < 3; k++) {
        logits_of(rest, image, k);
        double s = score(whole, targets[n], function), without = score(rest, targets[n], function);
        int is_distance = function == CHECKROB_SCORE_MARGIN || function == CHECKROB_SCORE_LOG_ODDS;
        double scale = is_distance ? fabs(s) : s; /* the sign of a distance is none of what is lost */
        for (size_t i = 0; i < POSITIONS; i++) raw[i] += (s - without) / scale * activation(image, k, i);
      }
      seen += assert_normalised(map_of(explanation, n, CELLS), raw, POSITIONS);
    }
    checkrob_explanation_free(explanation);
  }
  assert_true(seen >= 10);
}

/* The batch only says how many masked copies run at once. */
static void scorecam_weighs_by_masked_images(void **state) {
  (void)state;
  int seen = 0;
  static double raw[PIXELS];
  static float masked[3 * PIXELS], mask[PIXELS];
  for (int64_t batch = 1; batch <= 4; batch++) {
    static const int endings[] = {SHIM_ENDING_LOGITS, SHIM_ENDING_SOFTMAX, SHIM_ENDING_SIGMOID,
                                  SHIM_ENDING_PROBABILITIES};
    end_in(endings[batch - 1]);
    set_number("map_batch", batch);
    checkrob_explanation *explanation = explain(CHECKROB_METHOD_SCORECAM, "stem");
    assert_false(fake_seen.with_targets);
    assert_logits(explanation);
    for (size_t n = 0; n < COUNT; n++) {
      const float *image = images + n * 3 * PIXELS;
      memset(raw, 0, sizeof raw);
      for (size_t k = 0; k < 3; k++) {
        float channel[POSITIONS], low = INFINITY, high = -INFINITY;
        for (size_t i = 0; i < POSITIONS; i++) channel[i] = (float)fmax(activation(image, k, i), 0.0) / 16.0F;
        assert_int_equal(checkrob_saliency_upsample(mask, SIDE, SIDE, channel, CELLS, CELLS), CHECKROB_OK);
        for (size_t i = 0; i < PIXELS; i++) {
          low = fminf(low, mask[i]);
          high = fmaxf(high, mask[i]);
        }
        for (size_t i = 0; i < PIXELS; i++) mask[i] /= high - low;
        for (size_t i = 0; i < 3 * PIXELS; i++) masked[i] = image[i] * mask[i % PIXELS];
        double logits[CLASSES];
        logits_of(logits, masked, 3);
        for (size_t i = 0; i < PIXELS; i++) raw[i] += probability(logits, targets[n]) * (double)mask[i];
      }
      seen += assert_normalised(map_of(explanation, n, SIDE), raw, PIXELS);
    }
    checkrob_explanation_free(explanation);
  }
  assert_true(seen >= 4);
}

/* The squared model's gradient grows with the way along which it is integrated: its mean is half of the last.
 */
static void integrated_gradients_by_hand(void **state) {
  (void)state;
  int seen = 0;
  static double raw[PIXELS];
  for (fake.squared = 0; fake.squared < 2; fake.squared++) {
    set_number("steps", 5);
    size_t runs = fake_seen.runs;
    checkrob_explanation *explanation = explain(CHECKROB_METHOD_INTEGRATED_GRADIENTS, "auto");
    assert_logits(explanation);
    assert_int_equal(fake_seen.runs, runs + 6); /* the images as they are, then the middles of five steps */
    for (size_t i = 0; i < 5; i++)
      assert_true(fabsf(fake_seen.first[runs + 1 + i] - ((float)i + 0.5F) / 5.0F * images[0]) < 1e-6F);
    for (size_t n = 0; n < COUNT; n++) {
      const float *image = images + n * 3 * PIXELS;
      for (size_t i = 0; i < PIXELS; i++) {
        raw[i] = 0.0;
        for (size_t k = 0; k < 3; k++) {
          size_t position = i / SIDE / FAKE_CELL * CELLS + i % SIDE / FAKE_CELL;
          double slope = fake.squared ? activation(image, k, position) / 2.0 : 1.0;
          raw[i] += (double)image[k * PIXELS + i] * slope * (double)fake_weight(targets[n], (int64_t)k);
        }
      }
      seen += assert_normalised(map_of(explanation, n, SIDE), raw, PIXELS);
    }
    checkrob_explanation_free(explanation);
  }
  assert_true(seen >= 4);
}

static void cam_is_gradcam_before_a_linear_head(void **state) {
  (void)state;
  checkrob_explanation *cam = explain(CHECKROB_METHOD_CAM, "stem");
  size_t runs = fake_seen.runs;
  checkrob_explanation *gradcam = explain(CHECKROB_METHOD_GRADCAM, "stem");
  assert_int_equal(fake_seen.runs, runs + 1);
  for (size_t n = 0; n < COUNT; n++)
    assert_memory_equal(map_of(cam, n, CELLS), map_of(gradcam, n, CELLS), POSITIONS * sizeof(float));
  checkrob_explanation_free(cam);
  checkrob_explanation_free(gradcam);
}

static void expect_no_cam(const char *sentence) {
  checkrob_explanation *explanation = NULL;
  must(renew(CHECKROB_METHOD_CAM, "stem"));
  assert_int_equal(checkrob_explainer_run(&explanation, explainer, images, 1, SIDE, SIDE, targets),
                   CHECKROB_ERROR_MODEL_UNSUPPORTED);
  if (!strstr(checkrob_last_error(), sentence)) fail_msg("%s", checkrob_last_error());
  assert_null(explanation);
}

/* An image of one colour has the same gradient at every position, although the head is not linear. */
static void cam_refuses_other_heads(void **state) {
  (void)state;
  fake.squared = 1;
  expect_no_cam("after 'stem' the gradient depends on the image");
  for (size_t i = 0; i < 3 * PIXELS; i++) images[i] = 0.25F;
  expect_no_cam("after 'stem' the gradient depends on the image");
}

/* An image of zeros says nothing about the head, whatever is done to it; nor may the next one be believed. */
static void cam_refuses_other_heads_for_blank_images(void **state) {
  (void)state;
  fake.squared = 1;
  must(renew(CHECKROB_METHOD_CAM, "stem"));
  static const float blank[3 * PIXELS];
  checkrob_explanation *explanation = NULL;
  assert_int_equal(checkrob_explainer_run(&explanation, explainer, blank, 1, SIDE, SIDE, targets),
                   CHECKROB_ERROR_MODEL_UNSUPPORTED);
  assert_non_null(strstr(checkrob_last_error(), "use gradcam"));
  assert_null(explanation);
}

static void eigencam_asks_for_no_gradient(void **state) {
  (void)state;
  fake.no_gradient = 1;
  checkrob_explanation_free(explain(CHECKROB_METHOD_EIGENCAM, "stem"));
  checkrob_explanation_free(explain(CHECKROB_METHOD_SCORECAM, "stem"));
  checkrob_explanation_free(explain(CHECKROB_METHOD_ABLATIONCAM, "stem"));
  checkrob_explanation *explanation = NULL;
  must(renew(CHECKROB_METHOD_GRADCAM, "stem"));
  assert_int_equal(checkrob_explainer_run(&explanation, explainer, images, 1, SIDE, SIDE, targets),
                   CHECKROB_ERROR_MODEL_UNSUPPORTED);
}

/* ---- noise ---- */

static void copy_maps(float *out, const checkrob_explanation *explanation, size_t count) {
  for (size_t n = 0; n < count; n++)
    memcpy(out + n * POSITIONS, map_of(explanation, n, CELLS), POSITIONS * sizeof *out);
}

static void noise_depends_on_seed_and_image_alone(void **state) {
  (void)state;
  float first[COUNT * POSITIONS], again[COUNT * POSITIONS];
  fake.squared = 1;
  set_number("noise_samples", 4);
  set_number("seed", 7);
  checkrob_explanation *explanation = explain(CHECKROB_METHOD_SMOOTHGRADCAMPP, "stem");
  assert_logits(explanation); /* of the images as they are */
  copy_maps(first, explanation, COUNT);
  checkrob_explanation_free(explanation);

  explanation = explain(CHECKROB_METHOD_SMOOTHGRADCAMPP, "stem");
  copy_maps(again, explanation, COUNT);
  assert_memory_equal(first, again, sizeof first);
  checkrob_explanation_free(explanation);

  for (size_t n = 0; n < COUNT; n++) { /* alone, an image gets what it got among others */
    explanation = explain_at(CHECKROB_METHOD_SMOOTHGRADCAMPP, "stem", n, 1);
    copy_maps(again, explanation, 1);
    assert_memory_equal(first + n * POSITIONS, again, POSITIONS * sizeof *again);
    checkrob_explanation_free(explanation);
  }

  set_number("seed", 8);
  explanation = explain(CHECKROB_METHOD_SMOOTHGRADCAMPP, "stem");
  copy_maps(again, explanation, COUNT);
  assert_memory_not_equal(first, again, sizeof first);
  checkrob_explanation_free(explanation);
}

/* ---- several layers ---- */

static void combines_layers(void **state) {
  (void)state;
  int seen = 0;
  static float upsampled[PIXELS];
  static double raw[PIXELS];
  fake.squared = 1;
  for (checkrob_combine combine = CHECKROB_COMBINE_MEAN; combine <= CHECKROB_COMBINE_MAX; combine++) {
    set("combine", checkrob_combine_name(combine));
    checkrob_explanation *both = explain(CHECKROB_METHOD_LAYERCAM, "stem,(input)");
    checkrob_explanation *coarse = explain(CHECKROB_METHOD_LAYERCAM, "stem");
    checkrob_explanation *fine = explain(CHECKROB_METHOD_LAYERCAM, "(input)");
    for (size_t n = 0; n < COUNT; n++) {
      assert_int_equal(
          checkrob_saliency_upsample(upsampled, SIDE, SIDE, map_of(coarse, n, CELLS), CELLS, CELLS),
          CHECKROB_OK);
      const float *other = map_of(fine, n, SIDE);
      for (size_t i = 0; i < PIXELS; i++)
        raw[i] = combine == CHECKROB_COMBINE_MEAN ? ((double)upsampled[i] + (double)other[i]) / 2.0
                                                  : fmax((double)upsampled[i], (double)other[i]);
      seen += assert_normalised(map_of(both, n, SIDE), raw, PIXELS);
    }
    checkrob_explanation_free(both);
    checkrob_explanation_free(coarse);
    checkrob_explanation_free(fine);
  }
  assert_true(seen >= 4);
}

/* ---- wrong use ---- */

static void refuses_wrong_use(void **state) {
  (void)state;
  const checkrob_status wrong = CHECKROB_ERROR_INVALID_ARGUMENT;
  checkrob_explanation *explanation = NULL;
  assert_int_equal(checkrob_explainer_new(NULL, model, options), wrong);
  assert_int_equal(checkrob_explainer_new(&explainer, NULL, options), wrong);
  assert_int_equal(renew(CHECKROB_METHOD_INTEGRATED_GRADIENTS, "stem"), wrong);
  assert_non_null(strstr(checkrob_last_error(), "has no layer such as 'stem'"));
  assert_int_equal(renew(CHECKROB_METHOD_GRADCAM, "stem,"), wrong);
  assert_int_equal(renew(CHECKROB_METHOD_GRADCAM, "steam"), CHECKROB_ERROR_NOT_FOUND);
  assert_int_equal(renew(CHECKROB_METHOD_GRADCAM, "head.flatten"), CHECKROB_ERROR_MODEL_UNSUPPORTED);
  assert_null(explainer);
  must(renew(CHECKROB_METHOD_INTEGRATED_GRADIENTS, CHECKROB_LAYER_INPUT));
  must(renew(CHECKROB_METHOD_EIGENCAM, "stem"));
  const int64_t beyond = CLASSES; /* which no gradient would notice */
  assert_int_equal(checkrob_explainer_run(&explanation, explainer, images, 1, SIDE, SIDE, &beyond), wrong);
  assert_int_equal(checkrob_explainer_run(&explanation, explainer, images, 0, SIDE, SIDE, targets), wrong);
  assert_int_equal(checkrob_explainer_run(&explanation, explainer, images, 1, SIDE, SIDE, NULL), wrong);
  assert_int_equal(checkrob_explainer_run(&explanation, NULL, images, 1, SIDE, SIDE, targets), wrong);
  assert_null(explanation);
}

/* Without options an explainer does what a run does. */
static void defaults_are_those_of_a_run(void **state) {
  (void)state;
  must(checkrob_explainer_new(&explainer, model, NULL));
  assert_string_equal(checkrob_explainer_layers(explainer), "stem");
  checkrob_explanation *explanation = NULL;
  must(checkrob_explainer_run(&explanation, explainer, images, COUNT, SIDE, SIDE, targets));
  assert_int_equal(fake_seen.score, SHIM_SCORE_LOG_ODDS);
  assert_int_equal(fake_seen.runs, 2); /* a blank image, too */
  checkrob_explanation_free(explanation);
}

/* CAM is defined for the logit, whatever the score. */
static void cam_takes_the_logit(void **state) {
  (void)state;
  set("score", "margin");
  checkrob_explanation_free(explain(CHECKROB_METHOD_CAM, "stem"));
  assert_int_equal(fake_seen.score, SHIM_SCORE_LOGIT);
  checkrob_explanation_free(explain(CHECKROB_METHOD_GRADCAM, "stem"));
  assert_int_equal(fake_seen.score, SHIM_SCORE_MARGIN);
}

/* ---- several explainers of one model ---- */

/* The options belong to the caller, who may change them: an explainer does what they said when it was made.
 */
static void explainers_do_not_change(void **state) {
  (void)state;
  float first[COUNT * POSITIONS], again[COUNT * POSITIONS];
  fake.squared = 1;
  checkrob_explainer *other = NULL;
  checkrob_explanation *explanation = explain(CHECKROB_METHOD_LAYERCAM, "stem");
  copy_maps(first, explanation, COUNT);
  checkrob_explanation_free(explanation);
  set("method", "eigencam");
  set("layer", "stem.conv");
  must(checkrob_explainer_new(&other, model, options));
  assert_int_equal(fake_seen.live_cuts, 2);
  for (int turn = 0; turn < 3; turn++) {
    must(checkrob_explainer_run(&explanation, other, images, COUNT, SIDE, SIDE, targets));
    checkrob_explanation_free(explanation);
    must(checkrob_explainer_run(&explanation, explainer, images, COUNT, SIDE, SIDE, targets));
    copy_maps(again, explanation, COUNT);
    checkrob_explanation_free(explanation);
    assert_memory_equal(first, again, sizeof first);
  }
  assert_string_equal(checkrob_explainer_layers(explainer), "stem");
  assert_string_equal(checkrob_explainer_layers(other), "stem.conv");
  assert_string_equal(checkrob_explainer_layers(NULL), "");
  checkrob_explainer_free(other);
}

typedef struct worker {
  checkrob_explainer *explainer;
  const float *expected; /* [COUNT, POSITIONS] */
  int is_right;
} worker;

static void *work(void *data) {
  worker *w = data;
  w->is_right = 1;
  for (int turn = 0; turn < 30 && w->is_right; turn++) {
    checkrob_explanation *explanation = NULL;
    size_t shape[2];
    if (checkrob_explainer_run(&explanation, w->explainer, images, COUNT, SIDE, SIDE, targets) != CHECKROB_OK)
      w->is_right = 0;
    for (size_t n = 0; n < COUNT && w->is_right; n++)
      w->is_right = memcmp(checkrob_explanation_map(shape, explanation, n), w->expected + n * POSITIONS,
                           POSITIONS * sizeof(float)) == 0;
    checkrob_explanation_free(explanation);
  }
  return NULL;
}

static void explainers_run_on_several_threads(void **state) {
  (void)state;
  enum { THREADS = 4 };
  static const char *const methods[THREADS] = {"gradcam++", "layercam", "smoothgradcam++", "ablationcam"};
  static float expected[THREADS][COUNT * POSITIONS];
  worker workers[THREADS];
  pthread_t threads[THREADS];
  fake.squared = 1;
  set("reference", "blank");
  set("layer", "stem");
  for (size_t i = 0; i < THREADS; i++) {
    checkrob_explanation *explanation = NULL;
    set("method", methods[i]);
    workers[i] = (worker){NULL, expected[i], 0};
    must(checkrob_explainer_new(&workers[i].explainer, model, options));
    must(checkrob_explainer_run(&explanation, workers[i].explainer, images, COUNT, SIDE, SIDE, targets));
    copy_maps(expected[i], explanation, COUNT);
    checkrob_explanation_free(explanation);
  }
  for (size_t i = 0; i < THREADS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
  for (size_t i = 0; i < THREADS; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
  for (size_t i = 0; i < THREADS; i++) {
    if (!workers[i].is_right) fail_msg("%s: other maps than alone", methods[i]);
    checkrob_explainer_free(workers[i].explainer);
  }
}

static void passes_failures_on(void **state) {
  (void)state;
  for (size_t m = 0; m < checkrob_method_count(); m++) {
    checkrob_method_info info = CHECKROB_METHOD_INFO_INIT;
    assert_int_equal(checkrob_method_at(&info, m), CHECKROB_OK);
    for (size_t run = 1; run <= 2; run++) { /* the first run of the method, and one in its middle */
      checkrob_explanation *explanation = NULL;
      must(renew(info.method, info.at_input ? "auto" : "stem"));
      fake.failing_run = fake_seen.runs + run;
      fake.run_code = SHIM_NO_MEMORY;
      checkrob_status status =
          checkrob_explainer_run(&explanation, explainer, images, COUNT, SIDE, SIDE, targets);
      if (run == 1) assert_int_equal(status, CHECKROB_ERROR_OUT_OF_MEMORY);
      if (status != CHECKROB_OK) assert_null(explanation);
      checkrob_explanation_free(explanation);
    }
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

static void interrupt_explainer(void *of) {
  if (fake_seen.runs == 3) checkrob_explainer_interrupt(of);
}

static void may_be_interrupted(void **state) {
  (void)state;
  static const checkrob_method methods[] = {CHECKROB_METHOD_SCORECAM, CHECKROB_METHOD_SMOOTHGRADCAMPP,
                                            CHECKROB_METHOD_INTEGRATED_GRADIENTS};
  set_number("map_batch", 1);
  checkrob_explainer_interrupt(NULL);
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
    checkrob_explanation *explanation = NULL;
    must(renew(methods[i], "auto"));
    fake_seen.runs = 0;
    fake.before_run = interrupt_explainer;
    fake.before_run_data = explainer;
    assert_int_equal(checkrob_explainer_run(&explanation, explainer, images, COUNT, SIDE, SIDE, targets),
                     CHECKROB_ERROR_INTERRUPTED);
    assert_null(explanation);
    assert_int_equal(fake_seen.runs, 3);
    fake.before_run = NULL;
    must(checkrob_explainer_run(&explanation, explainer, images, COUNT, SIDE, SIDE, targets));
    checkrob_explanation_free(explanation);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(ablationcam_weighs_by_what_is_lost),
      TEST(scorecam_weighs_by_masked_images),
      TEST(integrated_gradients_by_hand),
      TEST(cam_is_gradcam_before_a_linear_head),
      TEST(cam_refuses_other_heads),
      TEST(cam_refuses_other_heads_for_blank_images),
      TEST(eigencam_asks_for_no_gradient),
      TEST(noise_depends_on_seed_and_image_alone),
      TEST(combines_layers),
      TEST(refuses_wrong_use),
      TEST(defaults_are_those_of_a_run),
      TEST(cam_takes_the_logit),
      TEST(explainers_do_not_change),
      TEST(explainers_run_on_several_threads),
      TEST(passes_failures_on),
      TEST(may_be_interrupted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
