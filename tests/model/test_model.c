/* The C side of the shim, with the fake model behind it: opening, probing, choosing a layer. */
#include <checkrob/version.h>

#include "model/fixture.h"

/* ---- opening ---- */

static void opens_and_frees(void **state) {
  (void)state;
  assert_int_equal(checkrob_model_open(&model, "planted.pt"), CHECKROB_OK);
  assert_int_equal(fake_seen.probes, 0);
  assert_int_equal(checkrob_model_class_count(model), 0);
  assert_int_equal(checkrob_model_layer_count(model), 0);
  assert_null(checkrob_model_selected_layer(model));
  checkrob_model_free(NULL);
  checkrob_capture_free(NULL);
}

static void passes_on_why_it_cannot_open(void **state) {
  (void)state;
  for (size_t i = 0; i < CODE_COUNT; i++) {
    fake.open_code = codes[i].code;
    assert_int_equal(checkrob_model_open(&model, "planted.pt"), codes[i].status);
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
  open_and_probe();
  assert_int_equal(fake_seen.threads_set, 1);
  assert_int_equal(checkrob_model_set_threads(5), 5);
  checkrob_model *second = NULL;
  assert_int_equal(checkrob_model_open(&second, "second.pt"), CHECKROB_OK);
  assert_int_equal(fake_seen.threads, 5);
  checkrob_model_free(second);
}

/* ---- probing ---- */

static void passes_on_why_it_cannot_probe(void **state) {
  (void)state;
  assert_int_equal(checkrob_model_open(&model, "planted.pt"), CHECKROB_OK);
  for (size_t i = 0; i < CODE_COUNT; i++) {
    fake.probe_code = codes[i].code;
    assert_int_equal(checkrob_model_probe(model, SIDE, SIDE), codes[i].status);
    assert_string_equal(checkrob_last_error(), "the fake cannot be probed");
    assert_int_equal(checkrob_model_class_count(model), 0);
    assert_int_equal(checkrob_model_layer_count(model), 0);
  }
}

static void a_failed_probe_forgets_the_last_one(void **state) {
  (void)state;
  open_and_select("auto");
  fake.probe_code = SHIM_UNSUPPORTED;
  assert_int_equal(checkrob_model_probe(model, 2 * SIDE, SIDE), CHECKROB_ERROR_UNSUPPORTED);
  assert_int_equal(checkrob_model_class_count(model), 0);
  assert_null(checkrob_model_selected_layer(model));
  assert_int_equal(checkrob_model_select_layer(model, "stem"), CHECKROB_ERROR_INVALID_ARGUMENT);
}

static void lists_layers(void **state) {
  (void)state;
  open_and_probe();
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
  open_and_probe();
  checkrob_layer layer = CHECKROB_LAYER_INIT;
  assert_int_equal(checkrob_model_layer(&layer, model, 8), CHECKROB_OK);
  assert_string_equal(layer.path, "pair");
  assert_int_equal(layer.rank, 0);
  assert_false(layer.usable);
}

/* A caller loops over `rank` places of `shape`. */
static void cuts_long_shapes(void **state) {
  (void)state;
  open_and_probe();
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
  open_and_probe();
  assert_int_equal(checkrob_model_layer(&layer, model, 9), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_model_layer(NULL, model, 0), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_model_layer(&unset, model, 0), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_null(layer.path);
  assert_null(unset.path);
}

/* ---- choosing a layer ---- */

static void chooses_by_name(void **state) {
  (void)state;
  open_and_select("stem.conv");
  assert_string_equal(checkrob_model_selected_layer(model), "stem.conv");
  /* Again, and with the model's own string, which goes away meanwhile. */
  assert_int_equal(checkrob_model_select_layer(model, checkrob_model_selected_layer(model)), CHECKROB_OK);
  assert_string_equal(checkrob_model_selected_layer(model), "stem.conv");
  assert_int_equal(fake_seen.cuts, 2);
}

static void auto_is_the_probes_choice(void **state) {
  (void)state;
  open_and_select("auto");
  assert_string_equal(checkrob_model_selected_layer(model), "stem");
}

static void auto_may_find_nothing(void **state) {
  (void)state;
  fake.no_auto_layer = 1;
  open_and_probe();
  assert_int_equal(checkrob_model_select_layer(model, "auto"), CHECKROB_ERROR_UNSUPPORTED);
  assert_non_null(strstr(checkrob_last_error(), "planted.pt"));
  assert_null(checkrob_model_selected_layer(model));
  checkrob_layer layer = CHECKROB_LAYER_INIT;
  for (size_t i = 0; i < checkrob_model_layer_count(model); i++) {
    assert_int_equal(checkrob_model_layer(&layer, model, i), CHECKROB_OK);
    assert_false(layer.is_auto);
  }
}

static void suggests_the_nearest_names(void **state) {
  (void)state;
  open_and_select("stem");
  assert_int_equal(checkrob_model_select_layer(model, "stem.cnov"), CHECKROB_ERROR_NOT_FOUND);
  assert_string_equal(checkrob_last_error(),
                      "planted.pt has no layer 'stem.cnov'; the nearest names are 'stem.conv', 'stem.relu', "
                      "'stem' (`checkrob layers --model planted.pt` lists all)");
  assert_string_equal(checkrob_model_selected_layer(model), "stem"); /* still */
  assert_int_equal(checkrob_model_select_layer(model, ""), CHECKROB_ERROR_INVALID_ARGUMENT);
}

/* What can be read out is more than what can be looked at. */
static void suggests_what_can_be_read_out(void **state) {
  (void)state;
  open_and_probe();
  assert_int_equal(checkrob_model_select_layer(model, "pol"), CHECKROB_ERROR_NOT_FOUND);
  assert_null(strstr(checkrob_last_error(), "'pool'"));
  assert_int_equal(checkrob_model_select_representation(model, "pol"), CHECKROB_ERROR_NOT_FOUND);
  assert_non_null(strstr(checkrob_last_error(), "the nearest names are 'pool'"));
}

static void has_nothing_to_suggest(void **state) {
  (void)state;
  fake.no_usable_layer = 1;
  open_and_probe();
  assert_int_equal(checkrob_model_select_layer(model, "x"), CHECKROB_ERROR_NOT_FOUND);
  assert_string_equal(checkrob_last_error(),
                      "planted.pt has no layer 'x', nor any other with a feature map "
                      "(`checkrob layers --model planted.pt` lists all)");
}

static void takes_no_layer_without_a_feature_map(void **state) {
  (void)state;
  open_and_select("stem");
  assert_int_equal(checkrob_model_select_layer(model, "head.flatten"), CHECKROB_ERROR_UNSUPPORTED);
  assert_string_equal(checkrob_model_selected_layer(model), "stem");
}

static void passes_on_why_it_cannot_cut(void **state) {
  (void)state;
  open_and_probe();
  for (size_t i = 0; i < CODE_COUNT; i++) {
    fake.cut_code = codes[i].code;
    assert_int_equal(checkrob_model_select_layer(model, "stem"), codes[i].status);
    assert_null(checkrob_model_selected_layer(model));
    if (codes[i].code != SHIM_NOT_FOUND) assert_string_equal(checkrob_last_error(), "the fake cannot be cut");
  }
}

static void needs_a_probe_first(void **state) {
  (void)state;
  assert_int_equal(checkrob_model_open(&model, "planted.pt"), CHECKROB_OK);
  assert_int_equal(checkrob_model_select_layer(model, "stem"), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(fake_seen.cuts, 0);
}

/* ---- arguments ---- */

static void refuses_null(void **state) {
  (void)state;
  const checkrob_status wrong = CHECKROB_ERROR_INVALID_ARGUMENT;
  assert_int_equal(checkrob_model_open(NULL, "planted.pt"), wrong);
  assert_int_equal(checkrob_model_open(&model, NULL), wrong);
  assert_int_equal(checkrob_model_probe(NULL, SIDE, SIDE), wrong);
  assert_int_equal(checkrob_model_select_layer(NULL, "stem"), wrong);
  assert_null(checkrob_model_selected_layer(NULL));
  open_and_probe();
  assert_int_equal(checkrob_model_select_layer(model, NULL), wrong);
  assert_int_equal(checkrob_model_probe(model, 0, SIDE), wrong);
  assert_int_equal(checkrob_model_probe(model, SIDE, 0), wrong);
  assert_int_equal(checkrob_model_class_count(model), 4); /* the first probe still holds */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(sets_threads_once),
      TEST(opens_and_frees),
      TEST(passes_on_why_it_cannot_open),
      TEST(knows_versions),
      TEST(passes_on_why_it_cannot_probe),
      TEST(a_failed_probe_forgets_the_last_one),
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
      TEST(needs_a_probe_first),
      TEST(refuses_null),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
