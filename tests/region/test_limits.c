/* SPDX-License-Identifier: Apache-2.0 */
/* Many shapes: drawn band by band as one by one, in little time, and not without end. */
#include <checkrob/region.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "region/drawing.h"
#include "region/limits.h"
#include "region/polygon.h"
#include "support/test.h"

static uint32_t random_state = 11;
static double uniform(void) {
  random_state = random_state * 1664525u + 1013904223u;
  return (random_state >> 8) / 16777216.0;
}

static checkrob_regions *fresh(void) {
  checkrob_regions *regions = NULL;
  assert_int_equal(checkrob_regions_new(&regions), CHECKROB_OK);
  return regions;
}

/* A star around a point: its outline winds around it once. */
static void star(double *xy, size_t points, double x, double y, double radius) {
  for (size_t i = 0; i < points; i++) {
    double angle = 6.283185307179586 * (double)i / (double)points;
    double from_centre = radius * (0.5 + 0.5 * uniform());
    xy[2 * i] = x + from_centre * cos(angle);
    xy[2 * i + 1] = y + from_centre * sin(angle);
  }
}

static void add_star(checkrob_regions *regions, size_t points, double x, double y, double radius) {
  double *xy = malloc(2 * points * sizeof *xy);
  star(xy, points, x, y, radius);
  assert_int_equal(checkrob_regions_add_polygon(regions, xy, points), CHECKROB_OK);
  free(xy);
}

/* What shapes cover, drawn as a whole. */
static float *draw(const checkrob_regions *regions, uint32_t width, uint32_t height) {
  drawing d;
  float *shares = calloc((size_t)width * height, sizeof *shares);
  assert_int_equal(drawing_start(&d, regions, width, height), CHECKROB_OK);
  while (drawing_next_rows(&d))
    for (size_t y = 0; y < d.rows.height; y++)
      memcpy(shares + (d.top + d.row + y) * width + d.left, d.rows.shares + y * d.width,
             d.width * sizeof *shares);
  drawing_clear(&d);
  return shares;
}

static void max_into(float *shares, const float *one, size_t pixels) {
  for (size_t i = 0; i < pixels; i++) shares[i] = fmaxf(shares[i], one[i]);
}

static void assert_near(const float *left, const float *right, size_t pixels) {
  double worst = 0;
  for (size_t i = 0; i < pixels; i++) worst = fmax(worst, fabs((double)left[i] - (double)right[i]));
  if (!(worst <= 1e-6)) fail_msg("pixels differ by %g", worst);
}

/* The image has several bands, and shapes lie across their borders and those of the image. */
static void bands_show_what_shapes_show_one_by_one(void **state) {
  (void)state;
  enum { WIDTH = 1500, HEIGHT = 1700, COUNT = 12 };
  size_t pixels = (size_t)WIDTH * HEIGHT;
  float *expected = calloc(pixels, sizeof *expected), *one = calloc(pixels, sizeof *one);
  checkrob_regions *regions = fresh();
  for (int i = 0; i < COUNT; i++) {
    double xy[2 * 40];
    star(xy, 40, uniform() * WIDTH, uniform() * HEIGHT, 30 + uniform() * 500);
    assert_int_equal(checkrob_regions_add_polygon(regions, xy, 40), CHECKROB_OK);
    assert_int_equal(polygon_cover(one, xy, 40, WIDTH, HEIGHT), CHECKROB_OK);
    max_into(expected, one, pixels);
  }
  const rectangle box = {100.25, 50.5, 1400.75, 1650.5};
  assert_int_equal(checkrob_regions_add_box(regions, box.x1, box.y1, box.x2, box.y2), CHECKROB_OK);
  assert_int_equal(rectangles_cover(one, &box, 1, WIDTH, HEIGHT), CHECKROB_OK);
  max_into(expected, one, pixels);
  float *drawn = draw(regions, WIDTH, HEIGHT);
  assert_near(drawn, expected, pixels);
  free(drawn);
  free(one);
  free(expected);
  checkrob_regions_free(regions);
}

/* The same mask as rows and as COCO's columns. */
static void a_mask_is_the_same_by_rows_and_by_columns(void **state) {
  (void)state;
  enum { WIDTH = 1100, HEIGHT = 2000 };
  size_t pixels = (size_t)WIDTH * HEIGHT, count = 0;
  uint8_t *mask = calloc(pixels, 1);
  uint32_t *lengths = calloc(pixels + 2, sizeof *lengths);
  for (int i = 0; i < 40; i++) {
    size_t left = (size_t)(uniform() * WIDTH), top = (size_t)(uniform() * HEIGHT);
    for (size_t y = top; y < top + 300 && y < HEIGHT; y++)
      for (size_t x = left; x < left + 70 && x < WIDTH; x++) mask[y * WIDTH + x] = 1;
  }
  for (size_t i = 0; i < pixels; i++) {
    bool one = mask[i % HEIGHT * WIDTH + i / HEIGHT];
    if (one != (count % 2 == 1)) count++;
    lengths[count]++;
  }
  checkrob_regions *rows = fresh(), *columns = fresh();
  assert_int_equal(checkrob_regions_add_mask(rows, mask, WIDTH, HEIGHT), CHECKROB_OK);
  assert_int_equal(regions_add_columns(columns, lengths, count + 1, WIDTH, HEIGHT), CHECKROB_OK);
  const rectangle *a = &rows->shapes[0].box, *b = &columns->shapes[0].box;
  assert_true(a->x1 == b->x1 && a->y1 == b->y1 && a->x2 == b->x2 && a->y2 == b->y2);
  float *left = draw(rows, WIDTH, HEIGHT), *right = draw(columns, WIDTH, HEIGHT);
  for (size_t i = 0; i < pixels; i++) assert_true(left[i] == mask[i] && right[i] == mask[i]);
  free(left);
  free(right);
  free(mask);
  free(lengths);
  checkrob_regions_free(rows);
  checkrob_regions_free(columns);
}

/* ---- time ---- */

/* Seconds of processor time for the coverage, on an image of 12 megapixels. */
static double time_coverage(const checkrob_regions *regions, checkrob_status expected) {
  checkrob_preprocess *preprocess = NULL;
  float *coverage = malloc(224 * 224 * sizeof *coverage);
  assert_int_equal(checkrob_preprocess_open(&preprocess, "imagenet"), CHECKROB_OK);
  clock_t start = clock();
  assert_int_equal(
      checkrob_regions_coverage(coverage, regions, preprocess, 4000, 3000, CHECKROB_GEOMETRY_STANDARD),
      expected);
  double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
  checkrob_preprocess_free(preprocess);
  free(coverage);
  return seconds;
}

/* Without the sweep and the bands, each of these takes 20 s and more without a sanitizer. */
static void many_shapes_on_a_large_image_take_little_time(void **state) {
  (void)state;
  checkrob_regions *regions = fresh();
  for (int i = 0; i < 1000; i++) add_star(regions, 60, uniform() * 4000, uniform() * 3000, 80);
  double honest = time_coverage(regions, CHECKROB_OK);
  checkrob_regions_free(regions);

  regions = fresh();
  for (int i = 0; i < 200; i++) add_star(regions, 8, uniform() * 4000, uniform() * 3000, 2);
  add_star(regions, 400, 2000, 1500, 2400);
  double tiny = time_coverage(regions, CHECKROB_OK);
  checkrob_regions_free(regions);

  regions = fresh(); /* near the limit of outlines, each across the image */
  for (int i = 0; i < 500; i++) add_star(regions, 4, 2000, 1500, 2400);
  double large = time_coverage(regions, CHECKROB_OK);
  for (int i = 0; i < REGION_SHAPE_LIMIT - 500; i++)
    assert_int_equal(
        checkrob_regions_add_box(regions, uniform() * 10, uniform() * 3000, 3990 + uniform(), 3000),
        CHECKROB_OK);
  double mixed = time_coverage(regions, CHECKROB_OK);
  checkrob_regions_free(regions);
  print_message(
      "1000 polygons: %.3f s; 200 tiny ones and a large one: %.3f s; 500 large ones: %.3f s, with "
      "9500 boxes: %.3f s\n",
      honest, tiny, large, mixed);
  const double most = 15 * SANITIZED_TIMES;
  assert_true(honest < most && tiny < most && large < most && mixed < most);
}

/* ---- limits ---- */

static void an_image_has_an_end(void **state) {
  (void)state;
  static const double triangle[] = {1, 1, 5, 5, 3, 9};
  checkrob_regions *regions = fresh(), *more = fresh();
  for (int i = 0; i < REGION_SHAPE_LIMIT; i++)
    assert_int_equal(checkrob_regions_add_box(regions, 0, 0, 1, 1), CHECKROB_OK);
  assert_int_equal(checkrob_regions_add_box(regions, 0, 0, 1, 1), CHECKROB_ERROR_LIMIT);
  assert_non_null(strstr(checkrob_last_error(), "10000 shapes"));
  assert_int_equal(checkrob_regions_add_polygon(regions, triangle, 3), CHECKROB_ERROR_LIMIT);
  assert_int_equal(checkrob_regions_add_mask(regions, (const uint8_t[]){1}, 1, 1), CHECKROB_ERROR_LIMIT);
  assert_int_equal(checkrob_regions_add_box(more, 0, 0, 1, 1), CHECKROB_OK);
  assert_int_equal(regions_append(more, regions), CHECKROB_ERROR_LIMIT);
  assert_int_equal(checkrob_regions_count(regions), REGION_SHAPE_LIMIT);
  checkrob_regions_free(regions);
  checkrob_regions_free(more);
}

static void corners_and_runs_have_limits(void **state) {
  (void)state;
  enum { SIDE = 2100 };
  size_t points = REGION_CORNER_LIMIT;
  double *xy = malloc(2 * points * sizeof *xy);
  uint8_t *mask = calloc((size_t)SIDE * SIDE, 1);
  checkrob_regions *regions = fresh();
  star(xy, points, 2000, 1500, 1500);
  assert_int_equal(checkrob_regions_add_polygon(regions, xy, points), CHECKROB_OK);
  assert_int_equal(checkrob_regions_add_polygon(regions, xy, 3), CHECKROB_ERROR_LIMIT);
  assert_non_null(strstr(checkrob_last_error(), "1000000 corners"));
  print_message("a million corners: %.3f s, refused\n", time_coverage(regions, CHECKROB_ERROR_LIMIT));
  assert_non_null(strstr(checkrob_last_error(), "outlines"));
  for (size_t i = 0; i < (size_t)SIDE * SIDE; i++) mask[i] = (i % SIDE + i / SIDE) % 2;
  assert_int_equal(checkrob_regions_add_mask(regions, mask, SIDE, SIDE), CHECKROB_ERROR_LIMIT);
  assert_non_null(strstr(checkrob_last_error(), "2000000 runs"));
  checkrob_regions_free(regions);
  free(xy);
  free(mask);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bands_show_what_shapes_show_one_by_one),
      cmocka_unit_test(a_mask_is_the_same_by_rows_and_by_columns),
      cmocka_unit_test(many_shapes_on_a_large_image_take_little_time),
      cmocka_unit_test(an_image_has_an_end),
      cmocka_unit_test(corners_and_runs_have_limits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
