/* SPDX-License-Identifier: Apache-2.0 */
/* The localisation metrics: by hand, and against their definitions written out without a sort. */
#include <checkrob/score.h>
#include <math.h>
#include <stdlib.h>

#include "saliency/localisation.h"
#include "support/test.h"

#define MANY ((size_t)48)

static checkrob_localisation of(const float *map, const float *coverage, const float *ignored, size_t count) {
  checkrob_localisation out = CHECKROB_LOCALISATION_INIT;
  must(checkrob_localise(&out, map, coverage, ignored, count));
  assert_int_equal(out.size, sizeof out);
  return out;
}

static void assert_near(double value, double expected) {
  if (isnan(expected) ? !isnan(value) : !(fabs(value - expected) <= 1e-12))
    fail_msg("%.17g instead of %.17g", value, expected);
}

static void assert_equal(checkrob_localisation value, checkrob_localisation expected) {
  assert_near(value.pointing_game, expected.pointing_game);
  assert_near(value.rank_accuracy, expected.rank_accuracy);
  assert_near(value.top_k_intersection, expected.top_k_intersection);
  assert_near(value.attribution_localisation, expected.attribution_localisation);
  assert_near(value.auc, expected.auc);
  assert_near(value.iou, expected.iou);
}

static void assert_all_nan(checkrob_localisation value) {
  assert_equal(value, (checkrob_localisation){0, NAN, NAN, NAN, NAN, NAN, NAN});
}

/* ---- by hand ---- */

static void metrics_by_hand(void **state) {
  (void)state;
  const float map[] = {0.9F, 0.8F, 0.5F, 0.3F, 0.0F, 0.0F}, coverage[] = {0, 1, 1, 0, 1, 0};
  checkrob_localisation out = of(map, coverage, NULL, 6);
  assert_near(out.pointing_game, 0.0);
  assert_near(out.rank_accuracy, 2.0 / 3.0); /* of 0.9, 0.8, 0.5 */
  assert_near(out.top_k_intersection, 0.5);  /* all six pixels */
  assert_near(out.attribution_localisation,
              ((double)0.8F + 0.5) / ((double)0.9F + (double)0.8F + 0.5 + (double)0.3F));
  assert_near(out.auc, (2.0 + 2.0 + 0.5) / 9.0); /* 0.8 and 0.5 are above two of three, 0 is level with one */
  assert_near(out.iou, 2.0 / 4.0);               /* 0.9, 0.8, 0.5 with 0.8, 0.5, 0 */
}

static void a_perfect_map_has_ones(void **state) {
  (void)state;
  const float map[] = {0, 1, 0.5F, 0}, coverage[] = {0, 1, 1, 0};
  assert_equal(of(map, coverage, NULL, 4), (checkrob_localisation){0, 1, 1, 0.5, 1, 1, 1});
}

static void a_map_beside_the_object_has_zeros(void **state) {
  (void)state;
  const float map[] = {1, 0, 0, 1}, coverage[] = {0, 1, 1, 0};
  checkrob_localisation out = of(map, coverage, NULL, 4);
  assert_equal(out, (checkrob_localisation){0, 0, 0, 0.5, 0, 0, 0});
}

static void a_pixel_half_covered_is_on_the_region(void **state) {
  (void)state;
  const float map[] = {1, 0.5F}, nearly = nextafterf(0.5F, 0.0F);
  assert_near(of(map, (float[]){0.5F, 0}, NULL, 2).pointing_game, 1.0);
  assert_all_nan(of(map, (float[]){nearly, 0}, NULL, 2));
}

/* ---- equal pixels ---- */

static void one_of_the_highest_is_a_hit(void **state) {
  (void)state;
  assert_near(of((float[]){1, 1, 0}, (float[]){0, 1, 0}, NULL, 3).pointing_game, 1.0);
  assert_near(of((float[]){1, 1, 0}, (float[]){1, 0, 0}, NULL, 3).pointing_game, 1.0);
  assert_near(of((float[]){1, 1, 0}, (float[]){0, 0, 1}, NULL, 3).pointing_game, 0.0);
}

static void a_cut_among_equals_takes_its_share(void **state) {
  (void)state;
  /* The cut after 2 takes 0.9, and one of the three 0.5, of which two are on the region. */
  const float map[] = {0.5F, 0.9F, 0.5F, 0.5F, 0.1F}, coverage[] = {1, 0, 1, 0, 0};
  assert_near(of(map, coverage, NULL, 5).rank_accuracy, (2.0 / 3.0) / 2.0);

  float flat[3000], some[3000] = {0};
  for (size_t i = 0; i < 3000; i++) flat[i] = 0.25F;
  for (size_t i = 0; i < 600; i++) some[i] = 1.0F;
  assert_equal(of(flat, some, NULL, 3000), (checkrob_localisation){0, 1, 0.2, 0.2, 0.2, 0.5, 0.2});
}

static void a_threshold_does_not_part_equals(void **state) {
  (void)state;
  const float map[] = {0.5F, 0.5F, 0.5F, 0.25F}, coverage[] = {1, 0, 0, 1};
  assert_near(of(map, coverage, NULL, 4).iou, 0.5);
  /* Pixels that are 0 are above no threshold: else any map had the region's share at least. */
  assert_near(of((float[]){1, 0, 0, 0}, (float[]){0, 1, 1, 1}, NULL, 4).iou, 0.0);
}

static void minus_zero_is_zero(void **state) {
  (void)state;
  const float coverage[] = {1, 0, 1, 0};
  assert_equal(of((float[]){-0.0F, 0.0F, 0.5F, -0.0F}, coverage, NULL, 4),
               of((float[]){0.0F, 0.0F, 0.5F, 0.0F}, coverage, NULL, 4));
  assert_near(of((float[]){-0.0F, 0.0F, 0.5F, -0.0F}, coverage, NULL, 4).auc, 3.0 / 4.0);
}

/* ---- what has no numbers ---- */

static void an_empty_map_finds_nothing(void **state) {
  (void)state;
  const float zeros[4] = {0}, coverage[] = {0, 1, 1, 0};
  assert_equal(of(zeros, coverage, NULL, 4), (checkrob_localisation){0, 0, 0, 0, 0, 0.5, 0});
  assert_near(of(zeros, (float[]){1, 1, 1, 1}, NULL, 4).auc, NAN);
}

static void without_a_region_there_are_no_metrics(void **state) {
  (void)state;
  const float map[] = {1, 0.5F}, nothing[2] = {0};
  assert_all_nan(of(map, nothing, NULL, 2));
  assert_all_nan(of(nothing, nothing, NULL, 2));
  assert_all_nan(of(map, nothing, NULL, 0));
  assert_all_nan(of(map, (float[]){NAN, NAN}, NULL, 2));
}

static void a_region_of_all_pixels_has_no_auc(void **state) {
  (void)state;
  const float map[] = {1, 0.5F, 0}, all[] = {1, 1, 1};
  checkrob_localisation out = of(map, all, NULL, 3);
  assert_equal(out, (checkrob_localisation){0, 1, 1, 1, 1, NAN, 2.0 / 3.0});
}

static void a_broken_map_has_no_metrics(void **state) {
  (void)state;
  const float broken[] = {NAN, -NAN, INFINITY, -INFINITY, -1.0F, -1e-45F}, coverage[] = {1, 0, 0};
  for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
    for (size_t place = 0; place < 3; place++) {
      float map[] = {1, 0.5F, 0.25F};
      map[place] = broken[i];
      assert_all_nan(of(map, coverage, NULL, 3));
      assert_all_nan(
          of(map, coverage, (float[]){0, 0, 1}, 3)); /* ignored or not: the map is not to be trusted */
    }
}

static void extreme_values_keep_their_order(void **state) {
  (void)state;
  const float map[] = {1e-45F, 3.402823466e38F, 1e-38F, 0.0F}, coverage[] = {1, 1, 0, 0};
  checkrob_localisation out = of(map, coverage, NULL, 4);
  assert_near(out.pointing_game, 1.0);
  assert_near(out.rank_accuracy, 0.5);
  assert_near(out.auc, 0.75);
  assert_near(out.iou, 2.0 / 3.0);
}

static void bad_arguments_are_refused(void **state) {
  (void)state;
  const float one[] = {1};
  checkrob_localisation out = CHECKROB_LOCALISATION_INIT;
  assert_int_equal(checkrob_localise(NULL, one, one, NULL, 1), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_localise(&out, NULL, one, NULL, 1), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_localise(&out, one, NULL, NULL, 1), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_localise(&out, one, one, NULL, UINT32_MAX), CHECKROB_ERROR_INVALID_ARGUMENT);
  out.size = 0;
  assert_int_equal(checkrob_localise(&out, one, one, NULL, 1), CHECKROB_ERROR_INVALID_ARGUMENT);
}

/* A program compiled with an older, shorter structure. */
static void a_shorter_structure_is_filled_as_far_as_it_reaches(void **state) {
  (void)state;
  checkrob_localisation out = CHECKROB_LOCALISATION_INIT;
  out.size = offsetof(checkrob_localisation, auc);
  out.auc = -5.0;
  must(checkrob_localise(&out, (float[]){1, 0}, (float[]){1, 0}, NULL, 2));
  assert_near(out.attribution_localisation, 1.0);
  assert_near(out.auc, -5.0);
}

/* ---- against the definitions ---- */

/* How many pixels with `inside` have a value above `value`, or with `equal`, at it. */
static double pixels(const float *map, const int *region, size_t count, float value, int inside, int equal) {
  double found = 0.0;
  for (size_t i = 0; i < count; i++)
    found += region[i] == inside && (equal ? !(map[i] < value) && !(map[i] > value) : map[i] > value);
  return found;
}

/* Of the highest k pixels, equal ones by their share, the share on the region. */
static double share_of_highest(const float *map, const int *region, size_t count, double k) {
  double hits = 0.0;
  for (size_t i = 0; i < count; i++) {
    if (!region[i]) continue;
    double above = pixels(map, region, count, map[i], 0, 0) + pixels(map, region, count, map[i], 1, 0);
    double level = pixels(map, region, count, map[i], 0, 1) + pixels(map, region, count, map[i], 1, 1);
    hits += fmin(fmax((k - above) / level, 0.0), 1.0);
  }
  return hits / k;
}

static checkrob_localisation by_definition(const float *map, const int *region, size_t count) {
  checkrob_localisation out = CHECKROB_LOCALISATION_INIT;
  double inside = 0.0, sum = 0.0, sum_inside = 0.0, wins = 0.0;
  float highest = 0.0F, highest_inside = 0.0F;
  for (size_t i = 0; i < count; i++) {
    inside += region[i];
    sum += (double)map[i];
    sum_inside += region[i] ? (double)map[i] : 0.0;
    highest = fmaxf(highest, map[i]);
    if (region[i]) highest_inside = fmaxf(highest_inside, map[i]);
  }
  for (size_t i = 0; i < count; i++) {
    if (region[i])
      wins += ((double)count - inside) - pixels(map, region, count, map[i], 0, 0) -
              0.5 * pixels(map, region, count, map[i], 0, 1);
    if (!(map[i] > 0.0F)) continue;
    double both = pixels(map, region, count, map[i], 1, 0) + pixels(map, region, count, map[i], 1, 1);
    double others = pixels(map, region, count, map[i], 0, 0) + pixels(map, region, count, map[i], 0, 1);
    out.iou = fmax(out.iou, both / (inside + others));
  }
  out.pointing_game = !(highest_inside < highest);
  out.rank_accuracy = share_of_highest(map, region, count, inside);
  out.top_k_intersection = share_of_highest(map, region, count, fmin((double)count, 1000.0));
  out.attribution_localisation = sum_inside / sum;
  out.auc = wins / (inside * ((double)count - inside));
  return out;
}

static uint32_t draw(uint32_t *seed) {
  *seed = *seed * 1664525U + 1013904223U;
  return *seed >> 8;
}

/* Values on a grid of `levels`, so that few or many are equal. */
static void random_map(float *map, size_t count, uint32_t levels, uint32_t *seed) {
  for (size_t i = 0; i < count; i++) map[i] = (float)(draw(seed) % levels) / (float)levels;
  map[draw(seed) % count] = 1.0F; /* not empty */
}

static void random_maps_agree_with_the_definitions(void **state) {
  (void)state;
  uint32_t seed = 11;
  for (size_t round = 0; round < 600; round++) {
    float map[MANY], coverage[MANY];
    int region[MANY];
    size_t count = 2 + draw(&seed) % (MANY - 1);
    random_map(map, count, (uint32_t[]){2, 4, 20, 1 << 20}[round % 4], &seed);
    uint32_t share = 1 + draw(&seed) % 9;
    for (size_t i = 0; i < count; i++) {
      region[i] = draw(&seed) % 10 < share;
      coverage[i] = region[i] ? 1.0F : 0.25F;
    }
    region[0] = 1, coverage[0] = 1.0F;
    assert_equal(of(map, coverage, NULL, count), by_definition(map, region, count));
  }
}

/* More than 1000 pixels, so that top-k cuts. */
static void larger_maps_agree_with_the_definitions(void **state) {
  (void)state;
  size_t count = 1500;
  float map[1500], coverage[1500];
  int region[1500];
  uint32_t seed = 5;
  for (size_t round = 0; round < 6; round++) {
    random_map(map, count, (uint32_t[]){3, 40, 1 << 22}[round % 3], &seed);
    for (size_t i = 0; i < count; i++) {
      region[i] = draw(&seed) % 3 == 0;
      coverage[i] = (float)region[i];
    }
    assert_equal(of(map, coverage, NULL, count), by_definition(map, region, count));
  }
}

static void the_order_of_the_pixels_does_not_matter(void **state) {
  (void)state;
  float map[MANY], coverage[MANY], turned_map[MANY], turned_coverage[MANY];
  uint32_t seed = 3;
  for (size_t round = 0; round < 100; round++) {
    random_map(map, MANY, 5, &seed);
    for (size_t i = 0; i < MANY; i++) coverage[i] = draw(&seed) % 2 ? 1.0F : 0.0F;
    coverage[0] = 1.0F;
    size_t step = 5, start = draw(&seed) % MANY; /* 5 and 48 have no common divisor */
    for (size_t i = 0; i < MANY; i++) {
      turned_map[i] = map[(start + i * step) % MANY];
      turned_coverage[i] = coverage[(start + i * step) % MANY];
    }
    assert_equal(of(turned_map, turned_coverage, NULL, MANY), of(map, coverage, NULL, MANY));
  }
}

static void ignored_pixels_are_as_if_they_were_not_there(void **state) {
  (void)state;
  float map[MANY], coverage[MANY], ignored[MANY], rest_map[MANY], rest_coverage[MANY];
  uint32_t seed = 21;
  for (size_t round = 0; round < 200; round++) {
    size_t rest = 0;
    random_map(map, MANY, 6, &seed);
    for (size_t i = 0; i < MANY; i++) {
      coverage[i] = (float)(draw(&seed) % 4) / 3.0F;
      ignored[i] = (float)(draw(&seed) % 5) / 4.0F;
      if (i == 0) coverage[i] = 1.0F;
      if (ignored[i] >= 0.5F && coverage[i] < 0.5F) continue;
      rest_map[rest] = map[i];
      rest_coverage[rest++] = coverage[i];
    }
    assert_equal(of(map, coverage, ignored, MANY), of(rest_map, rest_coverage, NULL, rest));
  }
  /* All saliency is where nothing counts: the rest is empty. */
  assert_equal(of((float[]){0, 1, 0}, (float[]){1, 0, 0}, (float[]){0, 1, 0}, 3),
               (checkrob_localisation){0, 0, 0, 0, 0, 0.5, 0});
}

/* Attribution localisation is the robustness score of a region of whole pixels. */
static void attribution_localisation_is_the_robustness_score(void **state) {
  (void)state;
  float map[MANY], coverage[MANY], ignored[MANY];
  uint32_t seed = 8;
  for (size_t round = 0; round < 50; round++) {
    random_map(map, MANY, 1 << 16, &seed);
    for (size_t i = 0; i < MANY; i++)
      coverage[i] = (float)(i % 3 == 0), ignored[i] = (float)(draw(&seed) % 2);
    assert_near(of(map, coverage, ignored, MANY).attribution_localisation,
                checkrob_robustness_score_ignoring(map, coverage, ignored, MANY));
  }
}

static void scratch_is_used_as_far_as_it_goes(void **state) {
  (void)state;
  float map[MANY], coverage[MANY] = {1};
  uint32_t seed = 2, *scratch = malloc(2 * MANY * sizeof *scratch); /* on the heap, for the sanitizers */
  assert_non_null(scratch);
  random_map(map, MANY, 1 << 20, &seed);
  checkrob_localisation out;
  localise(&out, map, coverage, NULL, MANY, scratch);
  assert_equal(out, of(map, coverage, NULL, MANY));
  free(scratch);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(metrics_by_hand),
      cmocka_unit_test(a_perfect_map_has_ones),
      cmocka_unit_test(a_map_beside_the_object_has_zeros),
      cmocka_unit_test(a_pixel_half_covered_is_on_the_region),
      cmocka_unit_test(one_of_the_highest_is_a_hit),
      cmocka_unit_test(a_cut_among_equals_takes_its_share),
      cmocka_unit_test(a_threshold_does_not_part_equals),
      cmocka_unit_test(minus_zero_is_zero),
      cmocka_unit_test(an_empty_map_finds_nothing),
      cmocka_unit_test(without_a_region_there_are_no_metrics),
      cmocka_unit_test(a_region_of_all_pixels_has_no_auc),
      cmocka_unit_test(a_broken_map_has_no_metrics),
      cmocka_unit_test(extreme_values_keep_their_order),
      cmocka_unit_test(bad_arguments_are_refused),
      cmocka_unit_test(a_shorter_structure_is_filled_as_far_as_it_reaches),
      cmocka_unit_test(random_maps_agree_with_the_definitions),
      cmocka_unit_test(larger_maps_agree_with_the_definitions),
      cmocka_unit_test(the_order_of_the_pixels_does_not_matter),
      cmocka_unit_test(ignored_pixels_are_as_if_they_were_not_there),
      cmocka_unit_test(attribution_localisation_is_the_robustness_score),
      cmocka_unit_test(scratch_is_used_as_far_as_it_goes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
