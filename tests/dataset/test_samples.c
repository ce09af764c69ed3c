/* SPDX-License-Identifier: Apache-2.0 */
/* From an annotation to samples, for both formats. */
#include "dataset/cursor.h"
#include "dataset/scratch.h"

static checkrob_class_map *classes;

static int setup(void **state) {
  if (scratch_setup(state)) return -1;
  classes =
      scratch_classes("name,index\nwallaby,104\nkangaroo,104\ndog,7\nn02106662,235\nshepherd,235\nn01,0\n");
  return 0;
}

static int teardown(void **state) {
  checkrob_class_map_free(classes);
  return scratch_teardown(state);
}

static void add(const char *image, const char *annotation, const char *xml) {
  char path[512];
  snprintf(path, sizeof path, "images/%s", image);
  scratch_write(path, "");
  snprintf(path, sizeof path, "annots/%s", annotation);
  scratch_write(path, xml);
}

static checkrob_sample *expect(checkrob_cursor *cursor, const char *image, checkrob_status status,
                               int64_t class_index, const char *class_name, size_t boxes) {
  checkrob_sample *sample = next_sample(cursor);
  if (checkrob_sample_status(sample) != status) fail_msg("%s: %s", image, checkrob_sample_message(sample));
  assert_string_equal(checkrob_sample_image(sample), image);
  assert_int_equal(checkrob_sample_class_index(sample), class_index);
  assert_string_equal(checkrob_sample_class_name(sample), class_name);
  assert_int_equal(checkrob_regions_count(checkrob_sample_regions(sample)), boxes);
  return sample;
}

static void expect_failed(checkrob_cursor *cursor, const char *image, checkrob_status status,
                          int64_t class_index, const char *class_name, const char *message) {
  checkrob_sample *sample = expect(cursor, image, status, class_index, class_name, 0);
  assert_contains(checkrob_sample_message(sample), message);
  checkrob_sample_free(sample);
}

static void assert_box(const checkrob_sample *sample, size_t index, double x1, double y1, double x2,
                       double y2) {
  double box[4];
  assert_int_equal(checkrob_regions_box(box, checkrob_sample_regions(sample), index), CHECKROB_OK);
  assert_true(box[0] == x1 && box[1] == y1 && box[2] == x2 && box[3] == y2);
}

static void finish(checkrob_cursor *cursor, checkrob_dataset *dataset) {
  checkrob_sample *none = NULL;
  assert_int_equal(checkrob_cursor_next(&none, cursor), CHECKROB_END);
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
}

static void voc_gives_a_sample_for_each_class(void **state) {
  (void)state;
  add("a.jpg", "a.xml",
      VOC_FILE(VOC_OBJECT("kangaroo", 1, 2, 3, 4) VOC_OBJECT("dog", 5, 6, 7, 8) VOC_OBJECT("cat", 1, 1, 2, 2)
                   VOC_OBJECT("wallaby", 11, 12, 13, 14)));
  checkrob_dataset *dataset = scratch_dataset("voc", classes);
  checkrob_cursor *cursor = walk(dataset);
  assert_int_equal(checkrob_dataset_input_count(dataset), 1);
  checkrob_sample *dog = expect(cursor, "a.jpg", CHECKROB_OK, 7, "dog", 1);
  assert_int_equal(checkrob_cursor_inputs_done(cursor), 0);
  checkrob_sample *kangaroos = expect(cursor, "a.jpg", CHECKROB_OK, 104, "wallaby", 2);
  assert_int_equal(checkrob_cursor_inputs_done(cursor), 1);
  finish(cursor, dataset);
  assert_box(dog, 0, 4, 5, 7, 8);
  assert_box(kangaroos, 0, 0, 1, 3, 4);
  assert_box(kangaroos, 1, 10, 11, 13, 14);
  assert_string_equal(checkrob_sample_message(dog), "");
  checkrob_sample_free(dog);
  checkrob_sample_free(kangaroos);
}

static void seek_in_the_middle_of_an_input(void **state) {
  (void)state;
  add("a.jpg", "a.xml", VOC_FILE(VOC_OBJECT("kangaroo", 1, 2, 3, 4) VOC_OBJECT("dog", 5, 6, 7, 8)));
  checkrob_dataset *dataset = scratch_dataset("voc", classes);
  checkrob_cursor *cursor = walk(dataset);
  checkrob_sample_free(expect(cursor, "a.jpg", CHECKROB_OK, 7, "dog", 1));
  must(checkrob_cursor_seek(cursor, 0, 0));
  checkrob_sample_free(expect(cursor, "a.jpg", CHECKROB_OK, 7, "dog", 1));
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset); /* with a sample that nobody fetched */
}

static void a_bad_object_spoils_its_class_alone(void **state) {
  (void)state;
  const char *bad_cat = "<object><name>cat</name></object>", *bad_dog = "<object><name>dog</name></object>";
  char xml[2048];
  snprintf(xml, sizeof xml,
           VOC_FILE("%s" VOC_OBJECT("dog", 1, 2, 3, 4) VOC_OBJECT("kangaroo", 5, 6, 7, 8) "%s"), bad_cat,
           bad_dog);
  add("a.jpg", "a.xml", xml);
  checkrob_dataset *dataset = scratch_dataset("voc", classes);
  checkrob_cursor *cursor = walk(dataset);
  expect_failed(cursor, "a.jpg", CHECKROB_ERROR_BAD_INPUT, 7, "dog",
                "/annots/a.xml:1: object 'dog' has no <bndbox>");
  checkrob_sample_free(expect(cursor, "a.jpg", CHECKROB_OK, 104, "wallaby", 1));
  finish(cursor, dataset);
}

static void an_unusable_file_fails_the_input(void **state) {
  (void)state;
  add("a.jpg", "a.xml", "<annotation>");
  add("b.jpg", "b.xml", VOC_FILE(VOC_OBJECT("dog", 1, 2, 3, 4)) "x");
  add("c.jpg", "c.xml", VOC_FILE(""));
  add("d.jpg", "d.xml", VOC_FILE(VOC_OBJECT("cat", 1, 1, 2, 2) VOC_OBJECT("cat", 1, 1, 2, 2)));
  add("e.jpg", "e.xml",
      VOC_FILE(VOC_OBJECT("cat", 1, 1, 2, 2) VOC_OBJECT("cow", 1, 1, 2, 2) VOC_OBJECT("cat", 1, 1, 2, 2)
                   VOC_OBJECT("hen", 1, 1, 2, 2) VOC_OBJECT("pig", 1, 1, 2, 2)));
  add("f.jpg", "f.xml", VOC_FILE(VOC_OBJECT("dog", 1, 2, 3, 4)));
  add("g.jpg", "g.xml", VOC_FILE(VOC_OBJECT("dog", 1, 2, 3, 4)));
  add("h.jpg", "h.xml", VOC_FILE(VOC_OBJECT("cat", 1, 2, 3, 4) VOC_OBJECT("DOG", 1, 2, 3, 4)));
  checkrob_dataset *dataset = scratch_dataset("voc", classes);
  checkrob_cursor *cursor = walk(dataset);
  assert_int_equal(unlink(scratch("annots/f.xml")), 0);
  expect_failed(cursor, "a.jpg", CHECKROB_ERROR_BAD_INPUT, -1, "", "/annots/a.xml:1: the XML is truncated");
  expect_failed(cursor, "b.jpg", CHECKROB_ERROR_BAD_INPUT, -1, "", "/annots/b.xml:1: broken XML (");
  expect_failed(cursor, "c.jpg", CHECKROB_ERROR_NO_OBJECT, -1, "",
                "/annots/c.xml has no object; annotate the image or remove it");
  expect_failed(
      cursor, "d.jpg", CHECKROB_ERROR_NO_OBJECT, -1, "",
      "/annots/d.xml has no object of a class in the class map, but 'cat'; add the name to the class map "
      "if the model knows it");
  expect_failed(cursor, "e.jpg", CHECKROB_ERROR_NO_OBJECT, -1, "",
                "but 'cat', 'cow', 'hen', ...; add the name");
  expect_failed(cursor, "f.jpg", CHECKROB_ERROR_NOT_FOUND, -1, "", "/annots/f.xml");
  checkrob_sample_free(expect(cursor, "g.jpg", CHECKROB_OK, 7, "dog", 1));
  expect_failed(cursor, "h.jpg", CHECKROB_ERROR_NO_OBJECT, -1, "",
                "but 'DOG', 'cat'; did you mean the map's 'dog'? Names must be the same in case, accents");
  finish(cursor, dataset);
}

static void imagenet_takes_the_class_from_the_folder(void **state) {
  (void)state;
  add("val/n02106662/1.JPEG", "val/n02106662/1.xml",
      VOC_FILE(VOC_OBJECT("n02106662", 1, 1, 2, 2) VOC_OBJECT("dog", 3, 3, 4, 4)
                   VOC_OBJECT("shepherd", 5, 5, 6, 6)));
  add("val/n02106662/2.JPEG", "2.xml", VOC_FILE(VOC_OBJECT("dog", 3, 3, 4, 4)));
  add("val/n02106662/3.JPEG", "3.xml", "<annotation>");
  add("val/n02106662/4.JPEG", "4.xml", VOC_FILE(""));
  add("val/n09/5.JPEG", "5.xml", VOC_FILE(VOC_OBJECT("dog", 3, 3, 4, 4)));
  scratch_write("images/n01/6.JPEG", "");
  scratch_write("annots/n01/7.xml", "");
  scratch_write("images/val/n_01/8.JPEG", "");
  checkrob_dataset *dataset = scratch_dataset("imagenet", classes);
  checkrob_cursor *cursor = walk(dataset);
  expect_failed(cursor, "n01/6.JPEG", CHECKROB_ERROR_NOT_FOUND, 0, "n01",
                "image n01/6.JPEG has no annotation");
  expect_failed(cursor, "n01/7.xml", CHECKROB_ERROR_NOT_FOUND, -1, "", "annotation n01/7.xml has no image");
  checkrob_sample *sample = expect(cursor, "val/n02106662/1.JPEG", CHECKROB_OK, 235, "n02106662", 2);
  assert_box(sample, 1, 4, 4, 6, 6);
  checkrob_sample_free(sample);
  expect_failed(
      cursor, "val/n02106662/2.JPEG", CHECKROB_ERROR_NO_OBJECT, 235, "n02106662",
      "/annots/2.xml has no object of the class 'n02106662' that the image's folder names, but 'dog'; add "
      "the name to the class map with the index 235 if it means the same");
  expect_failed(cursor, "val/n02106662/3.JPEG", CHECKROB_ERROR_BAD_INPUT, 235, "n02106662", "is truncated");
  expect_failed(cursor, "val/n02106662/4.JPEG", CHECKROB_ERROR_NO_OBJECT, 235, "n02106662", "has no object");
  expect_failed(cursor, "val/n09/5.JPEG", CHECKROB_ERROR_NO_OBJECT, -1, "",
                "image val/n09/5.JPEG is in the folder n09, which is not a class in the class map; add the "
                "name to the map, or remove the folder");
  expect_failed(cursor, "val/n_01/8.JPEG", CHECKROB_ERROR_NO_OBJECT, -1, "",
                "or remove the folder; did you mean the map's 'n01'?");
  finish(cursor, dataset);
}

static void imagenet_takes_flat_images_as_voc(void **state) {
  (void)state;
  add("1.JPEG", "1.xml", VOC_FILE(VOC_OBJECT("n01", 1, 1, 2, 2) VOC_OBJECT("dog", 3, 3, 4, 4)));
  checkrob_dataset *dataset = scratch_dataset("imagenet", classes);
  checkrob_cursor *cursor = walk(dataset);
  checkrob_sample_free(expect(cursor, "1.JPEG", CHECKROB_OK, 0, "n01", 1));
  checkrob_sample_free(expect(cursor, "1.JPEG", CHECKROB_OK, 7, "dog", 1));
  finish(cursor, dataset);
}

static void check_size(const char *xml, checkrob_status status, const char *message) {
  add("s.jpg", "s.xml", xml);
  checkrob_dataset *dataset = scratch_dataset("voc", classes);
  checkrob_cursor *cursor = walk(dataset);
  checkrob_sample *sample = next_sample(cursor);
  assert_int_equal(checkrob_sample_status(sample), CHECKROB_OK);
  for (int round = 0; round < 2; round++) { /* asked again, it says the same once */
    assert_int_equal(checkrob_sample_check_size(sample, 100, 80), status);
    assert_int_equal(checkrob_sample_status(sample), status);
    const char *start = strstr(checkrob_sample_message(sample), "s.xml");
    assert_string_equal(start ? start : "", message);
    if (status) assert_sentence(message);
  }
  assert_int_equal(checkrob_regions_count(checkrob_sample_regions(sample)), status ? 0 : 1);
  checkrob_sample_free(sample);
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
}

static void compares_with_the_true_size(void **state) {
  (void)state;
  check_size(VOC_FILE(VOC_OBJECT("dog", 1, 1, 100, 80)), CHECKROB_OK, "");
  check_size(VOC_FILE(VOC_OBJECT("dog", 0, 0, 101, 81)), CHECKROB_OK, "");
  check_size(
      VOC_FILE(VOC_OBJECT("dog", 1, 1, 102.5, 80)), CHECKROB_OK,
      "s.xml has an object that extends 2.5 pixels beyond the image; check that it belongs to this image");
  check_size(
      VOC_FILE(VOC_OBJECT("dog", 1, -3, 50, 50)), CHECKROB_OK,
      "s.xml has an object that extends 4 pixels beyond the image; check that it belongs to this image");
  check_size(
      "<annotation><size><width>200</width><height>80</height></size>" VOC_OBJECT("dog", 1, 1, 9,
                                                                                  9) "</annotation>",
      CHECKROB_OK,
      "s.xml states an image of 200 x 80 pixels, but it has 100 x 80; check that it belongs to this image");
  check_size("<annotation><size><width>200</width><height>80</height></size>" VOC_OBJECT("dog", 1, 1, 150,
                                                                                         9) "</annotation>",
             CHECKROB_OK,
             "s.xml states an image of 200 x 80 pixels, but it has 100 x 80, and has an object that extends "
             "50 pixels "
             "beyond the image; check that it belongs to this image");
  check_size(
      "<annotation>" VOC_OBJECT("dog", 101, 1, 150, 9) "</annotation>", CHECKROB_ERROR_BAD_INPUT,
      "s.xml: an object from x = 100 to 150 and from y = 0 to 9 lies outside the image of 100 x 80 pixels; "
      "correct it, or use the annotation that belongs to the image");
  check_size(
      "<annotation>" VOC_OBJECT("dog", -9, 1, 0, 9) "</annotation>", CHECKROB_ERROR_BAD_INPUT,
      "s.xml: an object from x = -10 to 0 and from y = 0 to 9 lies outside the image of 100 x 80 pixels; "
      "correct it, or use the annotation that belongs to the image");
  assert_int_equal(checkrob_sample_check_size(NULL, 1, 1), CHECKROB_ERROR_INVALID_ARGUMENT);
}

static void reads_one_file_for_showing(void **state) {
  (void)state;
  const char *path =
      scratch_write("one.xml", VOC_FILE(VOC_OBJECT("dog", 1, 2, 3, 4) VOC_OBJECT("cat", 5, 6, 7, 8)));
  checkrob_regions *regions = NULL;
  assert_int_equal(checkrob_regions_open_voc(&regions, path, NULL), CHECKROB_OK);
  assert_int_equal(checkrob_regions_count(regions), 2);
  checkrob_regions_free(regions);
  assert_int_equal(checkrob_regions_open_voc(&regions, path, "cat"), CHECKROB_OK);
  double box[4];
  assert_int_equal(checkrob_regions_count(regions), 1);
  assert_int_equal(checkrob_regions_box(box, regions, 0), CHECKROB_OK);
  assert_true(box[0] == 4 && box[3] == 8);
  checkrob_regions_free(regions);
  assert_int_equal(checkrob_regions_open_voc(&regions, path, "hen"), CHECKROB_OK);
  assert_int_equal(checkrob_regions_count(regions), 0);
  checkrob_regions_free(regions);

  regions = NULL;
  path = scratch_write("bad.xml", VOC_FILE(VOC_OBJECT("dog", 1, 2, 3, 4) VOC_OBJECT("cat", 5, 6, 4, 8)));
  assert_int_equal(checkrob_regions_open_voc(&regions, path, NULL), CHECKROB_ERROR_BAD_INPUT);
  assert_sentence("bad.xml:1: object 'cat' has an inverted box");
  assert_null(regions);
  assert_int_equal(checkrob_regions_open_voc(&regions, scratch("none.xml"), NULL), CHECKROB_ERROR_NOT_FOUND);
  assert_int_equal(checkrob_regions_open_voc(NULL, path, NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_regions_open_voc(&regions, NULL, NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_regions_open_voc(&regions, path, "dog"), CHECKROB_OK);
  checkrob_regions_free(regions);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void expect_shows(checkrob_cursor *cursor, int dog, int kangaroo) {
  sample_list samples = {0};
  assert_int_equal(cursor_next_image(&samples, cursor), CHECKROB_OK);
  assert_int_equal(samples.count, 1);
  assert_int_equal(checkrob_sample_class_index(samples.items[0]), -1);
  assert_int_equal(sample_shows(samples.items[0], 7), dog);
  assert_int_equal(sample_shows(samples.items[0], 104), kangaroo);
  sample_list_clear(&samples);
}

/* 1: annotated; 0: other things are; -1: nobody said. */
static void an_image_knows_what_it_shows(void **state) {
  (void)state;
  add("a.jpg", "a.xml", VOC_FILE(VOC_OBJECT("wallaby", 1, 2, 3, 4) VOC_OBJECT("cat", 1, 1, 2, 2)));
  add("b.jpg", "b.xml", VOC_FILE(""));
  add("c.jpg", "c.xml", "<annotation>");
  add("d.jpg", "d.xml",
      VOC_FILE(
          VOC_OBJECT("kangaroo", 1, 2, 3, 4) "<object><name>dog</name><difficult>1</difficult><bndbox><xmin>1"
                                             "</xmin><ymin>1</ymin><xmax>3</xmax><ymax>3</ymax></bndbox>"
                                             "</object>"));
  scratch_write("images/e.jpg", "");
  checkrob_dataset *dataset = NULL;
  assert_int_equal(open_dataset(&dataset,
                                OPTIONS("dataset", "voc", "images", scratch("images"), "annotations",
                                        scratch("annots"), "ignore", "difficult"),
                                classes),
                   CHECKROB_OK);
  checkrob_cursor *cursor = walk(dataset);
  expect_shows(cursor, 0, 1);
  expect_shows(cursor, 0, 0);
  expect_shows(cursor, -1, -1);
  expect_shows(cursor, -1, 1); /* an object that is ignored may be a dog */
  expect_shows(cursor, -1, -1);
  finish(cursor, dataset);
  /* A pool leaves no object out. */
  assert_int_equal(checkrob_dataset_open_pool(&dataset, NULL, classes), CHECKROB_ERROR_INVALID_ARGUMENT);
  checkrob_options *options =
      OPTIONS("images", "nowhere", "attack_dataset", "voc", "attack_images", scratch("images"),
              "attack_annotations", scratch("annots"), "ignore", "difficult", "skip_unannotated", "true");
  assert_int_equal(checkrob_dataset_open_pool(&dataset, options, classes), CHECKROB_OK);
  checkrob_options_free(options);
  assert_int_equal(checkrob_dataset_input_count(dataset), 5);
  cursor = walk(dataset);
  assert_int_equal(checkrob_cursor_seek(cursor, 3, 0), CHECKROB_OK);
  expect_shows(cursor, 1, 1);
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
}

/* The folder names a class that no annotation has to repeat; it says nothing about others. */
static void a_folder_says_what_an_image_shows(void **state) {
  (void)state;
  add("dog/a.jpg", "dog/a.xml", "<annotation>");
  add("dog/b.jpg", "dog/b.xml", VOC_FILE(VOC_OBJECT("dog", 1, 2, 3, 4)));
  checkrob_dataset *dataset = scratch_dataset("imagenet", classes);
  checkrob_cursor *cursor = walk(dataset);
  expect_shows(cursor, 1, -1);
  expect_shows(cursor, 1, 0);
  finish(cursor, dataset);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(voc_gives_a_sample_for_each_class),
      TEST(seek_in_the_middle_of_an_input),
      TEST(a_bad_object_spoils_its_class_alone),
      TEST(an_unusable_file_fails_the_input),
      TEST(imagenet_takes_the_class_from_the_folder),
      TEST(imagenet_takes_flat_images_as_voc),
      TEST(compares_with_the_true_size),
      TEST(reads_one_file_for_showing),
      TEST(an_image_knows_what_it_shows),
      TEST(a_folder_says_what_an_image_shows),
  };
  return cmocka_run_group_tests_name("samples", tests, NULL, NULL);
}
