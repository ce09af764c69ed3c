/* SPDX-License-Identifier: Apache-2.0 */
/* Layouts and rows: what is declared is what can be written and read back, by index and by name. */
#include "table/row.h"

#include <math.h>
#include <string.h>

#include "support/test.h"

enum { PLACE, NAME, NOTE, CORE_COLUMNS };
static const column core[] = {
    [PLACE] = {"place", CHECKROB_COLUMN_INTEGER, "", 0, INFINITY, 0, 0, "place in the dataset"},
    [NAME] = {"name", CHECKROB_COLUMN_TEXT, "", 0, 0, 0, 0, "name of the image"},
    [NOTE] = {"note", CHECKROB_COLUMN_TEXT, "", 0, 0, 0, COLUMN_LAST, "what else is to say"}};

enum { SCORE, MAP, MEAN, SCORE_COLUMNS };
static const column scores[] = {
    [SCORE] = {"score", CHECKROB_COLUMN_NUMBER, "nats", -1, 1, 6, 0, "a score"},
    [MAP] = {"map", CHECKROB_COLUMN_FLOATS, "", 0, 1, 0, COLUMN_HIDDEN, "a map"},
    [MEAN] = {"mean", CHECKROB_COLUMN_DOUBLES, "", 0, 1, 0, COLUMN_NO_CSV | COLUMN_DERIVED, "a mean map"}};

static const column below[] = {{"what", CHECKROB_COLUMN_TEXT, "", 0, 0, 0, 0, "another thing"},
                               {"share", CHECKROB_COLUMN_NUMBER, "", 0, 1, 6, 0, "its share"}};
static const child_table many = {"many", below, 2, 0, "things"},
                         one = {"one", below, 2, CHILD_ONE, "a thing"};

static const column_list parts[] = {{core, CORE_COLUMNS}, {scores, SCORE_COLUMNS}};
static const child_table *const children[] = {&many, &one};

static row_layout *make_layout(void) {
  row_layout *layout = NULL;
  must(row_layout_new(&layout, "thing", parts, 2, children, 2));
  return layout;
}

static void columns_are_found_by_part_and_name(void **state) {
  (void)state;
  row_layout *layout = make_layout();
  size_t base = row_layout_base(layout, 1);
  assert_int_equal(base, CORE_COLUMNS);
  assert_int_equal(row_layout_find(layout, "map"), base + MAP);
  assert_true(row_layout_find(layout, "nothing") == ROW_NO_COLUMN);
  assert_true(row_layout_base(layout, 2) == ROW_NO_COLUMN);
  static const char *const order[] = {"place", "name", "score", "map", "mean", "note"};
  assert_int_equal(row_layout_count(layout), 6);
  for (size_t i = 0; i < 6; i++)
    assert_string_equal(row_layout_column(layout, row_layout_in_order(layout, i))->name, order[i]);
  row_layout_free(layout);
  row_layout_free(NULL);
}

static void values_come_back_as_they_were_set(void **state) {
  (void)state;
  row_layout *layout = make_layout();
  checkrob_row *row = NULL;
  must(row_new(&row, layout));
  size_t base = row_layout_base(layout, 1);
  const float map[] = {0.25F, 0.75F};
  const double mean[] = {0.1, 0.2, 0.7};
  row_set_integer(row, PLACE, INT64_MAX);
  must(row_set_text(row, NAME, "a\"b\n"));
  row_set_number(row, base + SCORE, -0.1);
  must(row_set_floats(row, base + MAP, map, 2));
  must(row_set_doubles(row, base + MEAN, mean, 3));
  size_t count = 9;
  assert_true(checkrob_row_integer(row, "place") == INT64_MAX);
  assert_true(checkrob_row_number(row, "place") == (double)INT64_MAX);
  assert_string_equal(checkrob_row_text(row, "name"), "a\"b\n");
  assert_true(checkrob_row_number(row, "score") == -0.1);
  assert_memory_equal(checkrob_row_floats(&count, row, "map"), map, sizeof map);
  assert_int_equal(count, 2);
  assert_memory_equal(checkrob_row_doubles(&count, row, "mean"), mean, sizeof mean);
  assert_int_equal(count, 3);
  assert_non_null(checkrob_row_doubles(NULL, row, "mean"));
  must(row_set_floats(row, base + MAP, map, 0));
  assert_non_null(checkrob_row_floats(&count, row, "map")); /* an array of nothing is an array */
  assert_int_equal(count, 0);
  row_free(row);
  row_layout_free(layout);
}

static void expect_nothing(const checkrob_row *row) {
  size_t count = 9;
  assert_false(checkrob_row_has(row, "place") || checkrob_row_has(row, "name") ||
               checkrob_row_has(row, "map"));
  assert_int_equal(checkrob_row_integer(row, "place"), -1);
  assert_true(isnan(checkrob_row_number(row, "place")) && isnan(checkrob_row_number(row, "score")));
  assert_string_equal(checkrob_row_text(row, "name"), "");
  assert_null(checkrob_row_floats(&count, row, "map"));
  assert_int_equal(count, 0);
  assert_null(checkrob_row_doubles(&count, row, "mean"));
  assert_int_equal(checkrob_row_child_count(row, "many"), 0);
  assert_null(checkrob_row_child(row, "many", 0));
}

static void what_does_not_hold_is_told_apart(void **state) {
  (void)state;
  row_layout *layout = make_layout();
  checkrob_row *row = NULL, *child = NULL;
  must(row_new(&row, layout));
  expect_nothing(row);
  size_t base = row_layout_base(layout, 1);
  row_set_integer(row, PLACE, -1);
  row_set_number(row, base + SCORE, NAN);
  row_set_number(row, base + SCORE, INFINITY);
  must(row_set_text(row, NAME, NULL));
  must(row_set_floats(row, base + MAP, NULL, 4));
  expect_nothing(row);
  row_set_number(row, PLACE, 1.0); /* other types, and columns that are none */
  row_set_integer(row, base + SCORE, 1);
  must(row_set_text(row, PLACE, "1"));
  row_set_integer(row, ROW_NO_COLUMN, 1);
  must(row_set_text(row, ROW_NO_COLUMN, "x"));
  expect_nothing(row);
  row_set_integer(row, PLACE, 0);
  must(row_set_text(row, NAME, ""));
  must(row_add_child(&child, row, 0));
  assert_true(checkrob_row_has(row, "place") && checkrob_row_has(row, "name"));
  row_unset(row, PLACE);
  assert_false(checkrob_row_has(row, "place"));
  row_clear(row);
  expect_nothing(row);
  expect_nothing(NULL);
  row_free(row);
  row_layout_free(layout);
}

static void rows_have_rows_below_them(void **state) {
  (void)state;
  row_layout *layout = make_layout();
  checkrob_row *row = NULL, *child = NULL, *copy = NULL;
  must(row_new(&row, layout));
  for (int round = 0; round < 2; round++) {
    row_clear(row);
    must(row_set_text(row, NAME, "parent"));
    for (int i = 0; i < 20; i++) {
      must(row_add_child(&child, row, 0));
      assert_false(row_has(child, 0) || row_has(child, 1));
      must(row_set_text(child, 0, i ? "thing" : "first"));
      row_set_number(child, 1, i / 20.0);
    }
    checkrob_row *only = NULL, *same = NULL;
    must(row_add_child(&only, row, 1));
    must(row_set_text(only, 0, "only"));
    must(row_add_child(&same, row, 1));
    assert_ptr_equal(only, same);
  }
  assert_int_equal(row_add_child(&child, row, 2), CHECKROB_ERROR_INVALID_ARGUMENT);
  must(row_copy(&copy, row));
  row_free(row);
  assert_string_equal(checkrob_row_text(copy, "name"), "parent");
  assert_int_equal(checkrob_row_child_count(copy, "many"), 20);
  assert_int_equal(checkrob_row_child_count(copy, "one"), 1);
  assert_string_equal(checkrob_row_text(checkrob_row_child(copy, "many", 0), "what"), "first");
  assert_true(checkrob_row_number(checkrob_row_child(copy, "many", 19), "share") == 19 / 20.0);
  assert_null(checkrob_row_child(copy, "many", 20));
  assert_null(checkrob_row_child(copy, "few", 0));
  row_free(copy);
  row_layout_free(layout);
}

static void a_row_describes_its_columns(void **state) {
  (void)state;
  row_layout *layout = make_layout();
  checkrob_row *row = NULL;
  must(row_new(&row, layout));
  checkrob_column_info info = CHECKROB_COLUMN_INFO_INIT;
  assert_int_equal(checkrob_row_column_count(row), 6);
  must(checkrob_row_column(&info, row, 2));
  assert_string_equal(info.table, "thing");
  assert_string_equal(info.name, "score");
  assert_string_equal(info.unit, "nats");
  assert_string_equal(info.description, "a score");
  assert_true(info.type == CHECKROB_COLUMN_NUMBER && info.low == -1 && info.high == 1);
  assert_true(info.exported == CHECKROB_COLUMN_IN_CSV_AND_JSON && info.derived == 0);
  must(checkrob_row_column(&info, row, 3));
  assert_int_equal(info.exported, CHECKROB_COLUMN_NOT_EXPORTED);
  must(checkrob_row_column(&info, row, 4));
  assert_true(info.exported == CHECKROB_COLUMN_IN_JSON && info.derived == 1);
  assert_int_equal(checkrob_row_column(&info, row, 6), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_row_column(NULL, row, 0), CHECKROB_ERROR_INVALID_ARGUMENT);
  row_free(row);
  row_layout_free(layout);
}

static void expect_refused(const char *name, const char *sentence) {
  const column wrong[] = {{name, CHECKROB_COLUMN_NUMBER, "", 0, 1, 6, 0, ""}};
  const column_list both[] = {{core, CORE_COLUMNS}, {wrong, 1}};
  row_layout *layout = NULL;
  assert_int_equal(row_layout_new(&layout, "thing", both, 2, NULL, 0), CHECKROB_ERROR_INVALID_ARGUMENT);
  if (!strstr(checkrob_last_error(), sentence)) fail_msg("%s", checkrob_last_error());
  assert_null(layout);
}

/* Names are identifiers in SQL, where nothing quotes them but we. */
static void names_are_identifiers_and_occur_once(void **state) {
  (void)state;
  expect_refused("name", "column 'name' is declared twice");
  expect_refused("", "'' is not allowed as the name of a column");
  expect_refused("x\"; DROP TABLE sample; --", "is not allowed as the name of a column");
  expect_refused("Score", "is not allowed as the name of a column");
  expect_refused("2nd", "is not allowed as the name of a column");
  const child_table *const twice[] = {&many, &many};
  row_layout *layout = NULL;
  assert_int_equal(row_layout_new(&layout, "thing", parts, 2, twice, 2), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_non_null(strstr(checkrob_last_error(), "its table 'many' is declared twice"));
}

static void layouts_fit_where_they_store_the_same(void **state) {
  (void)state;
  row_layout *layout = make_layout(), *turned = NULL, *bare = NULL, *less = NULL;
  const column_list reversed[] = {{scores, SCORE_COLUMNS}, {core, CORE_COLUMNS}};
  const column_list fewer[] = {{scores, MEAN}, {core, CORE_COLUMNS}}; /* MEAN is derived */
  must(row_layout_new(&turned, "thing", reversed, 2, children, 2));
  must(row_layout_new(&bare, "thing", fewer, 2, children, 2));
  must(row_layout_new(&less, "thing", reversed, 1, children, 2));
  assert_true(row_layout_fits(layout, turned) && row_layout_fits(turned, layout));
  assert_true(row_layout_fits(layout, bare) && row_layout_fits(bare, layout));
  assert_false(row_layout_fits(layout, less) || row_layout_fits(less, layout));
  row_layout_free(less);
  must(row_layout_new(&less, "thing", parts, 2, children, 1));
  assert_false(row_layout_fits(layout, less) || row_layout_fits(less, layout));
  row_layout_free(layout);
  row_layout_free(turned);
  row_layout_free(bare);
  row_layout_free(less);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(columns_are_found_by_part_and_name),
                                     cmocka_unit_test(values_come_back_as_they_were_set),
                                     cmocka_unit_test(what_does_not_hold_is_told_apart),
                                     cmocka_unit_test(rows_have_rows_below_them),
                                     cmocka_unit_test(a_row_describes_its_columns),
                                     cmocka_unit_test(names_are_identifiers_and_occur_once),
                                     cmocka_unit_test(layouts_fit_where_they_store_the_same)};
  return cmocka_run_group_tests_name("row", tests, NULL, NULL);
}
