/* SPDX-License-Identifier: Apache-2.0 */
/* The overlay: where what was seen is drawn. */
#include <checkrob/report.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

static const uint8_t box_green[3] = {64, 255, 96}, black[3] = {0, 0, 0};

static checkrob_preprocess *parse(const char *json) {
  checkrob_preprocess *preprocess = NULL;
  assert_int_equal(checkrob_preprocess_parse(&preprocess, json, strlen(json)), CHECKROB_OK);
  return preprocess;
}

static checkrob_image *plain(uint32_t width, uint32_t height, uint8_t red, uint8_t green, uint8_t blue) {
  uint8_t *pixels = malloc((size_t)width * height * 3);
  assert_non_null(pixels);
  for (size_t i = 0; i < (size_t)width * height; i++) {
    pixels[3 * i] = red;
    pixels[3 * i + 1] = green;
    pixels[3 * i + 2] = blue;
  }
  checkrob_image *image = NULL;
  assert_int_equal(checkrob_image_from_rgb(&image, pixels, width, height), CHECKROB_OK);
  free(pixels);
  return image;
}

static checkrob_image *overlay(uint32_t width, uint32_t height, uint8_t gray, const char *json,
                               const float *map, size_t map_height, size_t map_width,
                               const checkrob_regions *regions) {
  checkrob_preprocess *preprocess = parse(json);
  checkrob_image *image = plain(width, height, gray, gray, gray), *out = NULL;
  assert_int_equal(checkrob_overlay(&out, image, preprocess, map, map_height, map_width, regions),
                   CHECKROB_OK);
  checkrob_image_free(image);
  checkrob_preprocess_free(preprocess);
  return out;
}

static const uint8_t *pixel(const checkrob_image *image, uint32_t x, uint32_t y) {
  assert_true(x < checkrob_image_width(image) && y < checkrob_image_height(image));
  return checkrob_image_pixels(image) + 3 * ((size_t)y * checkrob_image_width(image) + x);
}

/* As the eye weighs it, in thousandths. */
static int brightness(const uint8_t *p) {
  return 299 * p[0] + 587 * p[1] + 114 * p[2];
}

static int is_colour(const uint8_t *p, const uint8_t colour[3]) {
  return memcmp(p, colour, 3) == 0;
}

/* ---- size ---- */

static void assert_size(uint32_t width, uint32_t height, uint32_t out_width, uint32_t out_height) {
  const float map[] = {0, 1};
  checkrob_image *out = overlay(width, height, 9, "{\"resize\": [8, 8]}", map, 1, 2, NULL);
  assert_int_equal(checkrob_image_width(out), out_width);
  assert_int_equal(checkrob_image_height(out), out_height);
  checkrob_image_free(out);
}

static void has_the_photos_size(void **state) {
  (void)state;
  assert_size(300, 400, 300, 400);
  assert_size(256, 256, 256, 256);
  assert_size(5000, 300, 5000, 300);
}

static void enlarges_thumbnails_by_whole_factors(void **state) {
  (void)state;
  assert_size(255, 300, 510, 600);
  assert_size(32, 48, 256, 384);
  assert_size(100, 60, 500, 300);
  assert_size(1, 1, 256, 256);
  assert_size(1000, 10, 4000, 40); /* but never beyond 4096 */
  assert_size(9000, 1, 9000, 1);
}

/* Enlarged pixels stay whole: the photo is repeated, not smoothed. */
static void keeps_enlarged_pixels_whole(void **state) {
  (void)state;
  const uint8_t pixels[] = {200, 0, 0, 0, 200, 0};
  const float map[] = {0};
  checkrob_preprocess *preprocess = parse("{\"resize\": [4, 4]}");
  checkrob_image *image = NULL, *out = NULL;
  assert_int_equal(checkrob_image_from_rgb(&image, pixels, 2, 1), CHECKROB_OK);
  assert_int_equal(checkrob_overlay(&out, image, preprocess, map, 1, 1, NULL), CHECKROB_OK);
  assert_int_equal(checkrob_image_width(out), 512);
  assert_memory_equal(pixel(out, 0, 0), pixel(out, 255, 255), 3);
  assert_memory_equal(pixel(out, 256, 0), pixel(out, 511, 255), 3);
  assert_true(pixel(out, 255, 0)[0] > 150 && pixel(out, 256, 0)[1] > 150);
  checkrob_image_free(out);
  checkrob_image_free(image);
  checkrob_preprocess_free(preprocess);
}

/* ---- the map ---- */

static void shows_the_photo_where_the_map_is_dark(void **state) {
  (void)state;
  const float map[] = {0, 0, 0, 0};
  checkrob_image *out = overlay(300, 300, 200, "{\"resize\": [8, 8]}", map, 2, 2, NULL);
  for (uint32_t i = 0; i < 300; i += 23) {
    assert_true(pixel(out, i, i)[0] >= 160 && pixel(out, i, i)[0] <= 200);
    assert_memory_equal(pixel(out, i, i), pixel(out, 0, 0), 3);
  }
  checkrob_image_free(out);
}

/* The mean position of the brightest pixels on a black photo. */
static void find_brightest(double *x, double *y, const checkrob_image *image) {
  int highest = -1;
  double count = 0;
  *x = *y = 0;
  for (uint32_t row = 0; row < checkrob_image_height(image); row++)
    for (uint32_t column = 0; column < checkrob_image_width(image); column++) {
      int bright = brightness(pixel(image, column, row));
      if (bright < highest) continue;
      if (bright > highest) *x = *y = count = 0;
      highest = bright;
      *x += column + 0.5;
      *y += row + 0.5;
      count++;
    }
  *x /= count;
  *y /= count;
}

static void assert_brightest(uint32_t width, uint32_t height, const char *json, size_t map_side,
                             size_t cell_x, size_t cell_y, double x, double y, double tolerance) {
  float map[49] = {0};
  map[cell_y * map_side + cell_x] = 1.0F;
  checkrob_image *out = overlay(width, height, 0, json, map, map_side, map_side, NULL);
  double found_x, found_y;
  find_brightest(&found_x, &found_y, out);
  if (fabs(found_x - x) > tolerance || fabs(found_y - y) > tolerance)
    fail_msg("brightest at %g, %g, not at %g, %g", found_x, found_y, x, y);
  checkrob_image_free(out);
}

static void puts_the_map_where_the_input_came_from(void **state) {
  (void)state;
  /* 400 x 300 is resized to 341 x 256, then cropped to 224 at (58, 16); cells are 32 input pixels wide. */
  assert_brightest(400, 300, "{\"resize\": 256, \"crop\": 224}", 7, 5, 1, (5.5 * 32 + 58) * 400 / 341,
                   (1.5 * 32 + 16) * 300 / 256, 1.0);
  assert_brightest(300, 400, "{\"resize\": 256, \"crop\": 224}", 7, 1, 5, (1.5 * 32 + 16) * 300 / 256,
                   (5.5 * 32 + 58) * 400 / 341, 1.0);
  /* Squeezed to a square: nothing is cut away, and the axes have different scales. */
  assert_brightest(600, 300, "{\"resize\": [224, 224]}", 7, 5, 1, 5.5 / 7 * 600, 1.5 / 7 * 300, 1.5);
  /* No resize: a crop of the photo itself, at (100, 200). */
  assert_brightest(320, 520, "{\"crop\": 120}", 6, 4, 1, 100 + 4.5 * 20, 200 + 1.5 * 20, 1.0);
  /* A crop to a rectangle, and an enlarged photo: 64 x 64, each pixel 4 x 4. */
  assert_brightest(64, 64, "{\"resize\": 64, \"crop\": [64, 32]}", 4, 1, 2, (16 + 1.5 * 8) * 4, 2.5 * 16 * 4,
                   2.0);
}

static void repeats_the_map_at_the_rim(void **state) {
  (void)state;
  const float map[] = {1, 0, 0, 0};
  checkrob_image *out = overlay(300, 300, 0, "{\"resize\": [8, 8]}", map, 2, 2, NULL);
  assert_memory_equal(pixel(out, 0, 0), pixel(out, 74, 74), 3); /* up to the cell's centre */
  assert_true(brightness(pixel(out, 0, 0)) > brightness(pixel(out, 90, 90)));
  checkrob_image_free(out);
}

static void brightens_with_the_map(void **state) {
  (void)state;
  float map[64];
  for (size_t i = 0; i < 64; i++) map[i] = (float)i / 63.0F;
  checkrob_image *out = overlay(640, 300, 0, "{\"resize\": [8, 8]}", map, 1, 64, NULL);
  for (uint32_t x = 1; x < 640; x++) /* a step of rounding apart */
    assert_true(brightness(pixel(out, x, 0)) + 1000 >= brightness(pixel(out, x - 1, 0)));
  assert_true(brightness(pixel(out, 639, 0)) > brightness(pixel(out, 0, 0)) + 150000);
  checkrob_image_free(out);
}

/* checkrob_saliency returns 0 to 1; others may not. */
static void survives_any_float(void **state) {
  (void)state;
  const float map[] = {NAN, INFINITY, -INFINITY, 1e30F, -1e30F, NAN, 2, -1, 0};
  checkrob_image *out = overlay(300, 300, 50, "{\"resize\": [8, 8]}", map, 3, 3, NULL);
  checkrob_image_free(out);
}

/* ---- what the crop cut away ---- */

static void darkens_what_the_model_never_saw(void **state) {
  (void)state;
  const float map[] = {1};
  checkrob_preprocess *preprocess = parse("{\"crop\": 100}");
  checkrob_image *image = plain(400, 300, 200, 100, 50), *out = NULL;
  assert_int_equal(checkrob_overlay(&out, image, preprocess, map, 1, 1, NULL), CHECKROB_OK);
  double gray = (0.299 * 200 + 0.587 * 100 + 0.114 * 50) * 0.35;
  for (uint32_t y = 0; y < 300; y++)
    for (uint32_t x = 0; x < 400; x++) {
      int seen = x >= 150 && x < 250 && y >= 100 && y < 200;
      const uint8_t *p = pixel(out, x, y);
      int is_dark_gray = p[0] == p[1] && p[1] == p[2] && fabs(p[0] - gray) <= 1;
      assert_int_equal(is_dark_gray, !seen);
    }
  checkrob_image_free(out);
  checkrob_image_free(image);
  checkrob_preprocess_free(preprocess);
}

/* ---- boxes ---- */

static checkrob_image *with_box(double x1, double y1, double x2, double y2) {
  const float map[] = {0};
  checkrob_regions *regions = NULL;
  assert_int_equal(checkrob_regions_new(&regions), CHECKROB_OK);
  assert_int_equal(checkrob_regions_add_box(regions, x1, y1, x2, y2), CHECKROB_OK);
  checkrob_image *out = overlay(400, 300, 128, "{\"resize\": [8, 8]}", map, 1, 1, regions);
  checkrob_regions_free(regions);
  return out;
}

static size_t count_line_pixels(const checkrob_image *image) {
  size_t count = 0;
  for (uint32_t y = 0; y < checkrob_image_height(image); y++)
    for (uint32_t x = 0; x < checkrob_image_width(image); x++)
      count += is_colour(pixel(image, x, y), box_green) || is_colour(pixel(image, x, y), black);
  return count;
}

static void outlines_boxes(void **state) {
  (void)state;
  checkrob_image *out = with_box(100, 50, 200, 250);
  assert_true(is_colour(pixel(out, 100, 50), box_green));
  assert_true(is_colour(pixel(out, 199, 249), box_green));
  assert_true(is_colour(pixel(out, 150, 50), box_green));
  assert_true(is_colour(pixel(out, 100, 150), box_green));
  assert_true(is_colour(pixel(out, 199, 150), box_green));
  assert_true(is_colour(pixel(out, 150, 52), black)); /* the dark line inside */
  assert_memory_equal(pixel(out, 99, 150), pixel(out, 0, 0), 3);
  assert_memory_equal(pixel(out, 200, 150), pixel(out, 0, 0), 3);
  assert_memory_equal(pixel(out, 150, 49), pixel(out, 0, 0), 3);
  assert_memory_equal(pixel(out, 150, 150), pixel(out, 0, 0), 3);
  checkrob_image_free(out);
}

static void cuts_boxes_at_the_rim(void **state) {
  (void)state;
  checkrob_image *out = with_box(-1e9, 100, 1e9, 200);
  assert_true(is_colour(pixel(out, 0, 150), box_green));
  assert_true(is_colour(pixel(out, 399, 150), box_green));
  assert_true(is_colour(pixel(out, 200, 100), box_green));
  assert_memory_equal(pixel(out, 200, 150), pixel(out, 0, 0), 3);
  checkrob_image_free(out);
}

static void leaves_out_boxes_beyond_the_rim(void **state) {
  (void)state;
  static const double boxes[][4] = {{-300, 50, -100, 250}, {500, 50, 700, 250},  {50, -200, 350, -100},
                                    {50, 400, 350, 500},   {-50, -50, 0, 0},     {400, 300, 500, 400},
                                    {-1e12, 10, -1, 290},  {400, 0, 1e300, 300}, {0, 300, 400, 1e9}};
  for (size_t i = 0; i < sizeof boxes / sizeof boxes[0]; i++) {
    checkrob_image *out = with_box(boxes[i][0], boxes[i][1], boxes[i][2], boxes[i][3]);
    assert_int_equal(count_line_pixels(out), 0);
    checkrob_image_free(out);
  }
}

static void shows_a_box_of_one_pixel(void **state) {
  (void)state;
  checkrob_image *out = with_box(200, 150, 201, 151);
  assert_true(is_colour(pixel(out, 200, 150), box_green));
  checkrob_image_free(out);
}

static void draws_boxes_at_the_enlarged_size(void **state) {
  (void)state;
  const float map[] = {0};
  checkrob_regions *regions = NULL;
  assert_int_equal(checkrob_regions_new(&regions), CHECKROB_OK);
  assert_int_equal(checkrob_regions_add_box(regions, 4, 8, 12, 24), CHECKROB_OK);
  checkrob_image *out = overlay(32, 32, 128, "{\"resize\": [8, 8]}", map, 1, 1, regions);
  assert_true(is_colour(pixel(out, 4 * 8, 8 * 8), box_green));
  assert_true(is_colour(pixel(out, 12 * 8 - 1, 24 * 8 - 1), box_green));
  assert_false(is_colour(pixel(out, 4 * 8 - 1, 8 * 8), box_green));
  checkrob_image_free(out);
  checkrob_regions_free(regions);
}

/* ---- arguments ---- */

static void refuses_wrong_arguments(void **state) {
  (void)state;
  const checkrob_status wrong = CHECKROB_ERROR_INVALID_ARGUMENT;
  const float map[] = {1};
  checkrob_preprocess *preprocess = parse("{\"crop\": 100}");
  checkrob_image *image = plain(99, 300, 1, 2, 3), *out = NULL;
  assert_int_equal(checkrob_overlay(NULL, image, preprocess, map, 1, 1, NULL), wrong);
  assert_int_equal(checkrob_overlay(&out, NULL, preprocess, map, 1, 1, NULL), wrong);
  assert_int_equal(checkrob_overlay(&out, image, NULL, map, 1, 1, NULL), wrong);
  assert_int_equal(checkrob_overlay(&out, image, preprocess, NULL, 1, 1, NULL), wrong);
  assert_int_equal(checkrob_overlay(&out, image, preprocess, map, 0, 1, NULL), wrong);
  assert_int_equal(checkrob_overlay(&out, image, preprocess, map, 1, 0, NULL), wrong);
  /* Too small for the crop: no model ever saw this image. */
  assert_int_equal(checkrob_overlay(&out, image, preprocess, map, 1, 1, NULL), CHECKROB_ERROR_BAD_INPUT);
  assert_null(out);
  checkrob_image_free(image);
  checkrob_preprocess_free(preprocess);
}

/* ---- shapes that are no boxes ---- */

/* An L: its outline goes around the corner that it lacks. */
static void a_mask_is_outlined(void **state) {
  (void)state;
  const float map[] = {0};
  uint8_t mask[300 * 300] = {0};
  for (size_t y = 50; y < 250; y++)
    for (size_t x = 50; x < (y < 150 ? 120 : 250); x++) mask[y * 300 + x] = 1;
  checkrob_regions *regions = NULL;
  assert_int_equal(checkrob_regions_new(&regions), CHECKROB_OK);
  assert_int_equal(checkrob_regions_add_mask(regions, mask, 300, 300), CHECKROB_OK);
  checkrob_image *out = overlay(300, 300, 200, "{\"crop\": 300}", map, 1, 1, regions);
  /* Two bright pixels, then a dark one, along each edge. */
  for (uint32_t i = 0; i < 3; i++) {
    const uint8_t *colour = i < 2 ? box_green : black;
    assert_true(is_colour(pixel(out, 50 + i, 200), colour));  /* left */
    assert_true(is_colour(pixel(out, 119 - i, 100), colour)); /* the upright one of the inner corner */
    assert_true(is_colour(pixel(out, 200, 150 + i), colour)); /* the level one */
    assert_true(is_colour(pixel(out, 249 - i, 200), colour)); /* right */
    assert_true(is_colour(pixel(out, 150, 249 - i), colour)); /* bottom */
  }
  const uint32_t untouched[][2] = {{249, 50}, {249, 100}, {180, 50}, {120, 149},
                                   {53, 53},  {150, 200}, {49, 100}};
  for (size_t i = 0; i < sizeof untouched / sizeof untouched[0]; i++) {
    const uint8_t *p = pixel(out, untouched[i][0], untouched[i][1]);
    assert_false(is_colour(p, box_green) || is_colour(p, black));
  }
  checkrob_image_free(out);
  checkrob_regions_free(regions);
}

static void a_polygon_is_outlined_at_any_scale(void **state) {
  (void)state;
  const float map[] = {0};
  const double triangle[] = {0.0, 0.0, 1.0, 0.0, 0.0, 1.0};
  checkrob_regions *regions = NULL;
  assert_int_equal(checkrob_regions_new(&regions), CHECKROB_OK);
  assert_int_equal(checkrob_regions_set_relative(regions), CHECKROB_OK);
  assert_int_equal(checkrob_regions_add_polygon(regions, triangle, 3), CHECKROB_OK);
  checkrob_image *out = overlay(64, 64, 200, "{\"crop\": 64}", map, 1, 1, regions); /* enlarged four times */
  assert_int_equal(checkrob_image_width(out), 256);
  assert_true(is_colour(pixel(out, 0, 0), box_green));
  assert_true(is_colour(pixel(out, 0, 128), box_green));
  assert_true(is_colour(pixel(out, 126, 126), box_green)); /* the slope */
  assert_false(is_colour(pixel(out, 255, 255), box_green));
  assert_false(is_colour(pixel(out, 60, 60), box_green));
  checkrob_image_free(out);
  checkrob_regions_free(regions);
}

static void a_mask_of_another_size_is_refused(void **state) {
  (void)state;
  const float map[] = {0};
  const uint8_t mask[] = {1, 1};
  checkrob_regions *regions = NULL;
  assert_int_equal(checkrob_regions_new(&regions), CHECKROB_OK);
  assert_int_equal(checkrob_regions_add_mask(regions, mask, 2, 1), CHECKROB_OK);
  checkrob_preprocess *preprocess = parse("{\"crop\": 32}");
  checkrob_image *image = plain(32, 32, 0, 0, 0), *out = NULL;
  assert_int_equal(checkrob_overlay(&out, image, preprocess, map, 1, 1, regions), CHECKROB_ERROR_BAD_INPUT);
  checkrob_image_free(image);
  checkrob_preprocess_free(preprocess);
  checkrob_regions_free(regions);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(has_the_photos_size),
      cmocka_unit_test(enlarges_thumbnails_by_whole_factors),
      cmocka_unit_test(keeps_enlarged_pixels_whole),
      cmocka_unit_test(shows_the_photo_where_the_map_is_dark),
      cmocka_unit_test(puts_the_map_where_the_input_came_from),
      cmocka_unit_test(repeats_the_map_at_the_rim),
      cmocka_unit_test(brightens_with_the_map),
      cmocka_unit_test(survives_any_float),
      cmocka_unit_test(darkens_what_the_model_never_saw),
      cmocka_unit_test(outlines_boxes),
      cmocka_unit_test(cuts_boxes_at_the_rim),
      cmocka_unit_test(leaves_out_boxes_beyond_the_rim),
      cmocka_unit_test(shows_a_box_of_one_pixel),
      cmocka_unit_test(draws_boxes_at_the_enlarged_size),
      cmocka_unit_test(a_mask_is_outlined),
      cmocka_unit_test(a_polygon_is_outlined_at_any_scale),
      cmocka_unit_test(a_mask_of_another_size_is_refused),
      cmocka_unit_test(refuses_wrong_arguments),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
