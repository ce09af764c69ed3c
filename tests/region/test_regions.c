/* SPDX-License-Identifier: Apache-2.0 */
#include <checkrob/region.h>
#include <math.h>
#include <string.h>

#include "support/test.h"

static void keeps_boxes(void **state) {
  (void)state;
  checkrob_regions *regions = NULL;
  assert_int_equal(checkrob_regions_new(&regions), CHECKROB_OK);
  assert_int_equal(checkrob_regions_count(regions), 0);
  for (int i = 0; i < 100; i++)
    assert_int_equal(checkrob_regions_add_box(regions, i, -i, i + 0.5, 1), CHECKROB_OK);
  assert_int_equal(checkrob_regions_count(regions), 100);
  double box[4];
  assert_int_equal(checkrob_regions_box(box, regions, 99), CHECKROB_OK);
  assert_true(box[0] == 99 && box[1] == -99 && box[2] == 99.5 && box[3] == 1);
  assert_int_equal(checkrob_regions_box(box, regions, 100), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_string_equal(checkrob_last_error(), "there is no shape 100: the regions have 100, from 0");
  assert_int_equal(checkrob_regions_box(NULL, regions, 0), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_regions_box(box, NULL, 0), CHECKROB_ERROR_INVALID_ARGUMENT);
  checkrob_regions_free(regions);
  checkrob_regions_free(NULL);
  assert_int_equal(checkrob_regions_new(NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
}

static void refuses_boxes_without_area(void **state) {
  (void)state;
  static const double bad[][4] = {{1, 1, 1, 2},         {1, 1, 2, 1},        {2, 1, 1, 2},
                                  {1, 2, 2, 1},         {NAN, 1, 2, 2},      {1, NAN, 2, 2},
                                  {1, 1, NAN, 2},       {1, 1, 2, NAN},      {-INFINITY, 1, 2, 2},
                                  {1, -INFINITY, 2, 2}, {1, 1, INFINITY, 2}, {1, 1, 2, INFINITY}};
  checkrob_regions *regions = NULL;
  assert_int_equal(checkrob_regions_new(&regions), CHECKROB_OK);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_int_equal(checkrob_regions_add_box(regions, bad[i][0], bad[i][1], bad[i][2], bad[i][3]),
                     CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_non_null(
      strstr(checkrob_last_error(), "the box from (1, 1) to (2, inf) is empty, inverted or not finite; "));
  assert_int_equal(checkrob_regions_count(regions), 0);
  assert_int_equal(checkrob_regions_add_box(NULL, 0, 0, 1, 1), CHECKROB_ERROR_INVALID_ARGUMENT);
  checkrob_regions_free(regions);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(keeps_boxes),
                                     cmocka_unit_test(refuses_boxes_without_area)};
  return cmocka_run_group_tests_name("regions", tests, NULL, NULL);
}
