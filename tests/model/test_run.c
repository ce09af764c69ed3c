/* The C side of the shim, with the fake model behind it: running batches. */
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
  open_and_select("stem");
  checkrob_capture *capture = NULL;
  assert_int_equal(checkrob_model_run(&capture, model, input, 2, SIDE, SIDE, targets), CHECKROB_OK);
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
  open_and_select("stem");
  static const char *const layers[] = {"stem.conv", "pool", "stem.relu"};
  static const float activations[] = {0.25F, 0.5F, 0.5F}, gradients[] = {0.5F, 1.0F, 0.25F};
  for (size_t i = 0; i < 3; i++) {
    assert_int_equal(checkrob_model_select_layer(model, layers[i]), CHECKROB_OK);
    checkrob_capture *capture = NULL;
    assert_int_equal(checkrob_model_run(&capture, model, input, 1, SIDE, SIDE, targets), CHECKROB_OK);
    assert_true(checkrob_capture_activation(capture, 0)[0] == activations[i]);
    assert_true(checkrob_capture_gradient(capture, 0)[0] == gradients[i]);
    checkrob_capture_free(capture);
  }
}

static void runs_without_targets(void **state) {
  (void)state;
  static float input[2 * 3 * SIDE * SIDE];
  fill_input(input);
  open_and_select("stem");
  checkrob_capture *capture = NULL;
  assert_int_equal(checkrob_model_run(&capture, model, input, 2, SIDE, SIDE, NULL), CHECKROB_OK);
  assert_false(fake_seen.with_targets);
  assert_null(checkrob_capture_gradient(capture, 0));
  assert_non_null(checkrob_capture_activation(capture, 0));
  assert_true(checkrob_capture_logits(capture)[0] == 0.5F - 0.0625F);
  checkrob_capture_free(capture);
}

static void refuses_targets_out_of_range(void **state) {
  (void)state;
  static float input[2 * 3 * SIDE * SIDE];
  open_and_select("stem");
  checkrob_capture *capture = NULL;
  const int64_t targets[][2] = {{0, 4}, {-1, 0}, {INT64_MAX, 0}};
  for (size_t i = 0; i < 3; i++)
    assert_int_equal(checkrob_model_run(&capture, model, input, 2, SIDE, SIDE, targets[i]),
                     CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_null(capture);
}

static void refuses_to_run_without_a_layer(void **state) {
  (void)state;
  static float input[2 * 3 * SIDE * SIDE];
  checkrob_capture *capture = NULL;
  open_and_probe();
  assert_int_equal(checkrob_model_run(&capture, model, input, 1, SIDE, SIDE, NULL),
                   CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_non_null(strstr(checkrob_last_error(), "checkrob_model_select_layer"));
  assert_int_equal(checkrob_model_select_layer(model, "stem"), CHECKROB_OK);
  /* Another input size: the layer must be chosen anew. */
  assert_int_equal(checkrob_model_probe(model, 2 * SIDE, SIDE), CHECKROB_OK);
  assert_int_equal(checkrob_model_run(&capture, model, input, 1, 2 * SIDE, SIDE, NULL),
                   CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(fake_seen.runs, 0);
  assert_null(capture);
}

static void refuses_empty_batches(void **state) {
  (void)state;
  static float input[2 * 3 * SIDE * SIDE];
  checkrob_capture *capture = NULL;
  open_and_select("stem");
  const checkrob_status wrong = CHECKROB_ERROR_INVALID_ARGUMENT;
  assert_int_equal(checkrob_model_run(&capture, model, input, 0, SIDE, SIDE, NULL), wrong);
  assert_int_equal(checkrob_model_run(&capture, model, input, 1, 0, SIDE, NULL), wrong);
  assert_int_equal(checkrob_model_run(&capture, model, input, 1, SIDE, 0, NULL), wrong);
  assert_int_equal(checkrob_model_run(&capture, model, NULL, 1, SIDE, SIDE, NULL), wrong);
  assert_int_equal(checkrob_model_run(NULL, model, input, 1, SIDE, SIDE, NULL), wrong);
  assert_int_equal(checkrob_model_run(&capture, NULL, input, 1, SIDE, SIDE, NULL), wrong);
  assert_int_equal(checkrob_model_run(&capture, model, input, SIZE_MAX, SIDE, SIDE, NULL), wrong);
  assert_int_equal(fake_seen.runs, 0);
}

static void passes_on_why_it_cannot_run(void **state) {
  (void)state;
  static float input[2 * 3 * SIDE * SIDE];
  checkrob_capture *capture = NULL;
  open_and_select("stem");
  for (size_t i = 0; i < CODE_COUNT; i++) {
    fake.failing_run = i + 1;
    fake.run_code = codes[i].code;
    assert_int_equal(checkrob_model_run(&capture, model, input, 1, SIDE, SIDE, NULL), codes[i].status);
    assert_string_equal(checkrob_last_error(), "the fake cannot be run");
    assert_null(capture);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(captures_what_the_shim_gave),  TEST(looks_where_the_new_cut_is),     TEST(runs_without_targets),
      TEST(refuses_targets_out_of_range), TEST(refuses_to_run_without_a_layer), TEST(refuses_empty_batches),
      TEST(passes_on_why_it_cannot_run),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
