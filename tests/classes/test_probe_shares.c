/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/probe_shares.h"

#include <math.h>

#include "classes/class_row.h"
#include "classes/levelling.h"
#include "classes/statistics.h"

#define UNIT 3.0

/* Recognised with each probe or not, in the order of probe_kind. Every probe halves the relative logit, but
 * the spots and the colour take a quarter, a half and nothing away. */
static void add(probe_shares *s, const char *recognised, double evidence) {
  probe_answers a = {.relative_logit = UNIT * log(evidence)};
  for (int k = 0; k < PROBES; k++) {
    double left = k == PROBE_WITHOUT_HOT_SPOT ? 0.75 : k == PROBE_WITHOUT_COLOUR ? 1.25 : 0.5;
    a.ranks[k] = recognised[k] == '1' ? 1.0 : recognised[k] == '0' ? 2.0 : NAN;
    a.logits[k] = recognised[k] == '-' ? NAN : UNIT * log(left * evidence);
  }
  must(probe_shares_add(s, &a));
}

static double value(const char *name) {
  return checkrob_row_number(row, name);
}

static void assert_near(double number, double expected) {
  if (!(fabs(number - expected) <= 1e-12)) fail_msg("%.17g instead of %.17g", number, expected);
}

static running of(size_t count, double mean, double variance) {
  double n = (double)count;
  return (running){count, n * mean, variance * n * (n - 1.0) + n * mean * mean};
}

static void shares_by_hand(void **state) {
  (void)state;
  probe_shares s = {0};
  row_clear(row);
  for (int i = 0; i < 50; i++) {
    char recognised[] = "0000001110";
    for (int k = 0; k < 5; k++)
      if (i < (const int[]){20, 45, 30, 10, 25}[k]) recognised[k] = '1';
    if (i < 5) recognised[7] = '0';
    if (i >= 2 && i < 10) recognised[8] = '0';
    add(&s, recognised, 4.0);
  }
  add(&s, "1111111111", NAN); /* not probed */
  add(&s, "----1-----", 4.0); /* one probe has an answer */
  must(probe_shares_set(row, &s, NULL, UNIT, &defaults));
  assert_int_equal(checkrob_row_integer(row, "probed"), 50);
  assert_near(value("recognised_without_hot_spot"), 0.4);
  assert_near(value("recognised_without_object_spot"), 0.9);
  assert_near(value("recognised_without_colour"), 0.6);
  assert_near(value("recognised_transplanted"), 0.2);
  assert_near(value("recognised_blurred"), 26.0 / 51.0);
  assert_near(value("recognised_slightly_blurred"), 0.0);
  assert_near(value("recognised_object_only"), 1.0);
  assert_near(value("recognised_context_only"), 0.9);
  assert_near(value("recognised_context_filled"), 0.84);
  assert_near(value("recognised_patched"), 0.0);
  assert_near(value("fills_disagree"), 0.14);                              /* images 0, 1, and 5 to 9 */
  assert_true(fabs(value("recognised_context_only_low") - 0.7864) < 1e-4); /* Wilson's for 45 of 50 */
  assert_true(fabs(value("recognised_context_only_high") - 0.9565) < 1e-4);
  assert_near(value("recognised_object_only_high"), 1.0);
  assert_near(value("dependence"), 0.5);
  /* Near the binomials' 0.5 +- 1.96 sqrt(0.24 / 50 + 0.09 / 50): the shares are of the same samples. */
  assert_true(value("dependence_low") > 0.25 && value("dependence_low") < 0.45);
  assert_true(value("dependence_high") > 0.55 && value("dependence_high") < 0.75);
  assert_false(checkrob_row_has(row, "suspicion")); /* nothing is known of its object elsewhere */
  probe_shares_clear(&s);
}

static void suspicion_by_hand(void **state) {
  (void)state;
  probe_shares s = {0};
  row_clear(row);
  for (int i = 0; i < 10; i++) add(&s, "111111----", i % 2 ? 3.0 : 5.0);
  const foreign_answers foreign = {.object = of(20, 1.4, 0.01),
                                   .blur = {of(20, -0.5, 0.1), of(20, 0.25, 0.03)},
                                   .both = {of(20, -1.5, 7.0), of(20, 0.0, 0.05)}};
  must(probe_shares_set(row, &s, &foreign, UNIT, &defaults));
  assert_near(value("context_evidence"), 2.0 - 1.0);
  assert_near(value("object_evidence"), 1.4 - 1.0);
  assert_near(value("drawn_by_blur"), 0.25);
  assert_near(value("hot_spot_loss"), 0.25 - 0.5);
  assert_near(value("colour_loss"), 0.0);
  double suspicion = 1.0 - 0.4 / 2.0 + 0.25 + 1.5 * -0.25;
  assert_near(value("suspicion"), suspicion);
  /* Of the own parts only the context varies, by 1.5 or 2.5. */
  double parts[] = {(10.0 * 0.25 / 9.0) / 10.0, 0.05}, counts[] = {10, 20};
  double variance = parts[0] + parts[1];
  double divisor = parts[0] * parts[0] / (counts[0] - 1.0) + parts[1] * parts[1] / (counts[1] - 1.0);
  double width = statistics_t_quantile(0.975, variance * variance / divisor) * sqrt(variance);
  assert_near(value("suspicion_low"), suspicion - width);
  assert_near(value("suspicion_high"), suspicion + width);
  probe_shares_clear(&s);
}

/* The lift counts by half, within limits, and is as uncertain as crs. */
static void saliency_counts_by_half(void **state) {
  (void)state;
  static const struct {
    double lift, part;
  } cases[] = {{1.0, -0.5}, {-1.0, 0.5}, {5.0, -1.0}, {-INFINITY, 0.0}, {NAN, 0.0}};
  probe_shares s = {0};
  for (int i = 0; i < 10; i++) add(&s, "111111----", 4.0);
  const foreign_answers foreign = {.object = of(10, 1.0, 0.0), .both = {of(10, -0.5, 0.0)}};
  double without = 2.0 - 1.0 + 1.5 * -0.25;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    row_clear(row);
    row_put_number(row, "lift", cases[i].lift);
    row_put_number(row, "crs_low", 0.5);
    row_put_number(row, "crs_high", 0.75); /* log(3) from 0.5 */
    must(probe_shares_set(row, &s, &foreign, UNIT, &defaults));
    double width = fabs(cases[i].lift) < 2.0 ? 0.5 * log(3.0) : 0.0;
    assert_near(value("suspicion"), without + cases[i].part);
    assert_true(fabs(value("suspicion_high") - value("suspicion_low") - width) < 1e-6);
  }
  probe_shares_clear(&s);
}

/* It counts as 0, but is as uncertain as before. */
static void a_negative_gain_keeps_its_variance(void **state) {
  (void)state;
  double widths[2];
  probe_shares s = {0};
  for (int i = 0; i < 10; i++) add(&s, "111111----", 4.0);
  for (int i = 0; i < 2; i++) {
    const foreign_answers foreign = {.object = of(20, 1.0, 0.01),
                                     .blur = {of(20, -1.0, 0.1), of(20, i ? 0.001 : -0.001, 0.1)},
                                     .both = {of(20, -2.5, 9.0), of(20, 0.0, 0.4)}};
    row_clear(row);
    must(probe_shares_set(row, &s, &foreign, UNIT, &defaults));
    assert_near(value("drawn_by_blur"), i ? 0.001 : 0.0);
    widths[i] = value("suspicion_high") - value("suspicion_low");
  }
  assert_true(widths[0] > 0.1 && fabs(widths[0] - widths[1]) < 1e-9);
  probe_shares_clear(&s);
}

/* Ten samples of its own do not make up for it. */
static void one_donor_gives_no_interval(void **state) {
  (void)state;
  probe_shares s = {0};
  for (int i = 0; i < 10; i++) add(&s, "111111----", 4.0);
  const foreign_answers foreign = {.object = of(1, 1.0, 0.01), .both = {of(1, -0.5, 0.01)}};
  row_clear(row);
  must(probe_shares_set(row, &s, &foreign, UNIT, &defaults));
  assert_true(checkrob_row_has(row, "suspicion"));
  assert_false(checkrob_row_has(row, "suspicion_low"));
  probe_shares_clear(&s);
}

static void a_network_that_knows_nothing_has_no_unit(void **state) {
  (void)state;
  probe_shares s = {0};
  for (int i = 0; i < 10; i++) add(&s, "111111----", 4.0);
  const foreign_answers foreign = {.object = of(10, 1.0, 0.01), .both = {of(10, -0.5, 0.01)}};
  for (int i = 0; i < 2; i++) {
    row_clear(row);
    must(probe_shares_set(row, &s, &foreign, i ? -1.0 : NAN, &defaults));
    assert_false(checkrob_row_has(row, "suspicion"));
    assert_true(checkrob_row_has(row, "recognised_transplanted"));
  }
  probe_shares_clear(&s);
}

static void equal_samples_have_a_point_for_an_interval(void **state) {
  (void)state;
  probe_shares s = {0};
  row_clear(row);
  for (int i = 0; i < 10; i++) add(&s, "111111----", 4.0);
  const foreign_answers foreign = {.object = of(10, 1.0, 0.0), .both = {of(10, -0.5, 0.0)}};
  must(probe_shares_set(row, &s, &foreign, UNIT, &defaults));
  assert_true(fabs(value("suspicion_high") - value("suspicion_low")) < 1e-6); /* up to rounding */
  probe_shares_clear(&s);
}

static void nothing_without_probes(void **state) {
  (void)state;
  probe_shares s = {0};
  row_clear(row);
  add(&s, "----------", NAN);
  must(probe_shares_set(row, &s, NULL, UNIT, &defaults));
  for (size_t i = 0; i < class_probe_columns.count; i++)
    assert_false(checkrob_row_has(row, class_probe_columns.columns[i].name));
  probe_shares_clear(&s);
}

static void evidence_is_limited(void **state) {
  (void)state;
  assert_near(probe_evidence(0.0, 2.0), 1.0);
  assert_near(probe_evidence(-2.0, 2.0), exp(-1.0));
  assert_true(probe_evidence(1e9, 1.0) == exp(10.0));
  assert_true(isnan(probe_evidence(NAN, 1.0)));
}

/* ---- levelling ---- */

enum { LEVELLED = 20 };

static checkrob_row *rows[LEVELLED];

/* Classes whose suspicion falls with the logarithm of the area, but for two. */
static void fill(size_t count) {
  for (size_t i = 0; i < count; i++) {
    double size = -3.0 + 0.1 * (double)i, suspicion = (i == 2 || i == 15 ? 2.0 : 0.3) - 0.5 * size;
    must(row_new(&rows[i], layout));
    row_put_number(rows[i], "area", exp(size));
    row_put_number(rows[i], "suspicion", suspicion);
    row_put_number(rows[i], "suspicion_low", suspicion - 0.1);
    row_put_number(rows[i], "suspicion_high", suspicion + 0.1);
  }
}

static void size_is_taken_out(void **state) {
  (void)state;
  fill(LEVELLED);
  must(level_suspicions(rows, LEVELLED));
  for (size_t i = 0; i < LEVELLED; i++) {
    double middle = -3.0 + 0.1 * 9.5, expected = (i == 2 || i == 15 ? 2.0 : 0.3) - 0.5 * middle;
    assert_true(fabs(checkrob_row_number(rows[i], "suspicion") - expected) < 1e-9);
    assert_true(fabs(checkrob_row_number(rows[i], "suspicion_low") - expected + 0.1) < 1e-9);
    assert_true(fabs(checkrob_row_number(rows[i], "suspicion_high") - expected - 0.1) < 1e-9);
    assert_true(fabs(checkrob_row_number(rows[i], "suspicion_size") + 0.5 * (0.1 * (double)i - 0.95)) < 1e-9);
    row_free(rows[i]);
  }
}

static void few_classes_are_not_levelled(void **state) {
  (void)state;
  fill(LEVELLED);
  for (size_t i = 0; i < 5; i++) row_clear(rows[i]); /* 15 have a suspicion */
  must(level_suspicions(rows, LEVELLED));
  for (size_t i = 0; i < LEVELLED; i++) {
    assert_false(checkrob_row_has(rows[i], "suspicion_size"));
    row_free(rows[i]);
  }
}

static void sums_have_mean_and_variance(void **state) {
  (void)state;
  running r = {0};
  assert_true(isnan(running_mean(&r)));
  for (int i = 0; i < 5; i++) running_add(&r, i == 2 ? NAN : 1e3 + i);
  assert_int_equal(r.count, 4);
  assert_near(running_mean(&r), 1002.0);
  assert_true(fabs(running_variance(&r) - 10.0 / 3.0 / 4.0) < 1e-8);
  running same = {0};
  for (int i = 0; i < 3; i++) running_add(&same, 0.1);
  assert_true(running_variance(&same) >= 0.0 && running_variance(&same) < 1e-16);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shares_by_hand),
      cmocka_unit_test(suspicion_by_hand),
      cmocka_unit_test(saliency_counts_by_half),
      cmocka_unit_test(a_negative_gain_keeps_its_variance),
      cmocka_unit_test(one_donor_gives_no_interval),
      cmocka_unit_test(a_network_that_knows_nothing_has_no_unit),
      cmocka_unit_test(equal_samples_have_a_point_for_an_interval),
      cmocka_unit_test(nothing_without_probes),
      cmocka_unit_test(evidence_is_limited),
      cmocka_unit_test(size_is_taken_out),
      cmocka_unit_test(few_classes_are_not_levelled),
      cmocka_unit_test(sums_have_mean_and_variance),
  };
  return cmocka_run_group_tests(tests, make_row, free_row);
}
