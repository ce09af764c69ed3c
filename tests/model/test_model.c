/* SPDX-License-Identifier: Apache-2.0 */
/* The C side of the shim, on the fake model: opening a model, cutting it at a layer. */
#include <checkrob/version.h>

#include "model/fixture.h"

/* ---- opening ---- */

static void opens_and_frees(void **state) {
  (void)state;
  open_model();
  assert_int_equal(checkrob_model_class_count(model), 4);
  assert_int_equal(fake_seen.cuts, 0);
  checkrob_model_free(NULL);
  checkrob_cut_free(NULL);
  checkrob_capture_free(NULL);
  assert_int_equal(checkrob_model_class_count(NULL), 0);
  assert_int_equal(checkrob_model_layer_count(NULL), 0);
}

static void passes_on_why_it_cannot_open(void **state) {
  (void)state;
  for (size_t i = 0; i < CODE_COUNT; i++) {
    fake.open_code = codes[i].code;
    assert_int_equal(checkrob_model_open(&model, "planted.pt", SIDE, SIDE, NULL), codes[i].status);
    assert_null(model);
    assert_string_equal(checkrob_last_error(), "planted.pt: the fake cannot be opened");
  }
}

static void knows_versions(void **state) {
  (void)state;
  assert_string_equal(checkrob_version(), CHECKROB_VERSION_STRING);
  assert_string_equal(checkrob_torch_version(), "0.0.0-fake");
  assert_null(checkrob_model_installation_warning());
}

/* libtorch's own default may be one thread; the first model sets all, but never over what was asked for. Runs
 * first: the library remembers across models. */
static void sets_threads_once(void **state) {
  (void)state;
  open_model();
  assert_int_equal(fake_seen.threads_set, 1);
  assert_int_equal(checkrob_model_threads(), fake_seen.threads);
  int cores = checkrob_model_cores();
  assert_int_equal(cores, fake_seen.threads);
  assert_int_equal(checkrob_model_set_threads(5), 5);
  assert_int_equal(checkrob_model_threads(), 5);
  assert_int_equal(checkrob_model_cores(), cores); /* whatever was set */
  checkrob_model *second = NULL;
  assert_int_equal(checkrob_model_open(&second, "second.pt", SIDE, SIDE, NULL), CHECKROB_OK);
  assert_int_equal(fake_seen.threads, 5);
  checkrob_model_free(second);

  checkrob_options *options = NULL;
  must(checkrob_options_new(&options));
  must(checkrob_options_set(options, "threads", "3"));
  assert_int_equal(checkrob_model_open(&second, "second.pt", SIDE, SIDE, options), CHECKROB_OK);
  assert_int_equal(fake_seen.threads, 3);
  assert_int_equal(checkrob_model_threads(), 3);
  checkrob_model_free(second);

  must(checkrob_options_set(options, "threads", "0")); /* leaves it as it is */
  assert_int_equal(checkrob_model_open(&second, "second.pt", SIDE, SIDE, options), CHECKROB_OK);
  assert_int_equal(checkrob_model_threads(), 3);
  checkrob_model_free(second);
  checkrob_options_free(options);
}

/* ---- layers ---- */

static void lists_layers(void **state) {
  (void)state;
  open_model();
  assert_int_equal(checkrob_model_class_count(model), 4);
  size_t count = checkrob_model_layer_count(model), autos = 0;
  assert_int_equal(count, 9);
  checkrob_layer layer = CHECKROB_LAYER_INIT;
  for (size_t i = 0; i < count; i++) {
    assert_int_equal(checkrob_model_layer(&layer, model, i), CHECKROB_OK);
    autos += layer.is_auto == 1;
  }
  assert_int_equal(autos, 1);
  assert_int_equal(checkrob_model_layer(&layer, model, 3), CHECKROB_OK);
  assert_string_equal(layer.path, "stem");
  assert_string_equal(layer.type, "Sequential");
  assert_true(layer.usable && layer.is_auto);
  assert_int_equal(layer.rank, 4);
  const int64_t shape[] = {1, 3, 2, 2};
  assert_memory_equal(layer.shape, shape, sizeof shape);
  assert_int_equal(layer.shape[4], 0);
}

static void lists_layers_without_a_tensor(void **state) {
  (void)state;
  open_model();
  checkrob_layer layer = CHECKROB_LAYER_INIT;
  assert_int_equal(checkrob_model_layer(&layer, model, 8), CHECKROB_OK);
  assert_string_equal(layer.path, "pair");
  assert_int_equal(layer.rank, 0);
  assert_false(layer.usable);
}

/* A caller loops over `rank` items of `shape`. */
static void cuts_long_shapes(void **state) {
  (void)state;
  open_model();
  struct {
    checkrob_layer layer;
    int64_t behind;
  } out = {CHECKROB_LAYER_INIT, 77};
  assert_int_equal(checkrob_model_layer(&out.layer, model, 4), CHECKROB_OK);
  assert_string_equal(out.layer.path, "windows"); /* of rank 9 */
  assert_int_equal(out.layer.rank, CHECKROB_LAYER_MAX_RANK);
  for (size_t i = 0; i < CHECKROB_LAYER_MAX_RANK; i++) assert_int_equal(out.layer.shape[i], 1);
  assert_true(out.layer.usable == 0 && out.layer.is_auto == 0 && out.behind == 77);
}

static void refuses_layers_that_are_not_there(void **state) {
  (void)state;
  checkrob_layer layer = CHECKROB_LAYER_INIT, unset = {0};
  assert_int_equal(checkrob_model_layer(&layer, NULL, 0), CHECKROB_ERROR_INVALID_ARGUMENT);
  open_model();
  assert_int_equal(checkrob_model_layer(&layer, model, 9), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_model_layer(NULL, model, 0), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_model_layer(&unset, model, 0), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_null(layer.path);
  assert_null(unset.path);
}

/* ---- choosing a layer ---- */

static void chooses_by_name(void **state) {
  (void)state;
  open_and_cut("stem.conv");
  assert_string_equal(checkrob_cut_layers(cut), "stem.conv");
  assert_int_equal(checkrob_cut_layer_count(cut), 1);
  /* Again, and with the old cut's own string, which goes away meanwhile. */
  assert_int_equal(cut_at(checkrob_cut_layers(cut), CHECKROB_CUT_MAPS), CHECKROB_OK);
  assert_string_equal(checkrob_cut_layers(cut), "stem.conv");
  assert_int_equal(fake_seen.cuts, 2);
}

static void auto_is_the_probes_choice(void **state) {
  (void)state;
  open_and_cut("auto");
  assert_string_equal(checkrob_cut_layers(cut), "stem");
}

static void auto_may_find_nothing(void **state) {
  (void)state;
  fake.no_auto_layer = 1;
  open_model();
  assert_int_equal(cut_at("auto", CHECKROB_CUT_GRADIENTS), CHECKROB_ERROR_MODEL_UNSUPPORTED);
  assert_non_null(strstr(checkrob_last_error(), "planted.pt"));
  assert_null(cut);
  checkrob_layer layer = CHECKROB_LAYER_INIT;
  for (size_t i = 0; i < checkrob_model_layer_count(model); i++) {
    assert_int_equal(checkrob_model_layer(&layer, model, i), CHECKROB_OK);
    assert_false(layer.is_auto);
  }
}

static void suggests_the_nearest_names(void **state) {
  (void)state;
  open_and_cut("stem");
  assert_int_equal(cut_at("stem.cnov", CHECKROB_CUT_GRADIENTS), CHECKROB_ERROR_NOT_FOUND);
  assert_string_equal(checkrob_last_error(),
                      "planted.pt has no layer 'stem.cnov'; the nearest names are 'stem.conv', 'stem.relu', "
                      "'stem' (checkrob_model_layer lists all)");
  assert_string_equal(checkrob_cut_layers(cut), "stem"); /* still */
}

/* What can be read out is more than what can be looked at. */
static void suggests_what_can_be_read_out(void **state) {
  (void)state;
  open_model();
  assert_int_equal(cut_at("pol", CHECKROB_CUT_GRADIENTS), CHECKROB_ERROR_NOT_FOUND);
  assert_null(strstr(checkrob_last_error(), "'pool'"));
  assert_int_equal(cut_at("pol", CHECKROB_CUT_ACTIVATIONS), CHECKROB_ERROR_NOT_FOUND);
  assert_non_null(strstr(checkrob_last_error(), "the nearest names are 'pool'"));
}

static void has_nothing_to_suggest(void **state) {
  (void)state;
  fake.no_usable_layer = 1;
  open_model();
  assert_int_equal(cut_at("x", CHECKROB_CUT_GRADIENTS), CHECKROB_ERROR_NOT_FOUND);
  assert_string_equal(checkrob_last_error(),
                      "planted.pt has no layer 'x', nor any other with a feature map "
                      "(checkrob_model_layer lists all)");
}

static void takes_no_layer_without_a_feature_map(void **state) {
  (void)state;
  open_and_cut("stem");
  assert_int_equal(cut_at("head.flatten", CHECKROB_CUT_GRADIENTS), CHECKROB_ERROR_MODEL_UNSUPPORTED);
  assert_string_equal(checkrob_cut_layers(cut), "stem");
}

static void passes_on_why_it_cannot_cut(void **state) {
  (void)state;
  open_model();
  for (size_t i = 0; i < CODE_COUNT; i++) {
    fake.cut_code = codes[i].code;
    assert_int_equal(cut_at("stem", CHECKROB_CUT_GRADIENTS), codes[i].status);
    assert_null(cut);
    if (codes[i].code != SHIM_NOT_FOUND) assert_string_equal(checkrob_last_error(), "the fake cannot be cut");
  }
}

/* ---- arguments ---- */

static void refuses_null(void **state) {
  (void)state;
  const checkrob_status wrong = CHECKROB_ERROR_INVALID_ARGUMENT;
  assert_int_equal(checkrob_model_open(NULL, "planted.pt", SIDE, SIDE, NULL), wrong);
  assert_int_equal(checkrob_model_open(&model, NULL, SIDE, SIDE, NULL), wrong);
  assert_int_equal(checkrob_model_open(&model, "planted.pt", 0, SIDE, NULL), wrong);
  assert_int_equal(checkrob_model_open(&model, "planted.pt", SIDE, 0, NULL), wrong);
  assert_null(model);
  assert_int_equal(fake_seen.opened, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(sets_threads_once),
      TEST(opens_and_frees),
      TEST(passes_on_why_it_cannot_open),
      TEST(knows_versions),
      TEST(lists_layers),
      TEST(lists_layers_without_a_tensor),
      TEST(cuts_long_shapes),
      TEST(refuses_layers_that_are_not_there),
      TEST(chooses_by_name),
      TEST(auto_is_the_probes_choice),
      TEST(auto_may_find_nothing),
      TEST(suggests_the_nearest_names),
      TEST(suggests_what_can_be_read_out),
      TEST(has_nothing_to_suggest),
      TEST(takes_no_layer_without_a_feature_map),
      TEST(passes_on_why_it_cannot_cut),
      TEST(refuses_null),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
