/* SPDX-License-Identifier: Apache-2.0 */
/* saliency_gather is the transpose of upsampling, and nothing else. */
#include <checkrob/saliency.h>
#include <math.h>
#include <stdlib.h>

#include "saliency/method.h"
#include "support/test.h"

static uint32_t seed = 7;

static float *random_array(size_t count) {
  float *array = malloc(count * sizeof *array);
  assert_non_null(array);
  for (size_t i = 0; i < count; i++) {
    seed = seed * 1664525U + 1013904223U;
    array[i] = (float)(seed >> 8) / (float)(1 << 24);
  }
  return array;
}

static double product(const float *a, const float *b, size_t count) {
  double sum = 0.0;
  for (size_t i = 0; i < count; i++) sum += (double)a[i] * (double)b[i];
  return sum;
}

static void is_the_transpose_of_upsampling(void **state) {
  (void)state;
  static const size_t shapes[][4] = {/* map, pixels */
                                     {7, 7, 224, 224}, {1, 1, 8, 8},   {14, 14, 224, 224}, {3, 5, 3, 5},
                                     {2, 9, 31, 17},   {13, 1, 40, 1}, {1, 6, 1, 50},      {8, 8, 5, 3}};
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
    const size_t *shape = shapes[s], cells = shape[0] * shape[1], pixels = shape[2] * shape[3];
    float *map = random_array(cells), *region = random_array(pixels), *upsampled = random_array(pixels),
          *gathered = random_array(cells);
    must(checkrob_saliency_upsample(upsampled, shape[2], shape[3], map, shape[0], shape[1]));
    must(saliency_gather(gathered, shape[0], shape[1], region, shape[2], shape[3]));
    double expected = product(upsampled, region, pixels), found = product(map, gathered, cells);
    if (!(fabs(found - expected) <= 1e-6 * expected)) fail_msg("%zu: %.9g, not %.9g", s, found, expected);
    free(map);
    free(region);
    free(upsampled);
    free(gathered);
  }
}

/* Twice the size: each pixel passes a quarter of itself to the neighbour, except at the rim. */
static void gathers_by_hand(void **state) {
  (void)state;
  const float pixels[] = {1, 2, 4, 8};
  float out[2];
  must(saliency_gather(out, 1, 2, pixels, 1, 4));
  assert_true(out[0] == 1.0F + 1.5F + 1.0F && out[1] == 0.5F + 3.0F + 8.0F);
  must(saliency_gather(out, 2, 1, pixels, 4, 1));
  assert_true(out[0] == 3.5F && out[1] == 11.5F);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(is_the_transpose_of_upsampling),
                                     cmocka_unit_test(gathers_by_hand)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
