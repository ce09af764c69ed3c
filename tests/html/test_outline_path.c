/* SPDX-License-Identifier: Apache-2.0 */
/* Outlines, as SVG paths: worked by hand. And base64, by the vectors of RFC 4648. */
#include "html/outline_path.h"

#include <stdlib.h>
#include <string.h>

#include "html/base64.h"
#include "support/test.h"

static void expect_path(const checkrob_regions *regions, uint32_t width, uint32_t height,
                        const char *wanted) {
  char *path = NULL;
  must(outline_path(&path, regions, 100, 50, width, height));
  assert_string_equal(path, wanted);
  free(path);
}

static void boxes_are_boxes(void **state) {
  (void)state;
  checkrob_regions *regions = NULL;
  must(checkrob_regions_new(&regions));
  expect_path(regions, 50, 25, "");
  must(checkrob_regions_add_box(regions, 10, 10, 30, 40));
  expect_path(regions, 100, 50, "M10 10H30V40H10Z");
  expect_path(regions, 50, 25, "M5 5H15V20H5Z");
  must(checkrob_regions_add_box(regions, -50, -50, 500, 20)); /* cut at the border */
  expect_path(regions, 100, 50, "M10 10H30V40H10ZM0 0H100V20H0Z");
  checkrob_regions_free(regions);
}

static void a_polygon_is_drawn_by_its_pixels(void **state) {
  (void)state;
  checkrob_regions *regions = NULL;
  static const double square[] = {10, 10, 30, 10, 30, 40, 10, 40};
  must(checkrob_regions_new(&regions));
  must(checkrob_regions_add_polygon(regions, square, 4));
  expect_path(regions, 50, 25, "M5.0 5.0H15.0M5.0 20.0H15.0M5.0 5.0V20.0M15.0 5.0V20.0");
  checkrob_regions_free(regions);
}

static void base64_of_the_rfc(void **state) {
  (void)state;
  static const char *const vectors[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"hi", "aGk="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"}};
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
    char *text = base64((const unsigned char *)vectors[i][0], strlen(vectors[i][0]));
    assert_string_equal(text, vectors[i][1]);
    free(text);
  }
  static const unsigned char high[] = {0xfb, 0xff, 0xfe};
  char *text = base64(high, sizeof high);
  assert_string_equal(text, "+//+");
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(boxes_are_boxes),
      cmocka_unit_test(a_polygon_is_drawn_by_its_pixels),
      cmocka_unit_test(base64_of_the_rfc),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
