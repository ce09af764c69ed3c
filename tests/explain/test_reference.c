/* SPDX-License-Identifier: Apache-2.0 */
/* The reference: the activation of a blank image is subtracted first. The attribution, signed and unscaled.
 * On the fake model, which gets a bias here: an image of zeros then has an activation of its own. */
#include "explain/bench.h"

static int start(void **state) {
  (void)state;
  fake_reset();
  fake.bias = 0.75F;
  fake.squared = 1; /* so that the gradient follows the activation */
  return bench_open();
}

static checkrob_explanation *explain_at(checkrob_method method, const char *layer) {
  checkrob_explanation *explanation = NULL;
  must(renew(method, layer));
  must(checkrob_explainer_run(&explanation, explainer, images, COUNT, SIDE, SIDE, targets));
  return explanation;
}

/* A and G of one image at `stem`, and A of zeros: 2 P + bias of each cell. */
static void arrays(float *a, float *g, float *blank, const float *image, int64_t target) {
  for (size_t k = 0; k < 3; k++)
    for (size_t i = 0; i < POSITIONS; i++) {
      double sum = 0.0;
      for (size_t p = 0; p < FAKE_CELL * FAKE_CELL; p++)
        sum += (double)image[k * PIXELS + (i / CELLS * FAKE_CELL + p / FAKE_CELL) * SIDE +
                             i % CELLS * FAKE_CELL + p % FAKE_CELL];
      size_t place = k * POSITIONS + i;
      a[place] = (float)(2.0 * sum / (FAKE_CELL * FAKE_CELL)) + fake.bias;
      g[place] = a[place] / POSITIONS * fake_weight(target, (int64_t)k);
      blank[place] = fake.bias;
    }
}

static void maps_are_those_of_the_deviation(void **state) {
  (void)state;
  static const checkrob_method methods[] = {CHECKROB_METHOD_GRADCAM, CHECKROB_METHOD_GRADCAMPP,
                                            CHECKROB_METHOD_HIRESCAM, CHECKROB_METHOD_LAYERCAM};
  for (size_t m = 0; m < 4; m++)
    for (int reference = CHECKROB_REFERENCE_NONE; reference <= CHECKROB_REFERENCE_BLANK; reference++) {
      set("reference", checkrob_reference_name((checkrob_reference)reference));
      checkrob_explanation *explanation = explain_at(methods[m], "stem");
      for (size_t n = 0; n < COUNT; n++) {
        float a[3 * POSITIONS], g[3 * POSITIONS], blank[3 * POSITIONS], expected[POSITIONS];
        size_t shape[2];
        arrays(a, g, blank, images + n * 3 * PIXELS, targets[n]);
        for (size_t i = 0; i < 3 * POSITIONS && reference == CHECKROB_REFERENCE_BLANK; i++) a[i] -= blank[i];
        must(checkrob_saliency(expected, methods[m], a, g, 3, CELLS, CELLS));
        const float *map = checkrob_explanation_map(shape, explanation, n);
        const float *evidence = checkrob_explanation_attribution(shape, explanation, n);
        assert_true(shape[0] == CELLS && shape[1] == CELLS);
        for (size_t i = 0; i < POSITIONS; i++) {
          double sum = 0.0;
          for (size_t k = 0; k < 3; k++) sum += (double)g[k * POSITIONS + i] * (double)a[k * POSITIONS + i];
          assert_true(fabs((double)map[i] - (double)expected[i]) < 2e-5);
          assert_true(fabs((double)evidence[i] - sum) < 1e-6);
        }
      }
      checkrob_explanation_free(explanation);
    }
}

/* Other methods are what they are, and no blank image is looked at for them. */
static void other_methods_have_no_reference(void **state) {
  (void)state;
  fake.squared = 0;
  static const checkrob_method methods[] = {CHECKROB_METHOD_EIGENCAM, CHECKROB_METHOD_CAM,
                                            CHECKROB_METHOD_ABLATIONCAM, CHECKROB_METHOD_SCORECAM};
  for (size_t m = 0; m < 4; m++) {
    size_t shape[2], runs[2];
    checkrob_explanation *found[2];
    for (int i = 0; i < 2; i++) {
      set("reference", i ? "blank" : "none");
      runs[i] = fake_seen.runs;
      found[i] = explain_at(methods[m], "stem");
      runs[i] = fake_seen.runs - runs[i];
    }
    assert_true(runs[0] == runs[1]);
    const float *none = checkrob_explanation_map(shape, found[0], 1);
    assert_memory_equal(none, checkrob_explanation_map(shape, found[1], 1),
                        shape[0] * shape[1] * sizeof *none);
    assert_true(!checkrob_explanation_attribution(shape, found[1], 1) == (methods[m] != CHECKROB_METHOD_CAM));
    for (int i = 0; i < 2; i++) checkrob_explanation_free(found[i]);
  }
}

static void several_layers_have_no_evidence(void **state) {
  (void)state;
  size_t shape[2];
  set("reference", "blank");
  checkrob_explanation *explanation = explain_at(CHECKROB_METHOD_GRADCAM, "stem.conv,stem");
  assert_non_null(checkrob_explanation_map(shape, explanation, 0));
  assert_null(checkrob_explanation_attribution(shape, explanation, 0));
  checkrob_explanation_free(explanation);
  explanation = explain_at(CHECKROB_METHOD_GRADCAM, "stem");
  assert_non_null(checkrob_explanation_attribution(shape, explanation, COUNT - 1));
  assert_null(checkrob_explanation_attribution(shape, explanation, COUNT));
  checkrob_explanation_free(explanation);
}

/* How many runs of the model an explanation of one image takes: 2, where the blank image is run, too.
 */
static size_t runs_of(uint32_t side) {
  checkrob_explanation *explanation = NULL;
  size_t before = fake_seen.runs;
  must(checkrob_explainer_run(&explanation, explainer, images, 1, side, side, targets));
  checkrob_explanation_free(explanation);
  return fake_seen.runs - before;
}

static void the_blank_image_is_run_once(void **state) {
  (void)state;
  set("reference", "blank");
  must(renew(CHECKROB_METHOD_GRADCAMPP, "stem"));
  assert_int_equal(runs_of(SIDE), 2);
  assert_int_equal(runs_of(SIDE), 1);
  assert_int_equal(runs_of(SIDE / 2), 2);
  assert_int_equal(runs_of(SIDE / 2), 1);
  assert_int_equal(runs_of(SIDE), 2);
  assert_int_equal(runs_of(SIDE), 1);
  checkrob_cut *other = NULL; /* somebody else's, of another layer of the same size */
  must(checkrob_cut_new(&other, model, "stem.conv", CHECKROB_SCORE_LOGIT, CHECKROB_CUT_MAPS));
  assert_int_equal(runs_of(SIDE), 1);
  checkrob_cut_free(other);
  set("reference", "none");
  must(renew(CHECKROB_METHOD_GRADCAMPP, "stem"));
  assert_int_equal(runs_of(SIDE), 1);
}

static void a_blank_image_that_fails(void **state) {
  (void)state;
  checkrob_explanation *explanation = NULL;
  set("reference", "blank");
  must(renew(CHECKROB_METHOD_GRADCAMPP, "stem"));
  fake.failing_run = 1;
  fake.run_code = SHIM_ERROR;
  assert_int_equal(checkrob_explainer_run(&explanation, explainer, images, 1, SIDE, SIDE, targets),
                   CHECKROB_ERROR);
  assert_null(explanation);
  assert_int_equal(runs_of(SIDE), 2); /* and again */
}

static void references_have_names(void **state) {
  (void)state;
  checkrob_reference found;
  must(checkrob_reference_find(&found, "Blank"));
  assert_int_equal(found, CHECKROB_REFERENCE_BLANK);
  must(checkrob_reference_find(&found, "none"));
  assert_int_equal(found, CHECKROB_REFERENCE_NONE);
  assert_int_equal(checkrob_reference_find(&found, "grey"), CHECKROB_ERROR_NOT_FOUND);
  assert_non_null(strstr(checkrob_last_error(), "choose none or blank"));
  assert_int_equal(checkrob_reference_find(NULL, "none"), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_string_equal(checkrob_reference_name(CHECKROB_REFERENCE_BLANK), "blank");
  assert_null(checkrob_reference_name((checkrob_reference)3));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(maps_are_those_of_the_deviation), TEST(other_methods_have_no_reference),
      TEST(several_layers_have_no_evidence), TEST(the_blank_image_is_run_once),
      TEST(a_blank_image_that_fails),        TEST(references_have_names)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
