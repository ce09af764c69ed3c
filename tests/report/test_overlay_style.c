/* SPDX-License-Identifier: Apache-2.0 */
/* Styles of overlays: colours, how much of the photo is visible, outlines, size. */
#include <checkrob/report.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

static checkrob_preprocess *preprocess;
static checkrob_regions *regions;
static checkrob_image *image, *out;
static checkrob_overlay_style style;

/* A gray image whose box is its middle. The model sees all of it. */
static void make_image(uint32_t width, uint32_t height) {
  static const char recipe[] = "{\"resize\": [8, 8]}";
  uint8_t *pixels = malloc((size_t)width * height * 3);
  assert_non_null(pixels);
  memset(pixels, 200, (size_t)width * height * 3);
  must(checkrob_image_from_rgb(&image, pixels, width, height));
  free(pixels);
  must(checkrob_preprocess_parse(&preprocess, recipe, sizeof recipe - 1));
  must(checkrob_regions_new(&regions));
  style = (checkrob_overlay_style)CHECKROB_OVERLAY_STYLE_INIT;
}

static void add_box(double x1, double y1, double x2, double y2) {
  must(checkrob_regions_add_box(regions, x1, y1, x2, y2));
}

static int start(void **state) {
  (void)state;
  make_image(300, 400);
  add_box(100, 100, 200, 300);
  return 0;
}

static int stop(void **state) {
  (void)state;
  checkrob_image_free(out);
  checkrob_image_free(image);
  checkrob_regions_free(regions);
  checkrob_preprocess_free(preprocess);
  out = image = NULL;
  return 0;
}

static void draw(float value) {
  checkrob_image_free(out);
  out = NULL;
  must(checkrob_overlay_styled(&out, image, preprocess, &value, 1, 1, regions, &style));
}

static const uint8_t *pixel(uint32_t x, uint32_t y) {
  assert_true(x < checkrob_image_width(out) && y < checkrob_image_height(out));
  return checkrob_image_pixels(out) + 3 * ((size_t)y * checkrob_image_width(out) + x);
}

static void expect(uint32_t x, uint32_t y, int red, int green, int blue) {
  const uint8_t *p = pixel(x, y);
  if (abs(p[0] - red) > 1 || abs(p[1] - green) > 1 || abs(p[2] - blue) > 1)
    fail_msg("pixel %u, %u is %d, %d, %d", x, y, p[0], p[1], p[2]);
}

static void the_default_is_the_plain_overlay(void **state) {
  (void)state;
  const float map[] = {0.0F, 0.3F, 0.7F, 1.0F};
  checkrob_image *plain = NULL, *none = NULL;
  must(checkrob_overlay(&plain, image, preprocess, map, 2, 2, regions));
  must(checkrob_overlay_styled(&none, image, preprocess, map, 2, 2, regions, NULL));
  must(checkrob_overlay_styled(&out, image, preprocess, map, 2, 2, regions, &style));
  size_t bytes = (size_t)300 * 400 * 3;
  assert_memory_equal(checkrob_image_pixels(plain), checkrob_image_pixels(out), bytes);
  assert_memory_equal(checkrob_image_pixels(none), checkrob_image_pixels(out), bytes);
  checkrob_image_free(plain);
  checkrob_image_free(none);
}

static void alpha_is_what_the_map_covers(void **state) {
  (void)state;
  style.colour_map = CHECKROB_COLOUR_MAP_VIRIDIS;
  style.alpha = 1.0;
  draw(1.0F);
  expect(10, 10, 253, 231, 37); /* the last colour, alone */
  draw(0.0F);
  expect(10, 10, (200 * 4 + 68) / 5, (200 * 4 + 1) / 5, (200 * 4 + 84) / 5);
  style.alpha = 0.5;
  draw(1.0F);
  expect(10, 10, (253 + 200) / 2, (231 + 200) / 2, (37 + 200) / 2);
  style.alpha = 0.0;
  draw(1.0F);
  expect(10, 10, 200, 200, 200);
  expect(100, 100, 64, 255, 96); /* outlines are drawn all the same */
}

static void colour_maps_differ(void **state) {
  (void)state;
  style.alpha = 1.0;
  for (int map = CHECKROB_COLOUR_MAP_VIRIDIS; map <= CHECKROB_COLOUR_MAP_GRAY; map++) {
    uint8_t rgb[3];
    style.colour_map = (checkrob_colour_map)map;
    must(checkrob_colour_map_at(rgb, style.colour_map, 1.0));
    draw(1.0F);
    expect(10, 10, rgb[0], rgb[1], rgb[2]);
  }
}

static void outlines_have_a_colour_and_a_thickness(void **state) {
  (void)state;
  style.alpha = 0.0;
  style.outline_colour = 0x0a141e;
  style.outline_thickness = 7;
  draw(0.0F);
  expect(99, 200, 200, 200, 200);
  expect(100, 200, 10, 20, 30);
  expect(106, 200, 10, 20, 30);
  expect(107, 200, 0, 0, 0);
  expect(108, 200, 200, 200, 200);
  style.outlines = 0;
  draw(0.0F);
  expect(100, 200, 200, 200, 200);
}

/* ---- the size ---- */

static void expect_size(uint32_t longest, uint32_t width, uint32_t height) {
  style.longest_side = longest;
  draw(0.5F);
  assert_int_equal(checkrob_image_width(out), width);
  assert_int_equal(checkrob_image_height(out), height);
}

static void a_large_image_is_drawn_smaller(void **state) {
  (void)state;
  expect_size(0, 300, 400);
  expect_size(400, 300, 400);
  expect_size(401, 300, 400);
  expect_size(200, 150, 200);
  expect_size(3, 2, 3);
  expect_size(1, 1, 1);
}

static void a_small_image_is_enlarged_up_to_that_size(void **state) {
  (void)state;
  stop(state);
  make_image(64, 32);
  expect_size(0, 512, 256);
  expect_size(512, 512, 256);
  expect_size(200, 192, 96);
  expect_size(127, 64, 32);
  expect_size(32, 32, 16);
  expect_size(UINT32_MAX, 512, 256);
}

static void boxes_and_the_map_are_where_they_belong_in_a_smaller_picture(void **state) {
  (void)state;
  const float map[] = {0.0F, 1.0F};
  style.longest_side = 200;
  style.alpha = 1.0;
  style.colour_map = CHECKROB_COLOUR_MAP_GRAY;
  must(checkrob_overlay_styled(&out, image, preprocess, map, 1, 2, regions, &style));
  expect(50, 100, 64, 255, 96); /* 100 / 2 */
  expect(99, 100, 64, 255, 96);
  assert_true(pixel(45, 100)[0] != 64);
  assert_true(pixel(10, 10)[0] < pixel(140, 10)[0]);
  expect(140, 10, 255, 255, 255);
}

static void a_tiny_box_is_visible_in_a_smaller_picture(void **state) {
  (void)state;
  add_box(290, 20, 291, 21);
  add_box(299, 399, 300, 400); /* the last pixel */
  style.longest_side = 40;
  draw(0.0F);
  expect(29, 2, 64, 255, 96);
  expect(29, 39, 64, 255, 96);
}

static void a_mask_is_outlined_in_a_smaller_picture(void **state) {
  (void)state;
  static uint8_t mask[300 * 400];
  for (size_t y = 40; y < 120; y++) memset(mask + y * 300 + 40, 1, 80);
  must(checkrob_regions_add_mask(regions, mask, 300, 400));
  style.longest_side = 200;
  style.alpha = 0.0;
  draw(0.0F);
  expect(20, 40, 64, 255, 96);
  expect(59, 40, 64, 255, 96);
  expect(40, 20, 64, 255, 96);
  expect(19, 40, 200, 200, 200);
  expect(40, 40, 200, 200, 200);
  expect(62, 22, 200, 200, 200);
}

/* ---- limits ---- */

/* Masks as large as the image. An outline for each would take seconds here, and hours on a photo with as many
 * masks as it may have. */
static void many_large_masks_take_little_time(void **state) {
  (void)state;
  static uint8_t mask[300 * 400];
  mask[0] = mask[300 * 400 - 1] = 1;
  for (int i = 0; i < 1000; i++) must(checkrob_regions_add_mask(regions, mask, 300, 400));
  draw(0.0F);
  expect(0, 0, 64, 255, 96);
  expect(299, 399, 64, 255, 96);
}

static void outlines_have_one_limit_together(void **state) {
  (void)state;
  static double zigzag[2 * 4000];
  for (size_t i = 0; i < 4000; i++) {
    zigzag[2 * i] = i % 2 ? 300 : 0;
    zigzag[2 * i + 1] = (double)i / 10;
  }
  must(checkrob_regions_add_polygon(regions, zigzag, 4000)); /* 1.2 million pixels */
  draw(0.0F);
  for (int i = 0; i < 8; i++) must(checkrob_regions_add_polygon(regions, zigzag, 4000));
  checkrob_image *none = NULL;
  const float map[] = {0.0F};
  assert_int_equal(checkrob_overlay_styled(&none, image, preprocess, map, 1, 1, regions, &style),
                   CHECKROB_ERROR_LIMIT);
  assert_null(none);
}

static void expect_refused(void) {
  const float map[] = {0.0F};
  checkrob_image *none = NULL;
  assert_int_equal(checkrob_overlay_styled(&none, image, preprocess, map, 1, 1, regions, &style),
                   CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_null(none);
  style = (checkrob_overlay_style)CHECKROB_OVERLAY_STYLE_INIT;
}

static void what_a_style_does_not_allow(void **state) {
  (void)state;
  style.size = 0;
  expect_refused();
  style.size = sizeof style + 8; /* of a newer library */
  expect_refused();
  style.alpha = 1.01;
  expect_refused();
  style.alpha = -0.01;
  expect_refused();
  style.alpha = NAN;
  expect_refused();
  style.colour_map = (checkrob_colour_map)9;
  expect_refused();
  style.outline_colour = 0x1000000;
  expect_refused();
  style.outline_thickness = 1001;
  expect_refused();
  style.size = sizeof style.size; /* of an older program: the defaults */
  style.alpha = 9.0;
  draw(1.0F);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(the_default_is_the_plain_overlay, start, stop),
      cmocka_unit_test_setup_teardown(alpha_is_what_the_map_covers, start, stop),
      cmocka_unit_test_setup_teardown(colour_maps_differ, start, stop),
      cmocka_unit_test_setup_teardown(outlines_have_a_colour_and_a_thickness, start, stop),
      cmocka_unit_test_setup_teardown(a_large_image_is_drawn_smaller, start, stop),
      cmocka_unit_test_setup_teardown(a_small_image_is_enlarged_up_to_that_size, start, stop),
      cmocka_unit_test_setup_teardown(boxes_and_the_map_are_where_they_belong_in_a_smaller_picture, start,
                                      stop),
      cmocka_unit_test_setup_teardown(a_tiny_box_is_visible_in_a_smaller_picture, start, stop),
      cmocka_unit_test_setup_teardown(a_mask_is_outlined_in_a_smaller_picture, start, stop),
      cmocka_unit_test_setup_teardown(many_large_masks_take_little_time, start, stop),
      cmocka_unit_test_setup_teardown(outlines_have_one_limit_together, start, stop),
      cmocka_unit_test_setup_teardown(what_a_style_does_not_allow, start, stop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
