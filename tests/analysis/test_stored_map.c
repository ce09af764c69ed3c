/* SPDX-License-Identifier: Apache-2.0 */
/* A stored map and region have the same score as the originals. The contrast, computed by hand. */
#include "analysis/stored_map.h"

#include <checkrob/saliency.h>
#include <checkrob/score.h>
#include <math.h>
#include <stdlib.h>

#include "support/test.h"

enum { MOST = 224 * 224 };

static float map[MOST], upsampled[MOST], coverage[MOST], ignored[MOST];
static double kept_map[STORED_MAP_SIDE * STORED_MAP_SIDE];
static uint32_t seed;

static float uniform(void) {
  seed = seed * 1664525U + 1013904223U;
  return (float)(seed >> 8) / (float)(1 << 24);
}

/* A smooth map with a few spots, a box, and a box to be ignored that overlaps with it. */
static void fill(size_t h, size_t w, size_t height, size_t width) {
  for (size_t i = 0; i < h * w; i++) map[i] = uniform() < 0.3F ? uniform() : 0.1F * uniform();
  must(checkrob_saliency_upsample(upsampled, height, width, map, h, w));
  for (size_t i = 0; i < height * width; i++) {
    size_t y = i / width, x = i % width;
    coverage[i] = y > height / 5 && y < height / 2 && x > width / 4 && x < 3 * width / 4 ? 1.0F : 0.0F;
    if (y == height / 2) coverage[i] = 0.25F;
    ignored[i] = y > height / 3 && x > width / 2 ? 0.75F : 0.0F;
  }
}

static const double *as_double(const stored_map *e) {
  for (size_t i = 0; i < e->height * e->width; i++) kept_map[i] = (double)e->map[i];
  return kept_map;
}

static void assert_scores(size_t h, size_t w, size_t height, size_t width, double tolerance) {
  stored_map_maker maker;
  stored_map e;
  must(stored_map_maker_init(&maker, height, width));
  fill(h, w, height, width);
  for (int with_ignored = 0; with_ignored < 2; with_ignored++) {
    const float *left_out = with_ignored ? ignored : NULL;
    must(stored_map_make(&e, &maker, map, h, w, upsampled, coverage, left_out));
    assert_true(!e.counted == !with_ignored && e.height <= STORED_MAP_SIDE && e.width <= STORED_MAP_SIDE);
    double rs = checkrob_robustness_score_ignoring(upsampled, coverage, left_out, height * width);
    double kept = stored_map_share(as_double(&e), e.region, e.counted, e.height * e.width);
    if (!(fabs(rs - kept) <= tolerance)) fail_msg("%zu x %zu: %.9g, not %.9g", h, w, kept, rs);
  }
  stored_map_maker_clear(&maker);
}

static void scores_exactly_on_the_layers_grid(void **state) {
  (void)state;
  assert_scores(7, 7, 224, 224, 1e-6);
  assert_scores(16, 16, 224, 224, 1e-6);
  assert_scores(1, 1, 32, 32, 1e-6);
  assert_scores(3, 11, 50, 90, 1e-6);
}

/* Cells of 1/16 of a side: regions' edges are blurred by at most that. */
static void scores_nearly_where_maps_are_finer(void **state) {
  (void)state;
  assert_scores(28, 28, 224, 224, 0.02);
  assert_scores(224, 224, 224, 224, 0.02);
  assert_scores(17, 3, 96, 96, 0.02);
  assert_scores(20, 20, 9, 11, 1e-6); /* fewer pixels than cells: each pixel is one */
}

static void maps_add_up_to_one(void **state) {
  (void)state;
  stored_map_maker maker;
  stored_map e;
  must(stored_map_maker_init(&maker, 64, 64));
  for (size_t side = 4; side <= 32; side *= 2) {
    fill(side, side, 64, 64);
    for (size_t i = 0; i < MOST; i++) coverage[i] = 1.0F;
    must(stored_map_make(&e, &maker, map, side, side, upsampled, coverage, NULL));
    double sum = stored_map_share(as_double(&e), e.region, NULL, e.height * e.width);
    assert_true(fabs(sum - 1.0) < 1e-5);
  }
  for (size_t i = 0; i < MOST; i++) map[i] = upsampled[i] = 0.0F;
  must(stored_map_make(&e, &maker, map, 4, 4, upsampled, coverage, NULL));
  for (size_t i = 0; i < 16; i++) assert_true(e.map[i] == 0.0F);
  stored_map_maker_clear(&maker);
}

/* ---- contrast ---- */

static double contrast_of(stored_map_maker *maker, const float *values, size_t h, size_t w,
                          const float *left_out) {
  double contrast = NAN;
  must(stored_map_contrast(&contrast, maker, NULL, values, h, w, coverage, left_out));
  /* What was prepared is equal to the last bit, and is not used for a grid of another size. */
  stored_map made;
  double again = NAN;
  must(stored_map_make(&made, maker, map, h, w, upsampled, coverage, left_out));
  must(stored_map_contrast(&again, maker, &made, values, h, w, coverage, left_out));
  assert_true(again == contrast);
  must(stored_map_make(&made, maker, map, h, w == 1 ? 2 : 1, upsampled, coverage, left_out));
  must(stored_map_contrast(&again, maker, &made, values, h, w, coverage, left_out));
  assert_true(again == contrast);
  return contrast;
}

/* One position: its part is the whole image, of which a quarter is object, on = 1/2. */
static void contrast_of_one_position(void **state) {
  (void)state;
  stored_map_maker maker;
  must(stored_map_maker_init(&maker, 4, 4));
  for (size_t i = 0; i < 16; i++) coverage[i] = i < 4 ? 1.0F : 0.0F;
  for (size_t i = 0; i < 16; i++) ignored[i] = i < 8 ? 1.0F : 0.0F;
  const float for_it = 3.0F, against = -3.0F;
  assert_true(fabs(contrast_of(&maker, &for_it, 1, 1, NULL)) < 1e-6); /* 3 (1/2 - 1/2) */
  assert_true(contrast_of(&maker, &against, 1, 1, NULL) == 0.0);      /* it does not support the class */
  assert_true(fabs(contrast_of(&maker, &for_it, 1, 1, ignored) - 0.75) < 1e-6); /* 3 (1/2 - (3/4 - 1/2)) */
  for (size_t i = 0; i < 16; i++) coverage[i] = 1.0F;
  assert_true(fabs(contrast_of(&maker, &for_it, 1, 1, ignored) - 3.0) < 1e-6);
  for (size_t i = 0; i < 16; i++) coverage[i] = 0.0F;
  assert_true(fabs(contrast_of(&maker, &for_it, 1, 1, NULL) + 3.0) < 1e-6);
  stored_map_maker_clear(&maker);
}

/* Two positions side by side on four pixels, whose left half is object: the left one's part is 1, 3/4, 1/4
 * and nothing of the pixels, so that 7/8 of it are object; 1/8 of the right one's. What was prepared for
 * another layer is not taken for this one's. */
static void contrast_of_two_positions(void **state) {
  (void)state;
  stored_map_maker maker;
  must(stored_map_maker_init(&maker, 1, 4));
  for (size_t i = 0; i < 4; i++) coverage[i] = i < 2 ? 1.0F : 0.0F;
  const float values[4] = {2.0F, 1.0F, 0.0F, 0.0F};
  double expected = 2.0 * (2.0 * sqrt(7.0 / 8.0) - 1.0) + (2.0 * sqrt(1.0 / 8.0) - 1.0);
  for (int turn = 0; turn < 2; turn++) {
    assert_true(fabs(contrast_of(&maker, values, 1, 2, NULL) - expected) < 1e-6);
    assert_true(fabs(contrast_of(&maker, values, 1, 4, NULL) - 3.0) < 1e-6); /* on the object alone */
  }
  stored_map_maker_clear(&maker);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(scores_exactly_on_the_layers_grid),
      cmocka_unit_test(scores_nearly_where_maps_are_finer), cmocka_unit_test(maps_add_up_to_one),
      cmocka_unit_test(contrast_of_one_position), cmocka_unit_test(contrast_of_two_positions)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
