/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts: what the rule decides, with the reason and its code. */
#include "classes/verdict.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "classes/class_row.h"

/* A class's numbers before it is judged. */
typedef struct numbers {
  int64_t images, recognised;
  double accuracy, crs, area, rs0, contrast, robustness_low, robustness, robustness_high;
} numbers;

/* 40 images, 36 of them recognised. */
static numbers class_with(double low, double robustness, double high) {
  return (numbers){.images = 40,
                   .recognised = 36,
                   .accuracy = 0.9,
                   .crs = 0.14,
                   .area = 0.2,
                   .rs0 = 0.31,
                   .contrast = 2.0,
                   .robustness_low = low,
                   .robustness = robustness,
                   .robustness_high = high};
}

static void judge(const numbers *c, const verdict_rule *rule) {
  row_clear(row);
  row_put_integer(row, "images", c->images);
  row_put_integer(row, "recognised", c->recognised);
  row_put_number(row, "acc", c->accuracy);
  row_put_number(row, "crs", c->crs);
  row_put_number(row, "area", c->area);
  row_put_number(row, "rs0", c->rs0);
  row_put_number(row, "contrast", c->contrast);
  row_put_number(row, "robustness_low", c->robustness_low);
  row_put_number(row, "robustness", c->robustness);
  row_put_number(row, "robustness_high", c->robustness_high);
  must(verdict_decide(row, NULL, rule));
}

/* Verdict, code and text. */
static void expect(numbers c, const char *verdict, const char *code, const char *reason) {
  judge(&c, &defaults);
  assert_string_equal(checkrob_row_text(row, "verdict"), verdict);
  assert_string_equal(checkrob_row_text(row, "reason_code"), code);
  assert_string_equal(checkrob_row_text(row, "reason"), reason);
}

#define SHARES                                                                                         \
  "14 % of the saliency on the object (object-blind map: 31 %, flat map: 20 %); positive attribution " \
  "stronger "                                                                                          \
  "on the object by 2.0 nats"
#define BASIS "accuracy 90 %, " SHARES

static void verdicts_follow_the_interval(void **state) {
  (void)state;
  expect(class_with(0.01, 1.0, 2.0), "not suspicious", "above_threshold",
         BASIS "; robustness 1.00 (95 %: 0.01 to 2.00)");
  expect(class_with(0.0, 1.0, 2.0), "doubtful", "interval_spans_upper",
         "the interval contains 0: " BASIS "; robustness 1.00 (95 %: 0.00 to 2.00)");
  expect(class_with(-1.25, -0.5, 0.0), "doubtful", "between_thresholds",
         "the interval is between -1.25 and 0: " BASIS "; robustness -0.50 (95 %: -1.25 to 0.00)");
  expect(class_with(-3.0, -2.0, -1.25), "doubtful", "interval_spans_lower",
         "the interval contains -1.25: " BASIS "; robustness -2.00 (95 %: -3.00 to -1.25)");
  expect(class_with(-3.0, -2.0, -1.26), "doubtful", "below_threshold",
         "the saliency is off the object, without evidence of cause: " BASIS
         "; robustness -2.00 (95 %: -3.00 to -1.26)");
}

/* Half of the interval is 2; the nearer threshold is 0.75 away, and 36 (2 / 0.75)^2 = 256. */
static void an_interval_beyond_both_thresholds_decides_nothing(void **state) {
  (void)state;
  expect(class_with(-4.0, -2.0, 0.01), "not enough data", "interval_spans",
         "the interval contains -1.25 and 0, and about 258 recognised images would decide: " BASIS
         "; robustness -2.00 (95 %: -4.00 to 0.01)");
  expect(class_with(-4.0, -0.5, 0.01), "not enough data", "interval_spans",
         BASIS "; robustness -0.50 (95 %: -4.00 to 0.01)"); /* no number of images would */
  expect(class_with(NAN, -0.5, NAN), "not enough data", "no_interval", BASIS);
}

static void few_images_are_not_enough(void **state) {
  (void)state;
  numbers c = class_with(-3.0, -2.0, -1.5);
  c.images = c.recognised = 9;
  expect(c, "not enough data", "few_images",
         "9 images, but a verdict needs 10: " BASIS "; robustness -2.00 (95 %: -3.00 to -1.50)");
  c.images = 10; /* the class is recognised often enough: more images would decide */
  expect(c, "not enough data", "few_recognised",
         "9 of 10 images recognised, but a verdict needs 10: " BASIS
         "; robustness -2.00 (95 %: -3.00 to -1.50)");
  c.images = c.recognised = 0;
  expect(c, "not enough data", "no_images", "no image could be evaluated");
}

static void a_class_with_low_accuracy_is_doubtful_at_best(void **state) {
  (void)state;
  numbers c = class_with(1.0, 2.0, 3.0);
  c.accuracy = 0.25;
  c.recognised = 10;
  expect(c, "doubtful", "low_accuracy",
         "less than 50 % of the images recognised: accuracy 25 %, " SHARES
         "; robustness 2.00 (95 %: 1.00 to 3.00)");
  c.recognised = 9;
  c.accuracy = 9.0 / 40.0;
  c.rs0 = NAN;
  c.contrast = 0.01;
  expect(c, "doubtful", "low_accuracy",
         "9 of 40 images recognised: accuracy 22 %, 14 % of the saliency on the object (flat map: 20 %); "
         "positive "
         "attribution equal on the object and elsewhere; robustness 2.00 (95 %: 1.00 to 3.00)");
  c.robustness_low = -2.0; /* the interval contains both thresholds */
  expect(
      c, "not enough data", "few_recognised",
      "9 of 40 images recognised, but a verdict needs 10: accuracy 22 %, 14 % of the saliency on the object "
      "(flat map: 20 %); positive attribution equal on the object and elsewhere; robustness 2.00 (95 %: "
      "-2.00 to 3.00)");
  c.recognised = 0;
  c.accuracy = 0.0;
  c.crs = 0.001;
  c.contrast = c.robustness = c.robustness_low = c.robustness_high = NAN;
  expect(c, "doubtful", "low_accuracy",
         "0 of 40 images recognised: accuracy 0 %, under 1 % of the saliency on the object (flat map: 20 %)");
}

static void assert_reason(numbers c, const verdict_rule *rule, const char *part, bool there) {
  judge(&c, rule);
  const char *reason = checkrob_row_text(row, "reason");
  if ((strstr(reason, part) != NULL) != there) fail_msg("'%s' in: %s", part, reason);
}

static void assert_verdict(numbers c, const verdict_rule *rule, const char *verdict, const char *code) {
  judge(&c, rule);
  assert_string_equal(checkrob_row_text(row, "verdict"), verdict);
  assert_string_equal(checkrob_row_text(row, "reason_code"), code);
}

static void the_reason_has_the_contrast_in_nats(void **state) {
  (void)state;
  numbers c = class_with(1.0, 2.0, 3.0);
  c.contrast = 0.3;
  assert_reason(c, &defaults, "; positive attribution stronger on the object by 0.3 nats;", true);
  c.contrast = -12.3;
  assert_reason(c, &defaults, "; positive attribution stronger elsewhere by 12 nats;", true);
  c.contrast = 3e38; /* and nothing is cut off */
  c.robustness_low = c.robustness_high = c.robustness = 1.5e38;
  assert_reason(c, &defaults, "(95 %: 1.5e+38 to 1.5e+38)", true);
  c = class_with(1.0, 2.0, 3.0);
  c.recognised = 5; /* of 36 that were */
  assert_reason(c, &defaults, "5 of 40 images recognised with a finite contrast, but a verdict needs ", true);
  if (!setlocale(LC_NUMERIC, "de_DE.UTF-8")) return; /* where it is installed */
  assert_reason(class_with(-2.5, -2.0, -1.5), &defaults, "-2.00 (95 %: -2.50 to -1.50)", true);
  setlocale(LC_NUMERIC, "C");
}

/* checkrob calls no class robust by a threshold of its own. */
static void robust_needs_the_users_threshold(void **state) {
  (void)state;
  verdict_rule own = defaults;
  own.robust = 0.0;
  numbers c = class_with(0.01, 1.0, 2.0);
  assert_verdict(c, &defaults, "not suspicious", "above_threshold");
  assert_verdict(c, &own, "robust", "above_threshold");
  own.robust = 0.5;
  assert_verdict(c, &own, "doubtful", "interval_spans_upper");
  assert_reason(c, &own, "the interval contains 0.5: ", true);
}

/* A class may look good by a rule that nobody measured. */
static void thresholds_that_were_not_measured_are_reported(void **state) {
  (void)state;
  static const char part[] = "; the thresholds were not measured with these options";
  numbers c = class_with(1.0, 2.0, 3.0);
  verdict_rule unmeasured = defaults, own = defaults;
  unmeasured.measured = own.measured = false;
  assert_reason(c, &defaults, part, false);
  assert_reason(c, &unmeasured, part, true);
  assert_verdict(c, &defaults, "not suspicious", "above_threshold");
  assert_verdict(c, &unmeasured, "doubtful", "not_measured");
  assert_verdict(class_with(-3.0, -2.0, -1.5), &unmeasured, "doubtful", "below_threshold");
  c.contrast = NAN; /* by the method, or several layers */
  assert_reason(c, &defaults, part, true);
  own.robust = 0.0;
  assert_reason(c, &own, part, false); /* whoever sets them knows them */
  assert_verdict(c, &own, "robust", "above_threshold");
  own.robust = NAN;
  own.off_object = -2.0; /* which says nothing of the other one */
  assert_verdict(c, &own, "doubtful", "not_measured");
}

static void stronger_elsewhere_is_doubtful_at_best(void **state) {
  (void)state;
  verdict_rule own = defaults;
  own.robust = 0.0;
  numbers c = class_with(0.01, 1.0, 2.0);
  c.contrast = -0.5;
  assert_verdict(c, &defaults, "doubtful", "stronger_elsewhere");
  assert_verdict(c, &own, "doubtful", "stronger_elsewhere");
  c.contrast = 0.0;
  assert_verdict(c, &own, "robust", "above_threshold");
}

/* Few images far above 0 make the mean positive. */
static void mostly_stronger_elsewhere_is_doubtful_at_best(void **state) {
  (void)state;
  verdict_rule own = defaults;
  own.robust = 0.0;
  numbers c = class_with(0.01, 1.0, 2.0);
  judge(&c, &own);
  row_put_integer(row, "contrast_negative", 19);
  must(verdict_decide(row, NULL, &own));
  assert_string_equal(checkrob_row_text(row, "verdict"), "doubtful");
  assert_string_equal(checkrob_row_text(row, "reason_code"), "stronger_elsewhere");
  assert_non_null(strstr(checkrob_row_text(row, "reason"), "off the object in 19 of 36 recognised images: "));
  row_put_integer(row, "contrast_negative", 18);
  must(verdict_decide(row, NULL, &own));
  assert_string_equal(checkrob_row_text(row, "verdict"), "robust");
}

/* The verdict on a class that nothing speaks against but its network. */
static void expect_in_network(network_numbers network, double predicted, double elsewhere, const char *code,
                              const char *reason) {
  verdict_rule own = defaults;
  own.robust = 0.0;
  for (int probed = 0; probed < 2; probed++) {
    numbers c = class_with(0.01, 1.0, 2.0);
    judge(&c, &own);
    row_put_number(row, "predicted", predicted);
    row_put_number(row, "predicted_elsewhere", elsewhere);
    if (probed) {
      row_put_integer(row, "probed", c.recognised);
      row_put_number(row, "suspicion_low", -0.5);
      row_put_number(row, "suspicion", -0.2);
      row_put_number(row, "suspicion_high", 0.0);
    }
    must(verdict_decide(row, &network, &own));
    const char *good = probed ? "no dependence found" : "robust";
    assert_string_equal(checkrob_row_text(row, "verdict"), code ? "doubtful" : good);
    if (code) assert_string_equal(checkrob_row_text(row, "reason_code"), code);
    if (!strstr(checkrob_row_text(row, "reason"), reason)) fail_msg("%s", checkrob_row_text(row, "reason"));
  }
}

/* The images are recognised, so each of these would be a good verdict. */
static void networks_that_know_nothing_have_no_good_class(void **state) {
  (void)state;
  expect_in_network((network_numbers){2, 0.8, 0.2}, 0.9, 0.2, NULL, "accuracy 90 %");
  expect_in_network(
      (network_numbers){2, 0.59, 0.41}, 0.9, 0.2, "network_at_chance",
      "knows the 2 classes: one is predicted in 59 % of its own images and in 41 % of the others': ");
  expect_in_network((network_numbers){10, 0.27, 0.08}, 0.9, 0.1, "network_at_chance",
                    "knows the 10 classes: ");
  expect_in_network((network_numbers){10, 0.28, 0.07}, 0.9, 0.1, NULL, "accuracy 90 %");
  expect_in_network((network_numbers){2, 0.5, 0.0}, 0.9, 0.0, NULL, "accuracy 90 %"); /* of 1000 outputs */
  expect_in_network((network_numbers){10, 0.5, 0.05}, 0.9, 0.46, "often_elsewhere",
                    "predicted in 90 % of its own images and in 46 % of the others': ");
  expect_in_network((network_numbers){1, 0.9, NAN}, 0.9, NAN, "one_class", "no images of other classes");
}

static void the_network_is_all_classes_with_images(void **state) {
  (void)state;
  checkrob_row *rows[3];
  const struct {
    int64_t images;
    double predicted, elsewhere;
  } classes[] = {{40, 0.5, 0.1}, {0, NAN, NAN}, {10, 0.7, 0.3}};
  for (int i = 0; i < 3; i++) {
    must(row_new(&rows[i], row_layout_of(row)));
    row_put_integer(rows[i], "images", classes[i].images);
    row_put_number(rows[i], "predicted", classes[i].predicted);
    row_put_number(rows[i], "predicted_elsewhere", classes[i].elsewhere);
  }
  network_numbers network = network_numbers_of(rows, 3);
  assert_int_equal(network.classes, 2);
  assert_true(fabs(network.predicted - 0.6) < 1e-12 && fabs(network.elsewhere - 0.2) < 1e-12);
  assert_int_equal(network_numbers_of(rows, 0).classes, 0);
  for (int i = 0; i < 3; i++) row_free(rows[i]);
}

static void needed_images_shrink_with_the_room(void **state) {
  (void)state;
  static const struct {
    double low, middle, high, needed;
  } cases[] = {{1.0, 2.0, 3.0, 10.0},        /* 36 (1 / 2)^2 = 9, but a verdict needs 10 */
               {-1.5, 0.5, 2.5, 576.0},      /* 36 (2 / 0.5)^2 */
               {-4.25, -2.25, -0.25, 144.0}, /* 36 (2 / 1)^2 */
               {-1.0, -0.5, 0.0, NAN},       /* between the thresholds */
               {NAN, 1.0, NAN, NAN}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    numbers c = class_with(cases[i].low, cases[i].middle, cases[i].high);
    judge(&c, &defaults);
    double needed = checkrob_row_number(row, "needed");
    if (isnan(cases[i].needed) ? !isnan(needed) : needed != cases[i].needed)
      fail_msg("%g, not %g", needed, cases[i].needed);
  }
}

static void verdicts_have_names(void **state) {
  (void)state;
  static const char *const names[] = {"not enough data", "non-robust",     "doubtful",
                                      "robust",          "not suspicious", "no dependence found"};
  for (int i = 0; i < 6; i++) {
    checkrob_verdict verdict = (checkrob_verdict)99;
    assert_string_equal(checkrob_verdict_name((checkrob_verdict)i), names[i]);
    must(checkrob_verdict_find(&verdict, names[i]));
    assert_int_equal(verdict, i);
  }
  checkrob_verdict verdict;
  assert_string_equal(checkrob_verdict_name((checkrob_verdict)99), "");
  assert_int_equal(checkrob_verdict_find(&verdict, "good"), CHECKROB_ERROR_NOT_FOUND);
  assert_int_equal(checkrob_verdict_find(&verdict, NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
}

static void reasons_have_codes_and_descriptions(void **state) {
  (void)state;
  size_t count = checkrob_verdict_reason_count();
  assert_true(count >= 12);
  for (size_t i = 0; i < count; i++) {
    const char *code = checkrob_verdict_reason_code(i);
    assert_int_equal(strspn(code, "abcdefghijklmnopqrstuvwxyz_"), strlen(code));
    assert_true(strlen(checkrob_verdict_reason_description(i)) > 10);
    for (size_t k = 0; k < i; k++) assert_string_not_equal(code, checkrob_verdict_reason_code(k));
  }
  assert_null(checkrob_verdict_reason_code(count));
  assert_null(checkrob_verdict_reason_description(count));
}

/* ---- probes ---- */

/* A class with probes, and the interval of its suspicion. */
static void expect_probed(numbers c, double low, double suspicion, double high, const char *verdict,
                          const char *code) {
  judge(&c, &defaults);
  row_put_integer(row, "probed", c.recognised);
  row_put_number(row, "suspicion_low", low);
  row_put_number(row, "suspicion", suspicion);
  row_put_number(row, "suspicion_high", high);
  must(verdict_decide(row, NULL, &defaults));
  assert_string_equal(checkrob_row_text(row, "verdict"), verdict);
  assert_string_equal(checkrob_row_text(row, "reason_code"), code);
}

static void probes_decide(void **state) {
  (void)state;
  numbers sound = class_with(0.5, 1.0, 2.0), suspicious = class_with(-5.0, -4.0, -3.0);
  expect_probed(sound, 0.71, 0.8, 0.9, "non-robust", "depends_off_object");
  expect_probed(sound, 0.7, 0.8, 0.9, "doubtful", "may_depend");
  expect_probed(sound, 0.5, 0.6, 0.7, "doubtful", "may_depend");
  expect_probed(sound, 0.0, 0.4, 0.8, "doubtful", "may_depend");
  expect_probed(sound, -0.1, 0.4, 0.9, "not enough data", "suspicion_spans");
  expect_probed(sound, -0.5, -0.2, 0.1, "no dependence found", "no_dependence");
  assert_non_null(
      strstr(checkrob_row_text(row, "reason"), "suspicion -0.20 (95 %: -0.50 to 0.10); accuracy "));
  expect_probed(suspicious, -0.5, -0.2, 0.0, "doubtful", "saliency_off_object");
  expect_probed(suspicious, 0.8, 0.9, 1.0, "non-robust", "depends_off_object");
}

/* The interval reaches the threshold when it is half as wide: with four times the images. */
static void probes_tell_how_many_images_would_do(void **state) {
  (void)state;
  numbers c = class_with(0.5, 1.0, 2.0);
  expect_probed(c, 0.1, 0.5, 0.9, "doubtful", "may_depend");
  double needed = checkrob_row_number(row, "needed");
  assert_true(fabs(needed - 4.0 * (double)c.recognised) <= 1.0); /* rounded up */
  char expected[128];
  snprintf(expected, sizeof expected,
           "contains 0.7, and about %.0f recognised images would decide: ", needed);
  if (!strstr(checkrob_row_text(row, "reason"), expected)) fail_msg("%s", checkrob_row_text(row, "reason"));
  expect_probed(c, 0.6, 0.7, 0.8, "doubtful", "may_depend"); /* no number would */
  assert_false(checkrob_row_has(row, "needed"));
}

static void the_reason_names_what_speaks_most(void **state) {
  (void)state;
  static const char *const parts[] = {"context_evidence", "drawn_by_blur", "hot_spot_loss", "colour_loss"};
  static const char *const words[] = {"surroundings", "blurred", "hottest place", "colour"};
  numbers c = class_with(0.5, 1.0, 2.0);
  for (int strongest = 0; strongest < 4; strongest++) {
    expect_probed(c, 0.8, 0.9, 1.0, "non-robust", "depends_off_object");
    for (int i = 0; i < 4; i++) row_put_number(row, parts[i], i == strongest ? 0.9 : 0.1);
    row_put_number(row, "object_evidence", 0.2);
    must(verdict_decide(row, NULL, &defaults));
    if (!strstr(checkrob_row_text(row, "reason"), words[strongest]))
      fail_msg("%s", checkrob_row_text(row, "reason"));
  }
}

static void without_surroundings_nothing_can_be_found(void **state) {
  (void)state;
  numbers c = class_with(0.5, 1.0, 2.0);
  c.area = 0.96;
  expect_probed(c, -0.5, -0.2, 0.1, "doubtful", "no_surroundings");
  expect_probed(c, NAN, NAN, NAN, "doubtful", "no_surroundings");
}

static void probes_need_recognised_samples(void **state) {
  (void)state;
  numbers c = class_with(0.5, 1.0, 2.0);
  c.accuracy = 0.4;
  expect_probed(c, -0.5, -0.2, 0.0, "doubtful", "low_accuracy");
  expect_probed(c, 0.8, 0.9, 1.0, "non-robust", "depends_off_object");
  c.recognised = 5;
  c.images = 100;
  expect_probed(c, 0.8, 0.9, 1.0, "doubtful", "low_accuracy");
  c = class_with(0.5, 1.0, 2.0);
  expect_probed(c, NAN, 0.3, NAN, "not suspicious", "above_threshold"); /* no interval: saliency decides */
}

/* 40 images: two standard errors of 0.8 are 0.126. */
static void a_class_that_is_predicted_everywhere_is_doubtful(void **state) {
  (void)state;
  static const struct {
    double own, elsewhere;
    const char *code;
  } cases[] = {{1.0, 1.0, "not_distinguished"}, {0.9, 0.8, "not_distinguished"},
               {0.95, 0.8, "often_elsewhere"},  {0.94, 0.47, "above_threshold"},
               {0.9, 0.0, "above_threshold"},   {0.9, NAN, "above_threshold"},
               {0.0, 0.0, "not_distinguished"}};
  numbers c = class_with(0.5, 1.0, 2.0);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    judge(&c, &defaults);
    row_put_number(row, "predicted", cases[i].own);
    row_put_number(row, "predicted_elsewhere", cases[i].elsewhere);
    must(verdict_decide(row, NULL, &defaults));
    assert_string_equal(checkrob_row_text(row, "reason_code"), cases[i].code);
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_row, free_row)

int main(void) {
  const struct CMUnitTest tests[] = {TEST(verdicts_follow_the_interval),
                                     TEST(stronger_elsewhere_is_doubtful_at_best),
                                     TEST(mostly_stronger_elsewhere_is_doubtful_at_best),
                                     TEST(networks_that_know_nothing_have_no_good_class),
                                     TEST(the_network_is_all_classes_with_images),
                                     TEST(an_interval_beyond_both_thresholds_decides_nothing),
                                     TEST(few_images_are_not_enough),
                                     TEST(a_class_with_low_accuracy_is_doubtful_at_best),
                                     TEST(the_reason_has_the_contrast_in_nats),
                                     TEST(robust_needs_the_users_threshold),
                                     TEST(thresholds_that_were_not_measured_are_reported),
                                     TEST(needed_images_shrink_with_the_room),
                                     TEST(verdicts_have_names),
                                     TEST(reasons_have_codes_and_descriptions),
                                     TEST(probes_decide),
                                     TEST(probes_tell_how_many_images_would_do),
                                     TEST(the_reason_names_what_speaks_most),
                                     TEST(without_surroundings_nothing_can_be_found),
                                     TEST(probes_need_recognised_samples),
                                     TEST(a_class_that_is_predicted_everywhere_is_doubtful)};
  return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
