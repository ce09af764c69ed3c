/* SPDX-License-Identifier: Apache-2.0 */
/* What a run says of its classes: compared with other classes' maps, and where there is nothing to compare
 * with. */
#include "run/bench.h"

/* `count` images of a class, all alike; "red_00" and so on. */
static void add_class(const char *class_name, int count, rectangle spot, colour c, rectangle box) {
  for (int i = 0; i < count; i++) {
    char name[64];
    snprintf(name, sizeof name, "%s_%02d", class_name, i);
    world_sample(&bench.w, name, class_name, spot, c, box);
  }
}

static void add_two_classes(void) {
  add_class("red", 12, left_half, red, left_half);
  add_class("green", 12, right_half, green, right_half);
}

static void assert_near(double value, double expected) {
  if (!(fabs(value - expected) < 1e-6)) fail_msg("%.9g, not %.9g", value, expected);
}

/* Reds look left, where their objects are, and greens right: where the others look, no object is. */
static void classes_are_compared_with_the_others(void **state) {
  (void)state;
  add_two_classes();
  bench_open("{\"crop\": 32}");
  must(bench_execute());
  for (int i = 0; i < 2; i++) {
    bench_class_row c = bench_class(i ? "green" : "red");
    assert_near(c.crs, RS_ON);
    assert_near(c.crs_low, RS_ON);
    assert_near(c.area, 0.5);
    assert_near(c.rs0, RS_OFF);
    assert_near(c.ers, (RS_ON - RS_OFF) / (1.0 - RS_OFF));
    assert_near(c.lift, 2.0 * log(15.0));
    assert_near(c.p, 1e-4);
    assert_near(c.q, 1e-4);
    assert_true(c.contrast > 0.0);
    assert_near(c.robustness, log(15.0) + c.contrast / 2.0);
    assert_near(c.robustness_low, c.robustness);
    assert_near(c.robustness_high, c.robustness);
    assert_int_equal(c.recognised, 12);
    assert_string_equal(c.verdict, "not suspicious");
    assert_non_null(strstr(c.reason,
                           "accuracy 100 %, 94 % of the saliency on the object (object-blind map: 6 %, flat "
                           "map: 50 %); positive attribution stronger on the object"));
    assert_near(c.pointing_game, 1.0);
  }
}

/* Spots beside the object: where all other classes look too. */
static void what_looks_beside_its_object_is_not_robust(void **state) {
  (void)state;
  add_class("red", 12, right_half, red, left_half);
  add_class("green", 12, right_half, green, right_half);
  bench_open("{\"crop\": 32}");
  must(bench_execute());
  bench_class_row c = bench_class("red");
  assert_near(c.crs, RS_OFF);
  assert_near(c.rs0, RS_OFF);
  assert_near(c.p, 1.0);
  assert_true(c.contrast < 0.0);
  assert_string_equal(c.verdict, "doubtful"); /* nothing shows that it depends on this */
  assert_string_equal(checkrob_row_text(checkrob_run_class(bench.run, 0), "class"), "red");
}

static void one_class_has_nothing_to_be_compared_with(void **state) {
  (void)state;
  add_class("red", 12, left_half, red, left_half);
  bench_open("{\"crop\": 32}");
  must(bench_execute());
  bench_class_row c = bench_class("red");
  assert_true(isnan(c.rs0) && isnan(c.ers) && isnan(c.ers_low) && isnan(c.lift) && isnan(c.p) && isnan(c.q));
  assert_string_equal(c.verdict, "doubtful");
  assert_string_equal(c.reason_code, "one_class");
  assert_non_null(strstr(c.reason, "no images of other classes"));
  assert_null(strstr(c.reason, "object-blind"));
}

/* ---- networks that know nothing: even a threshold that any class passes makes no verdict good ---- */

static void any_robustness_will_do(void) {
  bench_set("verdict_off_object", "-1000");
  bench_set("verdict_robust", "-999");
}

static void expect_doubtful(const char *name, const char *code) {
  bench_class_row c = bench_class(name);
  assert_string_equal(c.verdict, "doubtful");
  assert_string_equal(c.reason_code, code);
}

/* The object is there, and is looked at. */
static void a_network_that_always_answers_the_same_is_doubtful(void **state) {
  (void)state;
  add_class("red", 40, left_half, red, left_half);
  add_class("green", 40, left_half, red, left_half);
  bench_open("{\"crop\": 32}");
  any_robustness_will_do();
  must(bench_execute());
  assert_true(bench_class("red").accuracy == 1.0 && bench_class("red").robustness_low > 1.0);
  expect_doubtful("red", "not_distinguished");
  expect_doubtful("green", "low_accuracy");
}

static void a_network_at_chance_is_doubtful(void **state) {
  (void)state;
  add_class("red", 20, left_half, red, left_half);
  add_class("blue", 20, left_half, red, left_half);
  for (int i = 0; i < 20; i++) {
    char name[64];
    snprintf(name, sizeof name, "green_%02d", i);
    world_sample(&bench.w, name, "green", left_half, i < 8 ? green : red, left_half);
  }
  bench_open("{\"crop\": 32}");
  any_robustness_will_do();
  must(bench_execute());
  expect_doubtful("red", "network_at_chance"); /* predicted certainly more often than in the others' */
  assert_non_null(strstr(bench_class("red").reason, "hardly knows the 3 classes"));
}

static void a_class_of_data_without_others_is_doubtful(void **state) {
  (void)state;
  add_class("red", 20, left_half, red, left_half);
  bench_open("{\"crop\": 32}");
  any_robustness_will_do();
  must(bench_execute());
  expect_doubtful("red", "one_class");
}

/* Five images with large spots on their objects outweigh 25 with small ones off them. */
static void mostly_negative_contrast_is_doubtful(void **state) {
  (void)state;
  static const rectangle beside = {16, 0, 24, 8};
  add_class("green", 20, right_half, green, right_half);
  for (int i = 0; i < 30; i++) {
    char name[64];
    snprintf(name, sizeof name, "red_%02d", i);
    world_sample(&bench.w, name, "red", i < 25 ? beside : left_half, red, left_half);
  }
  bench_open("{\"crop\": 32}");
  any_robustness_will_do();
  must(bench_execute());
  bench_class_row c = bench_class("red");
  assert_true(c.contrast > 0.0 && c.recognised == 30);
  expect_doubtful("red", "stronger_elsewhere");
  assert_non_null(strstr(c.reason, "off the object in 25 of 30 recognised images"));
}

/* Black images: nothing was looked at. Their maps say nothing of where others look either. */
static void a_class_of_empty_maps(void **state) {
  (void)state;
  add_class("red", 12, whole, (colour){0, 0, 0}, left_half);
  add_class("green", 12, right_half, green, right_half);
  bench_open("{\"crop\": 32}");
  must(bench_execute());
  assert_int_equal(bench_total("empty_maps"), 12);
  bench_class_row c = bench_class("red"), other = bench_class("green");
  assert_near(c.crs, 0.0);
  assert_near(c.rs0, RS_OFF);
  assert_near(c.p, 1.0);
  assert_true(isnan(c.lift) && isfinite(c.robustness) && c.robustness < 0.0);
  assert_true(isnan(other.rs0) && isnan(other.p)); /* there is no other map */
  assert_string_equal(other.verdict, "not suspicious");
}

static void methods_without_gradients_and_at_the_input(void **state) {
  (void)state;
  static const checkrob_method methods[] = {CHECKROB_METHOD_SCORECAM, CHECKROB_METHOD_EIGENCAM,
                                            CHECKROB_METHOD_ABLATIONCAM, CHECKROB_METHOD_SMOOTHGRADCAMPP,
                                            CHECKROB_METHOD_INTEGRATED_GRADIENTS};
  add_two_classes();
  bench_open("{\"crop\": 32}");
  bench_set_integer("steps", 2);
  bench_set_integer("noise_samples", 2);
  for (size_t m = 0; m < sizeof methods / sizeof *methods; m++) {
    bench_set("method", checkrob_method_name(methods[m]));
    must(bench_execute());
    bench_check_totals();
    bench_class_row c = bench_class("red");
    assert_true(isnan(c.contrast));
    double crs = fmin(c.crs, 0.999); /* what is more than a map can say */
    assert_near(c.robustness, log(crs / (1.0 - crs)) - log(c.area / (1.0 - c.area)));
    assert_true(c.rs0 < 0.2 && c.p < 0.01);
    assert_true(c.robustness_low > 0.0);
    assert_string_equal(c.verdict, "doubtful");
    assert_non_null(strstr(c.reason, "; the thresholds were not measured with these options"));
    assert_null(strstr(c.reason, "nats"));
  }
}

static void several_layers(void **state) {
  (void)state;
  add_two_classes();
  bench_open("{\"crop\": 32}");
  bench_set("layer", "stem.conv,stem");
  must(bench_execute());
  bench_class_row c = bench_class("red");
  assert_true(isnan(c.contrast) && fabs(c.rs0 - RS_OFF) < 0.01);
  assert_string_equal(c.verdict, "doubtful");
  assert_string_equal(c.reason_code, "not_measured");
}

static void the_rule_is_settable(void **state) {
  (void)state;
  add_two_classes();
  bench_open("{\"crop\": 32}");
  bench_set_integer("verdict_min_images", 13);
  must(bench_execute());
  assert_string_equal(bench_class("red").verdict, "not enough data");
  assert_string_equal(bench_class("red").reason_code, "few_images");
  bench_set_integer("verdict_min_images", 12);
  bench_set("verdict_robust", "0");
  must(bench_execute());
  assert_string_equal(bench_class("red").verdict, "robust");
  bench_set("verdict_robust", "1e6");
  must(bench_execute());
  assert_string_equal(bench_class("red").verdict, "doubtful");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      BENCH_TEST(classes_are_compared_with_the_others),
      BENCH_TEST(what_looks_beside_its_object_is_not_robust),
      BENCH_TEST(one_class_has_nothing_to_be_compared_with),
      BENCH_TEST(a_network_that_always_answers_the_same_is_doubtful),
      BENCH_TEST(a_network_at_chance_is_doubtful),
      BENCH_TEST(a_class_of_data_without_others_is_doubtful),
      BENCH_TEST(mostly_negative_contrast_is_doubtful),
      BENCH_TEST(a_class_of_empty_maps),
      BENCH_TEST(methods_without_gradients_and_at_the_input),
      BENCH_TEST(several_layers),
      BENCH_TEST(the_rule_is_settable),
  };
  return cmocka_run_group_tests_name("classes", tests, NULL, NULL);
}
