/* SPDX-License-Identifier: Apache-2.0 */
/* The judgement of made results: what is a violation, what is new, and what never passes in silence. */
#include <checkrob/gate.h>
#include <jansson.h>

#include "base/text.h"
#include "classes/class_columns.h"
#include "classes/rule.h"
#include "results/results.h"
#include "support/database.h"
#include "table/samples.h"

static char *folder;
static row_layout *layout;

static int set_up(void **state) {
  (void)state;
  folder = folder_new();
  layout = samples_layout(false);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  folder_remove(folder);
  row_layout_free(layout);
  return 0;
}

/* ---- made results: classes red, green and blue; 1 of 24 samples failed ---- */

static void add_number(store_options *options, const char *name, int value) {
  char text[32];
  snprintf(text, sizeof text, "%d", value);
  must(store_options_add(options, name, text, true));
}

static store *begin(const char *path, int inputs, int whole, checkrob_options *options) {
  store *s = NULL;
  store_options recorded = {0}, rule = {0};
  must(store_options_add(&recorded, "probe", "none", true));
  add_number(&recorded, "first_input", 0);
  add_number(&recorded, "input_count", inputs);
  add_number(&recorded, "whole_input_count", whole);
  must(judging_options_add(&rule, options));
  must(store_open(&s, path));
  must(store_begin(s, layout, &recorded, NULL));
  must(store_begin_session(s, &rule));
  store_options_clear(&recorded);
  store_options_clear(&rule);
  return s;
}

/* Of the first `inputs` of `whole` images. */
static void write_part(const char *path, int inputs, int whole, const char *outcome) {
  checkrob_options *options = NULL;
  class_tally tally;
  class_list classes;
  verdict_rule rule;
  must(checkrob_options_new(&options));
  must(checkrob_options_set(options, "verdict_min_images", "3"));
  store *s = begin(path, inputs, whole, options);
  samples_write(s, layout, 0, (size_t)inputs);
  must(verdict_rule_from_options(&rule, options));
  must(results_count(&tally, s, rule.top_k));
  must(class_list_assess(&classes, &tally, s, &rule, NULL));
  must(class_list_write(&classes, s));
  must(store_end_session(s, outcome, tally.samples, 1.0));
  class_list_clear(&classes);
  tally_clear(&tally);
  store_close(s);
  checkrob_options_free(options);
}

#define CLASS(name, verdict, code)                                                                          \
  "UPDATE class SET verdict = '" verdict "', reason_code = '" code "', reason = 'why' WHERE class = '" name \
  "';"
#define RED_IS(verdict) CLASS("red", verdict, "depends_off_object")
#define GREEN_IS(verdict) CLASS("green", verdict, "may_depend")
#define BLUE_IS(verdict) CLASS("blue", verdict, "few_images")
/* With a suspicion, as if it was probed. */
#define ALL_FINE           \
  RED_IS("not suspicious") \
  GREEN_IS("not suspicious") BLUE_IS("not suspicious") "UPDATE class SET robustness = 1, acc = 1;"

/* Results whose stored classes are changed by SQL; the caller frees them. */
static checkrob_results *results_with(const char *sql) {
  static int made;
  checkrob_results *results = NULL;
  char *path = text_format("%s/%d.sqlite", folder, made++);
  write_part(path, IMAGES, IMAGES, "complete");
  database_change(path, ALL_FINE);
  database_change(path, sql);
  must(checkrob_results_open(&results, path, NULL));
  free(path);
  return results;
}

/* ---- gates ---- */

static checkrob_gate *gate_with(const char *verdicts, const char *condition, const char *failures) {
  checkrob_gate *gate = NULL;
  must(checkrob_gate_new(&gate));
  if (verdicts) must(checkrob_gate_fail_on(gate, verdicts));
  if (condition) must(checkrob_gate_fail_if(gate, condition));
  if (failures) must(checkrob_gate_max_failures(gate, failures));
  assert_true(checkrob_gate_is_closed(gate)); /* nothing was judged yet */
  return gate;
}

/* "red:verdict!green:condition" and so on: '!' after a new violation. */
static const char *summary(const checkrob_gate *gate) {
  static char text[1024];
  static const char *const kinds[] = {"", "verdict", "condition", "failures", "unjudged"};
  text[0] = '\0';
  for (size_t i = 0; i < checkrob_gate_violation_count(gate); i++) {
    checkrob_violation v = CHECKROB_VIOLATION_INIT;
    must(checkrob_gate_violation(&v, gate, i));
    size_t used = strlen(text);
    snprintf(text + used, sizeof text - used, "%s%s:%s%s", i ? " " : "", v.class_name, kinds[v.kind],
             v.is_new ? "!" : "");
  }
  return text;
}

/* Judges, frees the results, and compares. */
static void expect(checkrob_gate *gate, checkrob_results *results, checkrob_results *baseline, int is_closed,
                   const char *violations) {
  must(checkrob_gate_judge(gate, results, baseline));
  checkrob_results_free(results); /* the gate has copied what it needs */
  checkrob_results_free(baseline);
  assert_string_equal(summary(gate), violations);
  assert_int_equal(checkrob_gate_is_closed(gate), is_closed);
}

static void judge_one(const char *verdicts, const char *condition, const char *failures, const char *sql,
                      int is_closed, const char *violations) {
  checkrob_gate *gate = gate_with(verdicts, condition, failures);
  expect(gate, results_with(sql), NULL, is_closed, violations);
  checkrob_gate_free(gate);
}

static void judge_two(const char *verdicts, const char *condition, const char *before, const char *now,
                      int is_closed, const char *violations) {
  checkrob_gate *gate = gate_with(verdicts, condition, NULL);
  expect(gate, results_with(now), results_with(before), is_closed, violations);
  checkrob_gate_free(gate);
}

/* ---- conditions ---- */

static void verdicts_close_it(void **state) {
  (void)state;
  judge_one("doubtful", NULL, NULL, "", 0, "");
  judge_one("doubtful", NULL, NULL, GREEN_IS("doubtful"), 1, "green:verdict!");
  judge_one(" Doubtful , NON_ROBUST", NULL, NULL, GREEN_IS("doubtful") RED_IS("non-robust"), 1,
            "red:verdict! green:verdict!");
  judge_one("not-enough-data", NULL, NULL, BLUE_IS("not enough data"), 1, "blue:verdict!");
}

static void conditions_close_it(void **state) {
  (void)state;
  judge_one(NULL, "robustness < 0", NULL, "", 0, "");
  judge_one(NULL, "robustness < 0 and accuracy > 0.8", NULL,
            "UPDATE class SET robustness = -1; UPDATE class SET acc = 0.1 WHERE class = 'red'", 1,
            "green:condition! blue:condition!");
}

/* Each is enough, and a class may violate several. */
static void conditions_are_joined_by_or(void **state) {
  (void)state;
  checkrob_gate *gate = gate_with("doubtful", "acc < 0.5", NULL);
  must(checkrob_gate_fail_if(gate, "robustness < 0"));
  assert_int_equal(checkrob_gate_condition_count(gate), 3);
  assert_string_equal(checkrob_gate_condition(gate, 0), "verdict doubtful");
  assert_string_equal(checkrob_gate_condition(gate, 2), "robustness < 0");
  assert_null(checkrob_gate_condition(gate, 3));
  expect(gate, results_with(GREEN_IS("doubtful") "UPDATE class SET robustness = -1 WHERE class = 'green'"),
         NULL, 1, "green:verdict! green:condition!");
  checkrob_violation v = CHECKROB_VIOLATION_INIT;
  must(checkrob_gate_violation(&v, gate, 0));
  assert_string_equal(v.message, "doubtful: why");
  must(checkrob_gate_violation(&v, gate, 1));
  assert_string_equal(v.message, "robustness < 0: robustness = -1");
  assert_string_equal(v.verdict, "doubtful");
  assert_int_equal(v.index, 1);
  assert_int_equal(checkrob_gate_violation(&v, gate, 2), CHECKROB_ERROR_INVALID_ARGUMENT);
  checkrob_gate_counts n = CHECKROB_GATE_COUNTS_INIT;
  must(checkrob_gate_count(&n, gate));
  assert_int_equal(n.classes, 3);
  assert_int_equal(n.passed, 2);
  assert_int_equal(n.new_violations, 2);
  assert_int_equal(n.failed_samples, 1);
  checkrob_gate_free(gate);
}

static void failures_close_it(void **state) {
  (void)state;
  judge_one(NULL, NULL, "1", "", 0, "");
  judge_one(NULL, NULL, "0", "", 1, ":failures!");
  judge_one(NULL, NULL, "4.2%", "", 0, ""); /* 1 of 24 are 4.17 % */
  judge_one(NULL, NULL, "4.1%", "", 1, ":failures!");
  judge_one(NULL, NULL, "0%", "", 1, ":failures!");
}

/* ---- with a baseline ---- */

static void only_new_violations_close_it(void **state) {
  (void)state;
  judge_two("doubtful", NULL, RED_IS("doubtful"), RED_IS("doubtful"), 0, "red:verdict");
  judge_two("doubtful", NULL, RED_IS("doubtful"), RED_IS("doubtful") BLUE_IS("doubtful"), 1,
            "red:verdict blue:verdict!");
  judge_two(NULL, "acc < 0.5", "UPDATE class SET acc = 0.4", "UPDATE class SET acc = 0.1", 0,
            "red:condition green:condition blue:condition");
  /* of another condition */
  judge_two("doubtful", "acc < 0.5", RED_IS("doubtful"), "UPDATE class SET acc = 0.1 WHERE class = 'red'", 1,
            "red:condition!");
}

static void a_worse_verdict_is_new(void **state) {
  (void)state;
  judge_two("doubtful,non-robust", NULL, RED_IS("doubtful"), RED_IS("non-robust"), 1, "red:verdict!");
  judge_two("doubtful,non-robust", NULL, RED_IS("non-robust"), RED_IS("doubtful"), 0, "red:verdict");
  judge_two("doubtful,not enough data", NULL, RED_IS("not enough data"), RED_IS("doubtful"), 1,
            "red:verdict!");
  /* What was allowed excuses nothing. */
  judge_two("doubtful", NULL, RED_IS("non-robust"), RED_IS("doubtful"), 1, "red:verdict!");
}

static void a_new_class_is_new(void **state) {
  (void)state;
  judge_two("doubtful", NULL,
            "UPDATE class SET class = 'rot' WHERE class = 'red';" CLASS("rot", "doubtful", "may_depend"),
            RED_IS("doubtful"), 1, "red:verdict!");
}

static void fixed_and_missing_classes_are_counted(void **state) {
  (void)state;
  checkrob_gate *gate = gate_with("doubtful", NULL, NULL);
  expect(gate, results_with(BLUE_IS("not enough data")),
         results_with(RED_IS("doubtful") "UPDATE class SET class = 'gr\xc3\xbcn' WHERE class = 'green'"), 0,
         "");
  checkrob_gate_counts n = CHECKROB_GATE_COUNTS_INIT;
  must(checkrob_gate_count(&n, gate));
  assert_int_equal(n.fixed_violations, 1);
  assert_int_equal(checkrob_gate_remark_count(gate), 2);
  assert_string_equal(checkrob_gate_remark(gate, 0), "1 of 3 classes have not enough data for a verdict");
  assert_string_equal(checkrob_gate_remark(gate, 1),
                      "1 class of the baseline is not in these results: gr\xc3\xbcn");
  assert_null(checkrob_gate_remark(gate, 2));
  checkrob_gate_free(gate);
}

/* ---- what never passes in silence ---- */

static void what_is_not_judged_closes_it(void **state) {
  (void)state;
  judge_one("doubtful", NULL, NULL, "UPDATE class SET verdict = 'not enough data'", 1, ":unjudged!");
  judge_one(NULL, "suspicion > 0", NULL, "", 1, ":unjudged!");
  judge_one(NULL, "has(suspicion)", NULL, "", 0, "");
  judge_one(NULL, "acc > 1", NULL, "UPDATE class SET images = 0 WHERE class = 'blue'", 1, "blue:unjudged!");
  judge_two(NULL, "acc > 1", "UPDATE class SET images = 0 WHERE class = 'blue'",
            "UPDATE class SET images = 0 WHERE class = 'blue'", 0, "blue:unjudged");
  /* A verdict that is none, of a damaged file or of another version. */
  judge_one("doubtful", NULL, NULL, RED_IS("bogus"), 1, "red:unjudged!");
  judge_one(NULL, "acc > 1", NULL, RED_IS("bogus"), 0, "");
  judge_two("doubtful", NULL, RED_IS("bogus"), RED_IS("bogus"), 0, "red:unjudged");
  /* Without probes no class can be non-robust. */
  judge_one("non-robust", NULL, NULL, "", 1, ":unjudged!");
  judge_one("non-robust,doubtful", NULL, NULL, "", 0, "");
}

static void some_without_a_value_are_a_remark(void **state) {
  (void)state;
  checkrob_gate *gate = gate_with(NULL, "not robustness >= 0 and robustness < 5", NULL);
  expect(gate, results_with("UPDATE class SET robustness = NULL WHERE class = 'red'"), NULL, 0, "");
  assert_string_equal(checkrob_gate_remark(gate, 0),
                      "not robustness >= 0 and robustness < 5: 1 of 3 classes lack a value that decides it");
  checkrob_gate_free(gate);
  judge_one(NULL, "not robustness >= 0", NULL, "UPDATE class SET robustness = NULL WHERE class = 'red'", 1,
            "red:condition!");
}

static void expect_refusal(int inputs, int whole, const char *outcome, const char *message) {
  checkrob_gate *gate = gate_with("doubtful", NULL, NULL);
  checkrob_results *results = NULL, *fine = results_with("");
  char *path = text_format("%s/%s-%d", folder, outcome, inputs);
  write_part(path, inputs, whole, outcome);
  must(checkrob_results_open(&results, path, NULL));
  assert_int_equal(checkrob_gate_judge(gate, results, NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_non_null(strstr(checkrob_last_error(), message));
  assert_int_equal(checkrob_gate_judge(gate, fine, results), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_non_null(strstr(checkrob_last_error(), message));
  assert_true(checkrob_gate_is_closed(gate));
  checkrob_results_free(results);
  checkrob_results_free(fine);
  checkrob_gate_free(gate);
  free(path);
}

static void parts_are_refused(void **state) {
  (void)state;
  expect_refusal(10, IMAGES, "interrupted", "is not complete, so nothing can be judged");
  expect_refusal(12, IMAGES, "merged", "is not complete, so nothing can be judged");
  expect_refusal(8, IMAGES, "complete", "is a shard, with 8 of 20 inputs, so nothing can be judged");
}

static void no_samples_close_it(void **state) {
  (void)state;
  checkrob_gate *gate = gate_with("doubtful", NULL, NULL);
  checkrob_results *results = NULL;
  char *path = text_format("%s/empty", folder);
  write_part(path, 0, 0, "complete");
  must(checkrob_results_open(&results, path, NULL));
  expect(gate, results, NULL, 1, ":unjudged!");
  checkrob_gate_free(gate);
  free(path);
}

static void calls_that_are_wrong(void **state) {
  (void)state;
  checkrob_gate *gate = NULL;
  checkrob_results *results = results_with("");
  char *text = NULL;
  must(checkrob_gate_new(&gate));
  assert_int_equal(checkrob_gate_judge(gate, results, NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_gate_fail_on(gate, "roboust"), CHECKROB_ERROR_NOT_FOUND);
  assert_int_equal(checkrob_gate_fail_on(gate, "doubtful,"), CHECKROB_ERROR_NOT_FOUND);
  assert_int_equal(checkrob_gate_fail_on(gate, " "), CHECKROB_ERROR_INVALID_ARGUMENT);
  static const char *const limits[] = {
      "", "-1", "1.5", "%", "101%", "-1%", "x%", "1%%", "99999999999999999999"};
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
    assert_int_equal(checkrob_gate_max_failures(gate, limits[i]), CHECKROB_ERROR_BAD_INPUT);
  must(checkrob_gate_max_failures(gate, "0"));
  must(checkrob_gate_max_failures(gate, "100%"));
  assert_int_equal(checkrob_gate_report(&text, gate, CHECKROB_GATE_JSON), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_gate_judge(gate, results, results), CHECKROB_ERROR_INVALID_ARGUMENT);
  must(checkrob_gate_judge(gate, results, NULL));
  assert_false(checkrob_gate_is_closed(gate));
  assert_int_equal(checkrob_gate_report(&text, gate, (checkrob_gate_format)9),
                   CHECKROB_ERROR_INVALID_ARGUMENT);
  for (int i = 0; i < 100; i++) must(checkrob_gate_fail_if(gate, "acc < 0"));
  assert_int_equal(checkrob_gate_fail_if(gate, "acc < 0"), CHECKROB_ERROR_LIMIT);
  checkrob_results_free(results);
  checkrob_gate_free(gate);
}

/* ---- reports ---- */

#define HOSTILE "<b>&\"''%\r\n\x1b[31m]]>::,"

/* A class and images with everything that could end a string, a tag, a line or a colour. */
static checkrob_gate *hostile_gate(void) {
  checkrob_gate *gate = gate_with("doubtful", NULL, "0");
  checkrob_results *results =
      results_with(RED_IS("doubtful") "UPDATE class SET class = '" HOSTILE
                                      "' WHERE class = 'red';"
                                      "UPDATE sample SET image = 'a b/" HOSTILE "\\xFF\xc3\xa4.png'");
  must(checkrob_gate_judge(gate, results, NULL));
  checkrob_results_free(results);
  return gate;
}

static json_t *report_of(const checkrob_gate *gate, checkrob_gate_format format) {
  char *text = NULL;
  must(checkrob_gate_report(&text, gate, format));
  json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
  assert_non_null(root);
  checkrob_gate_report_free(text);
  return root;
}

static void json_has_what_was_found(void **state) {
  (void)state;
  checkrob_gate *gate = hostile_gate();
  json_t *root = report_of(gate, CHECKROB_GATE_JSON),
         *first = json_array_get(json_object_get(root, "violations"), 0);
  const char *name = NULL, *kind = NULL, *image = NULL;
  int closed = 0, is_new = 0;
  assert_int_equal(json_unpack(root, "{s:b}", "closed", &closed), 0);
  assert_int_equal(json_unpack(first, "{s:s, s:b, s:{s:s, s:[{s:s}]}}", "kind", &kind, "new", &is_new,
                               "class", "name", &name, "worst_images", "image", &image),
                   0);
  assert_true(closed && is_new);
  assert_string_equal(kind, "verdict");
  assert_string_equal(name, "<b>&\"'%\r\n\x1b[31m]]>::,");
  assert_string_equal(image, "a b/<b>&\"'%\r\n\x1b[31m]]>::,\\xFF\xc3\xa4.png");
  json_decref(root);
  checkrob_gate_free(gate);
}

static double lowest_of_red;

static int find_lowest_of_red(const checkrob_row *sample, void *data) {
  (void)data;
  if (checkrob_row_integer(sample, "index") == 0)
    lowest_of_red = fmin(lowest_of_red, checkrob_row_number(sample, "rs"));
  return 0;
}

/* The five lowest RS of the class, the lowest first. */
static void worst_images_are_listed(void **state) {
  (void)state;
  checkrob_gate *gate = gate_with("doubtful", NULL, NULL);
  checkrob_results *results = results_with(RED_IS("doubtful"));
  must(checkrob_gate_judge(gate, results, NULL));
  json_t *root = report_of(gate, CHECKROB_GATE_JSON);
  json_t *first = json_array_get(json_object_get(root, "violations"), 0);
  json_t *images = json_object_get(json_object_get(first, "class"), "worst_images");
  assert_int_equal(json_array_size(images), 5);
  lowest_of_red = 1.0;
  must(checkrob_results_each(results, find_lowest_of_red, NULL));
  double before = json_real_value(json_object_get(json_array_get(images, 0), "rs"));
  assert_true(fabs(before - lowest_of_red) < 1e-12); /* of 15 digits */
  for (size_t i = 1; i < 5; i++) {
    double rs = json_real_value(json_object_get(json_array_get(images, i), "rs"));
    assert_true(rs >= before);
    before = rs;
  }
  json_decref(root);
  checkrob_results_free(results);
  checkrob_gate_free(gate);
}

/* A damaged file may lack scores: JSON has no NaN. */
static void images_without_a_score_are_not_listed(void **state) {
  (void)state;
  checkrob_gate *gate = gate_with("doubtful", NULL, NULL);
  checkrob_results *results = results_with(RED_IS("doubtful") "UPDATE sample SET rs = NULL WHERE input > 3;");
  must(checkrob_gate_judge(gate, results, NULL));
  json_t *root = report_of(gate, CHECKROB_GATE_JSON), *image = NULL;
  json_t *first = json_array_get(json_object_get(root, "violations"), 0);
  json_t *images = json_object_get(json_object_get(first, "class"), "worst_images");
  assert_true(json_array_size(images) > 0 && json_array_size(images) < 5);
  size_t i;
  json_array_foreach(images, i, image) assert_true(json_is_real(json_object_get(image, "rs")));
  json_decref(root);
  checkrob_results_free(results);
  checkrob_gate_free(gate);
}

static void sarif_has_uris(void **state) {
  (void)state;
  checkrob_gate *gate = hostile_gate();
  json_t *root = report_of(gate, CHECKROB_GATE_SARIF);
  json_t *run = json_array_get(json_object_get(root, "runs"), 0);
  json_t *result = json_array_get(json_object_get(run, "results"), 0);
  const char *rule = NULL, *uri = NULL, *base = NULL, *id = NULL;
  assert_int_equal(json_unpack(result, "{s:s, s:[{s:{s:{s:s, s:s}}}]}", "ruleId", &rule, "locations",
                               "physicalLocation", "artifactLocation", "uri", &uri, "uriBaseId", &base),
                   0);
  assert_int_equal(json_unpack(run, "{s:{s:{s:[{s:s}]}}}", "tool", "driver", "rules", "id", &id), 0);
  assert_string_equal(rule, "verdict/depends_off_object");
  assert_string_equal(id, rule);
  assert_string_equal(base, "IMAGES");
  assert_string_equal(uri, "a%20b/%3Cb%3E%26%22%27%25%0D%0A%1B%5B31m%5D%5D%3E%3A%3A%2C%FF%C3%A4.png");
  json_decref(root);
  checkrob_gate_free(gate);
}

static void github_has_a_line_for_each(void **state) {
  (void)state;
  checkrob_gate *gate = hostile_gate();
  char *text = NULL;
  must(checkrob_gate_report(&text, gate, CHECKROB_GATE_GITHUB));
  assert_string_equal(
      text,
      "::error title=checkrob%3A <b>&\"'%25%0D%0A\\x1B[31m]]>%3A%3A%2C::<b>&\"'%25%0D%0A\\x1B[31m]]"
      ">::,: doubtful: why\n"
      "::error title=checkrob::at most 0 samples may fail: 1 of 24 samples could not be evaluated "
      "(4.17 %25)\n");
  checkrob_gate_report_free(text);
  checkrob_gate_free(gate);
}

static void junit_escapes_what_xml_does_not_have(void **state) {
  (void)state;
  checkrob_gate *gate = hostile_gate();
  char *text = NULL;
  must(checkrob_gate_report(&text, gate, CHECKROB_GATE_JUNIT));
  assert_non_null(strstr(text, "name=\"&lt;b&gt;&amp;&quot;&#39;%&#13;&#10;\\x1B[31m]]&gt;::,\""));
  assert_non_null(strstr(text, " tests=\"4\" failures=\"2\" errors=\"0\" skipped=\"0\" "));
  assert_null(strchr(text, 0x1b));
  checkrob_gate_report_free(text);
  checkrob_gate_free(gate);
}

/* Old violations and classes with too few images are skipped. */
static void junit_counts_new_violations(void **state) {
  (void)state;
  checkrob_gate *gate = gate_with("doubtful", NULL, NULL);
  char *text = NULL;
  expect(gate, results_with(RED_IS("doubtful") GREEN_IS("doubtful") BLUE_IS("not enough data")),
         results_with(RED_IS("doubtful")), 1, "red:verdict green:verdict!");
  must(checkrob_gate_report(&text, gate, CHECKROB_GATE_JUNIT));
  assert_non_null(strstr(text, " tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"2\" "));
  checkrob_gate_report_free(text);
  checkrob_gate_free(gate);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(verdicts_close_it),
                                     cmocka_unit_test(conditions_close_it),
                                     cmocka_unit_test(conditions_are_joined_by_or),
                                     cmocka_unit_test(failures_close_it),
                                     cmocka_unit_test(only_new_violations_close_it),
                                     cmocka_unit_test(a_worse_verdict_is_new),
                                     cmocka_unit_test(a_new_class_is_new),
                                     cmocka_unit_test(fixed_and_missing_classes_are_counted),
                                     cmocka_unit_test(what_is_not_judged_closes_it),
                                     cmocka_unit_test(some_without_a_value_are_a_remark),
                                     cmocka_unit_test(parts_are_refused),
                                     cmocka_unit_test(no_samples_close_it),
                                     cmocka_unit_test(calls_that_are_wrong),
                                     cmocka_unit_test(json_has_what_was_found),
                                     cmocka_unit_test(sarif_has_uris),
                                     cmocka_unit_test(github_has_a_line_for_each),
                                     cmocka_unit_test(junit_escapes_what_xml_does_not_have),
                                     cmocka_unit_test(junit_counts_new_violations),
                                     cmocka_unit_test(worst_images_are_listed),
                                     cmocka_unit_test(images_without_a_score_are_not_listed)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
