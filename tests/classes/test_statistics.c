/* SPDX-License-Identifier: Apache-2.0 */
/* Bootstrap, exchange and Benjamini-Hochberg against SciPy on the same draws, and by their own laws. */
#include "classes/statistics.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/random.h"
#include "classes/statistics_fixtures.h"
#include "support/test.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static double mean(const double *means) {
  return means[0];
}

static double excess(const double *means) {
  return (means[0] - means[1]) / (1.0 - means[1]);
}

static double lift(const double *means) {
  return log(means[0] / (1.0 - means[0])) - log(means[1] / (1.0 - means[1]));
}

static const mean_statistic all[] = {mean, excess, lift};

static void assert_near(double value, double expected, double tolerance) {
  if (isnan(expected) ? !isnan(value) : !(fabs(value - expected) <= tolerance))
    fail_msg("%.17g instead of %.17g", value, expected);
}

static interval bootstrap(double *sd, mean_statistic statistic, const double *x, const double *y, size_t n,
                          size_t resamples, uint64_t seed) {
  interval out = {-5.0, -5.0};
  must(statistics_bootstrap(&out, sd, &statistic, 1, (const double *[]){x, y}, 2, n, resamples, 0.95, seed));
  return out;
}

static double uniform(uint64_t *counter) {
  return ((double)(random_at(99, (*counter)++) >> 11) + 0.5) * 0x1p-53;
}

/* ---- the normal distribution ---- */

static void normal_quantiles_agree_with_scipy(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(normal_quantiles); i++) {
    double z = normal_quantiles[i].z;
    assert_near(statistics_normal_quantile(normal_quantiles[i].p), z, 1e-14 * fmax(fabs(z), 1.0));
  }
}

/* Table values. */
static void t_quantiles_are_near_the_table(void **state) {
  (void)state;
  static const struct {
    double p, freedom, t;
  } table[] = {{0.975, 4, 2.776445},    {0.975, 10, 2.228139}, {0.975, 30, 2.042272},  {0.995, 4, 4.604095},
               {0.995, 20, 2.845340},   {0.95, 4, 2.131847},   {0.025, 10, -2.228139}, {0.975, 1, 12.706205},
               {0.975, 1.9, 12.706205}, {0.995, 2, 9.924843},  {0.975, 3, 3.182446}};
  for (size_t i = 0; i < COUNT(table); i++)
    assert_near(statistics_t_quantile(table[i].p, table[i].freedom), table[i].t, 0.003 * fabs(table[i].t));
  assert_true(statistics_t_quantile(0.5, 3.0) == 0.0);
  assert_true(isnan(statistics_t_quantile(0.9, 0.5)));
  assert_near(statistics_t_quantile(0.975, INFINITY), 1.959964, 1e-6);
}

/* By hand: the slopes of all pairs, those of nearly equal x left out. */
static void slopes_are_medians_of_pairs(void **state) {
  (void)state;
  double slope = 1.0;
  const double x[] = {0.0, 1.0, 2.0, 2.01}, y[] = {0.0, 1.0, 4.0, -100.0};
  must(statistics_slope(&slope, x, y, 3));
  assert_true(slope == 2.0);               /* of 1, 2 and 3 */
  must(statistics_slope(&slope, x, y, 4)); /* of -101, -100 / 2.01, 1, 2 and 3 */
  assert_true(slope == 1.0);
  must(statistics_slope(&slope, x, y, 1));
  assert_true(slope == 0.0);
  static double many_x[5000], many_y[5000];
  for (size_t i = 0; i < COUNT(many_x); i++) {
    many_x[i] = (double)(i * 2654435761U % 5000) * 0.01;
    many_y[i] = 0.25 * many_x[i] + (i % 4 == 0 ? 100.0 : 0.0);
  }
  must(statistics_slope(&slope, many_x, many_y, COUNT(many_x)));
  assert_near(slope, 0.25, 1e-9);
  double values[] = {3.0, -1.0, 2.0, 7.0};
  assert_true(statistics_median(values, 4) == 2.5 && statistics_median(values, 3) == 2.0);
  assert_true(isnan(statistics_median(values, 0)));
}

/* statsmodels' proportion_confint(method="wilson"). */
static void shares_have_wilsons_interval(void **state) {
  (void)state;
  interval none = statistics_share(0, 10, 0.95), half = statistics_share(5, 10, 0.95),
           every = statistics_share(10, 10, 0.95);
  assert_true(none.low >= 0.0 && none.low < 1e-12 && every.high <= 1.0 && every.high > 1.0 - 1e-12);
  assert_near(none.high, 0.277533, 1e-6);
  assert_near(every.low, 0.722467, 1e-6);
  assert_near(half.low, 0.236593, 1e-6);
  assert_near(half.high, 0.763407, 1e-6);
  assert_true(isnan(statistics_share(0, 0, 0.95).low));
}

static void normal_quantiles_end_at_infinity(void **state) {
  (void)state;
  assert_true(statistics_normal_quantile(0.0) == -INFINITY);
  assert_true(statistics_normal_quantile(1.0) == INFINITY);
  assert_true(isnan(statistics_normal_quantile(-0.1)));
  assert_true(isnan(statistics_normal_quantile(1.1)));
  assert_true(isnan(statistics_normal_quantile(NAN)));
}

/* ---- bootstrap ---- */

static void intervals_agree_with_scipy(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(bootstrap_cases); i++) {
    const bootstrap_case *one = &bootstrap_cases[i];
    interval out[3];
    double sd[3];
    must(statistics_bootstrap(out, sd, all, 3, (const double *[]){one->x, one->y}, 2, one->n, one->resamples,
                              one->level, one->seed));
    for (size_t s = 0; s < 3; s++) {
      assert_near(out[s].low, one->expected[s].low, 1e-12);
      assert_near(out[s].high, one->expected[s].high, 1e-12);
      assert_near(sd[s], one->expected[s].sd, 1e-12);
    }
  }
}

static void equal_calls_give_equal_numbers(void **state) {
  (void)state;
  const bootstrap_case *one = &bootstrap_cases[5];
  interval first[3], again[3];
  must(
      statistics_bootstrap(first, NULL, all, 3, (const double *[]){one->x, one->y}, 2, one->n, 500, 0.95, 1));
  must(
      statistics_bootstrap(again, NULL, all, 3, (const double *[]){one->x, one->y}, 2, one->n, 500, 0.95, 1));
  assert_memory_equal(first, again, sizeof first);
  for (size_t s = 0; s < 3; s++) { /* whatever statistics stand beside it */
    interval alone = bootstrap(NULL, all[s], one->x, one->y, one->n, 500, 1);
    assert_memory_equal(&alone, &first[s], sizeof alone);
  }
  interval other = bootstrap(NULL, mean, one->x, one->y, one->n, 500, 2);
  assert_true(other.low < first[0].low || other.low > first[0].low);
}

static void too_few_pairs_have_no_interval(void **state) {
  (void)state;
  const double one[] = {0.5};
  for (size_t n = 0; n < 2; n++) {
    double sd = 0.0;
    interval out = bootstrap(&sd, mean, one, one, n, 100, 1);
    assert_true(isnan(out.low) && isnan(out.high) && isnan(sd));
  }
  double sd = 0.0;
  interval out = bootstrap(&sd, mean, (double[]){0.25, 0.75}, (double[]){0, 0}, 2, 0, 1);
  assert_true(isnan(out.low) && isnan(out.high) && isnan(sd));
  out = bootstrap(&sd, mean, (double[]){0.25, 0.75}, (double[]){0, 0}, 2, 100, 1);
  assert_true(out.low == 0.25 && out.high == 0.75 && sd > 0.1);
}

static void equal_pairs_leave_no_doubt(void **state) {
  (void)state;
  for (size_t round = 1; round < 60; round++) {
    double x[7], y[7], sum_x = 0.0, sum_y = 0.0; /* whose sums are rounded */
    for (size_t i = 0; i < 7; i++) sum_x += x[i] = 0.01 * (double)round, sum_y += y[i] = 0.3;
    interval out[3];
    double sd[3];
    must(statistics_bootstrap(out, sd, all, 3, (const double *[]){x, y}, 2, 7, 200, 0.95, round));
    for (size_t s = 0; s < 3; s++) {
      double value = all[s]((const double[]){sum_x / 7.0, sum_y / 7.0});
      assert_true(out[s].low == value && out[s].high == value && sd[s] == 0.0);
    }
  }
}

static void nan_stays_with_the_statistics_that_read_it(void **state) {
  (void)state;
  const double x[] = {0.1, 0.2, 0.6}, y[] = {0.1, NAN, 0.2};
  interval out[3];
  double sd[3];
  must(statistics_bootstrap(out, sd, all, 3, (const double *[]){x, y}, 2, 3, 200, 0.95, 1));
  interval alone = bootstrap(NULL, mean, x, x, 3, 200, 1);
  assert_memory_equal(&out[0], &alone, sizeof alone);
  for (size_t s = 1; s < 3; s++) assert_true(isnan(out[s].low) && isnan(out[s].high) && isnan(sd[s]));
}

/* Resamples without any success have a lift of -infinity. */
static void infinite_resamples_end_the_interval_there(void **state) {
  (void)state;
  const double x[] = {0, 0, 0, 0.5}, y[] = {0.25, 0.25, 0.25, 0.25}, nothing[4] = {0};
  double sd = 0.0;
  interval out = bootstrap(&sd, lift, x, y, 4, 500, 1);
  assert_true(out.low == -INFINITY && isfinite(out.high) && isnan(sd));
  out = bootstrap(&sd, lift, nothing, y, 4, 500, 1);
  assert_true(out.low == -INFINITY && out.high == -INFINITY);
}

static double root(const double *means) {
  return sqrt(means[0] - 0.3);
}

/* Where some resamples have no number, nothing is known of the others' rank. */
static void one_nan_among_the_resamples_is_enough(void **state) {
  (void)state;
  const bootstrap_case *one = &bootstrap_cases[4];
  double sd = 0.0;
  interval out = bootstrap(&sd, root, one->x, one->y, one->n, 500, 1);
  assert_true(isnan(out.low) && isnan(out.high) && isnan(sd));
}

static double distance(const double *means) {
  return fabs(means[0] - 0.5);
}

static double nearness(const double *means) {
  return -distance(means);
}

/* No resample is nearer than all pairs, or as near, so that SciPy's correction is infinite, and its interval
 * NaN. */
static void resamples_on_one_side_have_an_interval(void **state) {
  (void)state;
  double x[20], sum = 0.0;
  uint64_t counter = 0;
  for (size_t i = 0; i < 20; i++) sum += x[i] = uniform(&counter);
  for (size_t i = 0; i < 20; i++) x[i] += 0.5 - sum / 20.0;
  interval out = bootstrap(NULL, nearness, x, x, 20, 500, 1);
  assert_true(-0.5 < out.low && out.low < out.high && out.high <= 0.0);
  out = bootstrap(NULL, distance, x, x, 20, 500, 1);
  assert_true(0.0 <= out.low && out.low < out.high && out.high < 0.5);
}

/* A mean moves with its values, though rounding then parts what was equal. */
static void rounding_does_not_move_intervals(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(bootstrap_cases); i++) {
    const bootstrap_case *one = &bootstrap_cases[i];
    double moved[256];
    for (size_t k = 0; k < one->n; k++) moved[k] = 0.1 + 0.7 * one->x[k];
    double sd = 0.0, moved_sd = 0.0;
    interval out = bootstrap(&sd, mean, one->x, one->y, one->n, 1000, 3);
    interval there = bootstrap(&moved_sd, mean, moved, one->y, one->n, 1000, 3);
    assert_near(there.low, 0.1 + 0.7 * out.low, 1e-12);
    assert_near(there.high, 0.1 + 0.7 * out.high, 1e-12);
    assert_near(moved_sd, 0.7 * sd, 1e-12);
  }
}

/* Up to levels at which BCa's correction goes through infinity. */
static void levels_are_nested(void **state) {
  (void)state;
  for (size_t c = 0; c < COUNT(bootstrap_cases); c++) {
    const bootstrap_case *one = &bootstrap_cases[c];
    interval inner = {INFINITY, -INFINITY};
    for (size_t i = 1; i < 40; i++) {
      interval out;
      double level = i < 30 ? (double)i / 30.0 : 1.0 - pow(0.1, (double)i - 25.0);
      must(statistics_bootstrap(&out, NULL, all, 1, (const double *[]){one->x, one->y}, 2, one->n, 200, level,
                                1));
      assert_true(out.low <= inner.low && out.high >= inner.high && out.low <= out.high);
      inner = out;
    }
  }
}

static void bad_arguments_are_refused(void **state) {
  (void)state;
  const double x[] = {0.25, 0.75}, levels[] = {0.0, 1.0, -1.0, NAN};
  interval out = {-5.0, -5.0};
  const mean_statistic statistic = mean;
  for (size_t i = 0; i < COUNT(levels); i++)
    assert_int_equal(
        statistics_bootstrap(&out, NULL, &statistic, 1, (const double *[]){x, x}, 2, 2, 100, levels[i], 1),
        CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(statistics_bootstrap(&out, NULL, &statistic, 1, (const double *[]){x, x}, 2,
                                        (size_t)1 << 33, 100, 0.95, 1),
                   CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(
      statistics_bootstrap(&out, NULL, &statistic, 1, (const double *[]){x, x}, 2, 2, SIZE_MAX / 2, 0.95, 1),
      CHECKROB_ERROR_OUT_OF_MEMORY);
  must(statistics_bootstrap(NULL, NULL, NULL, 0, (const double *[]){x, x}, 2, 2, 100, 0.95, 1));
}

/* Of 95 % intervals of a skewed distribution's mean, about 95 % hold it. */
static void intervals_hold_the_truth_as_often_as_they_say(void **state) {
  (void)state;
  size_t held = 0, rounds = 600;
  uint64_t counter = 0;
  for (size_t round = 0; round < rounds; round++) {
    double x[40];
    for (size_t i = 0; i < 40; i++) x[i] = pow(uniform(&counter), 2.0); /* mean 1/3 */
    interval out = bootstrap(NULL, mean, x, x, 40, 400, round);
    held += out.low <= 1.0 / 3.0 && out.high >= 1.0 / 3.0;
  }
  assert_in_range(held, rounds * 92 / 100, rounds * 97 / 100);
}

/* ---- exchange ---- */

static void p_values_agree_with_scipy(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(exchange_cases); i++) {
    const exchange_case *one = &exchange_cases[i];
    double p =
        statistics_exchange(one->observed, one->scores, one->n, one->pool, one->permutations, one->seed);
    assert_near(p, one->p, 1e-15);
  }
}

static void p_values_agree_with_all_draws(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(exact_cases); i++) {
    const exact_case *one = &exact_cases[i];
    size_t permutations = 40000;
    double p = statistics_exchange(one->observed, one->scores, one->n, one->pool, permutations, 1);
    assert_near(p, one->p, 4.0 * sqrt(one->p * (1.0 - one->p) / (double)permutations));
  }
}

/* Sums in another order, or of other numbers that are the same in decimals, are no evidence. */
static void equal_scores_are_no_evidence(void **state) {
  (void)state;
  double scores[7 * 3];
  for (size_t i = 0; i < COUNT(scores); i++) scores[i] = 0.1;
  double sum = 0.0;
  for (size_t i = 0; i < 7; i++) sum += 0.1;
  assert_near(statistics_exchange(sum / 7.0, scores, 7, 3, 500, 1), 1.0, 0.0);
  assert_near(statistics_exchange(0.1, scores, 7, 3, 500, 1), 1.0, 0.0);
  assert_near(statistics_exchange(nextafter(0.1, 1.0), scores, 7, 3, 500, 1), 1.0, 0.0);
  assert_near(statistics_exchange(0.1 + 1e-6, scores, 7, 3, 499, 1), 1.0 / 500.0, 1e-15);
  const double zeros[6] = {0};
  assert_near(statistics_exchange(0.0, zeros, 2, 3, 500, 1), 1.0, 0.0);
}

static void p_is_never_zero(void **state) {
  (void)state;
  const double scores[] = {0.1, 0.2, 0.3, 0.4};
  assert_near(statistics_exchange(0.9, scores, 2, 2, 99, 1), 0.01, 1e-15);
  assert_near(statistics_exchange(0.9, scores, 2, 2, 0, 1), 1.0, 0.0);
  assert_near(statistics_exchange(-1.0, scores, 2, 2, 99, 1), 1.0, 0.0);
}

static void without_numbers_there_is_no_p(void **state) {
  (void)state;
  double scores[] = {0.1, 0.2, 0.3, 0.4};
  assert_true(isnan(statistics_exchange(0.5, scores, 0, 2, 99, 1)));
  assert_true(isnan(statistics_exchange(0.5, scores, 2, 0, 99, 1)));
  assert_true(isnan(statistics_exchange(0.5, scores, (size_t)1 << 33, 2, 99, 1)));
  assert_true(isnan(statistics_exchange(0.5, scores, 2, (size_t)1 << 33, 99, 1)));
  assert_true(isnan(statistics_exchange(NAN, scores, 2, 2, 99, 1)));
  scores[3] = NAN;
  assert_true(isnan(statistics_exchange(0.5, scores, 2, 2, 99, 1)));
  scores[3] = INFINITY;
  assert_true(isnan(statistics_exchange(0.5, scores, 2, 2, 99, 1)));
}

/* Where an object's own map is drawn like the foreign ones, p is at most a in a of all cases. */
static void chance_is_seldom_called_evidence(void **state) {
  (void)state;
  size_t below[2] = {0}, rounds = 1000;
  uint64_t counter = 0;
  for (size_t round = 0; round < rounds; round++) {
    double scores[8 * 20], observed = 0.0;
    for (size_t i = 0; i < COUNT(scores); i++) scores[i] = uniform(&counter);
    for (size_t i = 0; i < 8; i++) observed += uniform(&counter) / 8.0;
    double p = statistics_exchange(observed, scores, 8, 20, 199, round);
    below[0] += p <= 0.05;
    below[1] += p <= 0.5;
  }
  assert_in_range(below[0], 25, 75);
  assert_in_range(below[1], 440, 560);
}

/* ---- many classes ---- */

static void adjusted_values_agree_with_scipy(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(adjust_cases); i++) {
    const adjust_case *one = &adjust_cases[i];
    double q[64];
    must(statistics_adjust(q, one->p, one->count));
    for (size_t k = 0; k < one->count; k++) {
      assert_near(q[k], one->q[k], 1e-15);
      assert_int_equal(q[k] <= 0.05, one->q[k] <= 0.05);
    }
  }
}

/* q = the least share of false ones, t m / #{p <= t}, at any threshold t >= p. */
static void adjusted_values_are_what_they_mean(void **state) {
  (void)state;
  double p[50], q[50];
  uint64_t counter = 0;
  for (size_t round = 0; round < 50; round++) {
    size_t tests = 0;
    for (size_t i = 0; i < 50; i++) {
      p[i] = round % 2 ? uniform(&counter) : ceil(10.0 * uniform(&counter)) / 10.0;
      if (round % 3 == 0 && i % 4 == 0) p[i] = NAN;
      tests += isnan(p[i]) ? 0 : 1;
    }
    must(statistics_adjust(q, p, 50));
    for (size_t i = 0; i < 50; i++) {
      double least = isnan(p[i]) ? NAN : 1.0;
      for (size_t t = 0; t < 50; t++) {
        size_t found = 0;
        for (size_t k = 0; k < 50; k++) found += p[k] <= p[t];
        if (p[t] >= p[i]) least = fmin(least, p[t] * (double)tests / (double)found);
      }
      assert_near(q[i], least, 1e-15);
    }
    must(statistics_adjust(p, p, 50)); /* in place */
    assert_memory_equal(p, q, sizeof p);
  }
}

static void nothing_can_be_adjusted(void **state) {
  (void)state;
  must(statistics_adjust(NULL, NULL, 0));
  double p[] = {NAN, NAN};
  must(statistics_adjust(p, p, 2));
  assert_true(isnan(p[0]) && isnan(p[1]));
  assert_int_equal(statistics_adjust(p, p, SIZE_MAX), CHECKROB_ERROR_OUT_OF_MEMORY);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(normal_quantiles_agree_with_scipy),
      cmocka_unit_test(slopes_are_medians_of_pairs),
      cmocka_unit_test(shares_have_wilsons_interval),
      cmocka_unit_test(t_quantiles_are_near_the_table),
      cmocka_unit_test(normal_quantiles_end_at_infinity),
      cmocka_unit_test(intervals_agree_with_scipy),
      cmocka_unit_test(equal_calls_give_equal_numbers),
      cmocka_unit_test(too_few_pairs_have_no_interval),
      cmocka_unit_test(equal_pairs_leave_no_doubt),
      cmocka_unit_test(nan_stays_with_the_statistics_that_read_it),
      cmocka_unit_test(infinite_resamples_end_the_interval_there),
      cmocka_unit_test(one_nan_among_the_resamples_is_enough),
      cmocka_unit_test(resamples_on_one_side_have_an_interval),
      cmocka_unit_test(rounding_does_not_move_intervals),
      cmocka_unit_test(levels_are_nested),
      cmocka_unit_test(bad_arguments_are_refused),
      cmocka_unit_test(intervals_hold_the_truth_as_often_as_they_say),
      cmocka_unit_test(p_values_agree_with_scipy),
      cmocka_unit_test(p_values_agree_with_all_draws),
      cmocka_unit_test(equal_scores_are_no_evidence),
      cmocka_unit_test(p_is_never_zero),
      cmocka_unit_test(without_numbers_there_is_no_p),
      cmocka_unit_test(chance_is_seldom_called_evidence),
      cmocka_unit_test(adjusted_values_agree_with_scipy),
      cmocka_unit_test(adjusted_values_are_what_they_mean),
      cmocka_unit_test(nothing_can_be_adjusted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
