/* The rule of verdicts: its numbers, its text, and what it decides, with the reason that is given. */
#include "score/verdict.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

static const checkrob_verdict_rule defaults = CHECKROB_VERDICT_RULE_INIT;

/* ---- the rule ---- */

static void numbers_are_set_by_name(void **state) {
  (void)state;
  checkrob_verdict_rule rule = CHECKROB_VERDICT_RULE_INIT;
  must(checkrob_verdict_rule_set(&rule, "min_images", "25"));
  must(checkrob_verdict_rule_set(&rule, "non_robust", "-2.5"));
  must(checkrob_verdict_rule_set(&rule, "level", "0.9"));
  must(checkrob_verdict_rule_set(&rule, "seed", "9223372036854775807"));
  assert_true(rule.min_images == 25 && rule.non_robust == -2.5 && rule.level == 0.9);
  assert_true(rule.seed == INT64_MAX && isnan(rule.robust) && rule.resamples == 2000);
  must(checkrob_verdict_rule_set(&rule, "robust", "0"));
  assert_true(rule.robust == 0.0);
}

static void expect_refused(const char *name, const char *value, checkrob_status status,
                           const char *sentence) {
  checkrob_verdict_rule rule = CHECKROB_VERDICT_RULE_INIT;
  assert_int_equal(checkrob_verdict_rule_set(&rule, name, value), status);
  if (!strstr(checkrob_last_error(), sentence)) fail_msg("%s", checkrob_last_error());
  assert_memory_equal(&rule, &defaults, sizeof rule);
}

static void wrong_names_and_texts_are_refused(void **state) {
  (void)state;
  expect_refused("robustness", "1", CHECKROB_ERROR_NOT_FOUND, "it has min_images, min_accuracy, robust");
  expect_refused("size", "1", CHECKROB_ERROR_NOT_FOUND, "has no 'size'");
  expect_refused("robust", "high", CHECKROB_ERROR_INVALID_ARGUMENT, "robust 'high' is not a number");
  expect_refused("robust", "", CHECKROB_ERROR_INVALID_ARGUMENT, "is not a number");
  expect_refused("min_images", "2.5", CHECKROB_ERROR_INVALID_ARGUMENT, "not a number of digits alone");
  expect_refused("seed", "-1", CHECKROB_ERROR_INVALID_ARGUMENT, "not a number of digits alone");
  assert_int_equal(checkrob_verdict_rule_set(NULL, "seed", "1"), CHECKROB_ERROR_INVALID_ARGUMENT);
  checkrob_verdict_rule unset = {0};
  assert_int_equal(checkrob_verdict_rule_set(&unset, "seed", "1"), CHECKROB_ERROR_INVALID_ARGUMENT);
}

static void numbers_have_ranges(void **state) {
  (void)state;
  static const struct {
    const char *name, *good, *bad, *worse;
  } ranges[] = {{"min_images", "2", "1", "1000001"},
                {"min_accuracy", "1", "1.01", "-0.1"},
                {"robust", "-1.25", "-1.26", "-1e300"},
                {"non_robust", "0", "0.01", "1e300"},
                {"level", "0.999", "1", "0"},
                {"resamples", "100", "99", "1000001"},
                {"permutations", "99", "98", "10000001"}};
  for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
    const char *values[] = {ranges[i].good, ranges[i].bad, ranges[i].worse};
    for (int v = 0; v < 3; v++) {
      checkrob_verdict_rule rule = CHECKROB_VERDICT_RULE_INIT;
      must(checkrob_verdict_rule_set(&rule, ranges[i].name, values[v]));
      if ((checkrob_verdict_rule_check(&rule) == CHECKROB_OK) != (v == 0))
        fail_msg("%s %s", ranges[i].name, values[v]);
    }
  }
  checkrob_verdict_rule rule = CHECKROB_VERDICT_RULE_INIT;
  rule.robust = INFINITY;
  assert_int_equal(checkrob_verdict_rule_check(&rule), CHECKROB_ERROR_INVALID_ARGUMENT);
  rule.robust = rule.non_robust = NAN;
  assert_int_equal(checkrob_verdict_rule_check(&rule), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_verdict_rule_check(NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
  rule.size = 0;
  assert_int_equal(checkrob_verdict_rule_check(&rule), CHECKROB_ERROR_INVALID_ARGUMENT);
}

static void expect_roundtrip(void) {
  checkrob_verdict_rule rule = {sizeof rule,         1000000, 0.1 + 0.2, -1.0 / 3.0, -1e10 / 7.0,
                                0.95000000000000007, 1000000, 10000000,  INT64_MAX};
  char text[VERDICT_RULE_TEXT];
  checkrob_verdict_rule back;
  verdict_rule_write(text, &rule);
  assert_null(strchr(text, ','));
  verdict_rule_read(&back, text);
  assert_true(back.min_images == rule.min_images && back.resamples == rule.resamples);
  assert_true(back.permutations == rule.permutations && back.seed == rule.seed);
  /* number_parse() says how exact it is */
  assert_true(fabs(back.min_accuracy - rule.min_accuracy) < 1e-15 && fabs(back.robust - rule.robust) < 1e-15);
  assert_true(fabs(back.non_robust / rule.non_robust - 1.0) < 1e-15 && fabs(back.level - rule.level) < 1e-15);
}

/* No threshold at all differs from every threshold, from 0 too. */
static void the_text_leaves_out_what_is_not_set(void **state) {
  (void)state;
  char text[VERDICT_RULE_TEXT];
  checkrob_verdict_rule rule = CHECKROB_VERDICT_RULE_INIT, back;
  verdict_rule_write(text, &rule);
  assert_string_equal(text,
                      "min_images=10 min_accuracy=0.5 non_robust=-1.25 level=0.95 resamples=2000 "
                      "permutations=9999 seed=0");
  verdict_rule_read(&back, text);
  assert_true(isnan(back.robust) && back.non_robust == -1.25 && back.resamples == 2000);
  rule.robust = 0.0;
  verdict_rule_write(text, &rule);
  assert_non_null(strstr(text, " robust=0 "));
  verdict_rule_read(&back, text);
  assert_true(back.robust == 0.0);
}

static void the_text_holds_the_rule(void **state) {
  (void)state;
  expect_roundtrip();
  if (setlocale(LC_NUMERIC, "de_DE.UTF-8")) expect_roundtrip(); /* where it is installed */
  setlocale(LC_NUMERIC, "C");
  checkrob_verdict_rule back;
  verdict_rule_read(&back, NULL);
  assert_memory_equal(&back, &defaults, sizeof back);
  verdict_rule_read(&back, "robust=0.5 what=3 level=x min_images=12");
  assert_true(back.robust == 0.5 && back.level == 0.95 && back.min_images == 12);
  char text[VERDICT_RULE_TEXT];
  verdict_rule_write(text, &defaults);
  verdict_rule_read(&back, text);
  assert_memory_equal(&back, &defaults, sizeof back);
}

/* ---- the decision ---- */

/* 40 images, 36 of them recognised. */
static checkrob_class_result class_with(double low, double robustness, double high) {
  checkrob_class_result c = CHECKROB_CLASS_RESULT_INIT;
  c.images = 40;
  c.recognised = 36;
  c.accuracy = 0.9;
  c.crs = 0.14;
  c.area = 0.2;
  c.rs0 = 0.31;
  c.contrast = -2.0;
  c.robustness_low = low;
  c.robustness = robustness;
  c.robustness_high = high;
  return c;
}

static void expect(checkrob_class_result c, checkrob_verdict verdict, const char *expected) {
  char *reason = NULL;
  must(verdict_decide(&c, &reason, &defaults, true));
  if (c.verdict != verdict) fail_msg("%s: %s", checkrob_verdict_name(c.verdict), reason);
  assert_string_equal(reason, expected);
  free(reason);
}

#define SHARES                                                                                       \
  "14 % of the evidence on the object, where an object-blind map has 31 % and a flat map has 20 %; " \
  "elsewhere the evidence is stronger by 2.0 nats"
#define BASIS "90 % accuracy, " SHARES

static void verdicts_go_by_the_interval(void **state) {
  (void)state;
  expect(class_with(0.01, 1.0, 2.0), CHECKROB_VERDICT_NOT_SUSPICIOUS,
         BASIS "; robustness 1.00 (95 %: 0.01 to 2.00)");
  expect(class_with(0.0, 1.0, 2.0), CHECKROB_VERDICT_DOUBTFUL,
         "perhaps not above 0: " BASIS "; robustness 1.00 (95 %: 0.00 to 2.00)");
  expect(class_with(-1.25, -0.5, 0.0), CHECKROB_VERDICT_DOUBTFUL,
         "between -1.25 and 0: " BASIS "; robustness -0.50 (95 %: -1.25 to 0.00)");
  expect(class_with(-3.0, -2.0, -1.25), CHECKROB_VERDICT_DOUBTFUL,
         "perhaps not below -1.25: " BASIS "; robustness -2.00 (95 %: -3.00 to -1.25)");
  expect(class_with(-3.0, -2.0, -1.26), CHECKROB_VERDICT_NON_ROBUST,
         BASIS "; robustness -2.00 (95 %: -3.00 to -1.26)");
}

/* Half of the interval is 2; the nearer threshold is 0.75 away, and 36 (2 / 0.75)^2 = 256. */
static void what_may_be_either_is_not_known(void **state) {
  (void)state;
  expect(class_with(-4.0, -2.0, 0.01), CHECKROB_VERDICT_NOT_ENOUGH_DATA,
         "it may be either, and about 258 recognised images would tell: " BASIS
         "; robustness -2.00 (95 %: -4.00 to 0.01)");
  expect(class_with(-4.0, -0.5, 0.01), CHECKROB_VERDICT_NOT_ENOUGH_DATA,
         BASIS "; robustness -0.50 (95 %: -4.00 to 0.01)"); /* no number of images would */
  expect(class_with(NAN, -0.5, NAN), CHECKROB_VERDICT_NOT_ENOUGH_DATA, BASIS);
}

static void few_images_are_not_enough(void **state) {
  (void)state;
  checkrob_class_result c = class_with(-3.0, -2.0, -1.5);
  c.images = c.recognised = 9;
  expect(c, CHECKROB_VERDICT_NOT_ENOUGH_DATA,
         "9 images, and a verdict takes 10: " BASIS "; robustness -2.00 (95 %: -3.00 to -1.50)");
  c.images = 10; /* of a class that is recognised, more images would tell */
  expect(c, CHECKROB_VERDICT_NOT_ENOUGH_DATA,
         "recognised in 9 of 10 images, and a verdict takes 10: " BASIS
         "; robustness -2.00 (95 %: -3.00 to -1.50)");
  c.images = c.recognised = 0;
  expect(c, CHECKROB_VERDICT_NOT_ENOUGH_DATA, "no image could be evaluated");
}

static void what_is_seldom_recognised_is_doubtful_at_best(void **state) {
  (void)state;
  checkrob_class_result c = class_with(1.0, 2.0, 3.0);
  c.accuracy = 0.25;
  c.recognised = 10;
  expect(c, CHECKROB_VERDICT_DOUBTFUL,
         "recognised in less than 50 %: 25 % accuracy, " SHARES "; robustness 2.00 (95 %: 1.00 to 3.00)");
  c.recognised = 9;
  c.accuracy = 9.0 / 40.0;
  c.rs0 = NAN;
  c.contrast = 0.01;
  expect(
      c, CHECKROB_VERDICT_DOUBTFUL,
      "recognised in 9 of 40 images: 22 % accuracy, 14 % of the evidence on the "
      "object, where a flat map has 20 %; the evidence is as strong elsewhere; robustness 2.00 (95 %: 1.00 "
      "to 3.00)");
  c.recognised = 0;
  c.accuracy = 0.0;
  c.crs = 0.001;
  c.contrast = c.robustness = c.robustness_low = c.robustness_high = NAN;
  expect(c, CHECKROB_VERDICT_DOUBTFUL,
         "recognised in 0 of 40 images: 0 % accuracy, under 1 % of the evidence on "
         "the object, where a flat map has 20 %");
}

static void assert_reason(checkrob_class_result c, const checkrob_verdict_rule *rule, bool measured,
                          const char *part, bool there) {
  char *reason = NULL;
  must(verdict_decide(&c, &reason, rule, measured));
  if ((strstr(reason, part) != NULL) != there) fail_msg("'%s' in: %s", part, reason);
  free(reason);
}

static void assert_verdict(checkrob_class_result c, const checkrob_verdict_rule *rule, bool measured,
                           checkrob_verdict expected) {
  char *reason = NULL;
  must(verdict_decide(&c, &reason, rule, measured));
  if (c.verdict != expected) fail_msg("%s: %s", checkrob_verdict_name(c.verdict), reason);
  free(reason);
}

static void contrast_is_told_in_nats(void **state) {
  (void)state;
  checkrob_class_result c = class_with(1.0, 2.0, 3.0);
  c.contrast = 0.3;
  assert_reason(c, &defaults, true, "; there the evidence is stronger by 0.3 nats;", true);
  c.contrast = -12.3;
  assert_reason(c, &defaults, true, "; elsewhere the evidence is stronger by 12 nats;", true);
  c.contrast = 3e38; /* and nothing is cut off */
  c.robustness_low = c.robustness_high = c.robustness = 1.5e38;
  assert_reason(c, &defaults, true, "(95 %: 1.5e+38 to 1.5e+38)", true);
  c = class_with(1.0, 2.0, 3.0);
  c.recognised = 5; /* of 36 that were */
  assert_reason(c, &defaults, true, "recognised, by evidence that is a number, in 5 of 40 images, and a",
                true);
  if (!setlocale(LC_NUMERIC, "de_DE.UTF-8")) return; /* where it is installed */
  assert_reason(class_with(-2.5, -2.0, -1.5), &defaults, true, "-2.00 (95 %: -2.50 to -1.50)", true);
  setlocale(LC_NUMERIC, "C");
}

/* checkrob calls no class robust by a threshold of its own. */
static void robust_is_said_by_the_users_threshold(void **state) {
  (void)state;
  checkrob_verdict_rule own = CHECKROB_VERDICT_RULE_INIT;
  must(checkrob_verdict_rule_set(&own, "robust", "0"));
  checkrob_class_result c = class_with(0.01, 1.0, 2.0);
  assert_verdict(c, &defaults, true, CHECKROB_VERDICT_NOT_SUSPICIOUS);
  assert_verdict(c, &own, true, CHECKROB_VERDICT_ROBUST);
  own.robust = 0.5;
  assert_verdict(c, &own, true, CHECKROB_VERDICT_DOUBTFUL);
  assert_reason(c, &own, true, "perhaps not above 0.5: ", true);
}

/* A class may look good by a rule that nobody measured. */
static void thresholds_that_were_not_measured_are_told(void **state) {
  (void)state;
  static const char part[] = "; the thresholds were not measured with these options";
  checkrob_class_result c = class_with(1.0, 2.0, 3.0);
  assert_reason(c, &defaults, true, part, false);
  assert_reason(c, &defaults, false, part, true);
  assert_verdict(c, &defaults, true, CHECKROB_VERDICT_NOT_SUSPICIOUS);
  assert_verdict(c, &defaults, false, CHECKROB_VERDICT_DOUBTFUL);
  assert_verdict(class_with(-3.0, -2.0, -1.5), &defaults, false, CHECKROB_VERDICT_NON_ROBUST);
  c.contrast = NAN; /* by the method, or several layers */
  assert_reason(c, &defaults, true, part, true);
  checkrob_verdict_rule own = defaults;
  own.robust = 0.0;
  assert_reason(c, &own, false, part, false); /* whoever sets them knows them */
  assert_verdict(c, &own, false, CHECKROB_VERDICT_ROBUST);
  own = defaults;
  own.non_robust = -2.0; /* which says nothing of the other one */
  assert_verdict(c, &own, false, CHECKROB_VERDICT_DOUBTFUL);
  assert_true(verdict_is_measured("log-odds", "blank"));
  assert_false(verdict_is_measured("logit", "blank"));
  assert_false(verdict_is_measured("log-odds", "none"));
  assert_false(verdict_is_measured("log-odds", NULL) || verdict_is_measured(NULL, "blank"));
}

static void needed_images_shrink_with_the_room(void **state) {
  (void)state;
  static const struct {
    double low, middle, high, needed;
  } cases[] = {{1.0, 2.0, 3.0, 10.0},        /* 36 (1 / 2)^2 = 9, but a verdict takes 10 */
               {-1.5, 0.5, 2.5, 576.0},      /* 36 (2 / 0.5)^2 */
               {-4.25, -2.25, -0.25, 144.0}, /* 36 (2 / 1)^2 */
               {-1.0, -0.5, 0.0, NAN},       /* between the thresholds */
               {NAN, 1.0, NAN, NAN}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    checkrob_class_result c = class_with(cases[i].low, cases[i].middle, cases[i].high);
    char *reason = NULL;
    must(verdict_decide(&c, &reason, &defaults, true));
    free(reason);
    if (isnan(cases[i].needed) ? !isnan(c.needed) : c.needed != cases[i].needed)
      fail_msg("%g, not %g", c.needed, cases[i].needed);
  }
}

static void verdicts_have_names(void **state) {
  (void)state;
  assert_string_equal(checkrob_verdict_name(CHECKROB_VERDICT_NOT_ENOUGH_DATA), "not enough data");
  assert_string_equal(checkrob_verdict_name(CHECKROB_VERDICT_NON_ROBUST), "non-robust");
  assert_string_equal(checkrob_verdict_name(CHECKROB_VERDICT_DOUBTFUL), "doubtful");
  assert_string_equal(checkrob_verdict_name(CHECKROB_VERDICT_ROBUST), "robust");
  assert_string_equal(checkrob_verdict_name(CHECKROB_VERDICT_NOT_SUSPICIOUS), "not suspicious");
  assert_string_equal(checkrob_verdict_name((checkrob_verdict)99), "");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_are_set_by_name),
                                     cmocka_unit_test(wrong_names_and_texts_are_refused),
                                     cmocka_unit_test(numbers_have_ranges),
                                     cmocka_unit_test(the_text_leaves_out_what_is_not_set),
                                     cmocka_unit_test(the_text_holds_the_rule),
                                     cmocka_unit_test(verdicts_go_by_the_interval),
                                     cmocka_unit_test(what_may_be_either_is_not_known),
                                     cmocka_unit_test(few_images_are_not_enough),
                                     cmocka_unit_test(what_is_seldom_recognised_is_doubtful_at_best),
                                     cmocka_unit_test(contrast_is_told_in_nats),
                                     cmocka_unit_test(robust_is_said_by_the_users_threshold),
                                     cmocka_unit_test(thresholds_that_were_not_measured_are_told),
                                     cmocka_unit_test(needed_images_shrink_with_the_room),
                                     cmocka_unit_test(verdicts_have_names)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
