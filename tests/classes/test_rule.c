/* SPDX-License-Identifier: Apache-2.0 */
/* The rule of verdicts, from options, and its way through a results file. */
#include "classes/rule.h"

#include <math.h>
#include <string.h>

#include "support/test.h"

static void the_rule_follows_from_the_options(void **state) {
  (void)state;
  verdict_rule rule;
  must(verdict_rule_from_options(&rule, NULL));
  assert_true(rule.top_k == 1 && rule.min_images == 10 && rule.min_accuracy == 0.5 && isnan(rule.robust));
  assert_true(rule.off_object == -1.25 && rule.level == 0.95 && rule.resamples == 2000);
  assert_true(rule.permutations == 9999 && rule.seed == 0 && rule.measured);
  checkrob_options *options = NULL;
  must(checkrob_options_new(&options));
  must(checkrob_options_set(options, "profile", "paper"));
  must(verdict_rule_from_options(&rule, options));
  assert_true(rule.top_k == 5 && !rule.measured);
  must(checkrob_options_set(options, "score", "log-odds"));
  must(verdict_rule_from_options(&rule, options));
  assert_false(rule.measured);
  must(checkrob_options_set(options, "reference", "blank"));
  must(checkrob_options_set(options, "verdict_robust", "0.25"));
  must(checkrob_options_set(options, "verdict_seed", "9223372036854775807"));
  must(verdict_rule_from_options(&rule, options));
  assert_true(rule.measured && rule.robust == 0.25 && rule.seed == INT64_MAX);
  checkrob_options_free(options);
}

/* cam replaces the score function, xgradcam has no reference, and the maps of other methods are other maps.
 */
static void the_method_decides_what_was_measured(void **state) {
  (void)state;
  static const char *const others[] = {"gradcam",  "cam",      "xgradcam", "hirescam",
                                       "layercam", "eigencam", "scorecam", "integrated-gradients"};
  checkrob_options *options = NULL;
  verdict_rule rule;
  must(checkrob_options_new(&options));
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    must(checkrob_options_set(options, "method", others[i]));
    must(verdict_rule_from_options(&rule, options));
    assert_false(rule.measured);
  }
  must(checkrob_options_set(options, "method", "gradcampp"));
  must(verdict_rule_from_options(&rule, options));
  assert_true(rule.measured);
  checkrob_options_free(options);
}

static void the_rule_of_a_file_depends_on_its_method(void **state) {
  (void)state;
  checkrob_options *back = NULL;
  store_options stored = {0};
  verdict_rule rule;
  must(store_options_add(&stored, "method", "cam", true));
  must(judging_options_read(&back, &stored, NULL, "r.sqlite"));
  must(verdict_rule_from_options(&rule, back));
  assert_false(rule.measured);
  checkrob_options_free(back);
  store_options_clear(&stored);
}

static void thresholds_have_an_order(void **state) {
  (void)state;
  checkrob_options *options = NULL;
  verdict_rule rule;
  must(checkrob_options_new(&options));
  must(checkrob_options_set(options, "verdict_off_object", "0.5"));
  assert_int_equal(verdict_rule_from_options(&rule, options), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_non_null(strstr(checkrob_last_error(), "verdict_off_object is 0.5, but must not be above"));
  must(checkrob_options_set(options, "verdict_robust", "0.5"));
  must(verdict_rule_from_options(&rule, options));
  checkrob_options_free(options);
}

static void a_file_records_the_rule(void **state) {
  (void)state;
  checkrob_options *options = NULL, *back = NULL;
  store_options stored = {0};
  must(checkrob_options_new(&options));
  must(checkrob_options_set(options, "top_k", "3"));
  must(checkrob_options_set(options, "verdict_level", "0.9"));
  must(judging_options_add(&stored, options));
  assert_string_equal(store_options_find(&stored, "verdict_robust"), "");
  assert_string_equal(store_options_find(&stored, "verdict_min_images"), "10");
  must(store_options_add(&stored, "score", "logit", true));
  must(store_options_add(&stored, "batch", "no number", false)); /* of no concern here */
  must(judging_options_read(&back, &stored, NULL, "r.sqlite"));
  verdict_rule rule;
  must(verdict_rule_from_options(&rule, back));
  assert_true(rule.top_k == 3 && rule.level == 0.9 && isnan(rule.robust) && !rule.measured);
  checkrob_options_free(back);
  must(checkrob_options_set(options, "verdict_level", "0.99"));
  must(checkrob_options_set(options, "score", "log-odds")); /* which is the file's to say */
  must(judging_options_read(&back, &stored, options, "r.sqlite"));
  must(verdict_rule_from_options(&rule, back));
  assert_true(rule.top_k == 3 && rule.level == 0.99 && !rule.measured);
  checkrob_options_free(back);
  must(store_options_add(&stored, "verdict_robust", "high", false));
  must(store_options_add(&stored, "verdict_resamples", "7", false));
  assert_int_equal(judging_options_read(&back, &stored, NULL, "r.sqlite"), CHECKROB_ERROR_BAD_INPUT);
  assert_non_null(strstr(checkrob_last_error(),
                         "r.sqlite was made by another version of checkrob, or is damaged: its options: "));
  store_options_clear(&stored);
  checkrob_options_free(options);
}

static void files_that_are_judged_otherwise_do_not_fit(void **state) {
  (void)state;
  checkrob_options *options = NULL;
  store_options first = {0}, second = {0};
  must(checkrob_options_new(&options));
  must(judging_options_add(&first, options));
  must(checkrob_options_set(options, "verdict_robust", "0.5"));
  must(judging_options_add(&second, options));
  must(store_options_add(&first, "batch", "1", false));
  must(judging_options_compare(&first, &first, "r.sqlite", "a.sqlite"));
  assert_int_equal(judging_options_compare(&second, &first, "r.sqlite", "a.sqlite"),
                   CHECKROB_ERROR_OTHER_OPTIONS);
  assert_non_null(strstr(checkrob_last_error(),
                         "r.sqlite has results of other options than a.sqlite: verdict_robust is "
                         "0.5 here, and not set there; only one verdict rule"));
  store_options_clear(&first);
  store_options_clear(&second);
  checkrob_options_free(options);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_rule_follows_from_the_options),
                                     cmocka_unit_test(the_method_decides_what_was_measured),
                                     cmocka_unit_test(the_rule_of_a_file_depends_on_its_method),
                                     cmocka_unit_test(thresholds_have_an_order),
                                     cmocka_unit_test(a_file_records_the_rule),
                                     cmocka_unit_test(files_that_are_judged_otherwise_do_not_fit)};
  return cmocka_run_group_tests_name("rule", tests, NULL, NULL);
}
