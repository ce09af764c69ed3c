/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/feature_choice.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "support/test.h"

enum { SAMPLES = 40, CHANNELS = 30 };

static float whole[SAMPLES * CHANNELS], surroundings[SAMPLES * CHANNELS];
static feature found[FEATURES_MOST];
static size_t count;

/* Noise, from -0.05 to 0.05. */
static void fill(void) {
  uint32_t random = 7;
  for (size_t i = 0; i < SAMPLES * CHANNELS; i++) {
    random = random * 1664525U + 1013904223U;
    whole[i] = (float)(random >> 8) / 167772160.0F - 0.05F;
    random = random * 1664525U + 1013904223U;
    surroundings[i] = (float)(random >> 8) / 167772160.0F - 0.05F;
  }
}

static void add(float *values, size_t channel, size_t first, size_t end, float by) {
  for (size_t i = first; i < end; i++) values[i * CHANNELS + channel] += by;
}

static void choose(size_t samples) {
  const class_contributions c = {samples, CHANNELS, whole, surroundings};
  must(feature_choose(found, &count, &c));
}

static const feature *with(feature_kind kind, size_t n) {
  for (size_t i = 0; i < count; i++)
    if (found[i].kind == kind && n-- == 0) return &found[i];
  fail_msg("no feature %zu of kind %s", n, feature_kind_names[kind]);
  return NULL;
}

static bool has(const feature *f, size_t channel) {
  for (size_t k = 0; k < f->count; k++)
    if (f->channels[k] == channel) return true;
  return false;
}

static void channels_have_the_largest_means(void **state) {
  (void)state;
  fill();
  add(surroundings, 4, 0, SAMPLES, 3.0F);
  add(surroundings, 9, 0, SAMPLES, 5.0F);
  add(whole, 9, 0, SAMPLES, 6.0F);
  add(whole, 2, 0, SAMPLES, 2.0F);
  add(whole, 3, 0, SAMPLES, -8.0F);
  choose(SAMPLES);
  assert_int_equal(found[0].channels[0], 9); /* first those of the surroundings */
  assert_int_equal(found[1].channels[0], 4);
  assert_true(fabs(found[0].whole - 6.0) < 0.05 && fabs(found[0].surroundings - 5.0) < 0.05);
  bool two = false;
  for (size_t i = 0; i < count; i++) {
    assert_false(has(&found[i], 3) && found[i].kind == FEATURE_CHANNEL);
    two = two || (found[i].kind == FEATURE_CHANNEL && found[i].channels[0] == 2);
    for (size_t k = 0; k < i; k++)
      assert_true(found[i].count != found[k].count ||
                  memcmp(found[i].channels, found[k].channels, found[i].count * sizeof(size_t)) != 0);
  }
  assert_true(two);
}

/* The mean of the surroundings: channels that have half of it. One of two has less than half. */
static void the_mean_is_a_set(void **state) {
  (void)state;
  fill();
  for (size_t k = 10; k < 16; k++) add(surroundings, k, 0, SAMPLES, 2.0F);
  choose(SAMPLES);
  const feature *mean = with(FEATURE_MEAN, 0);
  assert_in_range(mean->count, 3, 4);
  for (size_t k = 0; k < mean->count; k++) assert_in_range(mean->channels[k], 10, 15);
}

/* Channels 20 and 21 are high in half of the samples, 22 to 24 in another half. */
static void components_vary_together(void **state) {
  (void)state;
  fill();
  for (size_t k = 5; k < 9; k++)
    add(surroundings, k, 0, SAMPLES, 6.0F); /* in all: the mean, and no component */
  add(surroundings, 20, 0, 20, 4.0F);
  add(surroundings, 21, 0, 20, 4.0F);
  for (size_t k = 22; k < 25; k++) add(surroundings, k, 10, 30, 1.5F);
  choose(SAMPLES);
  const feature *first = with(FEATURE_COMPONENT, 0), *second = with(FEATURE_COMPONENT, 1);
  assert_true(has(first, 20) || has(first, 21));
  assert_false(has(first, 22) || has(first, 23) || has(first, 24));
  assert_true(has(second, 22) || has(second, 23) || has(second, 24));
  assert_false(has(second, 20) || has(second, 21));
}

/* Four channels in the first half of the samples, four others in the second one. */
static void a_set_in_another_order_is_the_same(void **state) {
  (void)state;
  fill();
  /* The mean has 20 before 21; the component the reverse, because 21 varies more. */
  add(surroundings, 20, 0, SAMPLES, 5.0F);
  add(surroundings, 20, 0, 20, 1.0F);
  add(surroundings, 21, 0, 20, 9.0F);
  choose(SAMPLES);
  size_t both = 0;
  for (size_t i = 0; i < count; i++) both += found[i].count == 2 && has(&found[i], 20) && has(&found[i], 21);
  assert_in_range(both, 0, 1);
}

static void many_samples_are_thinned(void **state) {
  (void)state;
  enum { MANY = 3000 };
  static float values[MANY * CHANNELS];
  memset(values, 0, sizeof values);
  for (size_t i = 0; i < MANY; i++)
    for (size_t k = 0; k < 4; k++)
      values[i * CHANNELS + 6 + 4 * (i / (MANY / 2)) + k] = 1.0F + (float)((i + k) % 7) / 10.0F;
  const class_contributions c = {MANY, CHANNELS, values, values};
  must(feature_choose(found, &count, &c));
  const feature *first = with(FEATURE_COMPONENT, 0);
  for (size_t k = 0; k < first->count; k++) /* all of one half */
    assert_true((first->channels[k] < 10) == (first->channels[0] < 10));
}

static void too_little_has_no_features(void **state) {
  (void)state;
  fill();
  choose(FEATURE_SAMPLES - 1);
  assert_int_equal(count, 0);
  choose(FEATURE_SAMPLES);
  assert_true(count > 0);
  whole[3] = NAN;
  choose(SAMPLES);
  assert_int_equal(count, 0);
}

static void equal_samples_have_no_components(void **state) {
  (void)state;
  for (size_t i = 0; i < SAMPLES * CHANNELS; i++) whole[i] = surroundings[i] = (float)(i % CHANNELS);
  choose(SAMPLES);
  for (size_t i = 0; i < count; i++) assert_true(found[i].kind != FEATURE_COMPONENT);
  assert_int_equal(found[0].channels[0], CHANNELS - 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(channels_have_the_largest_means), cmocka_unit_test(the_mean_is_a_set),
      cmocka_unit_test(components_vary_together),        cmocka_unit_test(a_set_in_another_order_is_the_same),
      cmocka_unit_test(many_samples_are_thinned),        cmocka_unit_test(too_little_has_no_features),
      cmocka_unit_test(equal_samples_have_no_components)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
