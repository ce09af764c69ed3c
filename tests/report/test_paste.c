/* SPDX-License-Identifier: Apache-2.0 */
#include <checkrob/report.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

enum { SIDE = 16 };

static checkrob_image *green, *red, *pasted;
static checkrob_regions *left, *middle;
static checkrob_preprocess *preprocess;
static float input[3 * SIDE * SIDE];

/* All of one colour, but for a white object. */
static checkrob_image *make(uint8_t r, uint8_t g, size_t x0, size_t x1) {
  uint8_t pixels[SIDE * SIDE * 3];
  checkrob_image *image = NULL;
  for (size_t i = 0; i < (size_t)SIDE * SIDE; i++) {
    bool on = i % SIDE >= x0 && i % SIDE < x1;
    memcpy(pixels + 3 * i, on ? (uint8_t[]){255, 255, 255} : (uint8_t[]){r, g, 0}, 3);
  }
  must(checkrob_image_from_rgb(&image, pixels, SIDE, SIDE));
  return image;
}

static int start(void **state) {
  static const char recipe[] = "{\"crop\": 16, \"mean\": [0.5, 0.25, 0], \"std\": [0.5, 0.25, 1]}";
  (void)state;
  green = make(0, 200, 0, 6);
  red = make(200, 0, 4, 12);
  must(checkrob_preprocess_parse(&preprocess, recipe, sizeof recipe - 1));
  must(checkrob_regions_new(&left));
  must(checkrob_regions_add_box(left, 0, 0, 6, 16));
  must(checkrob_regions_new(&middle));
  must(checkrob_regions_add_box(middle, 2, 0, 14, 16)); /* with some red on both sides */
  return 0;
}

static int stop(void **state) {
  (void)state;
  checkrob_image_free(green);
  checkrob_image_free(red);
  checkrob_image_free(pasted);
  checkrob_regions_free(left);
  checkrob_regions_free(middle);
  checkrob_preprocess_free(preprocess);
  pasted = NULL;
  return 0;
}

static int keeps_size;

static checkrob_status paste(checkrob_image *into, const checkrob_regions *own,
                             const checkrob_regions *ignored, const checkrob_regions *donors, double margin) {
  const checkrob_pasted_image a = {sizeof a, into, own, ignored, 0},
                              b = {sizeof b, red, donors, NULL, keeps_size};
  return checkrob_paste(&pasted, input, preprocess, &a, &b, CHECKROB_GEOMETRY_STANDARD, margin);
}

static void expect_colour(size_t x, int r, int g, int b) {
  const uint8_t *p = checkrob_image_pixels(pasted) + 3 * (8 * SIDE + x);
  if (abs(p[0] - r) > 1 || abs(p[1] - g) > 1 || abs(p[2] - b) > 1)
    fail_msg("column %zu is %d, %d, %d", x, p[0], p[1], p[2]);
}

/* Twelve columns of the other image in place of six: red, white and red again, in green surroundings. */
static void the_object_of_one_is_in_the_surroundings_of_the_other(void **state) {
  (void)state;
  must(paste(green, left, NULL, middle, 0.0));
  assert_int_equal(checkrob_image_width(pasted), SIDE);
  expect_colour(0, 200, 0, 0);
  expect_colour(2, 255, 255, 255);
  expect_colour(3, 255, 255, 255);
  expect_colour(5, 200, 0, 0);
  for (size_t x = 6; x < SIDE; x++) expect_colour(x, 0, 200, 0);
  /* The input is the same before rounding. */
  assert_true(fabs((double)input[8 * SIDE + 10] - (0.0 - 0.5) / 0.5) < 1e-5);
  assert_true(fabs((double)input[(SIDE + 8) * SIDE + 10] - (200.0 / 255.0 - 0.25) / 0.25) < 1e-4);
}

/* All twelve columns, from the border on. */
static void an_object_may_keep_its_size(void **state) {
  (void)state;
  keeps_size = 1;
  must(paste(green, left, NULL, middle, 0.0));
  keeps_size = 0;
  expect_colour(0, 200, 0, 0);
  expect_colour(5, 255, 255, 255);
  expect_colour(11, 200, 0, 0);
  for (size_t x = 12; x < SIDE; x++) expect_colour(x, 0, 200, 0);
}

static void a_margin_replaces_more(void **state) {
  (void)state;
  must(paste(green, left, NULL, left, 0.5));
  expect_colour(8, 255, 255, 255); /* nine columns: 0 to 8 of the red image, with its white from 4 on */
  expect_colour(1, 200, 0, 0);
  expect_colour(9, 0, 200, 0);
}

/* The white object is ignored: it is filled from around, as in the probe. */
static void what_is_ignored_is_taken_out(void **state) {
  (void)state;
  checkrob_regions *right = NULL;
  must(checkrob_regions_new(&right));
  must(checkrob_regions_add_box(right, 10, 0, 16, 16));
  must(paste(green, right, left, middle, 0.0));
  for (size_t x = 0; x < 10; x++) expect_colour(x, 0, 200, 0);
  expect_colour(13, 255, 255, 255);
  checkrob_regions_free(right);
}

static void what_is_not_seen_is_not_pasted(void **state) {
  (void)state;
  checkrob_regions *nowhere = NULL;
  must(checkrob_regions_new(&nowhere));
  must(checkrob_regions_add_box(nowhere, 20, 20, 30, 30));
  assert_int_equal(paste(green, left, NULL, nowhere, 0.0), CHECKROB_ERROR_NO_OBJECT);
  assert_int_equal(paste(green, nowhere, NULL, middle, 0.0), CHECKROB_ERROR_NO_OBJECT);
  assert_int_equal(paste(green, left, NULL, middle, 2.0), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(paste(NULL, left, NULL, middle, 0.0), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_null(pasted);
  checkrob_regions_free(nowhere);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(the_object_of_one_is_in_the_surroundings_of_the_other, start, stop),
      cmocka_unit_test_setup_teardown(an_object_may_keep_its_size, start, stop),
      cmocka_unit_test_setup_teardown(a_margin_replaces_more, start, stop),
      cmocka_unit_test_setup_teardown(what_is_ignored_is_taken_out, start, stop),
      cmocka_unit_test_setup_teardown(what_is_not_seen_is_not_pasted, start, stop)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
