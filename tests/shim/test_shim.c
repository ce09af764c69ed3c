/* SPDX-License-Identifier: Apache-2.0 */
/* The shim with the real libtorch: numbers, layers, messages.
 * usage: test_shim FOLDER, the folder that make_models.py filled */
#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "device.h"
#include "shim.h"
#include "truth.h"

static const char *folder;
static const int64_t small[4] = {1, 3, 16, 16};

static void place(char *path, size_t size, const char *name) {
  snprintf(path, size, "%s/%s", folder, name);
}

static void expect_ok(int code, const shim_error *error) {
  if (code != SHIM_OK) fail_msg("code %d: %s", code, error->message);
}

static void expect_error(int code, const shim_error *error, int expected, const char *part) {
  if (code != expected || error->code != expected || !strstr(error->message, part))
    fail_msg("code %d, expected %d with \"%s\": %s", code, expected, part, error->message);
}

static shim_opening opening_of(const char *path, const int64_t shape[4]) {
  return (shim_opening){path, shape[2],         shape[3], test_device(), SHIM_LAYOUT_AUTO, -1, NULL, 0,
                        0,    SHIM_WORKER_AUTO, 0};
}

static shim_model *opened_as(const char *name, const int64_t shape[4], int layout, int64_t prefix_tokens) {
  char path[1024];
  shim_model *model = NULL;
  shim_error error;
  place(path, sizeof path, name);
  shim_opening opening = opening_of(path, shape);
  opening.layout = layout;
  opening.prefix_tokens = prefix_tokens;
  expect_ok(shim_model_open(&model, &opening, &error), &error);
  return model;
}

static shim_model *probed(const char *name, const int64_t shape[4]) {
  return opened_as(name, shape, SHIM_LAYOUT_AUTO, -1);
}

static int find_layer(const shim_model *model, const char *path, shim_layer *out) {
  for (size_t i = 0; i < shim_model_layer_count(model); i++) {
    shim_model_layer(model, i, out);
    if (strcmp(out->path, path) == 0) return 1;
  }
  return 0;
}

static int try_cut(shim_cut **out, const shim_model *model, const char *path, shim_error *error) {
  return shim_cut_new(out, model, &path, path ? 1 : 0, 1, SHIM_SCORE_LOGIT, error);
}

static shim_cut *cut_by(const shim_model *model, const char *path, int score) {
  shim_cut *cut = NULL;
  shim_error error;
  expect_ok(shim_cut_new(&cut, model, &path, path ? 1 : 0, 1, score, &error), &error);
  return cut;
}

static shim_cut *cut_at(const shim_model *model, const char *path) {
  return cut_by(model, path, SHIM_SCORE_LOGIT);
}

static int run(shim_capture *out, shim_cut *cut, const float *input, const int64_t shape[4],
               const int64_t *targets, shim_error *error) {
  return shim_cut_run(out, cut, input, shape, targets, 1, error);
}

/* ---- numbers ---- */

static void compare_cut(const shim_model *model, const char *layer, const truth *t) {
  shim_error error;
  shim_capture capture;
  const size_t bytes = (size_t)(t->shape[0] * 3 * t->shape[2] * t->shape[3]) * sizeof(float);
  float *input = malloc(bytes);
  assert_non_null(input);
  memcpy(input, t->input, bytes);
  shim_cut *cut = cut_at(model, layer);
  for (int with_gradient = 0; with_gradient < 2; with_gradient++) {
    expect_ok(run(&capture, cut, input, t->shape, with_gradient ? t->targets : NULL, &error), &error);
    assert_capture(&capture, t, with_gradient);
    shim_capture_free(&capture);
    assert_memory_equal(input, t->input, bytes);
  }
  shim_cut_free(cut);
  free(input);
}

/* Every truth of the folder. Its gradient is that of three different targets in one batch. */
static void test_truths(void **state) {
  (void)state;
  int count = 0;
  DIR *directory = opendir(folder);
  assert_non_null(directory);
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    char path[1024], name[256], layer[256];
    if (sscanf(entry->d_name, "%200[^@]@%200s", name, layer) != 2 || strcmp(name, "frozen") == 0) continue;
    char *kind = strstr(layer, ".truth");
    if (!kind) continue;
    *kind = '\0';
    strcat(name, ".pt");
    truth t;
    place(path, sizeof path, entry->d_name);
    truth_read(&t, path);
    print_message("%s, %s\n", name, layer);
    const int64_t shape[4] = {1, 3, t.shape[2], t.shape[3]};
    shim_model *model = probed(name, shape);
    assert_int_equal(shim_model_class_count(model), t.classes);
    compare_cut(model, layer, &t);
    shim_model_free(model);
    truth_free(&t);
    count++;
  }
  closedir(directory);
  assert_true(count >= 60);
}

/* No module is left in it: graph values stand for layers. The block's output is the last ReLU's. */
static void test_frozen_archive(void **state) {
  (void)state;
  truth t;
  char path[1024], last[256] = "";
  shim_model *model = probed("frozen.pt", small);
  for (size_t i = 0; i < shim_model_layer_count(model); i++) {
    shim_layer layer;
    shim_model_layer(model, i, &layer);
    assert_memory_equal(layer.path, "value:", 6);
    if (strncmp(layer.type, "relu", 4) == 0) snprintf(last, sizeof last, "%s", layer.path);
  }
  place(path, sizeof path, "frozen@body.truth");
  truth_read(&t, path);
  compare_cut(model, last, &t);
  truth_free(&t);
  shim_model_free(model);
}

static void test_recut(void **state) {
  (void)state;
  static const char *const layers[] = {"body.0", "body.3.conv2", "body", "body.3.relu#1"};
  shim_model *model = probed("folded.pt", small);
  for (size_t i = 0; i < 12; i++) {
    const char *layer = layers[i % 4];
    char path[1024], name[256];
    truth t;
    snprintf(name, sizeof name, "folded@%s.truth", layer);
    place(path, sizeof path, name);
    truth_read(&t, path);
    compare_cut(model, layer, &t);
    truth_free(&t);
  }
  shim_model_free(model);
}

/* The gradient of a score is the chain rule over the logits' gradients: sum over j of ds/dz_j G_j. */
static void test_score_functions(void **state) {
  (void)state;
  enum { classes = 5, most = 1 << 14 };
  static float gradients[classes][most];
  truth t;
  char path[1024];
  shim_error error;
  shim_capture capture;
  place(path, sizeof path, "folded@body.3.conv2.truth");
  truth_read(&t, path);
  assert_int_equal(t.classes, classes);
  shim_model *model = probed("folded.pt", small);
  shim_cut *cut = cut_at(model, "body.3.conv2");
  int64_t shape[4] = {1, 3, t.shape[2], t.shape[3]};
  size_t count = 0;
  double z[classes], p[classes], sum = 0.0;
  for (int64_t j = 0; j < classes; j++) {
    expect_ok(run(&capture, cut, t.input, shape, &j, &error), &error);
    count = (size_t)(capture.maps[0].channels * capture.maps[0].height * capture.maps[0].width);
    assert_true(count <= most);
    memcpy(gradients[j], capture.maps[0].gradient, count * sizeof(float));
    for (int i = 0; i < classes; i++) z[i] = (double)capture.logits[i];
    shim_capture_free(&capture);
  }
  for (int i = 0; i < classes; i++) sum += exp(z[i]);
  for (int i = 0; i < classes; i++) p[i] = exp(z[i]) / sum;
  for (int64_t c = 0; c < classes; c++)
    for (int score = SHIM_SCORE_LOGIT; score <= SHIM_SCORE_LOG_ODDS; score++) {
      int rival = c == 0 ? 1 : 0;
      for (int j = 0; j < classes; j++)
        if (j != c && z[j] > z[rival]) rival = j;
      shim_cut *scored = cut_by(model, "body.3.conv2", score);
      expect_ok(run(&capture, scored, t.input, shape, &c, &error), &error);
      double largest = 0.0, worst = 0.0;
      for (size_t i = 0; i < count; i++) {
        double expected = 0.0;
        for (int j = 0; j < classes; j++) {
          double slope = j == c;
          if (score == SHIM_SCORE_PROBABILITY) slope = p[c] * ((j == c) - p[j]);
          if (score == SHIM_SCORE_MARGIN) slope -= j == rival;
          if (score == SHIM_SCORE_LOG_ODDS && j != c) slope = -p[j] / (1.0 - p[c]);
          expected += slope * (double)gradients[j][i];
        }
        largest = fmax(largest, fabs(expected));
        worst = fmax(worst, fabs(expected - (double)capture.maps[0].gradient[i]));
      }
      assert_true(largest > 0.0);
      assert_true(worst <= 1e-5 * largest); /* float32 sums of about a hundred terms, in another order */
      shim_capture_free(&capture);
      shim_cut_free(scored);
    }
  shim_cut_free(cut);
  truth_free(&t);
  shim_model_free(model);
}

/* The slope of the log-odds of class c by output j, as the model ends. */
static double log_odds_slope(int ending, const double *z, int64_t classes, int64_t c, int64_t j) {
  if (ending == SHIM_ENDING_SIGMOID) return j == c;
  if (ending == SHIM_ENDING_PROBABILITIES) return j == c ? 1.0 / (z[c] * (1.0 - z[c])) : 0.0;
  double others = 0.0;
  for (int64_t i = 0; i < classes; i++) others += i == c ? 0.0 : exp(z[i]);
  return j == c ? 1.0 : -exp(z[j]) / others;
}

static void check_log_odds(const char *archive, const char *layer, int ending) {
  enum { most = 1 << 14, most_classes = 16 };
  static float gradients[most_classes][most], input[3 * 16 * 16];
  shim_error error;
  shim_capture capture;
  shim_model *model = probed(archive, small);
  int64_t classes = shim_model_class_count(model);
  assert_true(shim_model_ending(model) == ending && classes > 1 && classes <= most_classes);
  shim_cut *cut = cut_at(model, layer), *scored = cut_by(model, layer, SHIM_SCORE_LOG_ODDS);
  for (size_t i = 0; i < sizeof input / sizeof *input; i++) input[i] = (float)(i * 37 % 101) / 50.0F - 1.0F;
  size_t count = 0;
  double z[most_classes];
  for (int64_t j = 0; j < classes; j++) {
    expect_ok(run(&capture, cut, input, small, &j, &error), &error);
    count = (size_t)(capture.maps[0].channels * capture.maps[0].height * capture.maps[0].width);
    assert_true(count <= most);
    memcpy(gradients[j], capture.maps[0].gradient, count * sizeof(float));
    for (int64_t i = 0; i < classes; i++) z[i] = (double)capture.logits[i];
    shim_capture_free(&capture);
  }
  for (int64_t c = 0; c < classes; c++) {
    expect_ok(run(&capture, scored, input, small, &c, &error), &error);
    double largest = 0.0, worst = 0.0;
    for (size_t i = 0; i < count; i++) {
      double expected = 0.0;
      for (int64_t j = 0; j < classes; j++)
        expected += log_odds_slope(ending, z, classes, c, j) * (double)gradients[j][i];
      largest = fmax(largest, fabs(expected));
      worst = fmax(worst, fabs(expected - (double)capture.maps[0].gradient[i]));
    }
    assert_true(largest > 0.0);
    if (!(worst <= 1e-5 * largest)) fail_msg("%s: %g of %g", archive, worst, largest);
    shim_capture_free(&capture);
  }
  shim_cut_free(cut);
  shim_cut_free(scored);
  shim_model_free(model);
}

static void test_log_odds_by_ending(void **state) {
  (void)state;
  check_log_odds("folded.pt", "body.3.conv2", SHIM_ENDING_LOGITS);
  check_log_odds("ending_module.pt", "head.body", SHIM_ENDING_SOFTMAX);
  check_log_odds("ending_log.pt", "head.body", SHIM_ENDING_LOG_SOFTMAX);
  check_log_odds("ending_sigmoid.pt", "head.body", SHIM_ENDING_SIGMOID);
  check_log_odds("ending_hidden.pt", "head.body", SHIM_ENDING_PROBABILITIES);
}

/* The caller judges: no call fails, and the other image of the batch is not touched. */
static void test_nan_input(void **state) {
  (void)state;
  static float input[2 * 3 * 16 * 16];
  const int64_t shape[4] = {2, 3, 16, 16}, targets[2] = {0, 4};
  shim_error error;
  shim_capture capture;
  shim_model *model = probed("inplace.pt", small);
  shim_cut *cut = cut_at(model, "body.0");
  for (size_t i = 0; i < 3 * 16 * 16; i++) input[i] = NAN;
  expect_ok(run(&capture, cut, input, shape, targets, &error), &error);
  for (size_t k = 0; k < 5; k++) {
    if (!isnan(capture.logits[k])) fail_msg("logit %zu of the NaN image is a number", k);
    if (isnan(capture.logits[5 + k])) fail_msg("logit %zu of the other image is NaN", k);
  }
  shim_capture_free(&capture);
  shim_cut_free(cut);
  shim_model_free(model);
}

static void test_logits_alone(void **state) {
  (void)state;
  truth t;
  char path[1024];
  shim_error error;
  shim_capture capture;
  shim_model *model = probed("folded.pt", small);
  place(path, sizeof path, "folded@body.truth");
  truth_read(&t, path);
  shim_cut *cut = cut_at(model, NULL);
  expect_ok(run(&capture, cut, t.input, t.shape, NULL, &error), &error);
  assert_close("logits", capture.logits, t.logits, 15, 1e-5);
  assert_int_equal(capture.layers, 0);
  shim_capture_free(&capture);
  shim_capture_free(&capture); /* a freed capture is empty */
  expect_error(run(&capture, cut, t.input, t.shape, t.targets, &error), &error, SHIM_BAD_ARGUMENT,
               "a cut without layers or activations, which has no gradients");
  truth_free(&t);
  shim_cut_free(cut);
  shim_model_free(model);
}

/* ---- layers ---- */

static void expect_auto(const char *name, const char *expected) {
  shim_layer layer;
  shim_model *model = probed(name, small);
  size_t index = shim_model_auto_layer(model);
  if (expected) {
    assert_true(index < shim_model_layer_count(model));
    shim_model_layer(model, index, &layer);
    assert_string_equal(layer.path, expected);
  } else {
    assert_int_equal(index, shim_model_layer_count(model));
  }
  shim_model_free(model);
}

static void test_auto_layer(void **state) {
  (void)state;
  expect_auto("folded.pt", "body");
  expect_auto("folded_traced.pt", "body");
  expect_auto("convolutional.pt", "classifier.2");
  expect_auto("methods.pt", "head.body"); /* the only module that returns the output of the function relu */
  expect_auto("doubled.pt", "relu");
  expect_auto("tokens.pt", "norm");
  expect_auto("class_token.pt", "blocks.1.norm"); /* after it, the logits depend on the class token alone */
  expect_auto("class_token_traced.pt", "blocks.1.norm");
  expect_auto("channels_last.pt", "norm");
  expect_auto("lists.pt", "head.body");
}

static void test_layer_list(void **state) {
  (void)state;
  shim_layer layer;
  shim_model *model = probed("folded.pt", small);
  assert_true(find_layer(model, "body.3.bn2", &layer));
  assert_string_equal(layer.type, "BatchNorm2d");
  assert_int_equal(layer.rank, 4);
  assert_int_equal(layer.shape[1], 8);
  assert_int_equal(layer.shape[2], 16);
  assert_true(layer.usable);
  assert_true(find_layer(model, "fc", &layer));
  assert_int_equal(layer.rank, 2);
  assert_false(layer.usable);
  assert_true(find_layer(model, "body.3.relu#1", &layer));
  assert_true(find_layer(model, "body.3.relu", &layer));
  shim_model_layer(model, 0, &layer); /* completed first */
  assert_string_equal(layer.path, "body.0");
  shim_model_layer(model, shim_model_layer_count(model) - 1, &layer);
  assert_string_equal(layer.path, "fc");

  shim_model_free(model);

  const int64_t large[4] = {1, 3, 32, 48};
  model = probed("folded.pt", large);
  assert_true(find_layer(model, "body", &layer));
  assert_int_equal(layer.shape[0], 1);
  assert_int_equal(layer.shape[2], 32);
  assert_int_equal(layer.shape[3], 48);
  shim_model_free(model);

  model = probed("channels_last.pt", small);
  assert_true(find_layer(model, "norm", &layer));
  assert_int_equal(layer.rank, 4);
  assert_true(layer.usable);
  assert_int_equal(layer.layout, SHIM_LAYOUT_NHWC);
  assert_int_equal(layer.channels, 8);
  assert_int_equal(layer.height, 4);
  shim_model_free(model);
}

static void test_layouts(void **state) {
  (void)state;
  shim_layer layer;
  shim_error error;
  shim_model *model = probed("class_token.pt", small);
  assert_true(find_layer(model, "blocks.0", &layer)); /* [1,19,8]: 3 tokens before 4 x 4 */
  assert_true(layer.usable);
  assert_int_equal(layer.layout, SHIM_LAYOUT_TOKENS);
  assert_int_equal(layer.prefix_tokens, 3);
  assert_int_equal(layer.channels, 8);
  assert_int_equal(layer.height, 4);
  assert_int_equal(layer.width, 4);
  assert_true(find_layer(model, "fc", &layer));
  assert_false(layer.usable);
  assert_true(layer.readable);
  assert_int_equal(layer.channels, 5);

  shim_model_free(model);

  model = opened_as("class_token.pt", small, SHIM_LAYOUT_TOKENS, 10); /* 9 tokens are left: 3 x 3 */
  assert_true(find_layer(model, "blocks.0", &layer));
  assert_int_equal(layer.height, 3);
  assert_true(find_layer(model, "patch", &layer));
  assert_false(layer.usable); /* [N,C,h,w] was not asked for */
  shim_model_free(model);

  model = opened_as("class_token.pt", small, SHIM_LAYOUT_TOKENS, 2);
  shim_cut *cut = NULL;
  expect_error(try_cut(&cut, model, "blocks.0", &error), &error, SHIM_UNSUPPORTED, "no grid of tokens");
  shim_model_free(model);

  model = opened_as("channels_last.pt", small, SHIM_LAYOUT_NCHW, -1);
  assert_true(find_layer(model, "norm", &layer)); /* [1,4,4,8] read as set */
  assert_int_equal(layer.channels, 4);
  assert_int_equal(layer.width, 8);
  shim_model_free(model);
}

/* ---- the last operation of the model, and its numbers ---- */

static void expect_ending(const char *name, int ending, const char *remark) {
  shim_model *model = probed(name, small);
  print_message("%s: %s\n", name, shim_model_remark(model));
  assert_int_equal(shim_model_ending(model), ending);
  if (remark)
    assert_non_null(strstr(shim_model_remark(model), remark));
  else
    assert_string_equal(shim_model_remark(model), "");
  shim_model_free(model);
}

static void test_endings(void **state) {
  (void)state;
  expect_ending("folded.pt", SHIM_ENDING_LOGITS, NULL);
  expect_ending("ending_module.pt", SHIM_ENDING_SOFTMAX, "ends in softmax");
  expect_ending("ending_traced.pt", SHIM_ENDING_SOFTMAX, "ends in softmax");
  expect_ending("ending_function.pt", SHIM_ENDING_SOFTMAX, "ends in softmax");
  expect_ending("ending_dict.pt", SHIM_ENDING_SOFTMAX, "ends in softmax");
  expect_ending("ending_log.pt", SHIM_ENDING_LOG_SOFTMAX, "ends in log_softmax");
  expect_ending("ending_sigmoid.pt", SHIM_ENDING_SIGMOID, "multi-label");
  expect_ending("ending_tuple0.pt", SHIM_ENDING_SOFTMAX,
                "ends in softmax"); /* and another output in sigmoid */
  expect_ending("ending_tuple1.pt", SHIM_ENDING_LOGITS, "the logits are 0 [1,5].");
  expect_ending("ending_hidden.pt", SHIM_ENDING_PROBABILITIES, "does not show");
  expect_ending("half.pt", SHIM_ENDING_LOGITS, "float16");
  expect_ending("bfloat_frozen.pt", SHIM_ENDING_LOGITS, "bfloat16");
}

/* With a sigmoid each class stands for itself: d p_c = p_c (1 - p_c) d z_c. */
static void test_probability_of_a_sigmoid(void **state) {
  (void)state;
  truth t;
  char path[1024];
  shim_error error;
  shim_capture capture;
  place(path, sizeof path, "ending_sigmoid@head.body.truth");
  truth_read(&t, path);
  shim_model *model = probed("ending_sigmoid.pt", small);
  shim_cut *cut = cut_by(model, "head.body", SHIM_SCORE_PROBABILITY);
  expect_ok(run(&capture, cut, t.input, t.shape, t.targets, &error), &error);
  size_t stride = (size_t)(t.layer[1] * t.layer[2] * t.layer[3]);
  for (size_t n = 0; n < 3; n++) {
    double p = 1.0 / (1.0 + exp(-(double)t.logits[n * 5 + (size_t)t.targets[n]]));
    for (size_t i = n * stride; i < (n + 1) * stride; i++) t.gradient[i] *= (float)(p * (1.0 - p));
  }
  assert_close("gradient", capture.maps[0].gradient, t.gradient, 3 * stride, 1e-5);
  shim_capture_free(&capture);
  truth_free(&t);
  shim_cut_free(cut);
  shim_model_free(model);
}

static void expect_frozen(const char *archive, const char *truth_name, const char *type, double tolerance) {
  truth t;
  char path[1024], last[256] = "";
  shim_error error;
  shim_capture capture;
  shim_model *model = probed(archive, small);
  for (size_t i = 0; i < shim_model_layer_count(model); i++) {
    shim_layer layer;
    shim_model_layer(model, i, &layer);
    if (strcmp(layer.type, type) == 0) snprintf(last, sizeof last, "%s", layer.path);
  }
  shim_layer chosen;
  assert_true(shim_model_auto_layer(model) < shim_model_layer_count(model));
  shim_model_layer(model, shim_model_auto_layer(model), &chosen);
  assert_string_equal(chosen.path, last);
  place(path, sizeof path, truth_name);
  truth_read(&t, path);
  shim_cut *cut = cut_at(model, last);
  expect_ok(run(&capture, cut, t.input, t.shape, t.targets, &error), &error);
  size_t count = (size_t)(t.layer[0] * t.layer[1] * t.layer[2] * t.layer[3]);
  assert_close("logits", capture.logits, t.logits, 15, tolerance);
  assert_close("activation", capture.maps[0].activation, t.activation, count, tolerance);
  assert_close("gradient", capture.maps[0].gradient, t.gradient, count, tolerance);
  shim_capture_free(&capture);
  truth_free(&t);
  shim_cut_free(cut);
  shim_model_free(model);
}

/* No module is left in them: auto picks a graph value. */
static void test_frozen_auto(void **state) {
  (void)state;
  expect_frozen("frozen.pt", "frozen@body.truth", "relu_", 1e-5);
  expect_frozen("half_frozen.pt", "half@body.truth", "relu", 1e-5);
  expect_frozen("bfloat_frozen.pt", "bfloat@body.truth", "relu", 1e-5);
  expect_frozen("tokens_frozen.pt", "tokens@norm.truth", "layer_norm", 1e-5);
}

/* One step of 7 bits with a sign: engines round ties, and what they add up before, in their own ways. */
#define INT8_STEP (2.0 / 127)

static void test_quantised(void **state) {
  (void)state;
  if (!on_cpu()) skip(); /* test_int8_on_a_gpu */
  enum { pixels = 3 * 3 * 16 * 16, logits = 15, cells = 3 * 8 * 8 * 8 };
  static float truth_data[pixels + logits + cells];
  char path[1024];
  place(path, sizeof path, "quantised.activation");
  FILE *file = fopen(path, "rb");
  if (!file) skip(); /* this libtorch has no engine for int8 */
  assert_int_equal(fread(truth_data, sizeof(float), pixels + logits + cells, file), pixels + logits + cells);
  fclose(file);
  const int64_t shape[4] = {3, 3, 16, 16}, one[4] = {1, 3, 16, 16}, targets[3] = {0, 1, 2};
  shim_error error;
  shim_capture capture;
  shim_model *model = probed("quantised.pt", small);
  shim_cut *cut = cut_at(model, "1.body"), *input = cut_at(model, SHIM_INPUT_LAYER);
  expect_ok(run(&capture, cut, truth_data, shape, NULL, &error), &error);
  assert_close("logits", capture.logits, truth_data + pixels, logits, INT8_STEP);
  assert_close("activation", capture.maps[0].activation, truth_data + pixels + logits, cells, INT8_STEP);
  shim_capture_free(&capture);
  expect_error(run(&capture, cut, truth_data, shape, targets, &error), &error, SHIM_UNSUPPORTED,
               "int8-quantised");
  float *ablated = NULL;
  unsigned char removed[8] = {0, 1};
  expect_ok(shim_cut_ablate(&ablated, cut, truth_data, one, 0, removed, 1, 8, 3, &error), &error);
  free(ablated);
  expect_error(shim_cut_ablate(&ablated, cut, truth_data, one, 0, removed, 1, 7, 3, &error), &error,
               SHIM_BAD_ARGUMENT, "8 channels, not 7");
  expect_error(run(&capture, input, truth_data, shape, targets, &error), &error, SHIM_UNSUPPORTED,
               "(quantized::");
  shim_cut_free(cut);
  shim_cut_free(input);
  shim_model_free(model);
}

static void expect_saturation(const char *name, int expected) {
  shim_model *model = probed(name, small);
  const char *remark = shim_model_remark(model);
  if ((strstr(remark, "VNNI") != NULL) != expected) fail_msg("%s, expected %d: '%s'", name, expected, remark);
  shim_model_free(model);
}

/* Whatever this processor is, oneDNN computes as if it had no VNNI if the environment says so. */
static void test_int8_on_a_gpu(void **state) {
  (void)state;
  static const char *const names[] = {"quantised.pt", "dynamic.pt"};
  if (on_cpu()) skip();
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char path[1024];
    shim_model *model = NULL;
    shim_error error;
    place(path, sizeof path, names[i]);
    shim_opening opening = opening_of(path, small);
    expect_error(shim_model_open(&model, &opening, &error), &error, SHIM_UNSUPPORTED,
                 "computes with int8, which libtorch does on the processor only");
  }
}

static void test_int8_without_vnni(void **state) {
  (void)state;
  if (!on_cpu()) skip();
  char path[1024];
  place(path, sizeof path, "quantised8.pt");
#ifdef __x86_64__
  if (access(path, F_OK) != 0) skip(); /* this libtorch has no engine for int8 */
#else
  skip();
#endif
  const char *limit = getenv("ONEDNN_MAX_CPU_ISA");
  char *before = limit ? strdup(limit) : NULL;
  setenv("ONEDNN_MAX_CPU_ISA", "avx2", 1);
  expect_saturation("quantised8.pt", 1);
  expect_saturation("quantised.pt", 0);
  expect_saturation("folded.pt", 0);
  setenv("ONEDNN_MAX_CPU_ISA", "ALL", 1);
  expect_saturation("quantised.pt", 0);
  if (__builtin_cpu_supports("avx512vnni")) expect_saturation("quantised8.pt", 0);
  if (before)
    setenv("ONEDNN_MAX_CPU_ISA", before, 1);
  else
    unsetenv("ONEDNN_MAX_CPU_ISA");
  free(before);
}

/* ---- several layers, and channels set to zero ---- */

static void test_several_layers(void **state) {
  (void)state;
  static const char *const paths[] = {"body.0", "(input)", "body", "body.3.conv2"};
  shim_error error;
  shim_capture capture;
  shim_model *model = probed("folded.pt", small);
  truth t;
  char path[1024], name[256];
  place(path, sizeof path, "folded@body.truth");
  truth_read(&t, path);
  shim_cut *cut = NULL;
  expect_ok(shim_cut_new(&cut, model, paths, 4, 1, SHIM_SCORE_LOGIT, &error), &error);
  expect_ok(run(&capture, cut, t.input, t.shape, t.targets, &error), &error);
  truth_free(&t);
  assert_int_equal(capture.layers, 4);
  for (size_t i = 0; i < 4; i++) {
    if (i == 1) continue;
    shim_capture single = capture;
    single.maps += i;
    snprintf(name, sizeof name, "folded@%s.truth", paths[i]);
    place(path, sizeof path, name);
    truth_read(&t, path);
    assert_capture(&single, &t, 1);
    truth_free(&t);
  }
  assert_int_equal(capture.maps[1].channels, 3);
  shim_capture_free(&capture);
  shim_cut_free(cut);
  cut = NULL;
  static const char *const missing[] = {"body.0", "body.9"};
  expect_error(shim_cut_new(&cut, model, missing, 2, 1, SHIM_SCORE_LOGIT, &error), &error, SHIM_NOT_FOUND,
               "body.9");
  assert_null(cut);
  shim_model_free(model);
}

/* The first row of `removed` removes nothing, the second one two channels: these rows are the unchanged
 * image, and neither of the single ones. numbers: H, W, C, K. */
static void expect_whole_row(shim_cut *cut, const float *data, const int64_t shape[4], unsigned char *removed,
                             const int64_t numbers[4]) {
  shim_error error;
  shim_capture capture;
  float *logits = NULL;
  int64_t channels = numbers[2], classes = numbers[3];
  memset(removed, 0, (size_t)(2 * channels));
  removed[channels] = removed[channels + 1] = 1;
  expect_ok(shim_cut_ablate(&logits, cut, data, shape, 0, removed, 4, channels, 3, &error), &error);
  expect_ok(run(&capture, cut, data, shape, NULL, &error), &error);
  assert_close("no channel removed", logits, capture.logits, (size_t)classes, 1e-5);
  size_t bytes = (size_t)classes * sizeof *logits;
  assert_true(memcmp(logits, logits + classes, bytes) != 0);
  assert_true(memcmp(logits + classes, logits + 3 * classes, bytes) != 0); /* row 3 removes one channel */
  shim_capture_free(&capture);
  free(logits);
}

static void expect_ablation(const char *archive, const char *layer, int64_t batch) {
  char path[1024], name[256];
  int64_t numbers[4];
  shim_error error;
  snprintf(name, sizeof name, "%s@%s.ablation", archive, layer);
  place(path, sizeof path, name);
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  assert_int_equal(fread(numbers, sizeof *numbers, 4, file), 4);
  size_t pixels = (size_t)(3 * numbers[0] * numbers[1]), count = (size_t)(numbers[2] * numbers[3]);
  float *data = malloc((pixels + count) * sizeof *data), *logits = NULL;
  assert_non_null(data);
  assert_int_equal(fread(data, sizeof *data, pixels + count, file), pixels + count);
  fclose(file);
  snprintf(name, sizeof name, "%s.pt", archive);
  shim_model *model = probed(name, small);
  shim_cut *cut = cut_at(model, layer);
  const int64_t shape[4] = {1, 3, numbers[0], numbers[1]};
  unsigned char *removed = calloc((size_t)numbers[2], (size_t)numbers[2]);
  assert_non_null(removed);
  for (int64_t k = 0; k < numbers[2]; k++) removed[k * numbers[2] + k] = 1;
  expect_ok(shim_cut_ablate(&logits, cut, data, shape, 0, removed, numbers[2], numbers[2], batch, &error),
            &error);
  assert_close(archive, logits, data + pixels, count, 1e-5);
  free(logits);
  expect_whole_row(cut, data, shape, removed, numbers);
  free(removed);
  free(data);
  shim_cut_free(cut);
  shim_model_free(model);
}

static void test_ablation(void **state) {
  (void)state;
  for (int64_t batch = 1; batch <= 9; batch += 2) {
    expect_ablation("tokens", "norm", batch);
    expect_ablation("tokens_larger", "norm", batch); /* than what was probed */
    expect_ablation("tokens_smaller", "norm", batch);
    expect_ablation("class_token", "blocks.0", batch);
    expect_ablation("channels_last", "norm", batch);
    expect_ablation("around_add", "layer", batch);
    expect_ablation("around_cat", "layer", batch); /* accepts no larger batch after the layer */
  }
}

/* Any number of images, whatever number at a time the archive takes: what test_truths does with three, with
 * each of them alone and with nine. */
static void expect_any_number(const char *name, const char *layer) {
  truth t;
  char path[1024], file[256];
  snprintf(file, sizeof file, "%s@%s.truth", name, layer);
  place(path, sizeof path, file);
  truth_read(&t, path);
  snprintf(file, sizeof file, "%s.pt", name);
  shim_error error;
  shim_model *model = probed(file, small);
  shim_cut *cut = cut_at(model, layer);
  const size_t pixels = (size_t)(3 * t.shape[2] * t.shape[3]), classes = (size_t)t.classes;
  const size_t map = (size_t)(t.layer[1] * t.layer[2] * t.layer[3]);
  float *many = malloc(9 * pixels * sizeof *many);
  assert_non_null(many);
  int64_t targets[9];
  for (size_t n = 0; n < 9; n++) {
    memcpy(many + n * pixels, t.input + n % 3 * pixels, pixels * sizeof *many);
    targets[n] = t.targets[n % 3];
  }
  for (size_t first = 0; first < 9; first++) {
    const size_t count = first < 3 ? 1 : 9 - first;
    const int64_t shape[4] = {(int64_t)count, 3, t.shape[2], t.shape[3]};
    shim_capture capture;
    expect_ok(run(&capture, cut, many + first * pixels, shape, targets + first, &error), &error);
    assert_int_equal(capture.batch, count);
    for (size_t n = 0; n < count; n++) {
      const size_t k = (first + n) % 3;
      assert_close("logits", capture.logits + n * classes, t.logits + k * classes, classes, 1e-5);
      assert_close("activation", capture.maps[0].activation + n * map, t.activation + k * map, map, 1e-5);
      assert_close("gradient", capture.maps[0].gradient + n * map, t.gradient + k * map, map, 1e-5);
    }
    shim_capture_free(&capture);
  }
  free(many);
  truth_free(&t);
  shim_cut_free(cut);
  shim_model_free(model);
}

static void test_fixed_batch(void **state) {
  (void)state;
  static const char *const archives[] = {"fixed_batch1", "fixed_batch2", "fixed_batch3", "fixed_batch8"};
  for (size_t i = 0; i < sizeof archives / sizeof archives[0]; i++) {
    expect_any_number(archives[i], "stem");
    expect_any_number(archives[i], "(input)");
    expect_ablation(archives[i], "stem", 3);
  }
  expect_any_number("fixed_tokens", "blocks.0");
  expect_any_number("folded", "body"); /* which takes any batch itself */
  expect_ending("fixed_batch1.pt", SHIM_ENDING_LOGITS, NULL);
  expect_ending("fixed_batch8.pt", SHIM_ENDING_LOGITS, "with a batch of 8");
}

static void test_representation(void **state) {
  (void)state;
  const char *const path = "fc";
  static float input[2 * 3 * 16 * 16];
  const int64_t shape[4] = {2, 3, 16, 16};
  shim_error error;
  shim_capture capture;
  shim_model *model = probed("folded.pt", small);
  shim_cut *cut = NULL;
  expect_ok(shim_cut_new(&cut, model, &path, 1, 0, SHIM_SCORE_LOGIT, &error), &error);
  expect_ok(run(&capture, cut, input, shape, NULL, &error), &error);
  assert_int_equal(capture.maps[0].channels, 5);
  assert_int_equal(capture.maps[0].height * capture.maps[0].width, 1);
  assert_memory_equal(capture.maps[0].activation, capture.logits, 10 * sizeof(float));
  shim_capture_free(&capture);
  expect_ok(shim_cut_run(&capture, cut, input, shape, NULL, 0, &error), &error);
  assert_int_equal(capture.layers, 1);
  assert_null(capture.maps[0].activation); /* logits alone were asked for */
  shim_capture_free(&capture);
  shim_cut_free(cut);
  shim_model_free(model);
}

static void expect_no_device(const char *device, int code, const char *part) {
  char path[1024];
  shim_error error;
  shim_model *model = NULL;
  place(path, sizeof path, "folded.pt");
  shim_opening opening = opening_of(path, small);
  opening.device = device;
  expect_error(shim_model_open(&model, &opening, &error), &error, code, part);
  assert_null(model);
}

static void test_devices(void **state) {
  (void)state;
  expect_no_device("gpu", SHIM_BAD_ARGUMENT, "cpu, cuda or cuda:N");
  expect_no_device("cuda:x", SHIM_BAD_ARGUMENT, "\"cuda:x\"");
  expect_no_device("cuda:99", SHIM_NO_DEVICE, "device cuda:99");
}

/* ---- error messages ---- */

static void write_file(char *path, size_t size, const char *name, const void *data, size_t bytes) {
  place(path, size, name);
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  if (bytes) assert_int_equal(fwrite(data, 1, bytes, file), bytes);
  fclose(file);
}

static void expect_open_error(const char *path, int code, const char *part) {
  shim_error error;
  shim_model *model = NULL;
  shim_opening opening = opening_of(path, small);
  expect_error(shim_model_open(&model, &opening, &error), &error, code, part);
  assert_null(model);
}

static void test_not_an_archive(void **state) {
  (void)state;
  static const unsigned char jpeg[] = {0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 'J', 'F', 'I', 'F'};
  static const unsigned char noise[] = {3, 141, 59, 26, 53, 58, 97, 93, 23, 84, 62, 64};
  static const unsigned char zip[] = {'P', 'K', 3, 4, 20, 0, 0, 0, 8, 0, 1, 2, 3, 4, 5};
  char path[1024];
  expect_open_error("/no/such/model.pt", SHIM_NOT_FOUND, "no such model file");
  expect_open_error(folder, SHIM_BAD_ARCHIVE, "is a folder");
  write_file(path, sizeof path, "made.empty", NULL, 0);
  expect_open_error(path, SHIM_BAD_ARCHIVE, "the file is empty");
  write_file(path, sizeof path, "made.jpg", jpeg, sizeof jpeg);
  expect_open_error(path, SHIM_BAD_ARCHIVE, "not a TorchScript archive");
  write_file(path, sizeof path, "made.noise", noise, sizeof noise);
  expect_open_error(path, SHIM_BAD_ARCHIVE, "not a TorchScript archive");
  write_file(path, sizeof path, "made.zip", zip, sizeof zip);
  expect_open_error(path, SHIM_BAD_ARCHIVE, "truncated or damaged");
  place(path, sizeof path, "state_dict.pt");
  expect_open_error(path, SHIM_BAD_ARCHIVE, "torch.jit.script");
  place(path, sizeof path, "pickle.pt");
  expect_open_error(path, SHIM_BAD_ARCHIVE, "a Python pickle");
  place(path, sizeof path, "two_inputs.pt");
  expect_open_error(path, SHIM_UNSUPPORTED, "another input, \"y\"");
}

static void expect_probe_error(const char *name, const int64_t shape[4], int code, const char *part) {
  char path[1024];
  shim_error error;
  shim_model *model = NULL;
  place(path, sizeof path, name);
  shim_opening opening = opening_of(path, shape);
  expect_error(shim_model_open(&model, &opening, &error), &error, code, part);
  assert_null(model);
}

static void test_refused_by_probe(void **state) {
  (void)state;
  const int64_t large[4] = {1, 3, 32, 32}, empty[4] = {1, 3, 0, 16};
  expect_probe_error("no_logit.pt", small, SHIM_UNSUPPORTED, "a tensor [1,0]");
  expect_probe_error("cube.pt", small, SHIM_UNSUPPORTED, "a tensor [1,4,1]");
  expect_probe_error("fixed_size.pt", large, SHIM_BAD_ARGUMENT, "[1,3,32,32]: mat1 and mat2");
  expect_probe_error("fixed_size.pt", empty, SHIM_BAD_ARGUMENT, "must be [N,3,H,W], not [1,3,0,16]");
  const int64_t vast[4] = {1, 3, UINT32_MAX, UINT32_MAX}, high[4] = {1, 3, 65537, 1};
  expect_probe_error("folded.pt", vast, SHIM_BAD_ARGUMENT, "[1,3,4294967295,4294967295] is too large");
  expect_probe_error("folded.pt", high, SHIM_BAD_ARGUMENT, "[1,3,65537,1] is too large");
}

static void expect_cut_error(const char *name, const char *layer, int code, const char *part) {
  shim_error error;
  shim_cut *cut = NULL;
  shim_model *model = probed(name, small);
  expect_error(try_cut(&cut, model, layer, &error), &error, code, part);
  assert_null(cut);
  shim_model_free(model);
}

static void test_refused_by_cut(void **state) {
  (void)state;
  expect_cut_error("folded.pt", "body.7", SHIM_NOT_FOUND, "no layer \"body.7\"");
  expect_cut_error("folded.pt", "body.3.relu#3", SHIM_NOT_FOUND, "no layer");
  expect_cut_error("folded.pt", "fc", SHIM_UNSUPPORTED, "returns [1,5]");
  expect_cut_error("branch.pt", "dark", SHIM_UNSUPPORTED, "did not call it");
  expect_cut_error("tuple.pt", "unused", SHIM_UNSUPPORTED, "did not call it");
  expect_cut_error("alias0.pt", "relu", SHIM_UNSUPPORTED, "shares its memory");
  expect_cut_error("alias1.pt", "relu", SHIM_UNSUPPORTED, "shares its memory");
  expect_cut_error("alias2.pt", "drop", SHIM_UNSUPPORTED, "shares its memory");
}

static void test_refused_by_run(void **state) {
  (void)state;
  static float input[2 * 3 * 16 * 16];
  const int64_t shape[4] = {2, 3, 16, 16}, tall[4] = {1, 3, 32, 16}, grey[4] = {2, 1, 16, 16};
  const int64_t beyond[2] = {0, 5}, below[2] = {-1, 0}, fine[2] = {0, 1};
  shim_error error;
  shim_capture capture;
  shim_model *model = probed("tuple.pt", small);
  shim_cut *cut = cut_at(model, "stem");
  expect_error(run(&capture, cut, input, grey, NULL, &error), &error, SHIM_BAD_ARGUMENT,
               "must be [N,3,H,W], not [2,1,16,16]");
  expect_error(run(&capture, cut, input, shape, beyond, &error), &error, SHIM_BAD_ARGUMENT,
               "target 5 of image 1");
  expect_error(run(&capture, cut, input, shape, below, &error), &error, SHIM_BAD_ARGUMENT,
               "target -1 of image 0");
  shim_cut_free(cut);
  cut = cut_at(model, "aux");
  expect_error(run(&capture, cut, input, shape, fine, &error), &error, SHIM_UNSUPPORTED,
               "no differentiable influence on the logits");
  shim_cut_free(cut);
  shim_model_free(model);
  model = probed("fixed_size.pt", small);
  cut = cut_at(model, "0");
  expect_error(run(&capture, cut, input, tall, NULL, &error), &error, SHIM_BAD_ARGUMENT,
               "refuses an input of [1,3,32,16]");
  expect_ok(run(&capture, cut, input, shape, fine, &error), &error); /* as if nothing was */
  shim_capture_free(&capture);
  shim_cut_free(cut);
  shim_model_free(model);
}

/* ---- the process ---- */

static long resident_kib(void) {
  long total = 0, resident = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  assert_non_null(file);
  assert_int_equal(fscanf(file, "%ld %ld", &total, &resident), 2);
  fclose(file);
  return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static void test_memory_is_bounded(void **state) {
  (void)state;
  static float input[2 * 3 * 16 * 16];
  const int64_t shape[4] = {2, 3, 16, 16}, targets[2] = {0, 1};
  long start = 0;
  shim_error error;
  shim_model *model = probed("folded.pt", small);
  shim_cut *cut = NULL;
  for (int i = 0; i < 400; i++) {
    shim_capture capture;
    if (i == 100) start = resident_kib();
    if (i % 4 == 0) {
      shim_cut_free(cut);
      cut = cut_at(model, i % 8 ? "body.0" : "body");
    }
    expect_ok(run(&capture, cut, input, shape, targets, &error), &error);
    shim_capture_free(&capture);
  }
  print_message("grew by %ld KiB in 300 runs and 75 cuts\n", resident_kib() - start);
#ifndef __SANITIZE_ADDRESS__ /* which does not release freed memory */
  assert_true(resident_kib() - start < 4096);
#endif
  shim_cut_free(cut);
  shim_model_free(model);
}

static void test_process(void **state) {
  (void)state;
  assert_int_equal(shim_set_threads(2), 2);
  assert_int_equal(shim_set_threads(1), 1);
  assert_true(strlen(shim_torch_version()) >= 5);
  shim_model_free(NULL);
  shim_capture_free(NULL);
}

int main(int argc, char **argv) {
  if (argc != 2) return fprintf(stderr, "usage: test_shim FOLDER\n"), 2;
  folder = argv[1];
  if (!has_test_device(folder)) return EXIT_SKIPPED;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_process),
      cmocka_unit_test(test_truths),
      cmocka_unit_test(test_frozen_archive),
      cmocka_unit_test(test_recut),
      cmocka_unit_test(test_score_functions),
      cmocka_unit_test(test_log_odds_by_ending),
      cmocka_unit_test(test_nan_input),
      cmocka_unit_test(test_logits_alone),
      cmocka_unit_test(test_auto_layer),
      cmocka_unit_test(test_layer_list),
      cmocka_unit_test(test_not_an_archive),
      cmocka_unit_test(test_refused_by_probe),
      cmocka_unit_test(test_refused_by_cut),
      cmocka_unit_test(test_refused_by_run),
      cmocka_unit_test(test_memory_is_bounded),
      cmocka_unit_test(test_layouts),
      cmocka_unit_test(test_endings),
      cmocka_unit_test(test_frozen_auto),
      cmocka_unit_test(test_probability_of_a_sigmoid),
      cmocka_unit_test(test_quantised),
      cmocka_unit_test(test_int8_on_a_gpu),
      cmocka_unit_test(test_int8_without_vnni),
      cmocka_unit_test(test_several_layers),
      cmocka_unit_test(test_ablation),
      cmocka_unit_test(test_fixed_batch),
      cmocka_unit_test(test_representation),
      cmocka_unit_test(test_devices),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
