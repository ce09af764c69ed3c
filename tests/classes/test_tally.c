/* SPDX-License-Identifier: Apache-2.0 */
/* The running counts of the classes, and their ranking. */
#include "classes/tally.h"

#include "classes/class_list.h"
#include "table/samples.h"

static row_layout *layout;

static int make_layout(void **state) {
  (void)state;
  layout = samples_layout(false);
  return 0;
}

static int free_layout(void **state) {
  (void)state;
  row_layout_free(layout);
  return 0;
}

static void add(class_tally *tally, int64_t index, const char *name, double rs, int64_t rank) {
  checkrob_row *row = sample_new(layout, 0, 0, "image", name, index);
  row_set_number(row, row_layout_find(layout, "rs"), rs);
  row_set_integer(row, row_layout_find(layout, "rank"), rank);
  must(tally_add(tally, row));
  row_free(row);
}

static void add_failed(class_tally *tally, int64_t index, const char *name) {
  checkrob_row *row = sample_new(layout, 0, 0, "image", name, index);
  sample_fail(row, "bad_input", "broken");
  must(tally_add(tally, row));
  row_free(row);
}

static void add_predicted(class_tally *tally, int64_t index, const char *name, int64_t predicted) {
  checkrob_row *row = sample_new(layout, 0, 0, "image", name, index);
  row_set_number(row, row_layout_find(layout, "rs"), 0.5);
  row_set_integer(row, row_layout_find(layout, "rank"), predicted == index ? 1 : 2);
  row_put_integer(row, "predicted", predicted);
  must(tally_add(tally, row));
  row_free(row);
}

static class_tally start(size_t top_k) {
  class_tally tally;
  tally_start(&tally, layout, top_k);
  return tally;
}

static void counts_and_means(void **state) {
  (void)state;
  class_tally tally = start(2);
  add(&tally, 7, "goose", 0.25, 1);
  add(&tally, 7, "goose", 0.75, 3);
  add(&tally, 7, "goose", 0.5, 2);
  add_failed(&tally, 7, "goose");
  assert_int_equal(tally.count, 1);
  assert_string_equal(tally.items[0].name, "goose");
  assert_int_equal(tally.items[0].images, 3);
  assert_int_equal(tally.items[0].failed, 1);
  assert_true(tally_crs(&tally.items[0]) == 0.5);
  assert_true(fabs(tally_accuracy(&tally.items[0]) - 2.0 / 3.0) < 1e-15);
  assert_null(tally_find(&tally, 6));
  assert_ptr_equal(tally_find(&tally, 7), tally.items);
  tally_clear(&tally);
  assert_int_equal(tally.count, 0);
  tally_clear(&tally);
}

static void totals_count_all_samples(void **state) {
  (void)state;
  class_tally tally = start(1);
  add(&tally, 1, "swan", 0.5, 1);
  add_failed(&tally, 1, "swan");
  add_failed(&tally, -1, ""); /* of no class */
  checkrob_row *row = sample_new(layout, 0, 0, "image", "swan", 1);
  must(row_set_text(row, SAMPLE_STATUS, "empty_map"));
  must(tally_add(&tally, row));
  must(row_set_text(row, SAMPLE_STATUS, "ok"));
  row_set_integer(row, row_layout_find(layout, "empty_map"), 1);
  must(row_set_text(row, SAMPLE_MESSAGE, "looks odd"));
  must(tally_add(&tally, row));
  row_free(row);
  assert_int_equal(tally.remarks, 1);
  assert_true(tally.samples == 5 && tally.evaluated == 3 && tally.failed == 2 && tally.empty_maps == 2);
  assert_int_equal(tally.count, 1);
  assert_int_equal(tally.items[0].images, 3);
  tally_clear(&tally);
}

static void has_no_mean_of_nothing(void **state) {
  (void)state;
  class_tally tally = start(1);
  add_failed(&tally, 3, "duck");
  assert_true(isnan(tally_crs(&tally.items[0])));
  assert_true(isnan(tally_accuracy(&tally.items[0])));
  tally_clear(&tally);
}

/* Of a file that has no saliency scores, the samples are counted all the same. */
static void other_analyses_have_counts_alone(void **state) {
  (void)state;
  row_layout *bright = NULL;
  must(sample_layout_new(&bright, &bright_columns, 1, NULL, 0));
  class_tally tally;
  tally_start(&tally, bright, 1);
  checkrob_row *row = sample_new(bright, 0, 0, "image", "duck", 3);
  must(tally_add(&tally, row));
  row_free(row);
  assert_int_equal(tally.items[0].images, 1);
  assert_true(isnan(tally_crs(&tally.items[0])) && isnan(tally_accuracy(&tally.items[0])));
  tally_clear(&tally);
  row_layout_free(bright);
}

/* A resumed file may have the analyses' columns in another order than the run. */
static void rows_of_two_layouts_are_counted_together(void **state) {
  (void)state;
  const column_list turned[] = {bright_columns, saliency_columns};
  row_layout *other = NULL;
  must(sample_layout_new(&other, turned, 2, saliency_children, 2));
  class_tally tally = start(1);
  for (int i = 0; i < 2; i++) {
    checkrob_row *row = sample_new(i ? other : layout, 0, 0, "image", "goose", 7);
    row_put_number(row, "rs", i ? 0.25 : 0.75);
    row_put_integer(row, "rank", 1);
    must(tally_add(&tally, row));
    row_free(row);
  }
  assert_true(tally_crs(&tally.items[0]) == 0.5 && tally_accuracy(&tally.items[0]) == 1.0);
  tally_clear(&tally);
  row_layout_free(other);
}

static void assert_order(const class_tally *tally, const int64_t *expected) {
  class_list list;
  must(class_list_count(&list, tally));
  assert_int_equal(list.classes.count, tally->count);
  for (size_t i = 0; i < list.classes.count; i++) {
    assert_int_equal(checkrob_row_integer(list.ranking[i], "index"), expected[i]);
    assert_int_equal(checkrob_row_integer(class_list_find(&list, expected[i]), "index"), expected[i]);
  }
  assert_null(class_list_find(&list, 1000000));
  class_list_clear(&list);
}

static void ranks_the_least_robust_first(void **state) {
  (void)state;
  class_tally tally = start(1);
  assert_order(&tally, NULL); /* nothing to rank is fine */
  add(&tally, 4, "d", 0.9, 1);
  add_failed(&tally, 9, "never evaluated");
  add(&tally, 2, "b", 0.1, 2);
  add(&tally, 8, "tie", 0.5, 1);
  add_failed(&tally, 0, "never evaluated either");
  add(&tally, 3, "tie", 0.5, 2);
  add(&tally, 5, "none of it", 0.0, 1);
  assert_order(&tally, (int64_t[]){5, 2, 3, 8, 4, 0, 9});
  tally_clear(&tally);
}

static void holds_many_classes(void **state) {
  (void)state;
  enum { COUNT = 2003 }; /* a prime, so that multiples of 7 visit all, in no order */
  class_tally tally = start(1);
  static int64_t expected[COUNT];
  for (int round = 0; round < 3; round++)
    for (int64_t i = 0; i < COUNT; i++) {
      int64_t index = i * 7 % COUNT;
      char name[32];
      snprintf(name, sizeof name, "class %d", (int)index);
      add(&tally, index, name, (double)index / COUNT, round == 0 ? 1 : 2);
    }
  assert_int_equal(tally.count, COUNT);
  for (int64_t i = 0; i < COUNT; i++) {
    char name[32];
    snprintf(name, sizeof name, "class %d", (int)i);
    assert_int_equal(tally.items[i].index, i);
    assert_string_equal(tally.items[i].name, name);
    assert_int_equal(tally.items[i].images, 3);
    assert_int_equal(tally.items[i].hits, 1);
    expected[i] = i;
  }
  assert_order(&tally, expected);
  tally_clear(&tally);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_layout, free_layout)

/* Class 7 is predicted in 3 of 4 of its own samples, and in 2 of the 6 others. */
static void counts_predictions_in_own_and_other_samples(void **state) {
  (void)state;
  static const int64_t own[] = {7, 7, 2, 7}, others[] = {7, 3, 3, 7, 9, 3};
  class_tally tally = start(1);
  class_list list = {0};
  for (size_t i = 0; i < 6; i++) add_predicted(&tally, 3, "duck", others[i]);
  for (size_t i = 0; i < 4; i++) add_predicted(&tally, 7, "goose", own[i]);
  must(class_list_count(&list, &tally));
  assert_true(checkrob_row_number(list.classes.rows[1], "predicted") == 0.75);
  assert_true(checkrob_row_number(list.classes.rows[1], "predicted_elsewhere") == 2.0 / 6.0);
  assert_true(checkrob_row_number(list.classes.rows[0], "predicted") == 0.5);
  assert_true(checkrob_row_number(list.classes.rows[0], "predicted_elsewhere") == 0.0);
  class_list_clear(&list);
  tally_clear(&tally);
}

static void one_class_has_no_others(void **state) {
  (void)state;
  class_tally tally = start(1);
  class_list list = {0};
  add_predicted(&tally, 3, "duck", 3);
  must(class_list_count(&list, &tally));
  assert_true(checkrob_row_number(list.classes.rows[0], "predicted") == 1.0);
  assert_false(checkrob_row_has(list.classes.rows[0], "predicted_elsewhere"));
  class_list_clear(&list);
  tally_clear(&tally);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(counts_and_means),
      TEST(totals_count_all_samples),
      TEST(has_no_mean_of_nothing),
      TEST(other_analyses_have_counts_alone),
      TEST(rows_of_two_layouts_are_counted_together),
      TEST(ranks_the_least_robust_first),
      TEST(holds_many_classes),
      TEST(counts_predictions_in_own_and_other_samples),
      TEST(one_class_has_no_others),
  };
  return cmocka_run_group_tests_name("tally", tests, NULL, NULL);
}
