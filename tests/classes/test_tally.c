/* The running totals of the classes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "score/class_tally.h"
#include "support/test.h"

static void assert_order(const class_tally *tally, const int64_t *expected) {
  const class_total **order = malloc((tally->count + 1) * sizeof *order);
  assert_non_null(order);
  tally_rank(order, tally);
  for (size_t i = 0; i < tally->count; i++) assert_int_equal(order[i]->index, expected[i]);
  free(order);
}

static void counts_and_means(void **state) {
  (void)state;
  class_tally tally = {0};
  assert_int_equal(tally_add(&tally, 7, "goose", 0.25, 1), CHECKROB_OK);
  assert_int_equal(tally_add(&tally, 7, "goose", 0.75, 0), CHECKROB_OK);
  assert_int_equal(tally_add(&tally, 7, "goose", 0.5, 1), CHECKROB_OK);
  assert_int_equal(tally_add_failed(&tally, 7, "goose"), CHECKROB_OK);
  assert_int_equal(tally.count, 1);
  assert_string_equal(tally.items[0].name, "goose");
  assert_int_equal(tally.items[0].images, 3);
  assert_int_equal(tally.items[0].failed, 1);
  assert_true(tally_crs(&tally.items[0]) == 0.5);
  assert_true(fabs(tally_accuracy(&tally.items[0]) - 2.0 / 3.0) < 1e-15);
  tally_clear(&tally);
  assert_int_equal(tally.count, 0);
  tally_clear(&tally);
}

static void keeps_its_own_name(void **state) {
  (void)state;
  class_tally tally = {0};
  char name[] = "swan";
  assert_int_equal(tally_add_failed(&tally, 0, name), CHECKROB_OK);
  name[0] = 'x';
  assert_string_equal(tally.items[0].name, "swan");
  tally_clear(&tally);
}

static void has_no_mean_of_nothing(void **state) {
  (void)state;
  class_tally tally = {0};
  assert_int_equal(tally_add_failed(&tally, 3, "duck"), CHECKROB_OK);
  assert_true(isnan(tally_crs(&tally.items[0])));
  assert_true(isnan(tally_accuracy(&tally.items[0])));
  tally_clear(&tally);
}

static void ranks_the_least_robust_first(void **state) {
  (void)state;
  class_tally tally = {0};
  tally_rank(NULL, &tally); /* nothing to rank is fine */
  tally_add(&tally, 4, "d", 0.9, 1);
  tally_add_failed(&tally, 9, "never evaluated");
  tally_add(&tally, 2, "b", 0.1, 0);
  tally_add(&tally, 8, "tie", 0.5, 1);
  tally_add_failed(&tally, 0, "never evaluated either");
  tally_add(&tally, 3, "tie", 0.5, 0);
  tally_add(&tally, 5, "none of it", 0.0, 1);
  assert_order(&tally, (int64_t[]){5, 2, 3, 8, 4, 0, 9});
  tally_clear(&tally);
}

static void holds_many_classes(void **state) {
  (void)state;
  enum { COUNT = 2003 }; /* a prime, so that multiples of 7 visit all, in no order */
  class_tally tally = {0};
  for (int round = 0; round < 3; round++)
    for (int64_t i = 0; i < COUNT; i++) {
      int64_t index = i * 7 % COUNT;
      char name[32];
      snprintf(name, sizeof name, "class %d", (int)index);
      assert_int_equal(tally_add(&tally, index, name, (double)index / COUNT, round == 0), CHECKROB_OK);
    }
  assert_int_equal(tally.count, COUNT);
  for (int64_t i = 0; i < COUNT; i++) {
    char name[32];
    snprintf(name, sizeof name, "class %d", (int)i);
    assert_int_equal(tally.items[i].index, i);
    assert_string_equal(tally.items[i].name, name);
    assert_int_equal(tally.items[i].images, 3);
    assert_int_equal(tally.items[i].hits, 1);
  }
  const class_total **order = malloc(COUNT * sizeof *order);
  assert_non_null(order);
  tally_rank(order, &tally);
  for (int64_t i = 0; i < COUNT; i++) assert_int_equal(order[i]->index, i);
  free(order);
  tally_clear(&tally);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(counts_and_means),       cmocka_unit_test(keeps_its_own_name),
      cmocka_unit_test(has_no_mean_of_nothing), cmocka_unit_test(ranks_the_least_robust_first),
      cmocka_unit_test(holds_many_classes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
