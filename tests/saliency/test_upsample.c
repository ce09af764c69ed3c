/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob_saliency_upsample against PyTorch, and what must hold for every map. */
#include <checkrob/saliency.h>
#include <math.h>
#include <stdlib.h>

#include "saliency/upsample_torch.h"
#include "support/test.h"

static void agrees_with_torch(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof torch_cases / sizeof torch_cases[0]; i++) {
    const torch_case *c = &torch_cases[i];
    size_t count = c->out_height * c->out_width;
    float *out = malloc(count * sizeof *out);
    assert_non_null(out);
    assert_int_equal(
        checkrob_saliency_upsample(out, c->out_height, c->out_width, c->map, c->height, c->width),
        CHECKROB_OK);
    for (size_t j = 0; j < count; j++) assert_float_equal(out[j], c->expected[j], 1e-6F);
    free(out);
  }
}

/* Twice the size: centres are a quarter of a pixel from their neighbours' borders; rims are repeated. */
static void doubles_by_hand(void **state) {
  (void)state;
  const float map[] = {0, 1};
  float out[4];
  assert_int_equal(checkrob_saliency_upsample(out, 1, 4, map, 1, 2), CHECKROB_OK);
  assert_true(out[0] == 0.0F && out[1] == 0.25F && out[2] == 0.75F && out[3] == 1.0F);
  assert_int_equal(checkrob_saliency_upsample(out, 4, 1, map, 2, 1), CHECKROB_OK);
  assert_true(out[0] == 0.0F && out[1] == 0.25F && out[2] == 0.75F && out[3] == 1.0F);
}

static void same_size_is_the_same(void **state) {
  (void)state;
  const float map[] = {0, 0.1F, 0.7F, 1, 0.3F, 0.9F};
  float out[6];
  assert_int_equal(checkrob_saliency_upsample(out, 2, 3, map, 2, 3), CHECKROB_OK);
  assert_memory_equal(out, map, sizeof map);
}

static void a_flat_map_stays_flat(void **state) {
  (void)state;
  float map[35], out[19 * 23];
  for (size_t i = 0; i < 35; i++) map[i] = 0.3F;
  assert_int_equal(checkrob_saliency_upsample(out, 19, 23, map, 5, 7), CHECKROB_OK);
  for (size_t i = 0; i < sizeof out / sizeof out[0]; i++) assert_true(out[i] == 0.3F);
}

/* Rounding must not lead out of the range of the four neighbours by so much as a bit below 0 or above 1. */
static void stays_between_zero_and_one(void **state) {
  (void)state;
  float map[49], out[50 * 61];
  uint32_t seed = 5;
  for (size_t round = 0; round < 20; round++) {
    for (size_t i = 0; i < 49; i++) {
      seed = seed * 1664525U + 1013904223U;
      map[i] = i % 3 == 0 ? 0.0F : i % 3 == 1 ? 1.0F : (float)(seed >> 8) / (float)(1 << 24);
    }
    assert_int_equal(checkrob_saliency_upsample(out, 50, 61, map, 7, 7), CHECKROB_OK);
    for (size_t i = 0; i < sizeof out / sizeof out[0]; i++) assert_true(out[i] >= 0.0F && out[i] <= 1.0F);
  }
}

static void is_clamped_at_one(void **state) {
  (void)state;
  const float map[] = {0.5F, 3.0F};
  float out[4];
  assert_int_equal(checkrob_saliency_upsample(out, 1, 4, map, 1, 2), CHECKROB_OK);
  assert_true(out[0] == 0.5F && out[1] == 1.0F && out[2] == 1.0F && out[3] == 1.0F);
}

/* A whole factor and a mirrored map: no half pixel of drift, which would favour one side of every image. */
static void has_no_drift(void **state) {
  (void)state;
  const float map[] = {0.2F, 1, 0.4F, 0}, mirrored[] = {0, 0.4F, 1, 0.2F};
  float out[28], back[28];
  assert_int_equal(checkrob_saliency_upsample(out, 1, 28, map, 1, 4), CHECKROB_OK);
  assert_int_equal(checkrob_saliency_upsample(back, 1, 28, mirrored, 1, 4), CHECKROB_OK);
  for (size_t i = 0; i < 28; i++) assert_float_equal(out[i], back[27 - i], 1e-6F);
}

static void refuses_empty_sizes(void **state) {
  (void)state;
  const float map[] = {1};
  float out[] = {5};
  assert_int_equal(checkrob_saliency_upsample(NULL, 1, 1, map, 1, 1), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_saliency_upsample(out, 1, 1, NULL, 1, 1), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_saliency_upsample(out, 0, 1, map, 1, 1), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_saliency_upsample(out, 1, 0, map, 1, 1), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_saliency_upsample(out, 1, 1, map, 0, 1), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_saliency_upsample(out, 1, 1, map, 1, 0), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_true(out[0] == 5.0F);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(agrees_with_torch),
      cmocka_unit_test(doubles_by_hand),
      cmocka_unit_test(same_size_is_the_same),
      cmocka_unit_test(a_flat_map_stays_flat),
      cmocka_unit_test(stays_between_zero_and_one),
      cmocka_unit_test(is_clamped_at_one),
      cmocka_unit_test(has_no_drift),
      cmocka_unit_test(refuses_empty_sizes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
