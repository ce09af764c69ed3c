/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>

#include "dataset/scratch.h"
#include "support/tar.h"

#define KANGAROO VOC_FILE(VOC_OBJECT("k", 1, 1, 10, 10))

/* Each test has a folder of its own: pairing looks at all of it. */
static checkrob_dataset *open_all(checkrob_class_map **classes) {
  *classes = scratch_classes("name,index\nk,1\n");
  return scratch_dataset("voc", *classes);
}

static void expect(checkrob_cursor *cursor, const char *image, checkrob_status status, const char *message) {
  checkrob_sample *sample = next_sample(cursor);
  assert_string_equal(checkrob_sample_image(sample), image);
  if (message) assert_contains(checkrob_sample_message(sample), message);
  assert_int_equal(checkrob_sample_status(sample), status);
  assert_int_equal(checkrob_sample_class_index(sample), status ? -1 : 1);
  assert_string_equal(checkrob_sample_class_name(sample), status ? "" : "k");
  assert_int_equal(checkrob_regions_count(checkrob_sample_regions(sample)), status ? 0 : 1);
  checkrob_sample_free(sample);
}

static void finish(checkrob_cursor *cursor, checkrob_dataset *dataset, checkrob_class_map *classes) {
  checkrob_sample *none = NULL;
  assert_int_equal(checkrob_cursor_next(&none, cursor), CHECKROB_END);
  assert_int_equal(checkrob_cursor_inputs_done(cursor), checkrob_dataset_input_count(dataset));
  assert_null(none);
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
  checkrob_class_map_free(classes);
}

static void pairs_by_place(void **state) {
  (void)state;
  scratch_write("images/a.jpg", "");
  scratch_write("images/a-b.jpg", "");
  scratch_write("images/a.png", "");
  scratch_write("images/train/1.jpg", "");
  scratch_write("images/val/1.JPEG", "");
  scratch_write("annots/a.xml", KANGAROO);
  scratch_write("annots/a-b.XML", KANGAROO);
  scratch_write("annots/train/1.xml", KANGAROO);
  scratch_write("annots/val/1.xml", KANGAROO);
  checkrob_class_map *classes;
  checkrob_dataset *dataset = open_all(&classes);
  checkrob_cursor *cursor = walk(dataset);
  assert_int_equal(checkrob_dataset_input_count(dataset), 5);
  assert_int_equal(checkrob_cursor_inputs_done(cursor), 0);
  expect(cursor, "a-b.jpg", CHECKROB_OK, NULL);
  assert_int_equal(checkrob_cursor_inputs_done(cursor), 1);
  expect(cursor, "a.jpg", CHECKROB_OK, NULL);
  expect(cursor, "a.png", CHECKROB_OK, NULL);
  expect(cursor, "train/1.jpg", CHECKROB_OK, NULL);
  expect(cursor, "val/1.JPEG", CHECKROB_OK, NULL);
  must(checkrob_cursor_seek(cursor, 0, 0));
  assert_int_equal(checkrob_cursor_inputs_done(cursor), 0);
  checkrob_sample *sample = next_sample(cursor);
  char path[1024];
  snprintf(path, sizeof path, "%s/images/a-b.jpg", scratch_root);
  assert_string_equal(checkrob_sample_path(sample), path);
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset); /* in the middle; the sample lives on */
  assert_string_equal(checkrob_sample_image(sample), "a-b.jpg");
  checkrob_sample_free(sample);
  checkrob_class_map_free(classes);
}

static void pairs_by_stem(void **state) {
  (void)state;
  scratch_write("images/train/n1/1.jpg", "");
  scratch_write("images/train/n1/1.png", "");
  scratch_write("images/2.jpg", "");
  scratch_write("annots/1.xml", KANGAROO);
  scratch_write("annots/deep/er/2.xml", KANGAROO);
  checkrob_class_map *classes;
  checkrob_dataset *dataset = open_all(&classes);
  checkrob_cursor *cursor = walk(dataset);
  expect(cursor, "2.jpg", CHECKROB_OK, NULL);
  expect(cursor, "train/n1/1.jpg", CHECKROB_OK, NULL);
  expect(cursor, "train/n1/1.png", CHECKROB_OK, NULL);
  finish(cursor, dataset, classes);
}

static void reports_what_has_no_partner(void **state) {
  (void)state;
  scratch_write("images/b/lonely.jpg", "");
  scratch_write("images/d.jpg", "");
  scratch_write("annots/a.xml", KANGAROO);
  scratch_write("annots/c/x.xml", "not even XML");
  scratch_write("annots/d.xml", KANGAROO);
  checkrob_class_map *classes;
  checkrob_dataset *dataset = open_all(&classes);
  checkrob_cursor *cursor = walk(dataset);
  assert_int_equal(checkrob_dataset_input_count(dataset), 4);
  expect(cursor, "a.xml", CHECKROB_ERROR_NOT_FOUND, "annotation a.xml has no image below ");
  expect(cursor, "b/lonely.jpg", CHECKROB_ERROR_NOT_FOUND,
         "image b/lonely.jpg has no annotation lonely.xml anywhere below ");
  checkrob_sample *orphan = next_sample(cursor);
  assert_string_equal(checkrob_sample_image(orphan), "c/x.xml");
  assert_string_equal(checkrob_sample_path(orphan), "");
  assert_contains(checkrob_sample_message(orphan), "; add the image or remove the annotation");
  assert_int_equal(checkrob_sample_check_size(orphan, 10, 10), CHECKROB_ERROR_NOT_FOUND);
  assert_sentence("annotation c/x.xml has no image below ");
  checkrob_sample_free(orphan);
  expect(cursor, "d.jpg", CHECKROB_OK, NULL);
  finish(cursor, dataset, classes);
}

static void does_not_guess(void **state) {
  (void)state;
  /* Two annotations for one image. */
  scratch_write("images/1.jpg", "");
  scratch_write("annots/x/1.xml", KANGAROO);
  scratch_write("annots/y/1.xml", KANGAROO);
  /* One annotation for images in two folders. */
  scratch_write("images/p/2.jpg", "");
  scratch_write("images/q/2.jpg", "");
  scratch_write("annots/2.xml", KANGAROO);
  /* The only annotation of the stem is that of another image. */
  scratch_write("images/p/3.jpg", "");
  scratch_write("images/q/3.jpg", "");
  scratch_write("annots/p/3.xml", KANGAROO);
  /* Two annotations with the image's own path. */
  scratch_write("images/4.jpg", "");
  scratch_write("annots/4.xml", KANGAROO);
  scratch_write("annots/4.XML", KANGAROO);
  checkrob_class_map *classes;
  checkrob_dataset *dataset = open_all(&classes);
  checkrob_cursor *cursor = walk(dataset);
  assert_int_equal(checkrob_dataset_input_count(dataset), 6);
  expect(cursor, "1.jpg", CHECKROB_ERROR_NOT_FOUND,
         "image 1.jpg could belong to x/1.xml or to y/1.xml below ");
  expect(cursor, "4.jpg", CHECKROB_ERROR_NOT_FOUND, "; save the right one as 4.xml");
  expect(cursor, "p/2.jpg", CHECKROB_ERROR_NOT_FOUND,
         "image p/2.jpg has the same stem as an image in another folder, but below ");
  expect(cursor, "p/3.jpg", CHECKROB_OK, NULL);
  expect(cursor, "q/2.jpg", CHECKROB_ERROR_NOT_FOUND,
         " there is only 2.xml for both; save this image's annotation as q/2.xml");
  expect(cursor, "q/3.jpg", CHECKROB_ERROR_NOT_FOUND, " there is only p/3.xml for both");
  finish(cursor, dataset, classes);
}

static void one_folder_may_hold_both(void **state) {
  (void)state;
  scratch_write("images/a.jpg", "");
  scratch_write("images/a.xml", KANGAROO);
  checkrob_class_map *classes = scratch_classes("name,index\nk,1\n");
  checkrob_dataset *dataset = NULL;
  char folder[1024];
  snprintf(folder, sizeof folder, "%s/", scratch("images"));
  assert_int_equal(
      open_dataset(&dataset, OPTIONS("dataset", "voc", "images", folder, "annotations", folder), classes),
      CHECKROB_OK);
  checkrob_cursor *cursor = walk(dataset);
  checkrob_sample *sample = next_sample(cursor);
  assert_contains(checkrob_sample_path(sample), "/images/a.jpg");
  assert_int_equal(checkrob_sample_status(sample), CHECKROB_OK);
  checkrob_sample_free(sample);
  finish(cursor, dataset, classes);
}

/* The sample reports its own error: the iteration has not failed. */
static void leaves_the_last_error_alone(void **state) {
  (void)state;
  scratch_write("images/a.jpg", "");
  checkrob_class_map *classes;
  checkrob_dataset *dataset = open_all(&classes);
  checkrob_cursor *cursor = walk(dataset);
  checkrob_options_set(NULL, "nonsense", "");
  expect(cursor, "a.jpg", CHECKROB_ERROR_NOT_FOUND, "image a.jpg has no annotation");
  assert_sentence("checkrob_options_set");
  checkrob_sample *sample;
  assert_int_equal(checkrob_cursor_next(NULL, cursor), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_cursor_next(&sample, NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
  finish(cursor, dataset, classes);
  checkrob_dataset_free(NULL);
  checkrob_sample_free(NULL);
}

/* Frames of videos: as many images of one base name as folders, each of which a list, or a manifest, names.
 * Looking through all of them for each name took minutes. */
enum { VIDEOS = 60000 };

static void write_videos(void) {
  tar_file images, annotations;
  FILE *list = fopen(scratch_write("list.txt", ""), "w"), *manifest = fopen(scratch_write("m.csv", ""), "w");
  assert_non_null(list);
  assert_non_null(manifest);
  tar_start(&images, scratch("images.tar"));
  tar_start(&annotations, scratch("annots.tar"));
  fputs("image,class,x1,y1,x2,y2\n", manifest);
  for (int i = 0; i < VIDEOS; i++) {
    char name[64];
    snprintf(name, sizeof name, "d%d/1.png", i);
    tar_add_text(&images, name, "");
    fprintf(manifest, "%s,k,1,1,2,2\n", name);
    fprintf(list, "d%d/1\n1\n", i); /* and what may mean any of them */
    snprintf(name, sizeof name, "d%d/1.xml", i);
    tar_add_text(&annotations, name, "");
  }
  tar_end(&images);
  tar_end(&annotations);
  fclose(manifest);
  fclose(list);
}

static void open_in_time(checkrob_options *options, size_t inputs) {
  checkrob_class_map *classes = scratch_classes("name,index\nk,1\n");
  checkrob_dataset *dataset = NULL;
  clock_t start = clock();
  must(open_dataset(&dataset, options, classes));
  double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
  print_message("%d names: %.3f s\n", VIDEOS, seconds);
  assert_true(seconds < 10 * SANITIZED_TIMES);
  assert_int_equal(checkrob_dataset_input_count(dataset), inputs);
  checkrob_dataset_free(dataset);
  checkrob_class_map_free(classes);
}

static void names_are_found_fast_where_all_bases_are_one(void **state) {
  (void)state;
  write_videos();
  open_in_time(OPTIONS("dataset", "voc", "images", scratch("images.tar"), "annotations",
                       scratch("annots.tar"), "list", scratch("list.txt")),
               VIDEOS + 1);
  open_in_time(
      OPTIONS("dataset", "manifest", "images", scratch("images.tar"), "annotations", scratch("m.csv")),
      VIDEOS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(pairs_by_place),
      TEST(pairs_by_stem),
      TEST(reports_what_has_no_partner),
      TEST(does_not_guess),
      TEST(one_folder_may_hold_both),
      TEST(leaves_the_last_error_alone),
      TEST(names_are_found_fast_where_all_bases_are_one),
  };
  return cmocka_run_group_tests_name("pairing", tests, NULL, NULL);
}
