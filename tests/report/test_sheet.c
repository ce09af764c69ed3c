/* SPDX-License-Identifier: Apache-2.0 */
#include <checkrob/report.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

enum { WIDTH = 60, HEIGHT = 40, SIDE = 30, GAP = 6 };

static checkrob_image *image, *picture;
static checkrob_preprocess *preprocess;
static checkrob_sheet *sheet;

/* Gray, and red in its lower right quarter. */
static int start(void **state) {
  static uint8_t pixels[HEIGHT * WIDTH * 3];
  static const char recipe[] = "{\"resize\": 40, \"crop\": 40}";
  (void)state;
  memset(pixels, 128, sizeof pixels);
  for (size_t y = HEIGHT / 2; y < HEIGHT; y++)
    for (size_t x = WIDTH / 2; x < WIDTH; x++)
      memcpy(pixels + 3 * (y * WIDTH + x), (uint8_t[]){255, 0, 0}, 3);
  must(checkrob_image_from_rgb(&image, pixels, WIDTH, HEIGHT));
  must(checkrob_preprocess_parse(&preprocess, recipe, sizeof recipe - 1));
  must(checkrob_sheet_new(&sheet, 2, 3, SIDE));
  return 0;
}

static int stop(void **state) {
  (void)state;
  checkrob_image_free(picture);
  checkrob_image_free(image);
  checkrob_preprocess_free(preprocess);
  checkrob_sheet_free(sheet);
  picture = NULL;
  return 0;
}

static void expect_colour(uint32_t x, uint32_t y, int red, int green, int blue) {
  const uint8_t *p = checkrob_image_pixels(picture) + 3 * (y * checkrob_image_width(picture) + x);
  if (p[0] != red || p[1] != green || p[2] != blue)
    fail_msg("pixel %u, %u is %d, %d, %d", x, y, p[0], p[1], p[2]);
}

static void tiles_fill_the_sheet_row_by_row(void **state) {
  (void)state;
  for (size_t i = 0; i < 3; i++) must(checkrob_sheet_add(sheet, image, preprocess, NULL, NAN, NAN));
  assert_int_equal(checkrob_sheet_count(sheet), 3);
  must(checkrob_sheet_image(&picture, sheet));
  assert_int_equal(checkrob_image_width(picture), 2 * (2 * SIDE + GAP) + GAP);
  assert_int_equal(checkrob_image_height(picture), 2 * (SIDE + GAP) + GAP); /* the third row is empty */
  expect_colour(GAP + 5, GAP + 10, 128, 128, 128);                          /* 30 x 20 in a square of 30 */
  expect_colour(GAP + 25, GAP + 20, 255, 0, 0);
  expect_colour(GAP + 5, GAP + 1, 255, 255, 255);         /* above the image */
  expect_colour(GAP + SIDE + 5, GAP + 10, 255, 255, 255); /* no part */
  expect_colour(2 * SIDE + 2 * GAP + 5, GAP + 10, 128, 128, 128);
  expect_colour(2 * SIDE + 2 * GAP + 5, GAP + SIDE + GAP + 10, 255, 255, 255); /* the fourth tile */
}

/* The input is the middle 40 x 40. A third of it in its lower right corner is columns 36.7 to 50, rows 26.7
 * to 40: all red. */
static void the_part_is_shown_and_marked(void **state) {
  (void)state;
  must(checkrob_sheet_add(sheet, image, preprocess, NULL, 0.95, 0.95));
  must(checkrob_sheet_image(&picture, sheet));
  for (uint32_t y = 0; y < SIDE; y += 5)
    for (uint32_t x = 2; x < SIDE - 2; x += 5) expect_colour(GAP + SIDE + x, GAP + y, 255, 0, 0);
  expect_colour(GAP + 18, GAP + 5 + 17, 255, 176, 0); /* 36.7 / 2, the left line */
  expect_colour(GAP + 21, GAP + 5 + 16, 255, 0, 0);
}

static void objects_are_outlined(void **state) {
  (void)state;
  checkrob_regions *regions = NULL;
  must(checkrob_regions_new(&regions));
  must(checkrob_regions_add_box(regions, 10, 10, 30, 30));
  must(checkrob_sheet_add(sheet, image, preprocess, regions, NAN, NAN));
  must(checkrob_sheet_image(&picture, sheet));
  expect_colour(GAP + 5, GAP + 5 + 8, 64, 255, 96); /* 10 / 2, between 5 and 15 */
  expect_colour(GAP + 10, GAP + 5 + 8, 128, 128, 128);
  checkrob_regions_free(regions);
}

/* 20 x 40 pixels of one colour. */
static checkrob_image *upright(uint8_t value) {
  uint8_t pixels[20 * 40 * 3];
  checkrob_image *made = NULL;
  memset(pixels, value, sizeof pixels);
  must(checkrob_image_from_rgb(&made, pixels, 20, 40));
  return made;
}

static void two_pictures_are_side_by_side(void **state) {
  (void)state;
  checkrob_image *other = upright(50);
  must(checkrob_sheet_add_pictures(sheet, image, other));
  must(checkrob_sheet_add_pictures(sheet, other, NULL));
  assert_int_equal(checkrob_sheet_count(sheet), 2);
  must(checkrob_sheet_image(&picture, sheet));
  expect_colour(GAP + 5, GAP + 10, 128, 128, 128);
  expect_colour(GAP + 5, GAP + 1, 255, 255, 255);
  expect_colour(GAP + SIDE + 15, GAP + 1, 50, 50, 50); /* 15 x 30 in a square of 30 */
  expect_colour(GAP + SIDE + 2, GAP + 15, 255, 255, 255);
  expect_colour(2 * GAP + 2 * SIDE + 15, GAP + 15, 50, 50, 50);
  expect_colour(2 * GAP + 3 * SIDE + 15, GAP + 15, 255, 255, 255); /* there is no second one */
  checkrob_image_free(other);
}

static void what_cannot_be_drawn_is_refused(void **state) {
  (void)state;
  checkrob_sheet *other = NULL;
  assert_int_equal(checkrob_sheet_image(&picture, sheet), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_sheet_new(&other, 0, 1, 1), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_sheet_new(&other, 65, 1, 1), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_sheet_new(&other, 1, 1, 2000), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_sheet_new(NULL, 1, 1, 10), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_sheet_add(sheet, NULL, preprocess, NULL, 0, 0), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_sheet_count(NULL), 0);
  must(checkrob_sheet_new(&other, 1, 1, 10));
  must(checkrob_sheet_add(other, image, preprocess, NULL, 0.0, 1.0));
  assert_int_equal(checkrob_sheet_add(other, image, preprocess, NULL, 0, 0), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_sheet_add_pictures(other, image, image), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_sheet_count(other), 1);
  assert_int_equal(checkrob_sheet_add_pictures(NULL, image, image), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_sheet_add_pictures(sheet, NULL, image), CHECKROB_ERROR_INVALID_ARGUMENT);
  checkrob_sheet_free(other);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(tiles_fill_the_sheet_row_by_row, start, stop),
      cmocka_unit_test_setup_teardown(the_part_is_shown_and_marked, start, stop),
      cmocka_unit_test_setup_teardown(objects_are_outlined, start, stop),
      cmocka_unit_test_setup_teardown(two_pictures_are_side_by_side, start, stop),
      cmocka_unit_test_setup_teardown(what_cannot_be_drawn_is_refused, start, stop)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
