/* SPDX-License-Identifier: Apache-2.0 */
/* A class's numbers from its samples, by hand. */
#include "classes/assessment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classes/class_row.h"

enum { CELLS = 4 };

static void add(class_samples *s, double rs, double area, double contrast, int hit, const float region[CELLS],
                const float *counted) {
  s->cells = CELLS;
  must(class_samples_grow(s));
  size_t i = s->count++;
  s->rs[i] = rs;
  s->area[i] = area;
  s->contrast[i] = contrast;
  s->hit[i] = (unsigned char)hit;
  memcpy(s->regions + i * CELLS, region, CELLS * sizeof *region);
  s->counted[i] = counted ? malloc(CELLS * sizeof *counted) : NULL;
  if (counted) memcpy(s->counted[i], counted, CELLS * sizeof *counted);
  for (int m = 0; m < SAMPLE_METRICS; m++) s->metrics[i][m] = NAN;
}

/* Their numbers are then those of number(). */
static void assess(const class_samples *s, const foreign_maps *foreign) {
  row_clear(row);
  must(assess_class(row, s, foreign, &defaults));
}

static double number(const char *name) {
  return checkrob_row_number(row, name);
}

static void assert_near(double value, double expected) {
  if (isnan(expected) ? !isnan(value) : !(fabs(value - expected) <= 1e-7))
    fail_msg("%.17g instead of %.17g", value, expected);
}

static double logit(double x) {
  return log(x / (1.0 - x));
}

static const float first[CELLS] = {1, 0, 0, 0}, half[CELLS] = {1, 1, 0, 0}, corner[CELLS] = {0, 0, 0, 0.5F},
                   three[CELLS] = {1, 1, 0, 1};
static const double blind[CELLS] = {0.4, 0.3, 0.2, 0.1};

static void fill_three(class_samples *s) {
  add(s, 0.8, 0.25, 1.0, 1, first, NULL);
  add(s, 0.6, 0.5, 3.0, 1, half, three);
  add(s, 0.1, 0.125, -9.0, 0, corner, NULL);
}

/* RS0 is 0.4, 0.7 / 0.8 of what counts, and 0.05. */
static void means_by_hand(void **state) {
  (void)state;
  class_samples s = {0};
  fill_three(&s);
  s.metrics[0][0] = 1.0;
  s.metrics[2][0] = 0.0;
  s.metrics[1][4] = 0.75;
  assess(&s, &(foreign_maps){.mean = blind});
  double rs0 = (0.4 + 0.875 + 0.05) / 3.0;
  assert_near(number("area"), 0.875 / 3.0);
  assert_near(number("rs0"), rs0);
  assert_near(number("ers"), (0.5 - rs0) / (1.0 - rs0));
  assert_near(number("lift"), logit(0.5) - logit(rs0));
  assert_int_equal(checkrob_row_integer(row, "recognised"), 2);
  assert_near(number("contrast"), 2.0);
  assert_near(number("robustness"), logit(0.7) - logit(0.375) + 1.0);
  assert_true(number("crs_low") >= 0.1 && number("crs_low") < 0.5 && number("crs_high") > 0.5 &&
              number("crs_high") <= 0.8);
  assert_true(number("ers_low") < number("ers") && number("ers") < number("ers_high"));
  /* two images: the mean lies between what each says */
  double one = logit(0.8) - logit(0.25) + 0.5, other = logit(0.6) - logit(0.5) + 1.5;
  assert_true(number("robustness_low") >= fmin(one, other) - 1e-9 &&
              number("robustness_high") <= fmax(one, other) + 1e-9);
  assert_near(number("pointing_game"), 0.5);
  assert_near(number("auc"), 0.75);
  assert_near(number("iou"), NAN);
  assert_near(number("p"), NAN); /* no maps to exchange with */
  class_samples_clear(&s);
}

static void without_gradients_the_shares_decide_alone(void **state) {
  (void)state;
  class_samples s = {0};
  fill_three(&s);
  for (size_t i = 0; i < 3; i++) s.contrast[i] = NAN;
  assess(&s, &(foreign_maps){.mean = blind});
  assert_near(number("contrast"), NAN);
  assert_near(number("robustness"), logit(0.7) - logit(0.375));
  assert_true(number("robustness_low") <= number("robustness") &&
              number("robustness") <= number("robustness_high"));
  class_samples_clear(&s);
}

/* Gradients may overflow on one image. */
static void a_contrast_that_is_no_number_takes_its_sample_alone(void **state) {
  (void)state;
  static const double broken[] = {NAN, INFINITY, -INFINITY};
  for (int i = 0; i < 3; i++) {
    class_samples s = {0};
    fill_three(&s);
    add(&s, 0.9, 0.25, broken[i], 1, first, NULL);
    assess(&s, &(foreign_maps){.mean = blind});
    assert_int_equal(checkrob_row_integer(row, "recognised"), 2);
    assert_near(number("contrast"), 2.0);
    assert_near(number("robustness"), logit(0.7) - logit(0.375) + 1.0);
    class_samples_clear(&s);
  }
}

static void without_other_classes_nothing_is_compared(void **state) {
  (void)state;
  class_samples s = {0};
  fill_three(&s);
  assess(&s, &(foreign_maps){.mean = NULL});
  assert_true(isnan(number("rs0")) && isnan(number("ers")) && isnan(number("ers_low")) &&
              isnan(number("lift")) && isnan(number("p")));
  assert_near(number("robustness"), logit(0.7) - logit(0.375) + 1.0);
  assert_true(isfinite(number("crs_low")) && isfinite(number("robustness_low")));
  class_samples_clear(&s);
}

/* Shares of 0 and 1 have no logit: robustness takes the nearest that a map can say, the others aren't known.
 */
static void shares_of_nothing_and_all(void **state) {
  (void)state;
  class_samples s = {0};
  const float all[CELLS] = {1, 1, 1, 1};
  for (int i = 0; i < 3; i++) add(&s, 0.0, 1.0, NAN, 1, all, NULL);
  assess(&s, &(foreign_maps){.mean = blind});
  assert_near(number("rs0"), 1.0);
  assert_true(isnan(number("lift")) && !isinf(number("ers")) && !isinf(number("ers_low")) &&
              !isinf(number("ers_high")));
  assert_near(number("robustness"), logit(0.001) - logit(0.999));
  assert_near(number("robustness_low"), number("robustness"));
  class_samples_clear(&s);
}

static void nothing_and_one_image_are_not_enough_for_intervals(void **state) {
  (void)state;
  class_samples s = {.cells = CELLS};
  assess(&s, &(foreign_maps){.mean = blind});
  assert_true(isnan(number("area")) && isnan(number("rs0")) && isnan(number("robustness")) &&
              isnan(number("crs_low")) && isnan(number("p")));
  assert_int_equal(checkrob_row_integer(row, "recognised"), 0);
  add(&s, 0.8, 0.25, 1.0, 1, first, NULL);
  assess(&s, &(foreign_maps){.mean = blind});
  assert_near(number("robustness"), logit(0.8) - logit(0.25) + 0.5);
  assert_true(isnan(number("robustness_low")) && isnan(number("crs_low")));
  s.hit[0] = 0;
  assess(&s, &(foreign_maps){.mean = blind});
  assert_true(isnan(number("robustness")) && isnan(number("contrast")) && isnan(number("p")) &&
              number("recognised") == 0);
  class_samples_clear(&s);
}

/* Maps that lie on the regions more than any other's do by no chance; less than any other's, always. */
static void p_says_whether_other_maps_score_as_high(void **state) {
  (void)state;
  const float elsewhere[CELLS] = {0.2F, 0.2F, 0.3F, 0.3F}, there[CELLS] = {0.9F, 0.1F, 0.0F, 0.0F};
  const float *maps[] = {elsewhere, there};
  class_samples s = {0};
  for (int i = 0; i < 12; i++) add(&s, 0.95, 0.25, NAN, 1, first, NULL);
  add(&s, 0.0, 0.25, NAN, 0, first, NULL); /* is not recognised, and does not count */
  assess(&s, &(foreign_maps){maps, 2, blind});
  assert_near(number("p"), 1.0 / 10000.0);
  for (int i = 0; i < 12; i++) s.rs[i] = 0.1;
  assess(&s, &(foreign_maps){maps, 2, blind});
  assert_near(number("p"), 1.0);
  for (int i = 0; i < 12; i++)
    s.rs[i] = 0.9; /* one in 2^12 has the second map for each, as good as its own */
  assess(&s, &(foreign_maps){maps, 2, blind});
  assert_true(number("p") > 1e-4 - 1e-9 && number("p") < 1e-3);
  for (int i = 0; i < 12; i++) s.rs[i] = ((double)0.2F + (double)0.9F) / 2.0;
  assess(&s, &(foreign_maps){maps, 2, blind});
  assert_true(number("p") > 0.4 && number("p") < 0.8);
  class_samples_clear(&s);
}

/* Of more samples than are exchanged, evenly spread ones stand for all. */
static void many_samples(void **state) {
  (void)state;
  const float *maps[] = {half};
  class_samples s = {0};
  for (int i = 0; i < 5000; i++) add(&s, i % 2 ? 0.2 : 0.6, 0.25, 0.0, 1, first, i % 3 ? NULL : three);
  assess(&s, &(foreign_maps){maps, 1, blind});
  assert_near(number("robustness"), logit(0.4) - logit(0.25));
  assert_true(number("p") > 0.0 && number("p") <= 1.0 && number("crs_low") < 0.4 &&
              number("crs_high") > 0.4 && number("crs_high") - number("crs_low") < 0.02);
  class_samples_clear(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(means_by_hand),
                                     cmocka_unit_test(without_gradients_the_shares_decide_alone),
                                     cmocka_unit_test(a_contrast_that_is_no_number_takes_its_sample_alone),
                                     cmocka_unit_test(without_other_classes_nothing_is_compared),
                                     cmocka_unit_test(shares_of_nothing_and_all),
                                     cmocka_unit_test(nothing_and_one_image_are_not_enough_for_intervals),
                                     cmocka_unit_test(p_says_whether_other_maps_score_as_high),
                                     cmocka_unit_test(many_samples)};
  return cmocka_run_group_tests_name("assessment", tests, make_row, free_row);
}
