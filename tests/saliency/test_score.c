/* SPDX-License-Identifier: Apache-2.0 */
/* The robustness score and the top-k accuracy. */
#include <checkrob/score.h>
#include <math.h>
#include <stdlib.h>

#include "support/test.h"

/* ---- robustness score ---- */

static void scores_by_hand(void **state) {
  (void)state;
  const float map[] = {0.0F, 0.5F, 1.0F, 0.5F};
  assert_true(checkrob_robustness_score(map, (float[]){0, 0, 1, 0}, 4) == 0.5);
  assert_true(checkrob_robustness_score(map, (float[]){1, 1, 1, 1}, 4) == 1.0);
  assert_true(checkrob_robustness_score(map, (float[]){1, 0, 0, 0}, 4) == 0.0);
  assert_true(checkrob_robustness_score(map, (float[]){0, 0.5F, 0.5F, 0}, 4) == 0.375);
}

static void a_flat_map_scores_the_area_share(void **state) {
  (void)state;
  float map[100], coverage[100];
  for (size_t i = 0; i < 100; i++) {
    map[i] = 0.7F;
    coverage[i] = i < 30 ? 1.0F : i == 30 ? 0.5F : 0.0F;
  }
  assert_true(fabs(checkrob_robustness_score(map, coverage, 100) - 0.305) < 1e-12);
}

static void an_empty_map_scores_nothing(void **state) {
  (void)state;
  const float zeros[3] = {0}, ones[] = {1, 1, 1};
  assert_true(checkrob_robustness_score(zeros, ones, 3) == 0.0);
  assert_true(checkrob_robustness_score(ones, zeros, 3) == 0.0);
  assert_true(checkrob_robustness_score(zeros, zeros, 3) == 0.0);
  assert_true(checkrob_robustness_score(ones, ones, 0) == 0.0);
}

static void a_map_with_nan_scores_nothing(void **state) {
  (void)state;
  const float ones[] = {1, 1, 1};
  assert_true(checkrob_robustness_score((float[]){1, NAN, 1}, ones, 3) == 0.0);
  assert_true(checkrob_robustness_score((float[]){1, INFINITY, 1}, ones, 3) == 0.0);
  assert_true(checkrob_robustness_score((float[]){NAN, NAN, NAN}, ones, 3) == 0.0);
}

/* 4096 x 4096 small values: a sum in float32 would stop growing long before the last one. */
static void large_maps_keep_their_precision(void **state) {
  (void)state;
  size_t count = (size_t)4096 * 4096;
  float *map = malloc(count * sizeof *map), *coverage = malloc(count * sizeof *coverage);
  assert_true(map && coverage);
  for (size_t i = 0; i < count; i++) {
    map[i] = 1e-3F;
    coverage[i] = i % 4 == 0 ? 1.0F : 0.0F;
  }
  assert_true(fabs(checkrob_robustness_score(map, coverage, count) - 0.25) < 1e-9);
  free(map);
  free(coverage);
}

/* Coverages that add up to 1 everywhere share the score among them. */
static void parts_add_up_and_stay_in_range(void **state) {
  (void)state;
  float map[500], inside[500], outside[500], all[500];
  uint32_t seed = 9;
  for (size_t round = 0; round < 50; round++) {
    for (size_t i = 0; i < 500; i++) {
      seed = seed * 1664525U + 1013904223U;
      map[i] = (float)(seed >> 8) / (float)(1 << 24);
      inside[i] = (float)(seed % 5) / 4.0F;
      outside[i] = 1.0F - inside[i];
      all[i] = 1.0F;
    }
    double in = checkrob_robustness_score(map, inside, 500);
    double out = checkrob_robustness_score(map, outside, 500);
    assert_true(in >= 0.0 && in <= 1.0 && fabs(in + out - 1.0) < 1e-12);
    assert_true(checkrob_robustness_score(map, all, 500) == 1.0);
  }
}

static void the_scale_of_the_map_cancels(void **state) {
  (void)state;
  float map[] = {0.25F, 0.5F, 1.0F, 0.125F};
  const float coverage[] = {1, 0, 0.5F, 1};
  double score = checkrob_robustness_score(map, coverage, 4);
  for (size_t i = 0; i < 4; i++) map[i] = ldexpf(map[i], -60);
  assert_true(checkrob_robustness_score(map, coverage, 4) == score);
}

/* ---- top k ---- */

static void assert_top(const float *logits, size_t classes, size_t k, const int64_t *expected) {
  int64_t indices[16] = {0};
  assert_int_equal(checkrob_top_k(indices, logits, classes, k), CHECKROB_OK);
  for (size_t i = 0; i < k; i++) assert_int_equal(indices[i], expected[i]);
}

static void orders_the_highest(void **state) {
  (void)state;
  const float logits[] = {0.5F, -1, 3, 2, 2.5F};
  assert_top(logits, 5, 1, (int64_t[]){2});
  assert_top(logits, 5, 3, (int64_t[]){2, 4, 3});
  assert_top(logits, 5, 5, (int64_t[]){2, 4, 3, 0, 1});
  assert_top(logits, 5, 0, (int64_t[]){0});
}

static void equal_logits_go_by_index(void **state) {
  (void)state;
  const float logits[] = {1, 2, 2, 1, 2};
  assert_top(logits, 5, 5, (int64_t[]){1, 2, 4, 0, 3});
  assert_top((float[]){0.0F, -0.0F, 0.0F}, 3, 3, (int64_t[]){0, 1, 2});
  assert_int_equal(checkrob_top_k_hit(logits, 5, 2, 1), 0);
  assert_int_equal(checkrob_top_k_hit(logits, 5, 2, 2), 1);
  assert_int_equal(checkrob_top_k_hit(logits, 5, 4, 2), 0);
}

static void nan_goes_last(void **state) {
  (void)state;
  const float logits[] = {NAN, -INFINITY, 2, NAN, INFINITY};
  assert_top(logits, 5, 5, (int64_t[]){4, 2, 1, 0, 3});
  assert_int_equal(checkrob_top_k_hit(logits, 5, 0, 3), 0);
  assert_int_equal(checkrob_top_k_hit(logits, 5, 0, 4), 1);
  assert_top((float[]){NAN, NAN, NAN}, 3, 3, (int64_t[]){0, 1, 2});
}

static void refuses_more_than_there_are(void **state) {
  (void)state;
  const float logits[] = {1, 2};
  int64_t indices[] = {-5, -5, -5};
  assert_int_equal(checkrob_top_k(indices, logits, 2, 3), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_top_k(NULL, logits, 2, 1), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_top_k(indices, NULL, 2, 1), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(indices[0], -5);
}

static void hits_have_sound_borders(void **state) {
  (void)state;
  const float logits[] = {3, 1, 2};
  assert_int_equal(checkrob_top_k_hit(logits, 3, 0, 1), 1);
  assert_int_equal(checkrob_top_k_hit(logits, 3, 1, 2), 0);
  assert_int_equal(checkrob_top_k_hit(logits, 3, 1, 3), 1);
  assert_int_equal(checkrob_top_k_hit(logits, 3, 1, 1000), 1); /* more than there are: all */
  assert_int_equal(checkrob_top_k_hit(logits, 3, 0, 0), 0);
  assert_int_equal(checkrob_top_k_hit(logits, 3, 3, 3), 0);
  assert_int_equal(checkrob_top_k_hit(logits, 3, -1, 3), 0);
  assert_int_equal(checkrob_top_k_hit(NULL, 3, 0, 1), 0);
}

/* The list and the question must never disagree, ties and NaN included. */
static void hits_agree_with_the_list(void **state) {
  (void)state;
  float logits[40];
  int64_t indices[40];
  uint32_t seed = 3;
  for (size_t round = 0; round < 40; round++) {
    for (size_t i = 0; i < 40; i++) {
      seed = seed * 1664525U + 1013904223U;
      logits[i] = (seed >> 8) % 13 == 0 ? NAN : (float)((seed >> 8) % 7);
    }
    assert_int_equal(checkrob_top_k(indices, logits, 40, 40), CHECKROB_OK);
    for (size_t place = 0; place < 40; place++)
      for (size_t k = 0; k <= 40; k++)
        assert_int_equal(checkrob_top_k_hit(logits, 40, indices[place], k), place < k);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(scores_by_hand),
      cmocka_unit_test(a_flat_map_scores_the_area_share),
      cmocka_unit_test(an_empty_map_scores_nothing),
      cmocka_unit_test(a_map_with_nan_scores_nothing),
      cmocka_unit_test(large_maps_keep_their_precision),
      cmocka_unit_test(parts_add_up_and_stay_in_range),
      cmocka_unit_test(the_scale_of_the_map_cancels),
      cmocka_unit_test(orders_the_highest),
      cmocka_unit_test(equal_logits_go_by_index),
      cmocka_unit_test(nan_goes_last),
      cmocka_unit_test(refuses_more_than_there_are),
      cmocka_unit_test(hits_have_sound_borders),
      cmocka_unit_test(hits_agree_with_the_list),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
