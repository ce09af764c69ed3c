/* SPDX-License-Identifier: Apache-2.0 */
/* VOCdevkit unchanged, lists of images, and images without annotation. */
#include "dataset/masks.h"

static checkrob_class_map *classes;
static checkrob_options *options;

static int setup(void **state) {
  if (scratch_setup(state)) return -1;
  classes = scratch_classes("name,index\ncat,7\nperson,2\n");
  options = OPTIONS("dataset", "voc");
  return 0;
}

static int teardown(void **state) {
  checkrob_options_free(options);
  checkrob_class_map_free(classes);
  return scratch_teardown(state);
}

static void add(const char *format, const char *stem, const char *text) {
  char path[256];
  snprintf(path, sizeof path, format, stem);
  scratch_write(path, text);
}

/* An image with a cat, in a tree below `devkit`. */
static void add_year(const char *devkit, const char *stem) {
  char format[256];
  snprintf(format, sizeof format, "%s/JPEGImages/%%s.jpg", devkit);
  add(format, stem, "");
  snprintf(format, sizeof format, "%s/Annotations/%%s.xml", devkit);
  add(format, stem, VOC_FILE(VOC_OBJECT("cat", 1, 1, 2, 2)));
}

static void add_mask_to(const char *devkit, const char *stem, const char *pixels) {
  char path[256];
  snprintf(path, sizeof path, "%s/SegmentationClass/%s.png", devkit, stem);
  scratch_mask(path, (uint32_t)strlen(pixels), 1, pixels);
  snprintf(path, sizeof path, "%s/SegmentationObject/%s.png", devkit, stem);
  scratch_mask(path, (uint32_t)strlen(pixels), 1, "1...");
}

/* What a dataset with the options holds: "name:class " of each sample, "name:! " where it fails. */
static void expect_samples(const char *expected) {
  checkrob_dataset *dataset = NULL;
  char found[2048] = "";
  if (checkrob_dataset_open(&dataset, options, classes)) fail_msg("%s", checkrob_last_error());
  checkrob_cursor *cursor = walk(dataset);
  checkrob_sample *sample = NULL;
  checkrob_status status;
  while ((status = checkrob_cursor_next(&sample, cursor)) == CHECKROB_OK) {
    snprintf(found + strlen(found), sizeof found - strlen(found), "%s:%s ", checkrob_sample_image(sample),
             checkrob_sample_status(sample) ? "!" : checkrob_sample_class_name(sample));
    checkrob_sample_free(sample);
  }
  assert_int_equal(status, CHECKROB_END);
  assert_string_equal(found, expected);
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
}

static void expect_refused(checkrob_status expected, const char *sentence) {
  checkrob_dataset *dataset = NULL;
  checkrob_status status = checkrob_dataset_open(&dataset, options, classes);
  if (status != expected) fail_msg("%d: %s", status, status ? checkrob_last_error() : "opened");
  assert_sentence(sentence);
}

/* Replaces the items of the list; NULL after the last. */
static void set_list(const char *name, const char *const *items) {
  must(checkrob_options_unset(options, name));
  for (; *items; items++) must(checkrob_options_add(options, name, *items));
}

#define IMAGES(...) set_list("images", (const char *const[]){__VA_ARGS__, NULL})
#define ANNOTATIONS(...) set_list("annotations", (const char *const[]){__VA_ARGS__, NULL})
#define LISTS(...) set_list("list", (const char *const[]){__VA_ARGS__, NULL})

static void set(const char *name, const char *value) {
  must(checkrob_options_set(options, name, value));
}

/* ---- trees ---- */

static void a_year_stands_for_its_folders(void **state) {
  (void)state;
  add_year("VOC2012", "1");
  add_year("VOC2012", "2");
  add_mask_to("VOC2012", "1", "8f..");
  IMAGES(scratch("VOC2012"));
  expect_samples("1.jpg:cat 2.jpg:cat "); /* the masks are no images */
  IMAGES(scratch("VOC2012/"));
  ANNOTATIONS(scratch("VOC2012/Annotations"));
  expect_samples("1.jpg:cat 2.jpg:cat ");
  must(checkrob_options_unset(options, "annotations"));
  set("regions", "class-masks");
  expect_samples("1.jpg:person 1.jpg:cat 2.jpg:! ");
  set("regions", "object-masks");
  expect_samples("1.jpg:cat 2.jpg:! ");
  ANNOTATIONS(scratch("VOC2012"));
  expect_samples("1.jpg:cat 2.jpg:! ");
}

static void a_devkit_stands_for_its_years(void **state) {
  (void)state;
  add_year("kit/VOC2007", "1");
  add_year("kit/VOC2012", "1");
  add_year("kit/VOC2012", "2");
  scratch_write("kit/VOCcode/example.jpg", "");
  IMAGES(scratch("kit"));
  expect_samples("VOC2007/1.jpg:cat VOC2012/1.jpg:cat VOC2012/2.jpg:cat ");
  IMAGES(scratch("kit/VOC2012"), scratch("kit/VOC2007"));
  expect_samples("VOC2007/1.jpg:cat VOC2012/1.jpg:cat VOC2012/2.jpg:cat ");
  /* The folder above distinguishes folders of one name, in any format. */
  IMAGES(scratch("kit/VOC2012/JPEGImages"), scratch("kit/VOC2007/JPEGImages"));
  ANNOTATIONS(scratch("kit/VOC2007/Annotations"), scratch("kit/VOC2012/Annotations"));
  expect_samples("VOC2007/1.jpg:cat VOC2012/1.jpg:cat VOC2012/2.jpg:cat ");
}

static void what_is_no_tree_needs_annotations(void **state) {
  (void)state;
  add_year("VOC2012", "1");
  scratch_write("photos/2.jpg", "");
  IMAGES(scratch("photos"));
  expect_refused(CHECKROB_ERROR_INVALID_ARGUMENT, "has no folder JPEGImages");
  IMAGES(scratch("VOC2012"), scratch("photos"));
  expect_refused(CHECKROB_ERROR_INVALID_ARGUMENT, "name the annotations too");
  IMAGES(scratch("nowhere"));
  expect_refused(CHECKROB_ERROR_INVALID_ARGUMENT, "has no folder JPEGImages");
  IMAGES(scratch("VOC2012"));
  set("regions", "class-masks");
  expect_refused(CHECKROB_ERROR_NOT_FOUND, "there is no annotations folder");
  set("regions", "auto");
  set("dataset", "yolo");
  expect_refused(CHECKROB_ERROR_INVALID_ARGUMENT, "the format yolo needs annotations");
}

/* ---- lists ---- */

static void lists_choose_images(void **state) {
  (void)state;
  for (const char *stem = "12345"; *stem; stem++) add_year("VOC2012", (char[]){'0', *stem, '\0'});
  IMAGES(scratch("VOC2012"));
  LISTS(scratch_write("val.txt", "04\r\n\n  02 \n04\n"));
  expect_samples("02.jpg:cat 04.jpg:cat ");
  LISTS(scratch_write("cat_val.txt", "01 -1\n02  1\n03  0\n04 -1\n05  1\n"));
  expect_samples("02.jpg:cat 03.jpg:cat 05.jpg:cat ");
  LISTS(scratch("val.txt"), scratch("cat_val.txt"));
  expect_samples("02.jpg:cat 03.jpg:cat 04.jpg:cat 05.jpg:cat ");
  LISTS(scratch_write("paths.txt", "\xEF\xBB\xBF./JPEGImages/03.jpg\nVOC2012/JPEGImages/01\n05.jpg\n"));
  expect_samples("01.jpg:cat 03.jpg:cat 05.jpg:cat ");
  LISTS(scratch_write("other.txt", "other/01\n05.png\n"));
  expect_samples("05.png:! other/01:! ");
}

static void names_that_nothing_has_fail(void **state) {
  (void)state;
  add_year("VOC2012", "1");
  add_year("VOC2012", "2");
  assert_int_equal(remove(scratch("VOC2012/JPEGImages/2.jpg")), 0);
  IMAGES(scratch("VOC2012"));
  LISTS(scratch_write("val.txt", "1\n2\n3\n3\n"));
  expect_samples("1.jpg:cat 2.xml:! 3:! ");
  checkrob_dataset *dataset = NULL;
  assert_int_equal(checkrob_dataset_open(&dataset, options, classes), CHECKROB_OK);
  checkrob_cursor *cursor = walk(dataset);
  assert_next(cursor, "1.jpg", CHECKROB_OK, "cat");
  assert_next(cursor, "2.xml", CHECKROB_ERROR_NOT_FOUND, "has no image below");
  assert_next(cursor, "3", CHECKROB_ERROR_NOT_FOUND, "val.txt:3: there is no image 3 below ");
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
}

static void a_doubtful_name_fails_and_a_longer_one_does_not(void **state) {
  (void)state;
  scratch_write("images/a/1.jpg", "");
  scratch_write("images/b/1.jpg", "");
  scratch_write("images/1/2.jpg", "");
  scratch_write("images/2.jpg", "");
  scratch_write("images/2.png", "");
  scratch_write("annots/a/1.xml", VOC_FILE(VOC_OBJECT("cat", 1, 1, 2, 2)));
  scratch_write("annots/b/1.xml", VOC_FILE(VOC_OBJECT("person", 1, 1, 2, 2)));
  scratch_write("annots/2.xml", VOC_FILE(VOC_OBJECT("person", 1, 1, 2, 2)));
  IMAGES(scratch("images"));
  ANNOTATIONS(scratch("annots"));
  LISTS(scratch_write("list.txt", "1\n"));
  expect_samples("1:! ");
  checkrob_dataset *dataset = NULL;
  assert_int_equal(checkrob_dataset_open(&dataset, options, classes), CHECKROB_OK);
  checkrob_cursor *cursor = walk(dataset);
  assert_next(cursor, "1", CHECKROB_ERROR_NOT_FOUND, "match 1; add its folder to the name");
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
  LISTS(scratch_write("list.txt", "b/1\n"));
  expect_samples("b/1.jpg:person ");
  LISTS(scratch_write("list.txt", "2\n")); /* not 1/2: this one is called just so, twice */
  expect_samples("2.jpg:person 2.png:person ");
  LISTS(scratch_write("list.txt", "2.png\n"));
  expect_samples("2.png:person ");
}

static void broken_lists_are_refused(void **state) {
  (void)state;
  add_year("VOC2012", "1");
  IMAGES(scratch("VOC2012"));
  LISTS(scratch("nowhere.txt"));
  expect_refused(CHECKROB_ERROR_NOT_FOUND, "nowhere.txt");
  LISTS(scratch_write("empty.txt", "\n \r\n"));
  expect_refused(CHECKROB_ERROR_BAD_INPUT, "empty.txt names no image");
  LISTS(scratch_write("none.txt", "1 -1\n"));
  expect_refused(CHECKROB_ERROR_BAD_INPUT, "none.txt names no image");
  LISTS(scratch_write_bytes("binary.txt", "1\n\0\n", 4));
  expect_refused(CHECKROB_ERROR_BAD_INPUT, "binary.txt:2: a byte is 0, which no text has");
  LISTS(scratch_write_bytes("powershell.txt",
                            "\xff\xfe"
                            "1\0\n\0",
                            6));
  expect_refused(CHECKROB_ERROR_BAD_INPUT, "powershell.txt is UTF-16 text; save the file as UTF-8");
  LISTS(scratch("VOC2012"));
  expect_refused(CHECKROB_ERROR_IO, "VOC2012");
  set("dataset", "manifest");
  LISTS(scratch("none.txt"));
  ANNOTATIONS(scratch("none.txt"));
  expect_refused(CHECKROB_ERROR_INVALID_ARGUMENT, "the format manifest takes no lists of images");
}

static void lists_choose_imagenet_and_yolo_too(void **state) {
  (void)state;
  scratch_write("train/cat/cat_1.JPEG", "");
  scratch_write("train/cat/cat_2.JPEG", "");
  scratch_write("boxes/cat/cat_1.xml", VOC_FILE(VOC_OBJECT("cat", 1, 1, 2, 2)));
  set("dataset", "imagenet");
  IMAGES(scratch("train"));
  ANNOTATIONS(scratch("boxes"));
  LISTS(scratch_write("train_loc.txt", "cat/cat_1 1\n"));
  expect_samples("cat/cat_1.JPEG:cat ");
  scratch_write("labels/cat_2.txt", "0 0.5 0.5 0.1 0.1\n");
  set("dataset", "yolo");
  set("names", scratch_write("names.txt", "person\n"));
  ANNOTATIONS(scratch("labels"));
  LISTS(scratch_write("val.txt", "./train/cat/cat_2.JPEG\n"));
  expect_samples("cat/cat_2.JPEG:person ");
}

/* ---- images that nobody annotated ---- */

static size_t left_out(void) {
  checkrob_dataset *dataset = NULL;
  if (checkrob_dataset_open(&dataset, options, classes)) fail_msg("%s", checkrob_last_error());
  size_t count = checkrob_dataset_left_out(dataset);
  checkrob_dataset_free(dataset);
  return count;
}

static void images_without_annotation_can_be_left_out(void **state) {
  (void)state;
  for (const char *stem = "1234"; *stem; stem++) add("images/cat/%s.jpg", (char[]){*stem, '\0'}, "");
  scratch_write("annots/cat/2.xml", VOC_FILE(VOC_OBJECT("cat", 1, 1, 2, 2)));
  scratch_write("annots/cat/3.xml", VOC_FILE(""));
  scratch_write("annots/cat/5.xml", VOC_FILE(VOC_OBJECT("cat", 1, 1, 2, 2)));
  scratch_write("annots/cat/2.txt", "0 0.5 0.5 0.1 0.1\n");
  set("dataset", "imagenet");
  IMAGES(scratch("images"));
  ANNOTATIONS(scratch("annots"));
  expect_samples("cat/1.jpg:! cat/2.jpg:cat cat/3.jpg:! cat/4.jpg:! cat/5.xml:! ");
  assert_int_equal(left_out(), 0);
  set("skip_unannotated", "true");
  expect_samples("cat/2.jpg:cat cat/3.jpg:! cat/5.xml:! "); /* what is wrong is still said */
  assert_int_equal(left_out(), 2);
  set("dataset", "yolo");
  set("names", scratch_write("names.txt", "person\n"));
  expect_samples("cat/2.jpg:person ");
  assert_int_equal(left_out(), 3);
}

/* ---- images without an object that counts ---- */

static size_t skipped_of(const char *expected) {
  checkrob_dataset *dataset = NULL;
  expect_samples(expected);
  if (checkrob_dataset_open(&dataset, options, classes)) fail_msg("%s", checkrob_last_error());
  checkrob_cursor *cursor = walk(dataset);
  for (checkrob_sample *sample = NULL; checkrob_cursor_next(&sample, cursor) == CHECKROB_OK;)
    checkrob_sample_free(sample);
  size_t count = checkrob_cursor_skipped(cursor), inputs = checkrob_dataset_input_count(dataset);
  assert_int_equal(checkrob_cursor_inputs_done(cursor), inputs); /* they stay inputs */
  must(checkrob_cursor_seek(cursor, 0, 0));
  assert_int_equal(checkrob_cursor_skipped(cursor), 0);
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
  return count;
}

static void images_of_other_classes_can_be_skipped(void **state) {
  (void)state;
  for (const char *stem = "123456"; *stem; stem++) add("images/%s.jpg", (char[]){*stem, '\0'}, "");
  scratch_write("annots/1.xml", VOC_FILE(VOC_OBJECT("zebra", 1, 1, 2, 2)));
  scratch_write("annots/2.xml", VOC_FILE(VOC_OBJECT("cat", 1, 1, 2, 2) VOC_OBJECT("zebra", 1, 1, 2, 2)));
  scratch_write("annots/3.xml", VOC_FILE(""));
  scratch_write("annots/4.xml", "<annotation>");
  scratch_write("annots/6.xml",
                VOC_FILE("<object><name>cat</name><difficult>1</difficult><bndbox><xmin>1</xmin>"
                         "<ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></object>"));
  IMAGES(scratch("images"));
  ANNOTATIONS(scratch("annots"));
  set("ignore", "difficult");
  assert_int_equal(skipped_of("1.jpg:! 2.jpg:cat 3.jpg:! 4.jpg:! 5.jpg:! 6.jpg:! "), 0);
  set("skip_unmapped", "true");
  assert_int_equal(skipped_of("2.jpg:cat 3.jpg:! 4.jpg:! 5.jpg:! "), 2); /* what is wrong is still said */
}

static void other_formats_skip_them_too(void **state) {
  (void)state;
  for (const char *stem = "12"; *stem; stem++) add("images/%s.jpg", (char[]){*stem, '\0'}, "");
  set("skip_unmapped", "true");
  IMAGES(scratch("images"));
  set("dataset", "manifest");
  ANNOTATIONS(
      scratch_write("objects.csv", "image,class,x1,y1,x2,y2\n1.jpg,zebra,0,0,1,1\n2.jpg,cat,0,0,1,1\n"));
  assert_int_equal(skipped_of("2.jpg:cat "), 1);
  set("dataset", "yolo");
  set("names", scratch_write("names.txt", "cat\nzebra\n"));
  scratch_write("labels/1.txt", "0 0.5 0.5 0.1 0.1\n1 0.5 0.5 0.1 0.1\n");
  scratch_write("labels/2.txt", "1 0.5 0.5 0.1 0.1\n");
  ANNOTATIONS(scratch("labels"));
  assert_int_equal(skipped_of("1.jpg:cat "), 1);
}

/* By the folder, whatever is in its files; but a folder's own class that the file lacks is a contradiction.
 */
static void folders_of_other_classes_can_be_skipped(void **state) {
  (void)state;
  scratch_write("images/zebra/1.jpg", "");
  scratch_write("images/zebra/2.jpg", "");
  scratch_write("images/cat/3.jpg", "");
  scratch_write("images/cat/4.jpg", "");
  scratch_write("annots/zebra/1.xml", VOC_FILE(VOC_OBJECT("cat", 1, 1, 2, 2)));
  scratch_write("annots/zebra/2.xml", "<annotation>");
  scratch_write("annots/cat/3.xml", VOC_FILE(VOC_OBJECT("cat", 1, 1, 2, 2)));
  scratch_write("annots/cat/4.xml", VOC_FILE(VOC_OBJECT("zebra", 1, 1, 2, 2)));
  set("dataset", "imagenet");
  IMAGES(scratch("images"));
  ANNOTATIONS(scratch("annots"));
  assert_int_equal(skipped_of("cat/3.jpg:cat cat/4.jpg:! zebra/1.jpg:! zebra/2.jpg:! "), 0);
  set("skip_unmapped", "true");
  assert_int_equal(skipped_of("cat/3.jpg:cat cat/4.jpg:! "), 2);
}

/* A wrong path would look like a dataset without mistakes. */
static void nothing_but_images_without_annotation_is_refused(void **state) {
  (void)state;
  add_year("VOC2012", "1");
  add_year("VOC2012", "2");
  scratch_folder("VOC2012/SegmentationClass");
  IMAGES(scratch("VOC2012"));
  set("regions", "class-masks");
  set("skip_unannotated", "true");
  expect_refused(CHECKROB_ERROR_NOT_FOUND, "none of the 2 images below ");
  assert_sentence("has an annotation (.png) below ");
}

static void coco_and_manifests_leave_images_out_too(void **state) {
  (void)state;
  for (const char *stem = "1234"; *stem; stem++) add("images/%s.jpg", (char[]){*stem, '\0'}, "");
  set("skip_unannotated", "true");
  set("dataset", "manifest");
  IMAGES(scratch("images"));
  ANNOTATIONS(
      scratch_write("objects.csv", "image,class,x1,y1,x2,y2\n2.jpg,cat,0,0,1,1\n7.jpg,cat,0,0,1,1\n"));
  expect_samples("2.jpg:cat 7.jpg:! ");
  assert_int_equal(left_out(), 3);
  set("dataset", "coco");
  ANNOTATIONS(scratch_write(
      "coco.json",
      "{\"images\": [{\"id\": 1, \"file_name\": \"1.jpg\"}, {\"id\": 2, \"file_name\": "
      "\"2.jpg\"}, {\"id\": 7, \"file_name\": \"7.jpg\"}], \"annotations\": [{\"id\": 1, "
      "\"image_id\": 2, \"category_id\": 1, \"bbox\": [0, 0, 1, 1]}], \"categories\": [{\"id\": "
      "1, \"name\": \"cat\"}]}"));
  expect_samples("2.jpg:cat 7.jpg:! ");
  assert_int_equal(left_out(), 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_year_stands_for_its_folders, setup, teardown),
      cmocka_unit_test_setup_teardown(a_devkit_stands_for_its_years, setup, teardown),
      cmocka_unit_test_setup_teardown(what_is_no_tree_needs_annotations, setup, teardown),
      cmocka_unit_test_setup_teardown(lists_choose_images, setup, teardown),
      cmocka_unit_test_setup_teardown(names_that_nothing_has_fail, setup, teardown),
      cmocka_unit_test_setup_teardown(a_doubtful_name_fails_and_a_longer_one_does_not, setup, teardown),
      cmocka_unit_test_setup_teardown(broken_lists_are_refused, setup, teardown),
      cmocka_unit_test_setup_teardown(lists_choose_imagenet_and_yolo_too, setup, teardown),
      cmocka_unit_test_setup_teardown(images_without_annotation_can_be_left_out, setup, teardown),
      cmocka_unit_test_setup_teardown(images_of_other_classes_can_be_skipped, setup, teardown),
      cmocka_unit_test_setup_teardown(other_formats_skip_them_too, setup, teardown),
      cmocka_unit_test_setup_teardown(folders_of_other_classes_can_be_skipped, setup, teardown),
      cmocka_unit_test_setup_teardown(nothing_but_images_without_annotation_is_refused, setup, teardown),
      cmocka_unit_test_setup_teardown(coco_and_manifests_leave_images_out_too, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
