/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/hot_spot.h"

#include <stdlib.h>
#include <string.h>

#include "support/test.h"

enum { PIXELS = 600 };

/* Chosen one by one: the largest value that is not chosen yet, the first of equal ones. */
static size_t choose_slowly(float *chosen, const float *map, const float *coverage, bool on, size_t count) {
  size_t number = 0;
  memset(chosen, 0, PIXELS * sizeof *chosen);
  for (; number < count; number++) {
    size_t best = PIXELS;
    for (size_t i = 0; i < PIXELS; i++)
      if ((coverage[i] >= 0.5F) == on && chosen[i] == 0.0F && (best == PIXELS || map[i] > map[best]))
        best = i;
    if (best == PIXELS) break;
    chosen[best] = 1.0F;
  }
  return number;
}

static void agrees_with_a_slow_choice(void **state) {
  (void)state;
  static float map[PIXELS], coverage[PIXELS], chosen[PIXELS], expected[PIXELS];
  uint32_t random = 5;
  for (int round = 0; round < 60; round++) {
    for (size_t i = 0; i < PIXELS; i++) {
      random = random * 1664525U + 1013904223U;
      float value = (float)(random >> 8) / 16777216.0F;
      map[i] = round % 3 == 0   ? value
               : round % 3 == 1 ? (float)(random >> 29)
                                : value * 1e-42F; /* denormal */
      random = random * 1664525U + 1013904223U;
      coverage[i] = (float)(random >> 30) / 3.0F;
    }
    size_t count = (size_t)(round * 13 % 400);
    bool on = round % 2 == 1;
    size_t number = choose_slowly(expected, map, coverage, on, count);
    assert_int_equal(hot_spot_choose(chosen, map, coverage, on, PIXELS, count), number);
    assert_memory_equal(chosen, expected, sizeof expected);
  }
}

static void an_empty_map_has_a_spot_too(void **state) {
  (void)state;
  const float map[4] = {0, -0.0F, 0, 0}, coverage[4] = {1, 0, 0, 0};
  float chosen[4];
  assert_int_equal(hot_spot_choose(chosen, map, coverage, false, 4, 2), 2);
  const float expected[4] = {0, 1, 1, 0};
  assert_memory_equal(chosen, expected, sizeof expected);
}

static void all_if_there_are_fewer(void **state) {
  (void)state;
  const float map[4] = {4, 3, 2, 1}, coverage[4] = {1, 0.5F, 0.49F, 0};
  float chosen[4];
  assert_int_equal(hot_spot_choose(chosen, map, coverage, true, 4, 3), 2);
  const float expected[4] = {1, 1, 0, 0};
  assert_memory_equal(chosen, expected, sizeof expected);
  assert_int_equal(hot_spot_choose(chosen, map, (const float[]){1, 1, 1, 1}, false, 4, 3), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(agrees_with_a_slow_choice),
      cmocka_unit_test(an_empty_map_has_a_spot_too),
      cmocka_unit_test(all_if_there_are_fewer),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
