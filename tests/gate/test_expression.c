/* SPDX-License-Identifier: Apache-2.0 */
/* The language of conditions: what each says about a made class, and what is refused, with the position. */
#include "gate/expression.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classes/class_columns.h"
#include "support/test.h"
#include "table/row.h"

static row_layout *layout;
static checkrob_row *row;

/* acc 0.85, images 20, robustness -1.5, contrast 0; without suspicion and looked_at. */
static int set_up(void **state) {
  (void)state;
  must(class_layout_new(&layout, NULL));
  must(row_new(&row, layout));
  must(row_put_text(row, "class", "a \"b\" <c>"));
  must(row_put_text(row, "verdict", "not enough data"));
  must(row_put_text(row, "reason_code", "few_images"));
  row_put_integer(row, "images", 20);
  row_put_number(row, "acc", 0.85);
  row_put_number(row, "robustness", -1.5);
  row_put_number(row, "contrast", 0.0);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  row_free(row);
  row_layout_free(layout);
  return 0;
}

static truth ask(const char *source) {
  expression e;
  if (expression_parse(&e, source)) fail_msg("%s: %s", source, checkrob_last_error());
  truth said = expression_evaluate(&e, row);
  expression_clear(&e);
  return said;
}

/* ---- what holds ---- */

typedef struct example {
  const char *source;
  bool holds, is_decided;
} example;

static const example examples[] = {
    {"acc > 0.8", true, true},
    {"acc < 0.8", false, true},
    {"accuracy >= 0.85", true, true},
    {"acc <= .85", true, true},
    {"images = 20", true, true},
    {"images = 19", false, true},
    {"images = 21", false, true},
    {"images == 2e1", true, true},
    {"images != 20", false, true},
    {"0.9 > acc", true, true},
    {"robustness < -0.5 and accuracy > 0.8", true, true},
    {"robustness < -0.5 AND NOT accuracy > 0.8", false, true},
    /* `and` before `or`, `not` before both, comparisons before `not` */
    {"acc > 1 and acc > 1 or acc > 0", true, true},
    {"acc > 0 or acc > 0 and acc > 1", true, true},
    {"(acc > 0 or acc > 0) and acc > 1", false, true},
    {"not acc > 1 and acc > 0", true, true},
    {"not (acc > 1 and acc > 0)", true, true},
    {"not not acc > 0", true, true},
    /* arithmetic, from the left */
    {"images - 5 - 5 = 10", true, true},
    {"images / 2 / 5 = 2", true, true},
    {"2 + 3 * 4 = 14", true, true},
    {"(2 + 3) * 4 = images", true, true},
    {"-robustness = 1.5", true, true},
    {"- - 2 = 2", true, true},
    {"2*-3 = -6", true, true},
    {"images*acc = 17", true, true},
    /* texts */
    {"verdict = \"not enough data\"", true, true},
    {"verdict = 'Not-Enough_Data'", true, true},
    {"'not-enough-data' == verdict", true, true},
    {"verdict != 'doubtful'", true, true},
    {"reason_code = 'few_images'", true, true},
    {"class = 'a \"b\" <c>'", true, true},
    {"name != \"a 'b'\"", true, true},
    {"class = 'A \"b\" <c>'", false, true},
    /* missing values: no comparison holds, and `not` makes it hold */
    {"suspicion > 0", false, false},
    {"suspicion <= 0", false, false},
    {"suspicion != 0", false, false},
    {"suspicion = suspicion", false, false},
    {"not suspicion > 0", true, false},
    {"looked_at = ''", false, false},
    {"looked_at != 'x'", false, false},
    {"suspicion + 1 > 0", false, false},
    {"-suspicion < 0", false, false},
    {"acc / contrast > 0", false, false}, /* by zero */
    {"1e308 * 1e308 > 0", false, false},  /* no number either */
    {"has(suspicion)", false, true},
    {"not has(suspicion)", true, true},
    {"has(acc) and has(verdict) and HAS(class)", true, true},
    {"has(looked_at)", false, true},
    {"has(suspicion) and suspicion > 0", false, true},
    {"not has(suspicion) or suspicion > 0", true, true},
    /* decided where the other side is enough */
    {"suspicion > 0 or acc > 0", true, true},
    {"acc > 0 or suspicion > 0", true, true},
    {"suspicion > 0 or acc > 1", false, false},
    {"suspicion > 0 and acc > 1", false, true},
    {"suspicion > 0 and acc > 0", false, false},
    {"not (suspicion > 0 and acc > 1)", true, true},
};

static void conditions_hold(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
    truth said = ask(examples[i].source);
    if (said.holds != examples[i].holds || said.is_decided != examples[i].is_decided)
      fail_msg("%s: holds %d, decided %d", examples[i].source, said.holds, said.is_decided);
  }
}

/* strtod() would stop at the point. */
static void a_locale_changes_nothing(void **state) {
  (void)state;
  if (!setlocale(LC_ALL, "de_DE.UTF-8")) skip();
  assert_true(ask("acc > 0.8 and acc < 0.9").holds);
  setlocale(LC_ALL, "C");
}

static void columns_are_listed_once(void **state) {
  (void)state;
  expression e;
  must(expression_parse(&e, "accuracy > 0 and (acc < 1 or has(suspicion)) and verdict != 'robust'"));
  assert_string_equal(expression_column(&e, 0), "acc");
  assert_string_equal(expression_column(&e, 1), "suspicion");
  assert_string_equal(expression_column(&e, 2), "verdict");
  assert_null(expression_column(&e, 3));
  expression_clear(&e);
}

/* ---- what is refused ---- */

typedef struct refusal {
  const char *source;
  checkrob_status status;
  const char *message; /* its beginning */
} refusal;

#define BAD CHECKROB_ERROR_BAD_INPUT
#define UNKNOWN CHECKROB_ERROR_NOT_FOUND

static const refusal refusals[] = {
    {"", BAD, "the condition is empty"},
    {"  ", BAD, "the condition is empty"},
    {"robustnss < 1", UNKNOWN,
     "classes have no column 'robustnss'; the nearest is 'robustness' (character 1 of"},
    {"acc > 0 and Accuracy > 0", UNKNOWN,
     "classes have no column 'Accuracy'; the nearest is 'accuracy' (character 13 of"},
    {"has(verdit)", UNKNOWN, "classes have no column 'verdit'; the nearest is 'verdict' (character 5 of"},
    {"has acc", BAD, "there is 'acc' instead of '(' after has (character 5 of"},
    {"has(1)", BAD, "there is '1' instead of the name of a column (character 5 of"},
    {"has(acc", BAD, "')' is missing at the end (character 8 of"},
    {"acc", BAD, "this is a number, and no condition; compare it with something (character 1 of"},
    {"(verdict)", BAD, "this is a text, and no condition"},
    {"acc <", BAD, "a column, a number or a text is missing at the end (character 6 of"},
    {"< acc", BAD, "there is '<' instead of a column, a number or a text (character 1 of"},
    {"acc < 1 or", BAD, "a column, a number or a text is missing at the end (character 11 of"},
    {"(acc < 1", BAD, "')' is missing at the end (character 9 of"},
    {"acc < 1)", BAD, "there is ')' instead of and, or, or the end of the condition (character 8 of"},
    {"acc < 1 acc", BAD, "there is 'acc' instead of and, or, or the end of the condition (character 9 of"},
    {"0 < acc < 1", BAD, "two comparisons follow each other; write a < b and b < c (character 9 of"},
    {"(acc < 1) = (acc < 2)", BAD, "a comparison needs a number, but this is a condition (character 1 of"},
    {"(acc < 1) + 1 > 0", BAD, "'+' or '-' needs a number, but this is a condition (character 1 of"},
    {"acc * verdict > 0", BAD, "'*' or '/' needs a number, but this is a text (character 7 of"},
    {"-verdict = 1", BAD, "'-' needs a number, but this is a text (character 2 of"},
    {"not acc", BAD, "'not' needs a condition, but this is a number (character 5 of"},
    {"acc and acc > 0", BAD, "'and' needs a condition, but this is a number (character 1 of"},
    {"acc > 0 or verdict", BAD, "'or' needs a condition, but this is a text (character 12 of"},
    {"acc < 'x'", BAD, "the other side of the comparison needs a number, but this is a text (character 7 of"},
    {"verdict = 1", BAD,
     "the other side of the comparison needs a text, but this is a number (character 11 of"},
    {"verdict < 'robust'", BAD, "texts have no order; compare them with = or != (character 9 of"},
    {"verdict = 'roboust'", UNKNOWN,
     "there is no verdict 'roboust'; the verdicts are not enough data, non-robust"},
    {"'' != verdict", UNKNOWN, "there is no verdict ''"},
    {"reason_code = 'few_image'", UNKNOWN,
     "there is no reason_code 'few_image'; the nearest is 'few_images' (character 15 of"},
    {"blind_map = 1", BAD, "the column 'blind_map' holds an array, which has no comparison (character 1 of"},
    {"class = 'a", BAD, "the text after ' has no ' at its end (character 9 of"},
    {"acc && 1", BAD, "write 'and' instead of '&&' (character 5 of"},
    {"!has(acc)", BAD, "write 'not' instead of '!' (character 1 of"},
    {"acc <> 1", BAD, "write '!=' instead of '<>' (character 5 of"},
    {"acc > 80%", BAD, "a number has no '%' here; write 0.8 for 80 % (character 9 of"},
    {"acc > 8x", BAD, "there must be a blank or a sign after a number (character 8 of"},
    {"acc > 1.2.3", BAD, "'1.2.3' is not a number (character 7 of"},
    {"acc > 1e999", BAD, "'1e999' is not a number (character 7 of"},
    {"acc > 1e", BAD, "there must be a blank or a sign after a number (character 8 of"},
    {"\xc3\xa4\xc3\xa4 > 1", BAD, "'\xc3\xa4' has no meaning here (character 1 of"},
    {"class = '\xc3\xa4' ?", BAD, "'?' has no meaning here (character 13 of"}, /* characters, not bytes */
    {"class = '\xff'", BAD, "the condition 'class = '\\xFF'' is not UTF-8"},
    {"acc\n> 1 \x1b", BAD, "'\\x1B' has no meaning here"},
};

static void others_are_refused(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
    expression e = {0};
    checkrob_status status = expression_parse(&e, refusals[i].source);
    if (status != refusals[i].status ||
        strncmp(checkrob_last_error(), refusals[i].message, strlen(refusals[i].message)) != 0)
      fail_msg("%s: %s: %s", refusals[i].source, checkrob_status_name(status), checkrob_last_error());
    assert_null(e.items);
  }
}

/* ---- limits ---- */

static char *repeated(const char *head, const char *part, size_t count, const char *tail) {
  char *text = calloc(1, strlen(head) + count * strlen(part) + strlen(tail) + 1);
  strcat(text, head);
  for (size_t i = 0; i < count; i++) strcat(text, part);
  return strcat(text, tail);
}

static checkrob_status parse_repeated(const char *head, const char *part, size_t count, const char *tail) {
  expression e = {0};
  char *text = repeated(head, part, count, tail);
  checkrob_status status = expression_parse(&e, text);
  if (!status) expression_evaluate(&e, row);
  expression_clear(&e);
  free(text);
  return status;
}

static void nesting_has_a_limit(void **state) {
  (void)state;
  must(parse_repeated("", "not ", EXPRESSION_DEPTH, "acc > 0"));
  assert_int_equal(parse_repeated("", "not ", EXPRESSION_DEPTH + 1, "acc > 0"), CHECKROB_ERROR_LIMIT);
  assert_int_equal(parse_repeated("acc > ", "-", EXPRESSION_DEPTH + 1, "1"), CHECKROB_ERROR_LIMIT);
  assert_int_equal(parse_repeated("", "(", 2000, "acc > 0"), CHECKROB_ERROR_LIMIT);
}

/* "a or b and 1 < 2 + 3 * (...)" cannot nest truths in a number; parentheses of truths nest both words. */
static void the_stack_is_deep_enough(void **state) {
  (void)state;
  char text[EXPRESSION_BYTES + 1] = "";
  for (int i = 0; i < EXPRESSION_DEPTH / 2; i++) strcat(text, "acc > 1 or acc > 0 and (");
  strcat(text, "acc > 1 or acc > 0 and 1 < ");
  for (int i = EXPRESSION_DEPTH / 2; i < EXPRESSION_DEPTH; i++) strcat(text, "2 + 3 * (");
  strcat(text, "4");
  for (int i = 0; i < EXPRESSION_DEPTH; i++) strcat(text, ")");
  assert_true(ask(text).holds);
}

static void length_has_a_limit(void **state) {
  (void)state;
  must(parse_repeated("acc > 0", " or acc > 0", 371, ""));
  must(parse_repeated("0 < 1", "+1", (EXPRESSION_BYTES - 5) / 2, ""));
  assert_int_equal(parse_repeated("0 < 1", "+1", (EXPRESSION_BYTES - 5) / 2 + 1, ""), CHECKROB_ERROR_LIMIT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(conditions_hold),         cmocka_unit_test(a_locale_changes_nothing),
      cmocka_unit_test(columns_are_listed_once), cmocka_unit_test(others_are_refused),
      cmocka_unit_test(nesting_has_a_limit),     cmocka_unit_test(the_stack_is_deep_enough),
      cmocka_unit_test(length_has_a_limit)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
