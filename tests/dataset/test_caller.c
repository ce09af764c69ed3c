/* SPDX-License-Identifier: Apache-2.0 */
/* Datasets that a program provides itself, shards, seeking, several folders, and what else an image shows. */
#include "dataset/input.h"
#include "dataset/scratch.h"

static const uint8_t pixels[4 * 6 * 3] = {7, 8, 9};

static checkrob_regions *one_box(double x1, double y1, double x2, double y2) {
  checkrob_regions *regions = NULL;
  must(checkrob_regions_new(&regions));
  must(checkrob_regions_add_box(regions, x1, y1, x2, y2));
  return regions;
}

/* Input 0 has a cat, a dog and something unknown; input 1 fails; input 2 has a crowd of cats alone; input 3
 * is empty. */
static checkrob_status fill(checkrob_input *input, size_t number, void *user_data) {
  ++*(size_t *)user_data;
  if (number == 1) return checkrob_input_set_pixels(input, NULL, 6, 4);
  checkrob_regions *left = one_box(0, 0, 2, 4), *right = one_box(3, 1, 6, 4);
  must(checkrob_input_set_pixels(input, pixels, 6, 4));
  if (number == 0) {
    must(checkrob_input_set_name(input, "frame"));
    must(checkrob_input_add_object(input, "zebra", 0, right));
    must(checkrob_input_add_object(input, "dog", 0, right));
    must(checkrob_input_add_object(input, "cat", 0, left));
    must(checkrob_input_add_object(input, "cat", CHECKROB_OBJECT_TRUNCATED, right));
    must(checkrob_input_add_ignored(input, left));
  } else if (number == 2) {
    must(checkrob_input_add_object(input, "cat", CHECKROB_OBJECT_CROWD, left));
  }
  checkrob_regions_free(left);
  checkrob_regions_free(right);
  return CHECKROB_OK;
}

static checkrob_sample *next(checkrob_cursor *cursor) {
  checkrob_sample *sample = NULL;
  must(checkrob_cursor_next(&sample, cursor));
  return sample;
}

static checkrob_status refuse(checkrob_input *input, size_t number, void *user_data) {
  (void)user_data;
  if (number == 1) return checkrob_input_fail(input, CHECKROB_OK, "no failure");
  return checkrob_input_fail(input, CHECKROB_ERROR_IO, "frame 0: 100 % lost");
}

static void a_program_says_why_it_fails(void **state) {
  (void)state;
  checkrob_class_map *classes = scratch_classes("name,index\ncat,3\n");
  checkrob_dataset *dataset = NULL;
  must(checkrob_dataset_new(&dataset, 2, refuse, NULL, classes));
  checkrob_cursor *cursor = walk(dataset);
  checkrob_sample *lost = next(cursor), *wrong = next(cursor);
  assert_int_equal(checkrob_sample_status(lost), CHECKROB_ERROR_IO);
  assert_string_equal(checkrob_sample_message(lost), "frame 0: 100 % lost");
  assert_int_equal(checkrob_sample_status(wrong), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_string_equal(checkrob_sample_message(wrong), "checkrob_input_fail: the status ok is no failure");
  assert_int_equal(checkrob_input_fail(NULL, CHECKROB_ERROR_IO, ""), CHECKROB_ERROR_INVALID_ARGUMENT);
  checkrob_sample_free(lost);
  checkrob_sample_free(wrong);
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
  checkrob_class_map_free(classes);
}

static void a_program_gives_pixels_and_regions(void **state) {
  (void)state;
  checkrob_class_map *classes = scratch_classes("name,index\ncat,3\ndog,1\n");
  checkrob_dataset *dataset = NULL;
  size_t calls = 0;
  must(checkrob_dataset_new(&dataset, 4, fill, &calls, classes));
  checkrob_cursor *cursor = walk(dataset);
  assert_int_equal(checkrob_dataset_input_count(dataset), 4);

  checkrob_sample *dog = next(cursor), *cat = next(cursor);
  assert_int_equal(calls, 1);
  assert_string_equal(checkrob_sample_image(dog), "frame");
  assert_string_equal(checkrob_sample_class_name(dog), "dog");
  assert_int_equal(checkrob_sample_class_index(cat), 3);
  assert_int_equal(checkrob_sample_part(cat), 1);
  assert_int_equal(checkrob_regions_count(checkrob_sample_regions(cat)), 2);
  assert_int_equal(checkrob_regions_count(checkrob_sample_ignored(cat)), 1);
  checkrob_sample_free(dog); /* the scene stays with the other */
  assert_int_equal(checkrob_sample_other_count(cat), 2);
  assert_string_equal(checkrob_sample_other_name(cat, 0), "dog");
  assert_int_equal(checkrob_sample_other_index(cat, 0), 1);
  assert_string_equal(checkrob_sample_other_name(cat, 1), "zebra");
  assert_int_equal(checkrob_sample_other_index(cat, 1), -1);
  assert_int_equal(checkrob_regions_count(checkrob_sample_other_regions(cat, 1)), 1);
  assert_null(checkrob_sample_other_name(cat, 2));
  checkrob_image *image = NULL;
  must(checkrob_sample_open_image(&image, cat, NULL));
  assert_int_equal(checkrob_image_width(image), 6);
  assert_memory_equal(checkrob_image_pixels(image), pixels, sizeof pixels);
  checkrob_image_free(image);
  checkrob_sample_free(cat);

  checkrob_sample *failed = next(cursor);
  assert_int_equal(checkrob_sample_status(failed), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_string_equal(checkrob_sample_image(failed), "input 1");
  assert_int_equal(checkrob_sample_input(failed), 1);
  checkrob_sample_free(failed);
  checkrob_sample *crowd = next(cursor), *empty = next(cursor);
  assert_int_equal(checkrob_sample_status(crowd), CHECKROB_OK);
  assert_int_equal(checkrob_sample_status(empty), CHECKROB_ERROR_NO_OBJECT);
  checkrob_sample_free(crowd);
  checkrob_sample_free(empty);
  checkrob_sample *none = NULL;
  assert_int_equal(checkrob_cursor_next(&none, cursor), CHECKROB_END);

  must(checkrob_cursor_seek(cursor, 0, 1));
  cat = next(cursor);
  assert_string_equal(checkrob_sample_class_name(cat), "cat");
  checkrob_sample_free(cat);
  must(checkrob_cursor_seek(cursor, 0, 2)); /* after the last of input 0 */
  failed = next(cursor);
  assert_int_equal(checkrob_sample_input(failed), 1);
  checkrob_sample_free(failed);
  must(checkrob_cursor_seek(cursor, 4, 0));
  assert_int_equal(checkrob_cursor_next(&none, cursor), CHECKROB_END);
  assert_int_equal(checkrob_cursor_seek(cursor, 5, 0), CHECKROB_ERROR_INVALID_ARGUMENT);
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
  checkrob_class_map_free(classes);
}

static void relative_and_absolute_do_not_mix(void **state) {
  (void)state;
  checkrob_regions *pixel = one_box(0, 0, 1, 1), *share = NULL;
  must(checkrob_regions_new(&share));
  must(checkrob_regions_set_relative(share));
  must(checkrob_regions_add_box(share, 0, 0, 0.5, 0.5));
  checkrob_input *input = calloc(1, sizeof *input);
  must(checkrob_input_add_object(input, "a", 0, pixel));
  assert_int_equal(checkrob_input_add_object(input, "b", 0, share), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_sentence("same coordinates");
  input_clear(input);
  free(input);
  checkrob_regions_free(pixel);
  checkrob_regions_free(share);
}

#define BOX(name, flag)                                       \
  "<object><name>" name "</name>" flag                        \
  "<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>4</xmax><ymax>4" \
  "</ymax></bndbox></object>"

static void flags_are_ignored_where_asked(void **state) {
  (void)state;
  scratch_write("f/images/1.png", "");
  scratch_write("f/annots/1.xml",
                "<annotation>" BOX("cat", "<difficult>1</difficult>") BOX("cat", "<truncated>0</truncated>")
                    BOX("dog", "<truncated>1</truncated>") "</annotation>");
  checkrob_class_map *classes = scratch_classes("name,index\ncat,3\ndog,1\n");
  char images[1024], annotations[1024];
  snprintf(images, sizeof images, "%s", scratch("f/images"));
  snprintf(annotations, sizeof annotations, "%s", scratch("f/annots"));
  checkrob_dataset *dataset = NULL;
  must(open_dataset(&dataset,
                    OPTIONS("dataset", "voc", "images", images, "annotations", annotations, "ignore",
                            "difficult,truncated"),
                    classes));
  checkrob_cursor *cursor = walk(dataset);
  checkrob_sample *cat = next(cursor), *none = NULL;
  assert_string_equal(checkrob_sample_class_name(cat), "cat");
  assert_int_equal(checkrob_regions_count(checkrob_sample_regions(cat)), 1);
  assert_int_equal(checkrob_regions_count(checkrob_sample_ignored(cat)), 2);
  assert_int_equal(checkrob_cursor_next(&none, cursor), CHECKROB_END); /* the dog is no sample */
  checkrob_sample_free(cat);
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
  checkrob_class_map_free(classes);
}

static void shards_partition_and_folders_join(void **state) {
  (void)state;
  char one[1024], two[1024], name[64];
  for (int i = 0; i < 7; i++) {
    snprintf(name, sizeof name, "s/%s/%d.png", i % 2 ? "one" : "two", i);
    scratch_write(name, "");
  }
  snprintf(one, sizeof one, "%s/", scratch("s/one")); /* a trailing slash has no effect */
  snprintf(two, sizeof two, "%s", scratch("s/two"));
  scratch_folder("s/annots");
  char annotations[1024];
  snprintf(annotations, sizeof annotations, "%s", scratch("s/annots"));
  checkrob_class_map *classes = scratch_classes("name,index\ncat,3\n");
  checkrob_dataset *dataset = NULL;
  must(open_dataset(&dataset,
                    OPTIONS("dataset", "voc", "images", two, "images", one, "annotations", annotations),
                    classes));
  size_t total = 0;
  static const char *const expected[] = {"one/1.png", "one/3.png", "one/5.png", "two/0.png",
                                         "two/2.png", "two/4.png", "two/6.png"};
  for (uint32_t shard = 1; shard <= 3; shard++) {
    checkrob_cursor *cursor = NULL;
    must(checkrob_cursor_new(&cursor, dataset, shard, 3));
    assert_int_equal(checkrob_cursor_first_input(cursor), total);
    size_t count = checkrob_cursor_input_count(cursor);
    assert_int_equal(count, shard == 1 ? 3 : 2);
    for (size_t i = 0; i < count; i++) {
      checkrob_sample *sample = next(cursor), *none = NULL;
      assert_int_equal(checkrob_sample_input(sample), total);
      assert_string_equal(checkrob_sample_image(sample), expected[total++]);
      assert_true(strstr(checkrob_sample_path(sample), expected[total - 1]) != NULL);
      checkrob_sample_free(sample);
      if (i + 1 == count) assert_int_equal(checkrob_cursor_next(&none, cursor), CHECKROB_END);
    }
    checkrob_cursor_free(cursor);
  }
  assert_int_equal(total, 7);
  checkrob_dataset_free(dataset);
  assert_int_equal(
      open_dataset(&dataset,
                   OPTIONS("dataset", "voc", "images", one, "images", one, "annotations", annotations),
                   classes),
      CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_sentence("have the same name");
  checkrob_class_map_free(classes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_program_gives_pixels_and_regions), cmocka_unit_test(a_program_says_why_it_fails),
      cmocka_unit_test(relative_and_absolute_do_not_mix),   cmocka_unit_test(flags_are_ignored_where_asked),
      cmocka_unit_test(shards_partition_and_folders_join),
  };
  return cmocka_run_group_tests_name("caller", tests, scratch_setup, scratch_teardown);
}
