/* SPDX-License-Identifier: Apache-2.0 */
/* Masks of numbers against Pillow's reading of them. */
#include <sys/wait.h>

#include "dataset/masks.h"

#define NAMES_BYTES 4096

static const char *const fixtures =
    "palette1.png palette2.png palette4.png palette4_interlaced.png palette8.png palette_short.png "
    "palette_trns.png "
    "gray8.png";

static checkrob_class_map *name_all_numbers(void) {
  char names[NAMES_BYTES] = "", map[NAMES_BYTES] = "name,index\n";
  for (int i = 0; i < 256; i++) {
    snprintf(names + strlen(names), sizeof names - strlen(names), "c%d\n", i);
    snprintf(map + strlen(map), sizeof map - strlen(map), "c%d,%d\n", i, i);
  }
  scratch_write("names.txt", names);
  return scratch_classes(map);
}

/* Pixels of `number`, as a mask's own shape has them. */
static void assert_pixels(const checkrob_regions *regions, const uint8_t *pixels, size_t count, int number) {
  size_t expected = 0, found = 0;
  for (size_t i = 0; i < count; i++) expected += pixels[i] == number;
  for (size_t i = 0; i < regions->count; i++)
    for (size_t k = 0; k < regions->shapes[i].run_count; k++)
      for (size_t j = 0; j < regions->shapes[i].runs[k].length; j++, found++)
        assert_int_equal(pixels[regions->shapes[i].runs[k].start + j], number);
  assert_int_equal(found, expected);
}

static void compare(const char *name, uint32_t width, uint32_t height, const checkrob_class_map *classes) {
  char path[256];
  snprintf(path, sizeof path, "masks/%s.raw", name);
  FILE *file = fopen(scratch(path), "rb");
  assert_non_null(file);
  size_t count = (size_t)width * height, numbers = 0;
  uint8_t *pixels = malloc(count);
  assert_non_null(pixels);
  assert_int_equal(fread(pixels, 1, count, file), count);
  fclose(file);
  bool present[256] = {false};
  for (size_t i = 0; i < count; i++) present[pixels[i]] = true;
  for (int i = 1; i < 255; i++) numbers += present[i];

  scratch_remove(scratch("photos"));
  snprintf(path, sizeof path, "photos/%s", name);
  scratch_write(path, "");
  checkrob_dataset *dataset = NULL;
  must(open_dataset(
      &dataset,
      OPTIONS("dataset", "voc", "images", scratch("photos"), "annotations", scratch("masks"), "names",
              scratch("names.txt"), "regions", "class-masks", "list", scratch_write("list.txt", name)),
      classes));
  checkrob_cursor *cursor = walk(dataset);
  for (size_t i = 0; i < numbers; i++) {
    checkrob_sample *sample = next_sample(cursor);
    if (checkrob_sample_status(sample)) fail_msg("%s", checkrob_sample_message(sample));
    assert_pixels(checkrob_sample_regions(sample), pixels, count, (int)checkrob_sample_class_index(sample));
    assert_pixels(checkrob_sample_ignored(sample), pixels, count, 255);
    checkrob_sample_free(sample);
  }
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
  free(pixels);
}

static void numbers_are_those_that_pillow_reads(void **state) {
  (void)state;
  char line[4096];
  const char *python = getenv("CHECKROB_PYTHON");
  snprintf(line, sizeof line, "cd %s/image/fixtures && %s %s/dataset/make_voc_masks.py %s %s > %s",
           CHECKROB_TEST_DATA, python && *python ? python : "python3", CHECKROB_TEST_DATA,
           scratch_folder("masks"), fixtures, scratch("names"));
  int status = system(line);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
    print_message("skipped: there is no Pillow (python3-pil)\n");
    skip();
  }
  assert_int_equal(status, 0);
  checkrob_class_map *classes = name_all_numbers();
  FILE *names = fopen(scratch("names"), "r");
  assert_non_null(names);
  char name[64];
  unsigned width, height, compared = 0;
  for (; fscanf(names, "%63s %u %u", name, &width, &height) == 3; compared++)
    compare(name, width, height, classes);
  fclose(names);
  assert_int_equal(compared, 20);
  checkrob_class_map_free(classes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(numbers_are_those_that_pillow_reads, scratch_setup, scratch_teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
