/* SPDX-License-Identifier: Apache-2.0 */
/* The golden photos, if they are there: $CHECKROB_SHARED/kangaroo/images.
 *
 * fixtures/kangaroo.txt has the checksums of what Pillow makes of each. They ask for every byte to be equal;
 * the promise is a little less (99.9 % of them, none off by more than 1), but it could not be checked without
 * storing the bytes themselves. */
#include <unistd.h>

#include "fixtures.h"

static void assert_resized(const checkrob_image *image, uint32_t side, checkrob_filter filter,
                           unsigned expected, const char *name) {
  uint64_t width = checkrob_image_width(image), height = checkrob_image_height(image);
  uint32_t to_width = width <= height ? side : (uint32_t)(side * width / height);
  uint32_t to_height = width <= height ? (uint32_t)(side * height / width) : side;
  checkrob_image *resized = NULL;
  assert_int_equal(checkrob_image_resize(&resized, image, to_width, to_height, filter), CHECKROB_OK);
  if (crc_of_image(resized) != expected)
    fail_msg("%s resized to %u x %u differs from Pillow", name, to_width, to_height);
  checkrob_image_free(resized);
}

static void check_photo(const char *folder, const char *line) {
  char name[64], path[1024];
  unsigned width, height, crc, crc_224, crc_256, crc_256_bicubic;
  int fields = sscanf(line, "%63s %u %u %x %x %x %x", name, &width, &height, &crc, &crc_224, &crc_256,
                      &crc_256_bicubic);
  snprintf(path, sizeof path, "%s/kangaroo/images/%s", folder, name);
  checkrob_image *image = NULL;
  checkrob_status status = checkrob_image_open(&image, path, NULL);
  if (fields == 1) { /* "00090.jpg truncated" */
    assert_int_equal(status, CHECKROB_ERROR_BAD_INPUT);
    assert_sentence("truncated");
    assert_memory_equal(checkrob_last_error(), path, strlen(path));
    return;
  }
  assert_int_equal(fields, 7);
  if (status != CHECKROB_OK) fail_msg("%s", checkrob_last_error());
  assert_int_equal(checkrob_image_width(image), width);
  assert_int_equal(checkrob_image_height(image), height);
  if (crc_of_image(image) != crc) fail_msg("%s differs from Pillow", name);
  assert_resized(image, 224, CHECKROB_FILTER_BILINEAR, crc_224, name);
  assert_resized(image, 256, CHECKROB_FILTER_BILINEAR, crc_256, name);
  assert_resized(image, 256, CHECKROB_FILTER_BICUBIC, crc_256_bicubic, name);
  checkrob_image_free(image);
}

static void test_photos(void **state) {
  (void)state;
  const char *folder = getenv("CHECKROB_SHARED");
  char images[1024];
  snprintf(images, sizeof images, "%s/kangaroo/images", folder ? folder : "");
  if (!folder || access(images, R_OK) != 0) skip();
  FILE *list = open_list("kangaroo.txt");
  char line[256];
  unsigned count = 0;
  for (; fgets(line, sizeof line, list); count++) check_photo(folder, line);
  fclose(list);
  assert_int_equal(count, 164);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_photos)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
