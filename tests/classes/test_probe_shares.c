/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/probe_shares.h"

#include <math.h>

#include "classes/class_row.h"

static void add(probe_shares *s, int64_t hot, int64_t object, int64_t colour, int64_t only, int64_t context) {
  /* The object alone keeps a quarter of the probability, the context alone all of it, or more. */
  const probe_answers answers = {.ranks = {hot, object, colour, only, context},
                                 .log_odds = {0, 0, 0, log(0.2 / 0.8), log(0.9 / 0.1)},
                                 .probability = 0.8};
  must(probe_shares_add(s, &answers, 1));
}

static void shares_by_hand(void **state) {
  (void)state;
  probe_shares s = {0};
  for (int i = 0; i < 100; i++)
    add(&s, i < 20 ? 1 : 5, i < 90 ? 1 : 2, i < 30 ? 1 : 9, i < 50, 1 + (i >= 40));
  must(probe_shares_set(row, &s, &defaults));
  assert_int_equal(checkrob_row_integer(row, "probed"), 50); /* rank 0: unknown */
  assert_true(checkrob_row_number(row, "recognised_without_hot_spot") == 0.4);
  assert_true(checkrob_row_number(row, "recognised_without_object_spot") == 1.0);
  assert_true(checkrob_row_number(row, "recognised_without_colour") == 0.6);
  assert_true(checkrob_row_number(row, "recognised_object_only") == 1.0);
  assert_true(checkrob_row_number(row, "recognised_context_only") == 0.8);
  assert_true(fabs(checkrob_row_number(row, "dependence") - 0.6) < 1e-12);
  double low = checkrob_row_number(row, "dependence_low"), high = checkrob_row_number(row, "dependence_high");
  assert_true(fabs(checkrob_row_number(row, "context_advantage") - 0.75) < 1e-12);
  assert_true(checkrob_row_number(row, "context_advantage_low") ==
              checkrob_row_number(row, "context_advantage"));
  /* Near the binomial's 0.6 +- 1.96 sqrt(0.4 0.6 / 50) = 0.46 to 0.74. */
  assert_true(low > 0.40 && low < 0.52 && high > 0.68 && high < 0.80);
  probe_shares_clear(&s);
}

static void the_most_missed_is_what_counts(void **state) {
  (void)state;
  probe_shares s = {0};
  row_clear(row);
  for (int i = 0; i < 20; i++) add(&s, 1, 1, i < 5 ? 1 : 2, 1, 1);
  must(probe_shares_set(row, &s, &defaults));
  assert_true(checkrob_row_number(row, "dependence") == 0.75);
  probe_shares_clear(&s);
}

static void nothing_without_probes(void **state) {
  (void)state;
  probe_shares s = {0};
  row_clear(row);
  add(&s, 0, 0, 0, 0, 0);
  must(probe_shares_set(row, &s, &defaults));
  for (size_t i = 0; i < class_probe_columns.count; i++)
    assert_false(checkrob_row_has(row, class_probe_columns.columns[i].name));
  probe_shares_clear(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shares_by_hand),
      cmocka_unit_test(the_most_missed_is_what_counts),
      cmocka_unit_test(nothing_without_probes),
  };
  return cmocka_run_group_tests(tests, make_row, free_row);
}
