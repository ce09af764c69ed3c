/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/distinction.h"

#include <math.h>

#include "support/test.h"

static value_sums sums_of(const double *values, size_t count) {
  value_sums sums = {0};
  for (size_t i = 0; i < count; i++) value_sums_add(&sums, values[i]);
  return sums;
}

static void it_is_in_deviations_of_the_others(void **state) {
  (void)state;
  const double own[] = {7, 7, 8, 9, 9}, others[] = {1, 1, 2, 3, 3, 2};
  value_sums a = sums_of(own, 5), b = sums_of(others, 6);
  assert_true(fabs(value_sums_mean(&b) - 2.0) < 1e-12);
  assert_true(fabs(distinction_of(&a, &b) - 6.0 / sqrt(0.8)) < 1e-12);
  assert_true(fabs(distinction_of(&b, &a) + 6.0) < 1e-12);
}

static void others_that_do_not_vary(void **state) {
  (void)state;
  const double own[] = {7, 7, 8, 9, 9}, none[] = {0, 0, 0, 0, 0};
  value_sums a = sums_of(own, 5), b = sums_of(none, 5);
  assert_true(distinction_of(&a, &b) == 20.0);
  assert_true(distinction_of(&b, &b) == 0.0);
}

static void few_values_say_nothing(void **state) {
  (void)state;
  const double values[] = {7, 7, NAN, INFINITY, 9, 8};
  value_sums a = sums_of(values, 6), b = sums_of((const double[]){1, 2, 3, 4, 5}, 5);
  assert_int_equal(a.count, 4);
  assert_true(isnan(distinction_of(&a, &b)) && isnan(distinction_of(&b, &a)));
  assert_true(isnan(value_sums_mean(&(value_sums){0})));
}

enum { CLASSES = 20 };

static void usual_is_the_lower_quartile(void **state) {
  (void)state;
  const double distinction[] = {1, 2, 4, 8, 16, NAN}, area[] = {0.1, 0.1, 0.2, 0.2, 0.1, 0.3};
  double usual[6];
  must(distinction_usual(usual, distinction, area, 6));
  for (int i = 0; i < 6; i++) assert_true(fabs(usual[i] - 2.0) < 1e-12); /* few classes are not levelled */
  must(distinction_usual(usual, distinction + 5, area, 1));
  assert_true(isnan(usual[0]));
  must(distinction_usual(usual, (const double[]){-3}, area, 1));
  assert_true(fabs(usual[0] - 0.2) < 1e-12);
}

/* Of many classes it depends on the size: here it is 1 over the root of the area. */
static void of_many_classes_it_depends_on_the_size(void **state) {
  (void)state;
  double distinction[CLASSES], area[CLASSES], usual[CLASSES];
  for (int i = 0; i < CLASSES; i++) {
    area[i] = 0.02 * exp(0.15 * i);
    distinction[i] = 1.0 / sqrt(area[i]);
  }
  distinction[7] *= 4.0;
  must(distinction_usual(usual, distinction, area, CLASSES));
  for (int i = 0; i < CLASSES; i++) assert_true(fabs(usual[i] * sqrt(area[i]) - 1.0) < 1e-9);
  area[3] = 0.0;
  must(distinction_usual(usual, distinction, area, CLASSES));
  assert_true(isnan(usual[3]) && !isnan(usual[2]));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_is_in_deviations_of_the_others), cmocka_unit_test(others_that_do_not_vary),
      cmocka_unit_test(few_values_say_nothing), cmocka_unit_test(usual_is_the_lower_quartile),
      cmocka_unit_test(of_many_classes_it_depends_on_the_size)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
