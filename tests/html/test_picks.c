/* SPDX-License-Identifier: Apache-2.0 */
/* Which images of a class a report shows, and what a class is taken for. */
#include "html/picks.h"

#include "table/samples.h"

static row_layout *layout;
static samples_seen seen;
static pick_list picks;

static int start(void **state) {
  (void)state;
  layout = samples_layout(false);
  return 0;
}

static int stop(void **state) {
  (void)state;
  samples_seen_clear(&seen);
  pick_list_clear(&picks);
  row_layout_free(layout);
  return 0;
}

static void add(size_t input, int64_t index, double rs, int64_t predicted) {
  checkrob_row *row = sample_new(layout, input, 0, "image", "class", index);
  row_put_number(row, "rs", rs);
  row_put_integer(row, "predicted", predicted);
  row_put_integer(row, "hit", predicted == index);
  must(samples_seen_add(&seen, row));
  row_free(row);
}

static void choose(size_t most) {
  must(samples_seen_finish(&seen));
  must(picks_choose(&picks, &seen, most));
}

static void expect(size_t i, pick_kind kind, size_t input) {
  assert_true(i < picks.count);
  assert_int_equal(picks.items[i].kind, kind);
  assert_int_equal(picks.items[i].input, input);
}

static void half_are_the_worst(void **state) {
  (void)state;
  for (size_t i = 0; i < 20; i++) add(i, 3, 1.0 - (double)i / 20, 3);
  choose(6);
  assert_int_equal(picks.count, 6);
  expect(0, PICK_WORST, 19);
  expect(1, PICK_WORST, 18);
  expect(2, PICK_WORST, 17);
  expect(3, PICK_TYPICAL, 10);
  expect(4, PICK_TYPICAL, 9);
  expect(5, PICK_BEST, 0);
}

static void few_images_are_all_shown_once(void **state) {
  (void)state;
  for (size_t i = 0; i < 5; i++) add(i, 0, (double)i / 10, 0);
  choose(8);
  assert_int_equal(picks.count, 5);
  size_t sum = 0;
  for (size_t i = 0; i < 5; i++) sum += (size_t)1 << picks.items[i].input;
  assert_int_equal(sum, 31);
}

/* The saliency of a wrong answer does not explain a right one. */
static void recognised_images_come_first(void **state) {
  (void)state;
  for (size_t i = 0; i < 10; i++) add(i, 0, 0.01, 1);
  for (size_t i = 10; i < 14; i++) add(i, 0, 0.5, 0);
  choose(4);
  assert_int_equal(picks.count, 4);
  for (size_t i = 0; i < 4; i++) assert_true(picks.items[i].input >= 10);
}

static void a_class_that_is_hardly_recognised_shows_what_it_is_taken_for(void **state) {
  (void)state;
  for (size_t i = 0; i < 10; i++) add(i, 0, 0.01, 1);
  add(10, 0, 0.5, 0);
  choose(4);
  assert_int_equal(picks.count, 4);
  expect(0, PICK_WORST, 10); /* the recognised one */
  expect(1, PICK_MISSED, 0);
  expect(2, PICK_MISSED, 3);
  expect(3, PICK_MISSED, 6);
}

/* Of a damaged file. It has no place in the order, so it is after all others. */
static void an_image_without_a_score_is_last(void **state) {
  (void)state;
  for (size_t i = 0; i < 10; i++) add(i, 0, i % 2 ? NAN : (double)i / 10, 0);
  choose(5);
  assert_int_equal(picks.count, 5);
  for (size_t i = 0; i < 5; i++) assert_int_equal(picks.items[i].input % 2, 0);
  expect(0, PICK_WORST, 0);
  expect(4, PICK_BEST, 8);
}

static void confusions_are_counted(void **state) {
  (void)state;
  add(0, 0, 0.5, 2);
  add(1, 0, 0.5, 1);
  add(2, 0, 0.5, 2);
  add(3, 0, 0.5, 0);
  add(4, 1, 0.5, -1);
  add(5, 2, 0.5, 0);
  choose(1);
  assert_int_equal(seen.confusion_count, 3);
  assert_true(seen.confusions[0].index == 0 && seen.confusions[0].predicted == 2 &&
              seen.confusions[0].count == 2);
  assert_true(seen.confusions[1].index == 0 && seen.confusions[1].predicted == 1 &&
              seen.confusions[1].count == 1);
  assert_true(seen.confusions[2].index == 2 && seen.confusions[2].predicted == 0);
}

static void nothing_gives_nothing(void **state) {
  (void)state;
  choose(6);
  assert_int_equal(picks.count, 0);
}

#define PICKS_TEST(function) cmocka_unit_test_setup_teardown(function, start, stop)

int main(void) {
  const struct CMUnitTest tests[] = {
      PICKS_TEST(half_are_the_worst),
      PICKS_TEST(few_images_are_all_shown_once),
      PICKS_TEST(recognised_images_come_first),
      PICKS_TEST(a_class_that_is_hardly_recognised_shows_what_it_is_taken_for),
      PICKS_TEST(an_image_without_a_score_is_last),
      PICKS_TEST(confusions_are_counted),
      PICKS_TEST(nothing_gives_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
