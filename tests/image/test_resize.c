/* SPDX-License-Identifier: Apache-2.0 */
/* Resizing: Pillow's bytes, the parts of a result, and the versions of the inner loops. */
#include "fixtures.h"
#include "image/image.h"
#include "image/resize.h"
#include "image/resize_kernels.h"

static void test_equals_pillow(void **state) {
  (void)state;
  blob source = read_fixture("resize_source.rgb");
  checkrob_image *image = NULL;
  assert_int_equal(source.bytes, 61 * 43 * 3);
  assert_int_equal(checkrob_image_from_rgb(&image, source.data, 61, 43), CHECKROB_OK);
  FILE *list = open_list("resizes.txt");
  char name[64], filter_name[16];
  unsigned width, height, count = 0;
  while (fscanf(list, "%63s %u %u %15s", name, &width, &height, filter_name) == 4) {
    checkrob_filter filter =
        strcmp(filter_name, "bicubic") == 0 ? CHECKROB_FILTER_BICUBIC : CHECKROB_FILTER_BILINEAR;
    blob expected = read_fixture(name);
    checkrob_image *resized = NULL;
    assert_int_equal(checkrob_image_resize(&resized, image, width, height, filter), CHECKROB_OK);
    assert_int_equal(checkrob_image_width(resized), width);
    assert_int_equal(checkrob_image_height(resized), height);
    assert_int_equal(expected.bytes, (size_t)width * height * 3);
    if (memcmp(checkrob_image_pixels(resized), expected.data, expected.bytes) != 0)
      fail_msg("%s differs from Pillow", name);
    checkrob_image_free(resized);
    free(expected.data);
    count++;
  }
  fclose(list);
  assert_int_equal(count, 16);
  checkrob_image_free(image);
  free(source.data);
}

/* A part, byte for byte equal to a crop of the whole; also if one side or both do not change. */
static void test_part_equals_crop(void **state) {
  (void)state;
  uint32_t random = 7;
  for (int round = 0; round < 400; round++) {
    uint32_t from_width = next_number(&random) % 60 + 1, from_height = next_number(&random) % 60 + 1;
    uint32_t full_width = round % 3 == 0 ? from_width : next_number(&random) % 90 + 1;
    uint32_t full_height = round % 4 == 0 ? from_height : next_number(&random) % 90 + 1;
    checkrob_filter filter = round % 2 ? CHECKROB_FILTER_BICUBIC : CHECKROB_FILTER_BILINEAR;
    resize_part part = {.full_width = full_width, .full_height = full_height};
    part.width = next_number(&random) % full_width + 1;
    part.height = next_number(&random) % full_height + 1;
    part.x = next_number(&random) % (full_width - part.width + 1);
    part.y = next_number(&random) % (full_height - part.height + 1);
    checkrob_image *image = noise_image(from_width, from_height, random), *whole = NULL;
    assert_int_equal(checkrob_image_resize(&whole, image, full_width, full_height, filter), CHECKROB_OK);
    size_t row_bytes = (size_t)part.width * 3;
    uint8_t *pixels = malloc(row_bytes * part.height);
    assert_non_null(pixels);
    assert_int_equal(resize_to(pixels, image, &part, filter), CHECKROB_OK);
    for (uint32_t y = 0; y < part.height; y++)
      assert_memory_equal(pixels + y * row_bytes,
                          whole->pixels + ((size_t)(part.y + y) * full_width + part.x) * 3, row_bytes);
    free(pixels);
    checkrob_image_free(image);
    checkrob_image_free(whole);
  }
}

/* Noise of 0 and 255 alone drives bicubic sums furthest beyond a byte's range. */
static checkrob_image *hard_noise(uint32_t width, uint32_t height, uint32_t seed) {
  checkrob_image *image = noise_image(width, height, seed);
  for (size_t i = 0; i < (size_t)width * height * 3; i++) image->pixels[i] = image->pixels[i] & 1 ? 255 : 0;
  return image;
}

static void compare_kernels(const resize_kernels *fast, const checkrob_image *image, uint32_t full,
                            checkrob_filter filter) {
  const resize_kernels *plain = &resize_kernels_plain;
  size_t stride = (size_t)image->width * 3;
  weights across, down;
  assert_int_equal(weights_make(&across, image->width, full, 0, full, filter), CHECKROB_OK);
  assert_int_equal(weights_make(&down, image->height, full, 0, full, filter), CHECKROB_OK);
  size_t across_bytes = (size_t)full * 3 * image->height, down_bytes = stride * full;
  size_t bytes = across_bytes > down_bytes ? across_bytes : down_bytes;
  uint8_t *expected = malloc(bytes), *found = malloc(bytes);
  assert_non_null(expected);
  assert_non_null(found);
  plain->across(expected, image->pixels, stride, image->height, &across);
  fast->across(found, image->pixels, stride, image->height, &across);
  assert_memory_equal(found, expected, across_bytes);
  plain->down(expected, stride, image->pixels, stride, 0, &down);
  fast->down(found, stride, image->pixels, stride, 0, &down);
  assert_memory_equal(found, expected, down_bytes);
  free(expected);
  free(found);
  weights_free(&across);
  weights_free(&down);
}

static void test_fast_kernels_equal_plain_ones(void **state) {
  (void)state;
  const resize_kernels *fast = resize_best_kernels();
  if (fast == &resize_kernels_plain) skip();
  uint32_t random = 3;
  for (int round = 0; round < 300; round++) {
    uint32_t width = next_number(&random) % 150 + 1, height = next_number(&random) % 150 + 1;
    checkrob_image *image =
        round % 2 ? noise_image(width, height, random) : hard_noise(width, height, random);
    compare_kernels(fast, image, next_number(&random) % 200 + 1,
                    round % 3 ? CHECKROB_FILTER_BICUBIC : CHECKROB_FILTER_BILINEAR);
    checkrob_image_free(image);
  }
  /* So many taps that the sums of the low halves of the weights overflow, as they may. */
  checkrob_image *wide = hard_noise(3000, 2, 5);
  compare_kernels(fast, wide, 1, CHECKROB_FILTER_BICUBIC);
  checkrob_image_free(wide);
}

static void test_wrong_calls(void **state) {
  (void)state;
  checkrob_image *image = noise_image(4, 4, 1), *out = NULL;
  assert_int_equal(checkrob_image_resize(&out, image, 0, 4, CHECKROB_FILTER_BILINEAR),
                   CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_image_resize(&out, image, 4, 4, (checkrob_filter)3),
                   CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_image_resize(&out, NULL, 4, 4, CHECKROB_FILTER_BILINEAR),
                   CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_image_resize(&out, image, UINT32_MAX, UINT32_MAX, CHECKROB_FILTER_BILINEAR),
                   CHECKROB_ERROR_OUT_OF_MEMORY);
  assert_null(out);
  checkrob_image_free(image);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_equals_pillow),
      cmocka_unit_test(test_part_equals_crop),
      cmocka_unit_test(test_fast_kernels_equal_plain_ones),
      cmocka_unit_test(test_wrong_calls),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
