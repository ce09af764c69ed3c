/* SPDX-License-Identifier: Apache-2.0 */
/* The authors' own scores, from their own maps: then RS depends on the regions alone, so it
 * shows whether the paper's geometry is theirs. Score-CAM's maps are at input size and need no upsampling. */
#include <checkrob/dataset.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/golden_data.h"
#include "support/test.h"

#define SIDE 224
#define PIXELS (SIDE * SIDE)

static double score(const float *map, const golden_row *row, const checkrob_preprocess *preprocess) {
  char path[1024];
  snprintf(path, sizeof path, "%s/kangaroo/annots/%.*s.xml", golden_folder(),
           (int)(strrchr(row->image, '.') - row->image), row->image);
  checkrob_regions *regions = NULL;
  assert_int_equal(checkrob_regions_open_voc(&regions, path, "kangaroo"), CHECKROB_OK);
  float *coverage = malloc(PIXELS * sizeof *coverage);
  assert_int_equal(checkrob_regions_coverage(coverage, regions, preprocess, row->width, row->height,
                                             CHECKROB_GEOMETRY_PAPER),
                   CHECKROB_OK);
  double inside = 0, all = 0;
  for (size_t i = 0; i < PIXELS; i++) {
    inside += (double)map[i] * (double)coverage[i];
    all += (double)map[i];
  }
  free(coverage);
  checkrob_regions_free(regions);
  return inside / all;
}

static void scores_are_the_authors(void **state) {
  (void)state;
  if (!golden_folder()) skip();
  golden_data golden;
  golden_read(&golden, "squeezenet1_1_traced__features.12__ScoreCAM");
  assert_int_equal(golden.count, 12);
  assert_true(golden.height == SIDE && golden.width == SIDE);
  checkrob_preprocess *preprocess = NULL;
  assert_int_equal(checkrob_preprocess_open(&preprocess, "paper"), CHECKROB_OK);
  for (size_t i = 0; i < golden.count; i++) {
    const golden_row *row = &golden.rows[i];
    double rs = score(golden.maps + i * PIXELS, row, preprocess);
    /* They sum in float32 and write six digits. */
    if (fabs(rs - row->rs) > 2e-6) fail_msg("%s: %.7f, not %.7f", row->image, rs, row->rs);
  }
  checkrob_preprocess_free(preprocess);
  golden_free(&golden);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(scores_are_the_authors)};
  return cmocka_run_group_tests_name("golden paper geometry", tests, NULL, NULL);
}
