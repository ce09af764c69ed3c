/* SPDX-License-Identifier: Apache-2.0 */
/* Polygons, masks and relative coordinates, held against boxes, whose union is exact. */
#include <checkrob/region.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "region/polygon.h"
#include "support/test.h"

#define SIDE 24

static uint32_t random_state = 7;
static double uniform(void) {
  random_state = random_state * 1664525u + 1013904223u;
  return (random_state >> 8) / 16777216.0;
}

static checkrob_preprocess *preprocess;

static int set_up(void **state) {
  (void)state;
  static const char json[] = "{\"resize\": 32, \"crop\": 24}";
  return checkrob_preprocess_parse(&preprocess, json, sizeof json - 1) != CHECKROB_OK;
}

static int tear_down(void **state) {
  (void)state;
  checkrob_preprocess_free(preprocess);
  return 0;
}

static checkrob_regions *fresh(void) {
  checkrob_regions *regions = NULL;
  assert_int_equal(checkrob_regions_new(&regions), CHECKROB_OK);
  return regions;
}

static void cover(float *coverage, const checkrob_regions *regions, uint32_t width, uint32_t height) {
  if (checkrob_regions_coverage(coverage, regions, preprocess, width, height, CHECKROB_GEOMETRY_STANDARD))
    fail_msg("%s", checkrob_last_error());
}

/* 1e-6: the shares are floats between 0 and 1, and each is one rounding of a sum in double. */
static void assert_same(const float *left, const float *right) {
  for (size_t i = 0; i < SIDE * SIDE; i++)
    if (!(fabsf(left[i] - right[i]) <= 1e-6F)) fail_msg("pixel %zu: %.9g, not %.9g", i, left[i], right[i]);
}

static void add_box_as_polygon(checkrob_regions *regions, const double b[4], bool reversed) {
  const double there[] = {b[0], b[1], b[2], b[1], b[2], b[3], b[0], b[3]};
  const double back[] = {b[0], b[1], b[0], b[3], b[2], b[3], b[2], b[1]};
  assert_int_equal(checkrob_regions_add_polygon(regions, reversed ? back : there, 4), CHECKROB_OK);
}

/* Reaching beyond the image now and then. */
static void random_box(double b[4], double width, double height) {
  b[0] = uniform() * width * 1.2 - 0.1 * width;
  b[1] = uniform() * height * 1.2 - 0.1 * height;
  b[2] = b[0] + uniform() * width + 1;
  b[3] = b[1] + uniform() * height + 1;
}

static double sum(const float *values) {
  double total = 0;
  for (size_t i = 0; i < SIDE * SIDE; i++) total += (double)values[i];
  return total;
}

/* On whole pixels exactly. Elsewhere where in an original's pixel a rim runs is lost, its share is not: when
 * the crop cuts through such a pixel, even the sum differs, by at most one original pixel's width along the
 * crop. */
static void a_polygon_of_four_corners_is_a_box(void **state) {
  (void)state;
  float boxed[SIDE * SIDE], drawn[SIDE * SIDE];
  for (int turn = 0; turn < 400; turn++) {
    uint32_t width = 32 + (uint32_t)(uniform() * 90), height = 32 + (uint32_t)(uniform() * 90);
    checkrob_regions *boxes = fresh(), *polygons = fresh();
    bool whole = turn % 2;
    double b[4];
    random_box(b, width, height);
    for (size_t i = 0; whole && i < 4; i++) b[i] = floor(b[i]);
    assert_int_equal(checkrob_regions_add_box(boxes, b[0], b[1], b[2], b[3]), CHECKROB_OK);
    add_box_as_polygon(polygons, b, turn % 4 < 2);
    cover(boxed, boxes, width, height);
    cover(drawn, polygons, width, height);
    if (whole) assert_same(drawn, boxed);
    if (!(fabs(sum(drawn) - sum(boxed)) <= SIDE)) fail_msg("%g, not %g", sum(drawn), sum(boxed));
    checkrob_regions_free(boxes);
    checkrob_regions_free(polygons);
  }
}

static void a_mask_of_whole_pixels_is_a_box(void **state) {
  (void)state;
  float boxed[SIDE * SIDE], masked[SIDE * SIDE];
  for (int turn = 0; turn < 200; turn++) {
    uint32_t width = 10 + (uint32_t)(uniform() * 90), height = 10 + (uint32_t)(uniform() * 90);
    checkrob_regions *boxes = fresh(), *masks = fresh();
    uint8_t *mask = calloc(width, height);
    for (int k = 0; k < 3; k++) { /* a union of three */
      uint32_t x1 = (uint32_t)(uniform() * width), x2 = x1 + 1 + (uint32_t)(uniform() * (width - x1 - 1));
      uint32_t y1 = (uint32_t)(uniform() * height), y2 = y1 + 1 + (uint32_t)(uniform() * (height - y1 - 1));
      assert_int_equal(checkrob_regions_add_box(boxes, x1, y1, x2, y2), CHECKROB_OK);
      for (uint32_t y = y1; y < y2; y++) memset(mask + (size_t)y * width + x1, 1 + k, x2 - x1);
    }
    assert_int_equal(checkrob_regions_add_mask(masks, mask, width, height), CHECKROB_OK);
    cover(boxed, boxes, width, height);
    cover(masked, masks, width, height);
    assert_same(masked, boxed);
    /* Together they are no more than either. */
    assert_int_equal(checkrob_regions_add_mask(boxes, mask, width, height), CHECKROB_OK);
    cover(masked, boxes, width, height);
    assert_same(masked, boxed);
    free(mask);
    checkrob_regions_free(boxes);
    checkrob_regions_free(masks);
  }
}

static void relative_shapes_are_shares_of_the_image(void **state) {
  (void)state;
  float absolute[SIDE * SIDE], relative[SIDE * SIDE];
  const uint32_t width = 80, height = 50;
  const double triangle[] = {8, 5, 72, 20, 30, 48};
  double shares[6];
  for (size_t i = 0; i < 6; i++) shares[i] = triangle[i] / (i % 2 ? height : width);
  checkrob_regions *pixels = fresh(), *parts = fresh();
  assert_int_equal(checkrob_regions_set_relative(parts), CHECKROB_OK);
  assert_true(checkrob_regions_relative(parts) && !checkrob_regions_relative(pixels));
  assert_int_equal(checkrob_regions_add_box(pixels, 20, 10, 40, 30), CHECKROB_OK);
  assert_int_equal(checkrob_regions_add_box(parts, 0.25, 0.2, 0.5, 0.6), CHECKROB_OK);
  cover(absolute, pixels, width, height);
  cover(relative, parts, width, height);
  assert_same(relative, absolute);
  assert_int_equal(checkrob_regions_add_polygon(pixels, triangle, 3), CHECKROB_OK);
  assert_int_equal(checkrob_regions_add_polygon(parts, shares, 3), CHECKROB_OK);
  cover(absolute, pixels, width, height);
  cover(relative, parts, width, height);
  assert_same(relative, absolute);
  assert_int_equal(checkrob_regions_set_relative(parts), CHECKROB_ERROR_INVALID_ARGUMENT);
  uint8_t mask = 1;
  assert_int_equal(checkrob_regions_add_mask(parts, &mask, 1, 1), CHECKROB_ERROR_INVALID_ARGUMENT);
  checkrob_regions_free(pixels);
  checkrob_regions_free(parts);
}

static double polygon_area(const double *xy, size_t points, uint32_t width, uint32_t height, float *shares) {
  assert_int_equal(polygon_cover(shares, xy, points, width, height), CHECKROB_OK);
  double total = 0;
  for (size_t i = 0; i < (size_t)width * height; i++) {
    assert_true(shares[i] >= 0 && shares[i] <= 1);
    total += (double)shares[i];
  }
  return total;
}

/* The shoelace formula, which knows nothing of pixels. 1e-4: 100 floats' rounding. */
static void triangles_have_their_area(void **state) {
  (void)state;
  float shares[10 * 10];
  for (int turn = 0; turn < 1000; turn++) {
    double t[6];
    for (size_t i = 0; i < 6; i++) t[i] = uniform() * 10;
    if (turn % 4 == 0) t[0] = floor(t[0]), t[2] = t[0], t[3] = floor(t[3]); /* an upright edge on the grid */
    double area = fabs((t[2] - t[0]) * (t[5] - t[1]) - (t[4] - t[0]) * (t[3] - t[1])) / 2;
    double found = polygon_area(t, 3, 10, 10, shares);
    if (!(fabs(found - area) < 1e-4)) fail_msg("an area of %.9g, not %.9g", found, area);
  }
}

static void what_lies_outside_is_cut_off(void **state) {
  (void)state;
  float shares[4 * 4];
  const double diamond[] = {2, -2, 6, 2, 2, 6, -2, 2}; /* its sides run through the raster's corners */
  assert_true(fabs(polygon_area(diamond, 4, 4, 4, shares) - 16) < 1e-5);
  const double left[] = {-9, 1, 1, 1, 1, 3, -9, 3};
  assert_true(fabs(polygon_area(left, 4, 4, 4, shares) - 2) < 1e-6);
  const double right[] = {3, 1, 99, 1, 99, 3, 3, 3};
  assert_true(fabs(polygon_area(right, 4, 4, 4, shares) - 2) < 1e-6);
  const double beyond[] = {7, 7, 9, 7, 9, 9};
  assert_true(polygon_area(beyond, 3, 4, 4, shares) == 0);
}

/* Both lobes of an eight count, though they wind in opposite ways; a part that is wound around twice counts
 * once.
 */
static void winding_in_any_way_counts(void **state) {
  (void)state;
  float shares[4 * 4];
  const double eight[] = {0, 0, 4, 4, 4, 0, 0, 4};
  assert_true(fabs(polygon_area(eight, 4, 4, 4, shares) - 8) < 1.0); /* the crossing pixels are approximate */
  assert_true(shares[0 * 4 + 3] > 0.4F && shares[1 * 4 + 0] > 0.9F && shares[1 * 4 + 3] > 0.9F);
  const double twice[] = {0, 0, 3, 0, 3, 3, 0, 3, 0, 0, 3, 0, 3, 3, 0, 3};
  assert_true(fabs(polygon_area(twice, 8, 4, 4, shares) - 9) < 1e-6);
}

static void what_encloses_nothing_is_refused(void **state) {
  (void)state;
  checkrob_regions *regions = fresh();
  const double line[] = {1, 1, 1, 5, 1, 9}, wild[] = {1, 1, NAN, 5, 3, 9}, good[] = {1, 1, 5, 5, 3, 9};
  const uint8_t empty[6] = {0};
  assert_int_equal(checkrob_regions_add_polygon(regions, line, 3), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_regions_add_polygon(regions, wild, 3), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_regions_add_polygon(regions, good, 2), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_regions_add_mask(regions, empty, 3, 2), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_regions_count(regions), 0);
  assert_int_equal(checkrob_regions_add_polygon(regions, good, 3), CHECKROB_OK);
  double box[4];
  assert_int_equal(checkrob_regions_box(box, regions, 0), CHECKROB_OK);
  assert_true(box[0] == 1 && box[1] == 1 && box[2] == 5 && box[3] == 9);
  checkrob_regions_free(regions);
}

static void a_mask_must_fit_and_paper_wants_boxes(void **state) {
  (void)state;
  float coverage[SIDE * SIDE];
  checkrob_regions *regions = fresh();
  uint8_t mask[40 * 40] = {0};
  mask[40 * 5 + 7] = 255;
  assert_int_equal(checkrob_regions_add_mask(regions, mask, 40, 40), CHECKROB_OK);
  double box[4];
  assert_int_equal(checkrob_regions_box(box, regions, 0), CHECKROB_OK);
  assert_true(box[0] == 7 && box[1] == 5 && box[2] == 8 && box[3] == 6);
  assert_int_equal(
      checkrob_regions_coverage(coverage, regions, preprocess, 40, 41, CHECKROB_GEOMETRY_STANDARD),
      CHECKROB_ERROR_BAD_INPUT);
  assert_non_null(strstr(checkrob_last_error(), "40 x 41"));
  assert_int_equal(checkrob_regions_coverage(coverage, regions, preprocess, 40, 40, CHECKROB_GEOMETRY_PAPER),
                   CHECKROB_ERROR_UNSUPPORTED);
  checkrob_regions_free(regions);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_polygon_of_four_corners_is_a_box),
      cmocka_unit_test(a_mask_of_whole_pixels_is_a_box),
      cmocka_unit_test(relative_shapes_are_shares_of_the_image),
      cmocka_unit_test(triangles_have_their_area),
      cmocka_unit_test(what_lies_outside_is_cut_off),
      cmocka_unit_test(winding_in_any_way_counts),
      cmocka_unit_test(what_encloses_nothing_is_refused),
      cmocka_unit_test(a_mask_must_fit_and_paper_wants_boxes),
  };
  return cmocka_run_group_tests_name("shapes", tests, set_up, tear_down);
}
