/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/looked_at.h"

#include "classes/class_columns.h"
#include "classes/statistics.h"
#include "table/samples.h"

enum { GRID = 6, GRID_CELLS = GRID * GRID };

static void assert_near(double value, double expected, double by) {
  if (!(fabs(value - expected) <= by)) fail_msg("%.9g instead of %.9g", value, expected);
}

/* ---- places ---- */

static double sum_of(const float *cover, size_t cells) {
  double sum = 0.0;
  for (size_t i = 0; i < cells; i++) sum += (double)cover[i];
  return sum;
}

static void places_cover_their_part_of_any_grid(void **state) {
  (void)state;
  static const double areas[PLACES] = {1.0 / 9, 1.0 / 9, 1.0 / 9, 1.0 / 9, 1.0 / 6,
                                       1.0 / 6, 1.0 / 6, 1.0 / 6, 0.36};
  float cover[16 * 16];
  for (int p = 0; p < PLACES; p++)
    for (size_t height = 1; height <= 16; height++) {
      place_cover(cover, (place)p, height, 7);
      assert_near(sum_of(cover, height * 7) / (double)(height * 7), areas[p], 1e-6);
    }
}

static void places_are_where_their_names_say(void **state) {
  (void)state;
  float cover[GRID_CELLS];
  place_cover(cover, PLACE_LOWER_RIGHT, GRID, GRID);
  assert_true(cover[GRID_CELLS - 1] == 1.0F && cover[0] == 0.0F && cover[GRID - 1] == 0.0F);
  place_cover(cover, PLACE_TOP, GRID, GRID);
  for (size_t x = 0; x < GRID; x++) assert_near((double)cover[x], 1.0, 1e-6);
  assert_near((double)cover[GRID], 0.0, 1e-6);
  place_cover(cover, PLACE_LEFT, GRID, GRID);
  assert_near((double)cover[GRID], 1.0, 1e-6);
  place_cover(cover, PLACE_BORDER, GRID, GRID); /* 0.6 of a cell */
  assert_near((double)cover[0], 1.0 - 0.4 * 0.4, 1e-6);
  assert_near((double)cover[1], 0.6, 1e-6);
  assert_near((double)cover[GRID + 1], 0.0, 1e-6);
}

/* ---- comparing ---- */

static row_layout *samples, *classes;
static checkrob_row *of_class;
static sample_columns columns;
static class_looks looks;
static row_list table;

/* Cells have the weight 4. A map with `corner` in the lower right cell, `other` in the upper right one, and
 * the rest in the middle, where the object is. */
static void add(double corner, double other, bool annotated) {
  float map[GRID_CELLS] = {0}, region[GRID_CELLS] = {0};
  size_t middle = 2 * GRID + 2;
  checkrob_row *sample = sample_new(samples, 0, 0, "i.png", "green", 1);
  map[GRID_CELLS - 1] = (float)(corner / 4);
  map[GRID - 1] = (float)(other / 4);
  map[middle] = (float)((1.0 - corner - other) / 4);
  region[middle] = 4.0F;
  if (annotated) {
    float of_other[GRID_CELLS] = {0};
    of_other[GRID - 1] = 4.0F;
    sample_add_other(sample, "blue", 2, other);
    checkrob_row *child = (checkrob_row *)row_child(sample, columns.other, 0);
    must(row_set_floats(child, columns.other_region, of_other, GRID_CELLS));
  }
  must(class_looks_add(&looks, sample, &columns, map, region, NULL));
  row_free(sample);
}

static int start(void **state) {
  (void)state;
  must(class_layout_new(&classes, NULL));
  must(row_new(&of_class, classes));
  samples = samples_layout(false);
  sample_columns_find(&columns, samples);
  must(looked_at_start(&table));
  looks = (class_looks){.height = GRID, .width = GRID};
  must(row_put_text(of_class, "class", "green"));
  row_put_integer(of_class, "index", 1);
  return 0;
}

static int stop(void **state) {
  (void)state;
  class_looks_clear(&looks);
  row_list_clear(&table);
  row_layout_free(samples);
  row_free(of_class);
  row_layout_free(classes);
  return 0;
}

static const checkrob_row *found(const char *name) {
  for (size_t i = 0; i < table.count; i++)
    if (strcmp(checkrob_row_text(table.rows[i], "name"), name) == 0) return table.rows[i];
  fail_msg("no row about %s", name);
  return NULL;
}

/* The mean map of other classes: even. */
static const double *even(void) {
  static double blind[GRID_CELLS];
  for (size_t i = 0; i < GRID_CELLS; i++) blind[i] = 0.25 / GRID_CELLS;
  return blind;
}

static void compares_shares_with_the_blind_map(void **state) {
  (void)state;
  for (int i = 0; i < 10; i++) add(i % 2 ? 0.5 : 0.3, 0.1 + 0.02 * (i % 5), i < 6);
  must(class_looks_compare(&table, &looks, of_class, even()));
  must(looked_at_finish(&table, &of_class, 1));
  assert_int_equal(table.count, 1 + PLACES);
  const checkrob_row *blue = found("blue");
  assert_string_equal(checkrob_row_text(blue, "kind"), "class");
  assert_int_equal(checkrob_row_integer(blue, "other_index"), 2);
  assert_int_equal(checkrob_row_integer(blue, "images"), 6);
  assert_near(checkrob_row_number(blue, "share"), (0.1 + 0.12 + 0.14 + 0.16 + 0.18 + 0.1) / 6, 1e-6);
  assert_near(checkrob_row_number(blue, "expected"), 1.0 / GRID_CELLS, 1e-6);
  /* scipy.stats.ttest_rel([.1, .12, .14, .16, .18, .1], [1 / 36] * 6, alternative="greater") */
  assert_near(checkrob_row_number(blue, "p"), 0.00025884707, 1e-8);
  assert_true(checkrob_row_number(blue, "q") == checkrob_row_number(blue, "p"));
  const checkrob_row *corner = found("lower right corner");
  double share = 0.0; /* of what is off the object */
  for (int i = 0; i < 10; i++) {
    double in_corner = i % 2 ? 0.5 : 0.3;
    share += in_corner / (in_corner + 0.1 + 0.02 * (i % 5)) / 10;
  }
  assert_int_equal(checkrob_row_integer(corner, "images"), 10);
  assert_false(checkrob_row_has(corner, "other_index"));
  assert_near(checkrob_row_number(corner, "share"), share, 1e-6);
  assert_near(checkrob_row_number(corner, "expected"), 4.0 / 35, 1e-6); /* the object is in the middle */
  assert_true(checkrob_row_number(corner, "q") > checkrob_row_number(corner, "p"));
  assert_near(checkrob_row_number(found("left side"), "share"), 0.0, 1e-9);
  assert_true(checkrob_row_number(found("left side"), "p") > 0.99);
  assert_string_equal(checkrob_row_text(of_class, "looked_at"),
                      "blue (13 % of the saliency, expected 3 %); right side (100 % of the saliency off the "
                      "object, expected 17 %)");
}

static void few_images_are_not_tested(void **state) {
  (void)state;
  for (int i = 0; i < 4; i++) add(0.5 + 0.01 * i, 0.2, true);
  must(class_looks_compare(&table, &looks, of_class, even()));
  must(looked_at_finish(&table, &of_class, 1));
  assert_true(checkrob_row_number(found("blue"), "share") > 0.19);
  assert_false(checkrob_row_has(found("blue"), "p"));
  assert_false(checkrob_row_has(of_class, "looked_at"));
}

static void without_other_classes_nothing_is_expected(void **state) {
  (void)state;
  for (int i = 0; i < 6; i++) add(0.5 + 0.01 * i, 0.2, true);
  must(class_looks_compare(&table, &looks, of_class, NULL));
  must(looked_at_finish(&table, &of_class, 1));
  assert_near(checkrob_row_number(found("blue"), "share"), 0.2, 1e-6);
  assert_false(checkrob_row_has(found("blue"), "expected"));
  assert_false(checkrob_row_has(found("top"), "p"));
  assert_false(checkrob_row_has(of_class, "looked_at"));
}

/* All saliency on the object: there is nothing to be shared. */
static void a_map_on_the_object_says_nothing_about_places(void **state) {
  (void)state;
  add(0.0, 0.0, true);
  must(class_looks_compare(&table, &looks, of_class, even()));
  assert_int_equal(table.count, 1);
  assert_near(checkrob_row_number(found("blue"), "share"), 0.0, 1e-9);
}

/* scipy.stats.t.sf */
static void t_tails_are_those_of_scipy(void **state) {
  (void)state;
  static const struct {
    double t, freedom, tail;
  } cases[] = {{0.0, 5, 0.5},
               {1.0, 1, 0.25},
               {2.0, 10, 0.03669401738537018},
               {-2.0, 10, 0.9633059826146299},
               {12.0, 4, 0.00013821},
               {3.5, 29, 0.00076222},
               {1.96, 1e6, 0.02499803}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_near(statistics_t_tail(cases[i].t, cases[i].freedom), cases[i].tail, 1e-8);
  assert_true(isnan(statistics_t_tail(1.0, 0.5)));
  assert_true(isnan(statistics_t_tail(NAN, 3.0)));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(places_cover_their_part_of_any_grid),
      cmocka_unit_test(places_are_where_their_names_say),
      cmocka_unit_test_setup_teardown(compares_shares_with_the_blind_map, start, stop),
      cmocka_unit_test_setup_teardown(few_images_are_not_tested, start, stop),
      cmocka_unit_test_setup_teardown(without_other_classes_nothing_is_expected, start, stop),
      cmocka_unit_test_setup_teardown(a_map_on_the_object_says_nothing_about_places, start, stop),
      cmocka_unit_test(t_tails_are_those_of_scipy),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
