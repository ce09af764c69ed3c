/* SPDX-License-Identifier: Apache-2.0 */
/* Colour maps: known colours of the published tables, and what makes them readable. */
#include <checkrob/report.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

static const checkrob_colour_map all[] = {CHECKROB_COLOUR_MAP_VIRIDIS, CHECKROB_COLOUR_MAP_INFERNO,
                                          CHECKROB_COLOUR_MAP_MAGMA,   CHECKROB_COLOUR_MAP_PLASMA,
                                          CHECKROB_COLOUR_MAP_CIVIDIS, CHECKROB_COLOUR_MAP_GRAY};
#define COUNT (sizeof all / sizeof all[0])

static void expect(checkrob_colour_map map, double value, const int wanted[3], int tolerance) {
  uint8_t rgb[3];
  must(checkrob_colour_map_at(rgb, map, value));
  for (size_t c = 0; c < 3; c++)
    if (abs(rgb[c] - wanted[c]) > tolerance)
      fail_msg("%s at %g is %d, %d, %d", checkrob_colour_map_name(map), value, rgb[0], rgb[1], rgb[2]);
}

/* Colours 0, 100 and 255 of the tables in matplotlib, times 255. */
static void colours_are_the_published_ones(void **state) {
  (void)state;
  static const int wanted[COUNT][3][3] = {
      {{68, 1, 84}, {42, 118, 142}, {253, 231, 37}},  {{0, 0, 4}, {144, 37, 104}, {252, 255, 164}},
      {{0, 0, 4}, {137, 40, 129}, {252, 253, 191}},   {{13, 8, 135}, {174, 40, 146}, {240, 249, 33}},
      {{0, 34, 78}, {101, 104, 112}, {254, 232, 56}}, {{0, 0, 0}, {100, 100, 100}, {255, 255, 255}}};
  for (size_t i = 0; i < COUNT; i++) {
    expect(all[i], 0.0, wanted[i][0], 1);
    expect(all[i], 100.0 / 255.0, wanted[i][1], 2);
    expect(all[i], 1.0, wanted[i][2], 1);
  }
}

static double lightness(checkrob_colour_map map, double value) {
  uint8_t rgb[3];
  must(checkrob_colour_map_at(rgb, map, value));
  return 0.2126 * pow(rgb[0] / 255.0, 2.2) + 0.7152 * pow(rgb[1] / 255.0, 2.2) +
         0.0722 * pow(rgb[2] / 255.0, 2.2);
}

static void they_grow_lighter(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT; i++)
    for (int step = 0; step < 16; step++)
      assert_true(lightness(all[i], step / 16.0) < lightness(all[i], (step + 1) / 16.0));
}

static void any_number_has_a_colour(void **state) {
  (void)state;
  uint8_t end[3], rgb[3];
  for (size_t i = 0; i < COUNT; i++) {
    must(checkrob_colour_map_at(end, all[i], 0.0));
    const double below[] = {NAN, -1.0, -INFINITY, -1e300};
    for (size_t k = 0; k < 4; k++) {
      must(checkrob_colour_map_at(rgb, all[i], below[k]));
      assert_memory_equal(rgb, end, 3);
    }
    must(checkrob_colour_map_at(end, all[i], 1.0));
    must(checkrob_colour_map_at(rgb, all[i], INFINITY));
    assert_memory_equal(rgb, end, 3);
  }
}

static void names_are_found(void **state) {
  (void)state;
  checkrob_colour_map map = CHECKROB_COLOUR_MAP_GRAY;
  for (size_t i = 0; i < COUNT; i++) {
    must(checkrob_colour_map_find(&map, checkrob_colour_map_name(all[i])));
    assert_int_equal(map, all[i]);
  }
  must(checkrob_colour_map_find(&map, "Viridis"));
  assert_int_equal(map, CHECKROB_COLOUR_MAP_VIRIDIS);
  assert_int_equal(checkrob_colour_map_find(&map, "jet"), CHECKROB_ERROR_NOT_FOUND);
  assert_non_null(strstr(checkrob_last_error(), "viridis, inferno"));
  assert_int_equal(checkrob_colour_map_find(&map, NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_colour_map_find(NULL, "gray"), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_null(checkrob_colour_map_name((checkrob_colour_map)0));
  assert_null(checkrob_colour_map_name((checkrob_colour_map)7));
}

static void unknown_numbers_have_no_colours(void **state) {
  (void)state;
  uint8_t rgb[3];
  assert_int_equal(checkrob_colour_map_at(rgb, (checkrob_colour_map)0, 0), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_colour_map_at(rgb, (checkrob_colour_map)7, 0), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_colour_map_at(NULL, all[0], 0), CHECKROB_ERROR_INVALID_ARGUMENT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(colours_are_the_published_ones), cmocka_unit_test(they_grow_lighter),
      cmocka_unit_test(any_number_has_a_colour), cmocka_unit_test(names_are_found),
      cmocka_unit_test(unknown_numbers_have_no_colours)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
