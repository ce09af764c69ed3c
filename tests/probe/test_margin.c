/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/margin.h"

#include <stdlib.h>
#include <string.h>

#include "support/test.h"

enum { HEIGHT = 20, WIDTH = 30, PIXELS = HEIGHT * WIDTH };

static float coverage[PIXELS], before[PIXELS];

static void grow(double share) {
  void *work = malloc(margin_work(HEIGHT, WIDTH));
  assert_non_null(work);
  memcpy(before, coverage, sizeof before);
  margin_add(coverage, HEIGHT, WIDTH, share, work);
  free(work);
}

static void cover(size_t x0, size_t y0, size_t x1, size_t y1, float value) {
  for (size_t y = y0; y < y1; y++)
    for (size_t x = x0; x < x1; x++) coverage[y * WIDTH + x] = value;
}

/* The largest value before within `across` columns and `along` rows. */
static float largest(size_t x, size_t y, size_t across, size_t along) {
  float found = 0.0F;
  for (size_t i = 0; i < PIXELS; i++) {
    size_t u = i % WIDTH, v = i / WIDTH;
    bool near = u + across >= x && u <= x + across && v + along >= y && v <= y + along;
    if (near && before[i] > found) found = before[i];
  }
  return found;
}

static void expect_grown(size_t across, size_t along) {
  for (size_t i = 0; i < PIXELS; i++)
    if (coverage[i] != largest(i % WIDTH, i / WIDTH, across, along))
      fail_msg("pixel %zu, %zu is %g", i % WIDTH, i / WIDTH, (double)coverage[i]);
}

static void a_box_grows_on_each_side(void **state) {
  (void)state;
  memset(coverage, 0, sizeof coverage);
  cover(8, 6, 18, 10, 1.0F);
  grow(0.25);
  expect_grown(3, 1); /* 2.5 and 1 */
}

static void a_box_at_the_border_stays_inside(void **state) {
  (void)state;
  memset(coverage, 0, sizeof coverage);
  cover(0, 0, 4, 20, 1.0F);
  grow(1.0);
  expect_grown(4, 20);
}

/* A mask whose pixels are covered in part, and a smaller part beside it. */
static void a_mask_grows_along_its_outline(void **state) {
  (void)state;
  memset(coverage, 0, sizeof coverage);
  for (size_t y = 4; y < 14; y++) cover(10 - y / 2, y, 10 + y / 2, y + 1, y % 3 == 0 ? 0.75F : 1.0F);
  cover(24, 2, 26, 4, 0.5F);
  grow(0.2);
  expect_grown(2, 2); /* 12 x 10: 2.4 and 2 */
}

static void nothing_grows_without_a_share_or_an_object(void **state) {
  (void)state;
  memset(coverage, 0, sizeof coverage);
  grow(1.0);
  expect_grown(0, 0);
  cover(3, 3, 9, 9, 0.3F);
  grow(0.0);
  expect_grown(0, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_box_grows_on_each_side),
      cmocka_unit_test(a_box_at_the_border_stays_inside),
      cmocka_unit_test(a_mask_grows_along_its_outline),
      cmocka_unit_test(nothing_grows_without_a_share_or_an_object),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
