/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/transplant.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

enum { HEIGHT = 8, WIDTH = 10, PIXELS = HEIGHT * WIDTH };

static float image[3 * PIXELS], before[3 * PIXELS], donor[3 * PIXELS];
static float coverage[PIXELS], ignored[PIXELS], donor_coverage[PIXELS];

static void assert_near(float value, double expected) {
  if (!(fabs((double)value - expected) <= 1e-5)) fail_msg("%.9g instead of %.9g", (double)value, expected);
}

static void cover(float *out, size_t x0, size_t y0, size_t x1, size_t y1, float share) {
  for (size_t y = y0; y < y1; y++)
    for (size_t x = x0; x < x1; x++) out[y * WIDTH + x] = share;
}

/* An image of random numbers, and a donor whose pixels say where they are. */
static void start(void) {
  uint32_t random = 11;
  memset(coverage, 0, sizeof coverage);
  memset(ignored, 0, sizeof ignored);
  memset(donor_coverage, 0, sizeof donor_coverage);
  for (size_t i = 0; i < 3 * PIXELS; i++) {
    random = random * 1664525U + 1013904223U;
    image[i] = before[i] = (float)(random >> 8) / 16777216.0F;
    size_t y = i % PIXELS / WIDTH, x = i % WIDTH;
    donor[i] = (float)(i / PIXELS * 1000 + 10 * y + x);
  }
}

typedef bool transplanting(float *to, const float *object, const float *gone, size_t height, size_t width,
                           const cut_out *other, void *work);

/* Cuts the donor's object out, and puts it into the image. */
static bool run_with(transplanting *put) {
  static float pixels[3 * PIXELS], cut_coverage[PIXELS], removed[PIXELS];
  void *work = malloc(transplant_work(HEIGHT, WIDTH));
  extent e;
  assert_non_null(work);
  assert_true(object_extent(&e, donor_coverage, HEIGHT, WIDTH, work));
  size_t height = e.y1 - e.y0, width = e.x1 - e.x0;
  for (size_t i = 0; i < height * width; i++) {
    size_t from = (e.y0 + i / width) * WIDTH + e.x0 + i % width;
    for (size_t c = 0; c < 3; c++) pixels[c * height * width + i] = donor[c * PIXELS + from];
    cut_coverage[i] = donor_coverage[from];
  }
  for (size_t i = 0; i < PIXELS; i++) removed[i] = fmaxf(coverage[i], ignored[i]);
  const cut_out other = {height, width, pixels, cut_coverage};
  bool done = put(image, coverage, removed, HEIGHT, WIDTH, &other, work);
  free(work);
  return done;
}

static bool run(void) {
  return run_with(transplant);
}

static void expect_extent(size_t x0, size_t y0, size_t x1, size_t y1) {
  void *work = malloc(transplant_work(HEIGHT, WIDTH));
  extent found;
  assert_non_null(work);
  assert_true(object_extent(&found, coverage, HEIGHT, WIDTH, work));
  free(work);
  if (found.x0 != x0 || found.y0 != y0 || found.x1 != x1 || found.y1 != y1)
    fail_msg("(%zu, %zu) to (%zu, %zu)", found.x0, found.y0, found.x1, found.y1);
}

static void the_largest_part_is_found(void **state) {
  (void)state;
  start();
  cover(coverage, 0, 0, 2, 2, 1.0F);
  cover(coverage, 4, 3, 9, 5, 1.0F);  /* 10 pixels and ... */
  cover(coverage, 8, 5, 9, 8, 0.5F);  /* ... a tail of 3 */
  cover(coverage, 9, 2, 10, 3, 1.0F); /* touches a corner alone */
  expect_extent(4, 3, 9, 8);
  cover(coverage, 4, 3, 9, 4, 0.4F); /* less than half, and the part is smaller, but the largest still */
  expect_extent(4, 4, 9, 8);
}

static void a_faint_object_is_found(void **state) {
  (void)state;
  start();
  cover(coverage, 3, 1, 5, 2, 0.1F);
  expect_extent(3, 1, 5, 2);
}

static void without_an_object_nothing_changes(void **state) {
  (void)state;
  start();
  cover(donor_coverage, 1, 1, 4, 4, 1.0F);
  assert_false(run());
  assert_memory_equal(image, before, sizeof image);
}

/* A box of the same size is copied pixel by pixel; everything else stays. */
static void a_box_is_replaced_whole(void **state) {
  (void)state;
  start();
  cover(coverage, 2, 1, 5, 5, 1.0F);
  cover(donor_coverage, 6, 3, 9, 7, 1.0F);
  assert_true(run());
  for (size_t i = 0; i < 3 * PIXELS; i++) {
    size_t y = i % PIXELS / WIDTH, x = i % WIDTH;
    bool inside = x >= 2 && x < 5 && y >= 1 && y < 5;
    assert_near(image[i], inside ? (double)donor[i + 2 * WIDTH + 4] : (double)before[i]);
  }
}

/* Twice as wide and half as high: pixel centres at halves, and no pixel from beside the donor's object. */
static void an_object_is_stretched(void **state) {
  (void)state;
  start();
  cover(coverage, 0, 2, 8, 4, 1.0F);
  cover(donor_coverage, 4, 4, 8, 8, 1.0F);
  assert_true(run());
  for (size_t x = 0; x < 8; x++) {
    double column = 4.0 + fmin(fmax(((double)x + 0.5) / 2.0 - 0.5, 0.0), 3.0);
    assert_near(image[2 * WIDTH + x], 10.0 * 4.5 + column); /* rows 4 and 5, half each */
    assert_near(image[3 * WIDTH + x], 10.0 * 6.5 + column);
    assert_near(image[2 * PIXELS + 3 * WIDTH + x], 2000.0 + 10.0 * 6.5 + column);
  }
}

/* Where the donor's mask is empty, the surroundings of the image's own object go on. */
static void a_mask_keeps_its_outline(void **state) {
  (void)state;
  start();
  for (size_t i = 0; i < 3 * PIXELS; i++) image[i] = 7.0F;
  cover(image, 2, 2, 6, 6, -5.0F);
  cover(coverage, 2, 2, 6, 6, 1.0F);
  cover(donor_coverage, 0, 0, 4, 1, 1.0F); /* an L: one row and one column */
  cover(donor_coverage, 0, 1, 1, 4, 1.0F);
  assert_true(run());
  for (size_t y = 0; y < 4; y++)
    for (size_t x = 0; x < 4; x++)
      assert_near(image[(y + 2) * WIDTH + x + 2], x == 0 || y == 0 ? (double)donor[y * WIDTH + x] : 7.0);
}

/* The donor's object replaces the largest part; the other parts, and what is ignored, are taken away. */
static void other_parts_are_taken_away(void **state) {
  (void)state;
  start();
  for (size_t i = 0; i < 3 * PIXELS; i++) image[i] = 7.0F;
  cover(image, 8, 6, 10, 8, -5.0F);
  cover(image, 8, 0, 10, 2, -5.0F);
  cover(coverage, 8, 6, 10, 8, 1.0F);
  cover(ignored, 8, 0, 10, 2, 1.0F);
  cover(coverage, 1, 1, 4, 4, 1.0F);
  cover(donor_coverage, 2, 2, 5, 5, 1.0F);
  assert_true(run());
  for (size_t y = 6; y < 8; y++)
    for (size_t x = 8; x < 10; x++) {
      assert_near(image[y * WIDTH + x], 7.0);
      assert_near(image[(y - 6) * WIDTH + x], 7.0);
    }
  assert_near(image[WIDTH + 1], (double)donor[2 * WIDTH + 2]);
}

/* Its middle is that of the old object, or as near as the border allows; around it the surroundings go on. */
static void an_object_keeps_its_size(void **state) {
  (void)state;
  for (int corner = 0; corner < 2; corner++) {
    start();
    for (size_t i = 0; i < 3 * PIXELS; i++) image[i] = 7.0F;
    size_t x = corner ? WIDTH - 1 : 2, y = corner ? HEIGHT - 1 : 2;
    cover(image, x, y, corner ? WIDTH : 6, corner ? HEIGHT : 6, -5.0F);
    cover(coverage, x, y, corner ? WIDTH : 6, corner ? HEIGHT : 6, 1.0F);
    cover(donor_coverage, 4, 3, 6, 6, 1.0F); /* 2 x 3 */
    assert_true(run_with(transplant_at_own_size));
    size_t left = corner ? WIDTH - 2 : 3, top = corner ? HEIGHT - 3 : 2;
    for (size_t i = 0; i < PIXELS; i++) {
      size_t column = i % WIDTH, line = i / WIDTH;
      bool inside = column >= left && column < left + 2 && line >= top && line < top + 3;
      assert_near(image[i], inside ? (double)donor[(line - top + 3) * WIDTH + column - left + 4] : 7.0);
    }
  }
}

static void an_object_that_is_too_large_is_not_put(void **state) {
  (void)state;
  float nothing = 0.0F;
  const cut_out large = {HEIGHT + 1, 1, &nothing, &nothing};
  start();
  cover(coverage, 0, 0, 2, 2, 1.0F);
  assert_false(transplant_at_own_size(image, coverage, coverage, HEIGHT, WIDTH, &large, NULL));
  assert_memory_equal(image, before, sizeof image);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_largest_part_is_found),
      cmocka_unit_test(a_faint_object_is_found),
      cmocka_unit_test(without_an_object_nothing_changes),
      cmocka_unit_test(a_box_is_replaced_whole),
      cmocka_unit_test(an_object_is_stretched),
      cmocka_unit_test(a_mask_keeps_its_outline),
      cmocka_unit_test(other_parts_are_taken_away),
      cmocka_unit_test(an_object_keeps_its_size),
      cmocka_unit_test(an_object_that_is_too_large_is_not_put),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
