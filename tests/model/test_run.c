/* SPDX-License-Identifier: Apache-2.0 */
/* The C side of the shim, on the fake model: running batches through a cut. */
#include <pthread.h>
#include <stdlib.h>

#include "model/fixture.h"

/* Two images of constant colour: the second is twice as bright. */
static void fill_input(float *input) {
  for (size_t i = 0; i < 2 * 3 * SIDE * SIDE; i++) {
    size_t n = i / (3 * SIDE * SIDE), channel = i / (SIDE * SIDE) % 3;
    input[i] = (float)(n + 1) * (channel == 0 ? 0.25F : channel == 1 ? 0.125F : 0.0F);
  }
}

static void captures_what_the_shim_gave(void **state) {
  (void)state;
  static float input[2 * 3 * SIDE * SIDE];
  const int64_t targets[] = {0, 1};
  fill_input(input);
  open_and_cut("stem");
  checkrob_capture *capture = NULL;
  assert_int_equal(checkrob_cut_run(&capture, cut, input, 2, SIDE, SIDE, targets), CHECKROB_OK);
  size_t shape[4];
  checkrob_capture_shape(shape, capture, 0);
  assert_true(shape[0] == 2 && shape[1] == 3 && shape[2] == 2 && shape[3] == 2);
  const float *activation = checkrob_capture_activation(capture, 0);
  const float *gradient = checkrob_capture_gradient(capture, 0);
  for (size_t i = 0; i < 4; i++) {
    assert_true(activation[i] == 0.5F && activation[4 + i] == 0.25F && activation[12 + i] == 1.0F);
    /* fake_weight / (h w), for each image's own target */
    assert_true(gradient[i] == 0.25F && gradient[4 + i] == -0.0625F);
    assert_true(gradient[12 + i] == -0.0625F && gradient[16 + i] == 0.25F);
  }
  const float *logits = checkrob_capture_logits(capture);
  assert_true(logits[0] == 0.5F - 0.0625F && logits[1] == 0.25F - 0.125F && logits[3] == logits[0]);
  assert_true(logits[4] == 2 * logits[0]);
  checkrob_capture_free(capture);
}

static void looks_where_the_new_cut_is(void **state) {
  (void)state;
  static float input[2 * 3 * SIDE * SIDE];
  const int64_t targets[] = {0, 1};
  fill_input(input);
  open_and_cut("stem");
  static const char *const layers[] = {"stem.conv", "pool", "stem.relu"};
  static const float activations[] = {0.25F, 0.5F, 0.5F}, gradients[] = {0.5F, 1.0F, 0.25F};
  for (size_t i = 0; i < 3; i++) {
    assert_int_equal(cut_at(layers[i], CHECKROB_CUT_GRADIENTS), CHECKROB_OK);
    checkrob_capture *capture = NULL;
    assert_int_equal(checkrob_cut_run(&capture, cut, input, 1, SIDE, SIDE, targets), CHECKROB_OK);
    assert_true(checkrob_capture_activation(capture, 0)[0] == activations[i]);
    assert_true(checkrob_capture_gradient(capture, 0)[0] == gradients[i]);
    checkrob_capture_free(capture);
  }
}

static void runs_without_targets(void **state) {
  (void)state;
  static float input[2 * 3 * SIDE * SIDE];
  fill_input(input);
  open_and_cut("stem");
  checkrob_capture *capture = NULL;
  assert_int_equal(checkrob_cut_run(&capture, cut, input, 2, SIDE, SIDE, NULL), CHECKROB_OK);
  assert_false(fake_seen.with_targets);
  assert_null(checkrob_capture_gradient(capture, 0));
  assert_non_null(checkrob_capture_activation(capture, 0));
  assert_true(checkrob_capture_logits(capture)[0] == 0.5F - 0.0625F);
  checkrob_capture_free(capture);
}

static void refuses_targets_out_of_range(void **state) {
  (void)state;
  static float input[2 * 3 * SIDE * SIDE];
  open_and_cut("stem");
  checkrob_capture *capture = NULL;
  const int64_t targets[][2] = {{0, 4}, {-1, 0}, {INT64_MAX, 0}};
  for (size_t i = 0; i < 3; i++)
    assert_int_equal(checkrob_cut_run(&capture, cut, input, 2, SIDE, SIDE, targets[i]),
                     CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_null(capture);
}

/* No layer is needed for logits, and none is cut. */
static void runs_forward_alone(void **state) {
  (void)state;
  static float input[2 * 3 * SIDE * SIDE];
  static const char *const none[] = {NULL, ""};
  const int64_t targets[] = {0, 1};
  fill_input(input);
  open_model();
  for (size_t i = 0; i < 2; i++) {
    assert_int_equal(cut_at(none[i], 0), CHECKROB_OK);
    assert_string_equal(checkrob_cut_layers(cut), "");
    assert_int_equal(checkrob_cut_layer_count(cut), 0);
    checkrob_capture *capture = NULL;
    assert_int_equal(checkrob_cut_run(&capture, cut, input, 2, SIDE, SIDE, targets),
                     CHECKROB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(checkrob_cut_run(&capture, cut, input, 2, SIDE, SIDE, NULL), CHECKROB_OK);
    assert_false(fake_seen.with_activations);
    assert_int_equal(checkrob_capture_layer_count(capture), 0);
    assert_null(checkrob_capture_activation(capture, 0));
    assert_true(checkrob_capture_logits(capture)[4] == 2 * (0.5F - 0.0625F));
    checkrob_capture_free(capture);
  }
}

static void targets_need_gradients(void **state) {
  (void)state;
  static float input[2 * 3 * SIDE * SIDE];
  const int64_t targets[] = {0, 1};
  open_model();
  for (unsigned capture_flags = 1; capture_flags < 8; capture_flags++) {
    assert_int_equal(cut_at("stem", capture_flags), CHECKROB_OK);
    assert_true((fake_seen.maps_wanted != 0) == (capture_flags != CHECKROB_CUT_ACTIVATIONS));
    checkrob_capture *capture = NULL;
    assert_int_equal(checkrob_cut_run(&capture, cut, input, 2, SIDE, SIDE, targets),
                     capture_flags & CHECKROB_CUT_GRADIENTS ? CHECKROB_OK : CHECKROB_ERROR_INVALID_ARGUMENT);
    checkrob_capture_free(capture);
    capture = NULL;
    assert_int_equal(checkrob_cut_run(&capture, cut, input, 2, SIDE, SIDE, NULL), CHECKROB_OK);
    assert_non_null(checkrob_capture_activation(capture, 0));
    checkrob_capture_free(capture);
  }
}

/* Another input size than the model was opened for. */
static void runs_on_other_sizes(void **state) {
  (void)state;
  static float input[3 * 2 * SIDE * SIDE];
  const int64_t targets[] = {0};
  open_and_cut("stem");
  checkrob_capture *capture = NULL;
  assert_int_equal(checkrob_cut_run(&capture, cut, input, 1, 2 * SIDE, SIDE, targets), CHECKROB_OK);
  size_t shape[4];
  checkrob_capture_shape(shape, capture, 0);
  assert_true(shape[2] == 4 && shape[3] == 2);
  checkrob_capture_free(capture);
}

/* ---- several cuts of one model ---- */

static void cuts_do_not_know_each_other(void **state) {
  (void)state;
  static float input[2 * 3 * SIDE * SIDE];
  static const char *const layers[] = {"stem.conv", "pool", "stem"};
  static const float activations[] = {0.25F, 0.5F, 0.5F}, gradients[] = {0.5F, 1.0F, 0.25F};
  static const checkrob_score_function scores[] = {CHECKROB_SCORE_LOGIT, CHECKROB_SCORE_MARGIN,
                                                   CHECKROB_SCORE_LOG_ODDS};
  static const int shim_scores[] = {SHIM_SCORE_LOGIT, SHIM_SCORE_MARGIN, SHIM_SCORE_LOG_ODDS};
  const int64_t targets[] = {0, 1};
  fill_input(input);
  open_model();
  checkrob_cut *cuts[3] = {NULL, NULL, NULL};
  for (size_t i = 0; i < 3; i++)
    must(checkrob_cut_new(&cuts[i], model, layers[i], scores[i], CHECKROB_CUT_GRADIENTS));
  assert_int_equal(fake_seen.live_cuts, 3);
  for (size_t turn = 0; turn < 6; turn++) {
    size_t i = turn * 2 % 3;
    checkrob_capture *capture = NULL;
    assert_int_equal(checkrob_cut_run(&capture, cuts[i], input, 1, SIDE, SIDE, targets), CHECKROB_OK);
    assert_int_equal(fake_seen.score, shim_scores[i]);
    assert_string_equal(checkrob_cut_layers(cuts[i]), layers[i]);
    assert_true(checkrob_capture_activation(capture, 0)[0] == activations[i]);
    assert_true(checkrob_capture_gradient(capture, 0)[0] == gradients[i]);
    checkrob_capture_free(capture);
  }
  for (size_t i = 0; i < 3; i++) checkrob_cut_free(cuts[i]);
}

typedef struct worker {
  const char *layers;
  float activation;
  int is_right;
} worker;

/* Makes its own cuts, and runs them. */
static void *work(void *data) {
  worker *w = data;
  float *input = calloc(3 * SIDE * SIDE, sizeof *input);
  const int64_t target = 0;
  w->is_right = input != NULL;
  for (size_t i = 0; w->is_right && i < 3 * SIDE * SIDE; i++) input[i] = 0.25F;
  for (int turn = 0; w->is_right && turn < 20; turn++) {
    checkrob_cut *own = NULL;
    checkrob_status status =
        checkrob_cut_new(&own, model, w->layers, CHECKROB_SCORE_LOGIT, CHECKROB_CUT_GRADIENTS);
    for (int i = 0; i < 10 && status == CHECKROB_OK; i++) {
      checkrob_capture *capture = NULL;
      status = checkrob_cut_run(&capture, own, input, 1, SIDE, SIDE, &target);
      w->is_right = status == CHECKROB_OK && checkrob_capture_activation(capture, 0)[0] == w->activation;
      checkrob_capture_free(capture);
    }
    checkrob_cut_free(own);
  }
  free(input);
  return NULL;
}

static void cuts_run_on_several_threads(void **state) {
  (void)state;
  worker workers[] = {{"stem.conv", 0.25F, 0}, {"stem", 0.5F, 0}, {"auto", 0.5F, 0}, {"(input)", 0.25F, 0}};
  pthread_t threads[4];
  open_model();
  for (size_t i = 0; i < 4; i++) assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
  for (size_t i = 0; i < 4; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
  for (size_t i = 0; i < 4; i++)
    if (!workers[i].is_right) fail_msg("thread %zu: wrong numbers", i);
  assert_int_equal(fake_seen.runs, 4 * 20 * 10);
}

static void refuses_empty_batches(void **state) {
  (void)state;
  static float input[2 * 3 * SIDE * SIDE];
  checkrob_capture *capture = NULL;
  open_and_cut("stem");
  const checkrob_status wrong = CHECKROB_ERROR_INVALID_ARGUMENT;
  assert_int_equal(checkrob_cut_run(&capture, cut, input, 0, SIDE, SIDE, NULL), wrong);
  assert_int_equal(checkrob_cut_run(&capture, cut, input, 1, 0, SIDE, NULL), wrong);
  assert_int_equal(checkrob_cut_run(&capture, cut, input, 1, SIDE, 0, NULL), wrong);
  assert_int_equal(checkrob_cut_run(&capture, cut, NULL, 1, SIDE, SIDE, NULL), wrong);
  assert_int_equal(checkrob_cut_run(NULL, cut, input, 1, SIDE, SIDE, NULL), wrong);
  assert_int_equal(checkrob_cut_run(&capture, NULL, input, 1, SIDE, SIDE, NULL), wrong);
  assert_non_null(strstr(checkrob_last_error(), "NULL argument or empty"));
  assert_int_equal(checkrob_cut_run(&capture, cut, input, SIZE_MAX, SIDE, SIDE, NULL), wrong);
  assert_non_null(strstr(checkrob_last_error(), "a batch of 18446744073709551615 images is too large"));
  assert_int_equal(fake_seen.runs, 0);
}

static void passes_on_why_it_cannot_run(void **state) {
  (void)state;
  static float input[2 * 3 * SIDE * SIDE];
  checkrob_capture *capture = NULL;
  open_and_cut("stem");
  for (size_t i = 0; i < CODE_COUNT; i++) {
    fake.failing_run = i + 1;
    fake.run_code = codes[i].code;
    assert_int_equal(checkrob_cut_run(&capture, cut, input, 1, SIDE, SIDE, NULL), codes[i].status);
    assert_string_equal(checkrob_last_error(), "the fake cannot be run");
    assert_null(capture);
  }
}

static void interrupt_cut(void *of) {
  checkrob_cut_interrupt(of);
}

/* Before a run, and during one that then ends; the next one is not touched. */
static void a_run_may_be_interrupted(void **state) {
  (void)state;
  static float input[3 * SIDE * SIDE];
  checkrob_capture *capture = NULL;
  open_and_cut("stem");
  checkrob_cut_interrupt(NULL);
  checkrob_cut_interrupt(cut);
  assert_int_equal(checkrob_cut_run(&capture, cut, input, 1, SIDE, SIDE, NULL), CHECKROB_ERROR_INTERRUPTED);
  assert_int_equal(fake_seen.runs, 0);
  fake.before_run = interrupt_cut;
  fake.before_run_data = cut;
  assert_int_equal(checkrob_cut_run(&capture, cut, input, 1, SIDE, SIDE, NULL), CHECKROB_ERROR_INTERRUPTED);
  assert_string_equal(checkrob_last_error(), "interrupted while the model ran; this batch was given up");
  assert_null(capture);
  fake.before_run = NULL;
  assert_int_equal(checkrob_cut_run(&capture, cut, input, 1, SIDE, SIDE, NULL), CHECKROB_OK);
  checkrob_capture_free(capture);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(captures_what_the_shim_gave), TEST(looks_where_the_new_cut_is),
      TEST(runs_without_targets),        TEST(refuses_targets_out_of_range),
      TEST(runs_forward_alone),          TEST(targets_need_gradients),
      TEST(runs_on_other_sizes),         TEST(cuts_do_not_know_each_other),
      TEST(cuts_run_on_several_threads), TEST(refuses_empty_batches),
      TEST(passes_on_why_it_cannot_run), TEST(a_run_may_be_interrupted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
