/* SPDX-License-Identifier: Apache-2.0 */
#include <checkrob/region.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "region/rectangles.h"
#include "support/test.h"

/* A generator of our own: the same boxes everywhere. */
static uint32_t random_state = 1;
static double uniform(void) {
  random_state = random_state * 1664525u + 1013904223u;
  return (random_state >> 8) / 16777216.0;
}

/* A box within width x height; now and then on the pixel grid, where edges meet edges. */
static rectangle random_rectangle(uint32_t width, uint32_t height) {
  double x1 = uniform() * (width - 1), y1 = uniform() * (height - 1);
  double x2 = x1 + uniform() * (width - x1), y2 = y1 + uniform() * (height - y1);
  if (uniform() < 0.3) {
    x1 = floor(x1), y1 = floor(y1), x2 = ceil(x2), y2 = ceil(y2);
  }
  return (rectangle){x1, y1, x2, y2};
}

static double sum(const float *values, size_t count) {
  double total = 0;
  for (size_t i = 0; i < count; i++) total += values[i];
  return total;
}

static void assert_near(double value, double expected, double tolerance) {
  if (!(fabs(value - expected) <= tolerance))
    fail_msg("%.9g is not %.9g within %g", value, expected, tolerance);
}

static void one_rectangle_covers_shares(void **state) {
  (void)state;
  float coverage[3 * 4];
  rectangle r = {0.25, 0.5, 3, 2.125};
  assert_int_equal(rectangles_cover(coverage, &r, 1, 4, 3), CHECKROB_OK);
  static const float expected[] = {0.375f,   0.5f,   0.5f,   0, /* row 0: half covered */
                                   0.75f,    1,      1,      0, /* row 1: whole */
                                   0.09375f, 0.125f, 0.125f, 0};
  for (size_t i = 0; i < 12; i++) assert_true(coverage[i] == expected[i]);
}

static void none_covers_nothing(void **state) {
  (void)state;
  float coverage[] = {5, 5, 5, 5};
  assert_int_equal(rectangles_cover(coverage, NULL, 0, 2, 2), CHECKROB_OK);
  assert_true(sum(coverage, 4) == 0);
}

static void a_union_counts_once(void **state) {
  (void)state;
  float coverage[16];
  /* Twice the same; one inside; two that share an edge within a pixel; two that cross within a pixel. */
  rectangle twice[] = {{0.5, 0.5, 2.5, 2.5}, {0.5, 0.5, 2.5, 2.5}, {1, 1, 2, 2}};
  assert_int_equal(rectangles_cover(coverage, twice, 3, 4, 4), CHECKROB_OK);
  assert_near(sum(coverage, 16), 4, 1e-6);
  assert_true(coverage[0] == 0.25f && coverage[5] == 1);
  rectangle touching[] = {{0, 0, 1.3, 4}, {1.3, 0, 4, 4}};
  assert_int_equal(rectangles_cover(coverage, touching, 2, 4, 4), CHECKROB_OK);
  for (size_t i = 0; i < 16; i++) assert_true(coverage[i] == 1);
  rectangle crossing[] = {{0, 0.25, 1, 0.75}, {0.25, 0, 0.75, 1}};
  assert_int_equal(rectangles_cover(coverage, crossing, 2, 1, 1), CHECKROB_OK);
  assert_near(coverage[0], 0.75, 1e-7); /* neither their maximum, 0.5, nor their sum, 1 */
}

/* Inclusion and exclusion over all subsets computes the area of a union in another way. */
static void the_area_is_that_of_the_union(void **state) {
  (void)state;
  enum { WIDTH = 31, HEIGHT = 17, COUNT = 6 };
  float coverage[WIDTH * HEIGHT];
  for (int round = 0; round < 200; round++) {
    rectangle r[COUNT];
    for (int i = 0; i < COUNT; i++) r[i] = random_rectangle(WIDTH, HEIGHT);
    double area = 0;
    for (unsigned subset = 1; subset < 1u << COUNT; subset++) {
      rectangle common = {0, 0, WIDTH, HEIGHT};
      int sign = -1;
      for (int i = 0; i < COUNT; i++) {
        if (!(subset & 1u << i)) continue;
        sign = -sign;
        common.x1 = fmax(common.x1, r[i].x1), common.y1 = fmax(common.y1, r[i].y1);
        common.x2 = fmin(common.x2, r[i].x2), common.y2 = fmin(common.y2, r[i].y2);
      }
      area += sign * fmax(0, common.x2 - common.x1) * fmax(0, common.y2 - common.y1);
    }
    assert_int_equal(rectangles_cover(coverage, r, COUNT, WIDTH, HEIGHT), CHECKROB_OK);
    assert_near(sum(coverage, WIDTH * HEIGHT), area, 1e-4); /* 527 floats, each rounded by up to 3e-8 */
  }
}

/* Counts the points of a fine grid in each pixel. An edge is off by less than half a step; an error of more
 * than (edges in the pixel) / STEPS would be one of the method. */
static void each_pixel_agrees_with_supersampling(void **state) {
  (void)state;
  enum { WIDTH = 13, HEIGHT = 9, COUNT = 4, STEPS = 64 };
  float coverage[WIDTH * HEIGHT];
  double worst = 0;
  for (int round = 0; round < 20; round++) {
    rectangle r[COUNT];
    for (int i = 0; i < COUNT; i++) r[i] = random_rectangle(WIDTH, HEIGHT);
    assert_int_equal(rectangles_cover(coverage, r, COUNT, WIDTH, HEIGHT), CHECKROB_OK);
    for (size_t pixel = 0; pixel < WIDTH * HEIGHT; pixel++) {
      int hits = 0;
      for (int point = 0; point < STEPS * STEPS; point++) {
        double x = (double)(pixel % WIDTH) + (point % STEPS + 0.5) / STEPS;
        double y = (double)(pixel / WIDTH) + (point / STEPS + 0.5) / STEPS;
        int hit = 0;
        for (int i = 0; i < COUNT; i++) hit |= x >= r[i].x1 && x < r[i].x2 && y >= r[i].y1 && y < r[i].y2;
        hits += hit;
      }
      worst = fmax(worst, fabs(coverage[pixel] - (double)hits / (STEPS * STEPS)));
    }
  }
  assert_true(worst <= 2.0 / STEPS);
}

static int compare_doubles(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

/* The union in vertical slabs, each between two neighbouring edges: slow, but plain. */
static void cover_by_slabs(double *coverage, const rectangle *r, size_t count, size_t width, size_t height) {
  double *edges = malloc((2 * count + width + 1) * sizeof *edges);
  size_t edge_count = 0;
  for (size_t x = 0; x <= width; x++) edges[edge_count++] = (double)x;
  for (size_t i = 0; i < count; i++) edges[edge_count++] = r[i].x1, edges[edge_count++] = r[i].x2;
  qsort(edges, edge_count, sizeof *edges, compare_doubles);
  for (size_t i = 0; i < width * height; i++) coverage[i] = 0;
  for (size_t e = 0; e + 1 < edge_count; e++) {
    double left = edges[e], right = edges[e + 1];
    if (left == right) continue;
    for (size_t y = 0; y < height; y++) {
      double cuts[64], covered = 0;
      size_t cut_count = 0;
      cuts[cut_count++] = (double)y, cuts[cut_count++] = (double)y + 1;
      for (size_t i = 0; i < count; i++)
        for (int side = 0; side < 2; side++) {
          double cut = side ? r[i].y2 : r[i].y1;
          if (r[i].x1 <= left && r[i].x2 >= right && cut > (double)y && cut < (double)y + 1)
            cuts[cut_count++] = cut;
        }
      qsort(cuts, cut_count, sizeof *cuts, compare_doubles);
      for (size_t k = 0; k + 1 < cut_count; k++) {
        bool inside = false;
        for (size_t i = 0; i < count; i++)
          inside |= r[i].x1 <= left && r[i].x2 >= right && r[i].y1 <= cuts[k] && r[i].y2 >= cuts[k + 1];
        if (inside) covered += cuts[k + 1] - cuts[k];
      }
      coverage[y * width + (size_t)left] += covered * (right - left);
    }
  }
  free(edges);
}

/* Some borders fall together, or between pixels. */
static rectangle any_rectangle(uint32_t width, uint32_t height) {
  rectangle r = random_rectangle(width, height);
  double *sides[] = {&r.x1, &r.y1, &r.x2, &r.y2};
  for (int i = 0; i < 4; i++)
    if (uniform() < 0.3) *sides[i] = floor(2 * *sides[i]) / 2;
  return r.x1 < r.x2 && r.y1 < r.y2 ? r : random_rectangle(width, height);
}

/* 1e-7: one rounding of a number up to 1 to float. */
static void each_pixel_agrees_with_slabs(void **state) {
  (void)state;
  enum { WIDTH = 11, HEIGHT = 7, COUNT = 24 };
  float coverage[WIDTH * HEIGHT];
  double slabs[WIDTH * HEIGHT], worst = 0;
  for (int round = 0; round < 2000; round++) {
    rectangle r[COUNT];
    size_t count = (size_t)round % COUNT + 1;
    for (size_t i = 0; i < count; i++) r[i] = any_rectangle(WIDTH, HEIGHT);
    assert_int_equal(rectangles_cover(coverage, r, count, WIDTH, HEIGHT), CHECKROB_OK);
    cover_by_slabs(slabs, r, count, WIDTH, HEIGHT);
    for (size_t i = 0; i < WIDTH * HEIGHT; i++) worst = fmax(worst, fabs((double)coverage[i] - slabs[i]));
  }
  print_message("largest difference: %g\n", worst);
  assert_true(worst <= 1e-7);
}

/* All of them cross every column, or end in one row. A square of their number would take a minute. */
static void many_take_no_time(void **state) {
  (void)state;
  enum { SIZE = 224, COUNT = 80000 };
  rectangle *r = malloc(COUNT * sizeof *r);
  float *coverage = malloc(SIZE * SIZE * sizeof *coverage);
  clock_t start = clock();
  for (int kind = 0; kind < 2; kind++) {
    for (int i = 0; i < COUNT; i++) r[i] = random_rectangle(SIZE, kind ? SIZE : 1);
    assert_int_equal(rectangles_cover(coverage, r, COUNT, SIZE, SIZE), CHECKROB_OK);
  }
  double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
  print_message("%d boxes, twice: %.3f s\n", COUNT, seconds);
  assert_true(seconds < 10 * SANITIZED_TIMES);
  free(r);
  free(coverage);
}

static void a_thousand_are_fine(void **state) {
  (void)state;
  enum { SIZE = 224, COUNT = 1000 };
  rectangle *r = malloc(COUNT * sizeof *r);
  float *coverage = malloc(SIZE * SIZE * sizeof *coverage);
  /* A tiling of a 25 x 40 grid whose borders fall within pixels: together they leave no pixel in part. */
  for (int i = 0; i < COUNT; i++) {
    int column = i % 25, row = i / 25;
    r[i] = (rectangle){column * SIZE / 25.0, row * SIZE / 40.0, (column + 1) * SIZE / 25.0,
                       (row + 1) * SIZE / 40.0};
  }
  assert_int_equal(rectangles_cover(coverage, r, COUNT, SIZE, SIZE), CHECKROB_OK);
  for (size_t i = 0; i < SIZE * SIZE; i++) assert_true(coverage[i] == 1);
  for (int i = 0; i < COUNT; i++) r[i] = random_rectangle(SIZE, SIZE);
  assert_int_equal(rectangles_cover(coverage, r, COUNT, SIZE, SIZE), CHECKROB_OK);
  for (size_t i = 0; i < SIZE * SIZE; i++) assert_true(coverage[i] >= 0 && coverage[i] <= 1);
  free(r);
  free(coverage);
}

static checkrob_preprocess *preprocess(const char *json) {
  checkrob_preprocess *made = NULL;
  if (checkrob_preprocess_parse(&made, json, strlen(json))) fail_msg("%s", checkrob_last_error());
  return made;
}

/* Covers a box with VOC corners, at resize 8 and crop 8 unless `json` says otherwise. */
static void cover(float *coverage, const char *json, checkrob_geometry geometry, uint32_t width,
                  uint32_t height, const double voc[4]) {
  checkrob_preprocess *made = preprocess(json);
  checkrob_regions *regions = NULL;
  assert_int_equal(checkrob_regions_new(&regions), CHECKROB_OK);
  assert_int_equal(checkrob_regions_add_box(regions, voc[0] - 1, voc[1] - 1, voc[2], voc[3]), CHECKROB_OK);
  if (checkrob_regions_coverage(coverage, regions, made, width, height, geometry))
    fail_msg("%s", checkrob_last_error());
  checkrob_regions_free(regions);
  checkrob_preprocess_free(made);
}

#define SIDE 8
#define PLAIN "{\"resize\": 8, \"crop\": 8}"

static void expect_paper(uint32_t width, uint32_t height, double xmin, double ymin, double xmax, double ymax,
                         int x1, int y1, int x2, int y2) {
  float coverage[SIDE * SIDE];
  const double voc[4] = {xmin, ymin, xmax, ymax};
  cover(coverage, PLAIN, CHECKROB_GEOMETRY_PAPER, width, height, voc);
  for (int i = 0; i < SIDE * SIDE; i++) {
    int x = i % SIDE, y = i / SIDE;
    float expected = x >= x1 && x < x2 && y >= y1 && y < y2 ? 1 : 0;
    if (coverage[i] != expected)
      fail_msg("column %d, row %d is %g, not %g", x, y, (double)coverage[i], (double)expected);
  }
}

static void paper_counts_as_the_authors_do(void **state) {
  (void)state;
  /* Square, 16 -> 8: int(v / 2); the 1-based corners shift every box by up to a pixel. */
  expect_paper(16, 16, 1, 1, 16, 16, 0, 0, 8, 8);
  expect_paper(16, 16, 3, 4, 9, 11, 1, 2, 4, 5);
  expect_paper(16, 16, 5, 5, 5, 5, 2, 2, 2, 2); /* a box of one pixel is lost */
  /* Landscape, 30 x 16 -> 15 x 8, less (15 - 8) // 2 = 3 on x: torchvision's 3.5 would round to 4. */
  expect_paper(30, 16, 1, 1, 30, 16, 0, 0, 8, 8);
  expect_paper(30, 16, 9, 3, 17, 13, 1, 1, 5, 6);  /* int(4.5) - 3, int(8.5) - 3 */
  expect_paper(30, 16, 1, 1, 7, 16, 0, 0, 0, 8);   /* left of the crop */
  expect_paper(30, 16, 24, 1, 30, 16, 8, 0, 8, 8); /* right of it */
  /* Portrait, 11 x 25 -> 8 x int(18.18) = 18, less 5 on y. */
  expect_paper(11, 25, 2, 9, 7, 17, 1, 1, 5,
               7); /* x: int(1.45), int(5.09); y: int(6.48) - 5, int(12.24) - 5 */
  expect_paper(11, 25, 1, 1, 11, 25, 0, 0, 8, 8);
  /* Corners below zero are cut at 0, decimals go through as they are. */
  expect_paper(16, 16, -5, 0, 4, 4, 0, 0, 2, 2);
  expect_paper(16, 16, 3.9, 4.1, 9.9, 40, 1, 2, 4, 8);
  expect_paper(16, 16, -1e9, -1e9, 1e9, 1e9, 0, 0, 8, 8);
}

static void paper_unites(void **state) {
  (void)state;
  checkrob_preprocess *made = preprocess(PLAIN);
  checkrob_regions *regions = NULL;
  assert_int_equal(checkrob_regions_new(&regions), CHECKROB_OK);
  assert_int_equal(checkrob_regions_add_box(regions, 1, 1, 8, 8), CHECKROB_OK);
  assert_int_equal(checkrob_regions_add_box(regions, 3, 3, 10, 10), CHECKROB_OK);
  float coverage[SIDE * SIDE];
  assert_int_equal(checkrob_regions_coverage(coverage, regions, made, 16, 16, CHECKROB_GEOMETRY_PAPER),
                   CHECKROB_OK);
  assert_true(sum(coverage, SIDE * SIDE) == 9 + 9 - 4);
  checkrob_regions_free(regions);
  checkrob_preprocess_free(made);
}

static void standard_moves_exactly(void **state) {
  (void)state;
  float coverage[SIDE * SIDE];
  const double whole[4] = {1, 1, 30, 16};
  cover(coverage, PLAIN, CHECKROB_GEOMETRY_STANDARD, 30, 16, whole);
  for (size_t i = 0; i < SIDE * SIDE; i++) assert_true(coverage[i] == 1);
  /* 30 x 16 -> 15 x 8, crop at round(3.5) = 4. Columns 10 to 16 of the image, 1-based and inclusive,
   * are 9..16, halved 4.5..8, so 0.5..4 in the input; rows 3 to 3 are 2..3, so 1..1.5. */
  const double part[4] = {10, 3, 16, 3};
  cover(coverage, PLAIN, CHECKROB_GEOMETRY_STANDARD, 30, 16, part);
  static const float row[SIDE] = {0.25f, 0.5f, 0.5f, 0.5f, 0, 0, 0, 0};
  for (int i = 0; i < SIDE * SIDE; i++) assert_true(coverage[i] == (i / SIDE == 1 ? row[i % SIDE] : 0));
  const double left_of_the_crop[4] = {1, 1, 7, 16};
  cover(coverage, PLAIN, CHECKROB_GEOMETRY_STANDARD, 30, 16, left_of_the_crop);
  assert_true(sum(coverage, SIDE * SIDE) == 0);
}

/* The part inside the crop is scaled by the resize on each axis, whatever the sizes. */
static void standard_keeps_the_area(void **state) {
  (void)state;
  static const uint32_t sizes[][2] = {{500, 375}, {333, 500}, {1024, 683}, {97, 331}};
  float *coverage = malloc(224 * 224 * sizeof *coverage);
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    uint32_t width = sizes[i][0], height = sizes[i][1];
    uint32_t resized_width = width < height ? 256 : 256 * width / height;
    uint32_t resized_height = height < width ? 256 : 256 * height / width;
    /* Around the middle, so that the crop cuts nothing. */
    const double voc[4] = {width / 2 - 20.25, height / 2 - 11, width / 2 + 17, height / 2 + 8.5};
    cover(coverage, "{\"resize\": 256, \"crop\": 224}", CHECKROB_GEOMETRY_STANDARD, width, height, voc);
    double area =
        (voc[2] - voc[0] + 1) * resized_width / width * (voc[3] - voc[1] + 1) * resized_height / height;
    assert_near(sum(coverage, 224 * 224) / area, 1, 1e-6);
  }
  free(coverage);
}

static void says_what_is_wrong(void **state) {
  (void)state;
  checkrob_preprocess *made = preprocess(PLAIN);
  checkrob_regions *regions = NULL;
  assert_int_equal(checkrob_regions_new(&regions), CHECKROB_OK);
  float coverage[SIDE * SIDE];
  const checkrob_geometry standard = CHECKROB_GEOMETRY_STANDARD;
  assert_int_equal(checkrob_regions_coverage(NULL, regions, made, 9, 9, standard),
                   CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_regions_coverage(coverage, NULL, made, 9, 9, standard),
                   CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_regions_coverage(coverage, regions, NULL, 9, 9, standard),
                   CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_regions_coverage(coverage, regions, made, 0, 9, standard),
                   CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_string_equal(checkrob_last_error(), "an image cannot have 0 x 9 pixels");
  assert_int_equal(checkrob_regions_coverage(coverage, regions, made, 9, 9, (checkrob_geometry)7),
                   CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_string_equal(checkrob_last_error(), "7 is not a checkrob_geometry");
  assert_int_equal(checkrob_regions_coverage(coverage, regions, made, 9, 9, standard), CHECKROB_OK);
  assert_true(sum(coverage, SIDE * SIDE) == 0); /* no shapes, nothing covered */
  checkrob_regions_free(regions);
  checkrob_preprocess_free(made);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_rectangle_covers_shares),
      cmocka_unit_test(none_covers_nothing),
      cmocka_unit_test(a_union_counts_once),
      cmocka_unit_test(the_area_is_that_of_the_union),
      cmocka_unit_test(each_pixel_agrees_with_supersampling),
      cmocka_unit_test(each_pixel_agrees_with_slabs),
      cmocka_unit_test(a_thousand_are_fine),
      cmocka_unit_test(many_take_no_time),
      cmocka_unit_test(paper_counts_as_the_authors_do),
      cmocka_unit_test(paper_unites),
      cmocka_unit_test(standard_moves_exactly),
      cmocka_unit_test(standard_keeps_the_area),
      cmocka_unit_test(says_what_is_wrong),
  };
  return cmocka_run_group_tests_name("coverage", tests, NULL, NULL);
}
