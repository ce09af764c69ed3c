/* SPDX-License-Identifier: Apache-2.0 */
/* Pascal VOC's masks of classes and of objects. */
#include "dataset/masks.h"

static checkrob_class_map *classes;

static int setup(void **state) {
  if (scratch_setup(state)) return -1;
  classes = scratch_classes("name,index\naeroplane,4\ncat,7\nperson,2\ntvmonitor,9\n");
  return 0;
}

static int teardown(void **state) {
  checkrob_class_map_free(classes);
  return scratch_teardown(state);
}

#define WIDTH 8
#define HEIGHT 3
/* An aeroplane (1), a cat (8), a tvmonitor (20, "k"), each with void (x) around; 8 x 3. */
static const char class_pixels[] =
    "11x..88x"
    "1xx.x88."
    "..x.kk.x";

static checkrob_dataset *open_voc(const char *first, const char *second, const char *option,
                                  const char *value) {
  checkrob_options *options = OPTIONS("dataset", "voc", "images", scratch_folder("images"), "annotations",
                                      scratch_folder(first), option, value);
  if (second) give_option(options, "annotations", scratch_folder(second));
  checkrob_dataset *dataset = NULL;
  must(open_dataset(&dataset, options, classes));
  return dataset;
}

static checkrob_dataset *open_class_masks(void) {
  return open_voc("SegmentationClass", NULL, NULL, NULL);
}

static checkrob_dataset *open_object_masks(void) {
  return open_voc("SegmentationObject", "Annotations", NULL, NULL);
}

static void finish(checkrob_cursor *cursor, checkrob_dataset *dataset) {
  checkrob_sample *none = NULL;
  assert_int_equal(checkrob_cursor_next(&none, cursor), CHECKROB_END);
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
}

static void expect_mask(checkrob_cursor *cursor, int64_t index, const char *pixels, char number) {
  checkrob_sample *sample = next_sample(cursor);
  if (checkrob_sample_status(sample)) fail_msg("%s", checkrob_sample_message(sample));
  assert_int_equal(checkrob_sample_class_index(sample), index);
  assert_mask(checkrob_sample_regions(sample), WIDTH, HEIGHT, pixels, number);
  if (strchr(pixels, 'x'))
    assert_mask(checkrob_sample_ignored(sample), WIDTH, HEIGHT, pixels, 'x');
  else
    assert_int_equal(checkrob_regions_count(checkrob_sample_ignored(sample)), 0);
  checkrob_sample_free(sample);
}

/* ---- classes ---- */

static void numbers_are_classes_by_the_alphabet(void **state) {
  (void)state;
  scratch_write("images/a.jpg", "");
  scratch_mask("SegmentationClass/a.png", WIDTH, HEIGHT, class_pixels);
  checkrob_dataset *dataset = open_class_masks();
  checkrob_cursor *cursor = walk(dataset);
  assert_string_equal(checkrob_dataset_regions(dataset), "class-masks");
  expect_mask(cursor, 4, class_pixels, '1');
  expect_mask(cursor, 7, class_pixels, '8');
  expect_mask(cursor, 9, class_pixels, 'k');
  finish(cursor, dataset);
}

/* As the augmented masks of the Berkeley set are spread. */
static void grays_are_numbers_too(void **state) {
  (void)state;
  scratch_write("images/a.jpg", "");
  scratch_mask_of("aug/a.png", WIDTH, HEIGHT, class_pixels, PNG_COLOR_TYPE_GRAY, 8);
  checkrob_dataset *dataset = open_voc("aug", NULL, "regions", "class-masks");
  checkrob_cursor *cursor = walk(dataset);
  expect_mask(cursor, 4, class_pixels, '1');
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
}

static void other_classes_are_kept_and_unnamed_ones_named_by_number(void **state) {
  (void)state;
  scratch_write("images/a.jpg", "");
  scratch_mask("SegmentationClass/a.png", 4, 1, "82l.");
  checkrob_dataset *dataset = open_class_masks();
  checkrob_cursor *cursor = walk(dataset);
  checkrob_sample *sample = next_sample(cursor);
  assert_int_equal(checkrob_sample_class_index(sample), 7);
  assert_int_equal(checkrob_sample_other_count(sample), 2);
  assert_string_equal(checkrob_sample_other_name(sample, 0), "bicycle");
  assert_string_equal(checkrob_sample_other_name(sample, 1), "class 21, which has no name");
  checkrob_sample_free(sample);
  finish(cursor, dataset);
}

static void names_may_come_from_a_file(void **state) {
  (void)state;
  scratch_write("images/a.jpg", "");
  scratch_mask("SegmentationClass/a.png", 4, 1, "12..");
  checkrob_dataset *dataset =
      open_voc("SegmentationClass", NULL, "names", scratch_write("names.txt", "_background_\nperson\ncat\n"));
  checkrob_cursor *cursor = walk(dataset);
  assert_next(cursor, "a.jpg", CHECKROB_OK, "person");
  assert_next(cursor, "a.jpg", CHECKROB_OK, "cat");
  finish(cursor, dataset);
  assert_int_equal(open_dataset(&dataset,
                                OPTIONS("dataset", "voc", "images", scratch("images"), "annotations",
                                        scratch("SegmentationClass"), "names", scratch("nowhere.txt")),
                                classes),
                   CHECKROB_ERROR_NOT_FOUND);
}

static void boxes_alone_are_those_around_the_pixels(void **state) {
  (void)state;
  scratch_write("images/a.jpg", "");
  scratch_mask("SegmentationClass/a.png", WIDTH, HEIGHT, class_pixels);
  checkrob_dataset *dataset = open_voc("SegmentationClass", NULL, "regions", "boxes");
  assert_string_equal(checkrob_dataset_regions(dataset), "boxes");
  checkrob_cursor *cursor = walk(dataset);
  checkrob_sample *sample = next_sample(cursor);
  double box[4];
  assert_int_equal(checkrob_regions_box(box, checkrob_sample_regions(sample), 0), CHECKROB_OK);
  assert_true(box[0] == 0 && box[1] == 0 && box[2] == 2 && box[3] == 2);
  assert_int_equal(checkrob_sample_regions(sample)->shapes[0].kind, SHAPE_BOX);
  checkrob_sample_free(sample);
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
}

/* Whose class is missing nobody knows: the image fails. */
static void a_broken_mask_fails_its_image(void **state) {
  (void)state;
  for (const char *name = "abcdefghi"; *name; name++) {
    char path[32];
    snprintf(path, sizeof path, "images/%c.jpg", *name);
    scratch_write(path, "");
  }
  scratch_write("SegmentationClass/a.png", "");
  scratch_write("SegmentationClass/b.png", "no image");
  scratch_write("SegmentationClass/c.png", "\xff\xd8\xff\xe0 a JPEG");
  const char *whole = scratch_mask("SegmentationClass/whole.png", WIDTH, HEIGHT, class_pixels);
  char bytes[4096];
  FILE *file = fopen(whole, "rb");
  assert_non_null(file);
  size_t count = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  assert_int_equal(remove(whole), 0);
  scratch_write_bytes("SegmentationClass/d.png", bytes, count - 20);
  scratch_mask_of("SegmentationClass/e.png", WIDTH, HEIGHT, class_pixels, PNG_COLOR_TYPE_RGB, 8);
  scratch_mask_of("SegmentationClass/f.png", WIDTH, HEIGHT, class_pixels, PNG_COLOR_TYPE_GRAY, 4);
  scratch_mask("SegmentationClass/g.png", 3, 1, "...");
  scratch_mask("SegmentationClass/h.png", 3, 1, "x.x");
  checkrob_dataset *dataset = open_class_masks();
  checkrob_cursor *cursor = walk(dataset);
  assert_next(cursor, "a.jpg", CHECKROB_ERROR_BAD_INPUT, "/SegmentationClass/a.png is empty");
  assert_next(cursor, "b.jpg", CHECKROB_ERROR_UNSUPPORTED,
              "/SegmentationClass/b.png is not a PNG, but a mask of numbers must be one");
  assert_next(cursor, "c.jpg", CHECKROB_ERROR_UNSUPPORTED, "is not a PNG");
  assert_next(cursor, "d.jpg", CHECKROB_ERROR_BAD_INPUT, "/SegmentationClass/d.png is a truncated PNG");
  assert_next(cursor, "e.jpg", CHECKROB_ERROR_UNSUPPORTED, "is a PNG of colours with 8 bits, not of numbers");
  assert_next(cursor, "f.jpg", CHECKROB_ERROR_UNSUPPORTED, "is a PNG of grays with 4 bits, not of numbers");
  assert_next(cursor, "g.jpg", CHECKROB_ERROR_NO_OBJECT, "/SegmentationClass/g.png has no object");
  assert_next(cursor, "h.jpg", CHECKROB_ERROR_NO_OBJECT, "has only objects that are ignored");
  assert_next(cursor, "i.jpg", CHECKROB_ERROR_NOT_FOUND,
              "image i.jpg has no annotation i.png anywhere below");
  finish(cursor, dataset);
}

/* Not only when the region meets the image in a run: also for `checkrob check`. */
static void a_mask_of_another_size_fails_with_the_image(void **state) {
  (void)state;
  scratch_write("images/a.jpg", "");
  scratch_mask("SegmentationClass/a.png", WIDTH, HEIGHT, class_pixels);
  checkrob_dataset *dataset = open_class_masks();
  checkrob_cursor *cursor = walk(dataset);
  checkrob_sample *sample = next_sample(cursor);
  assert_int_equal(checkrob_sample_check_size(sample, WIDTH, HEIGHT), CHECKROB_OK);
  assert_int_equal(checkrob_sample_check_size(sample, WIDTH, HEIGHT + 1), CHECKROB_ERROR_BAD_INPUT);
  assert_contains(checkrob_sample_message(sample),
                  "/SegmentationClass/a.png: a mask has 8 x 3 pixels, but the image has 8 x 4");
  assert_int_equal(checkrob_sample_status(sample), CHECKROB_ERROR_BAD_INPUT);
  checkrob_sample_free(sample);
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
}

/* ---- objects ---- */

#define OBJECT(name, more, x1, y1, x2, y2)                                                          \
  "<object><name>" name "</name>" more "<bndbox><xmin>" #x1 "</xmin><ymin>" #y1 "</ymin><xmax>" #x2 \
  "</xmax><ymax>" #y2 "</ymax></bndbox></object>"

static void add_objects(const char *stem, const char *pixels, const char *objects) {
  char path[64], xml[4096];
  snprintf(path, sizeof path, "images/%s.jpg", stem);
  scratch_write(path, "");
  snprintf(path, sizeof path, "SegmentationObject/%s.png", stem);
  scratch_mask(path, WIDTH, HEIGHT, pixels);
  snprintf(path, sizeof path, "Annotations/%s.xml", stem);
  snprintf(xml, sizeof xml, "<annotation>%s</annotation>", objects);
  scratch_write(path, xml);
}

/* 1 and 3 are persons, 2 is a cat. */
static const char object_pixels[] =
    "11x.222x"
    "11x.22xx"
    "xx.33x..";
static const char persons[] =
    "11x.222x"
    "11x.22xx"
    "xx.11x..";

#define THREE                      \
  OBJECT("person", "", 1, 1, 2, 2) \
  OBJECT("cat", "", 5, 1, 7, 2) OBJECT("person", "<difficult>1</difficult>", 4, 3, 5, 3)

static void numbers_are_objects_by_the_order_of_the_xml(void **state) {
  (void)state;
  add_objects("a", object_pixels, THREE);
  checkrob_dataset *dataset = open_object_masks();
  checkrob_cursor *cursor = walk(dataset);
  assert_string_equal(checkrob_dataset_regions(dataset), "object-masks");
  checkrob_sample *both = next_sample(cursor);
  assert_int_equal(checkrob_sample_class_index(both), 2);
  assert_int_equal(checkrob_regions_count(checkrob_sample_regions(both)), 2);
  checkrob_regions *one = NULL;
  assert_int_equal(checkrob_regions_new(&one), CHECKROB_OK);
  uint8_t united[WIDTH * HEIGHT];
  for (size_t i = 0; i < sizeof united; i++) united[i] = persons[i] == '1';
  assert_int_equal(checkrob_regions_add_mask(one, united, WIDTH, HEIGHT), CHECKROB_OK);
  size_t runs = 0;
  for (size_t i = 0; i < 2; i++) runs += checkrob_sample_regions(both)->shapes[i].run_count;
  assert_int_equal(runs, one->shapes[0].run_count);
  checkrob_regions_free(one);
  assert_mask(checkrob_sample_ignored(both), WIDTH, HEIGHT, object_pixels, 'x');
  checkrob_sample_free(both);
  expect_mask(cursor, 7, object_pixels, '2');
  finish(cursor, dataset);
}

static void flags_come_from_the_xml(void **state) {
  (void)state;
  add_objects("a", object_pixels, THREE);
  checkrob_dataset *dataset = open_voc("SegmentationObject", "Annotations", "ignore", "difficult");
  checkrob_cursor *cursor = walk(dataset);
  checkrob_sample *sample = next_sample(cursor);
  assert_mask(checkrob_sample_regions(sample), WIDTH, HEIGHT, object_pixels, '1');
  assert_int_equal(checkrob_regions_count(checkrob_sample_ignored(sample)),
                   2); /* void, and the difficult one */
  checkrob_sample_free(sample);
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
}

/* Difficult objects, and crowds, are void in VOC's masks. */
static void an_object_that_is_void_is_left_out(void **state) {
  (void)state;
  const char *pixels =
      "11......"
      "11...xx."
      ".....xx.";
  add_objects("a", pixels, OBJECT("person", "", 1, 1, 2, 2) OBJECT("cat", "", 6, 2, 7, 3));
  checkrob_dataset *dataset = open_object_masks();
  checkrob_cursor *cursor = walk(dataset);
  expect_mask(cursor, 2, pixels, '1');
  finish(cursor, dataset);
}

static void an_object_that_the_mask_does_not_have_fails_its_class(void **state) {
  (void)state;
  const char *pixels =
      "11......"
      "11....x."
      "........";
  add_objects("a", pixels, OBJECT("person", "", 1, 1, 2, 2) OBJECT("cat", "", 1, 1, 2, 2));
  add_objects("b", pixels, OBJECT("cat", "", 5, 1, 6, 2));
  add_objects("c", pixels, "<object><name>person</name></object>"); /* the mask is all that is needed */
  checkrob_dataset *dataset = open_object_masks();
  checkrob_cursor *cursor = walk(dataset);
  assert_next(cursor, "a.jpg", CHECKROB_OK, "person");
  assert_next(cursor, "a.jpg", CHECKROB_ERROR_BAD_INPUT, "object 'cat' is number 2, but ");
  assert_next(cursor, "b.jpg", CHECKROB_ERROR_BAD_INPUT,
              "object 'cat' is number 1, but no pixel of that number in ");
  assert_next(cursor, "c.jpg", CHECKROB_OK, "person");
  finish(cursor, dataset);
}

static void masks_and_xml_that_do_not_belong_together_fail_the_image(void **state) {
  (void)state;
  add_objects("a", "1.......2...............", OBJECT("person", "", 1, 1, 2, 2));
  checkrob_dataset *dataset = NULL;
  add_objects("b", object_pixels, THREE);
  add_objects("c", object_pixels, THREE);
  add_objects("d", object_pixels, THREE);
  assert_int_equal(remove(scratch("Annotations/b.xml")), 0);
  scratch_write("Annotations/c.xml", "<annotation>");
  assert_int_equal(remove(scratch("images/d.jpg")), 0);
  dataset = open_object_masks();
  checkrob_cursor *cursor = walk(dataset);
  assert_next(cursor, "SegmentationObject/d.png", CHECKROB_ERROR_NOT_FOUND, "has no image below");
  assert_next(cursor, "a.jpg", CHECKROB_ERROR_BAD_INPUT, "has 1 pixels of object 2, but ");
  assert_next(cursor, "b.jpg", CHECKROB_ERROR_NOT_FOUND,
              "image b.jpg has no annotation b.xml anywhere below");
  assert_next(cursor, "c.jpg", CHECKROB_ERROR_BAD_INPUT, "the XML is truncated");
  finish(cursor, dataset);
}

static void masks_are_of_voc_alone(void **state) {
  (void)state;
  scratch_write("images/a.jpg", "");
  static const char *const formats[][2] = {
      {"imagenet", "the format imagenet has no masks of classes or objects"},
      {"voc", "is the folder of the images and of their masks"}};
  for (size_t i = 0; i < 2; i++) {
    checkrob_dataset *dataset = NULL;
    assert_int_equal(open_dataset(&dataset,
                                  OPTIONS("dataset", formats[i][0], "images", scratch("images"),
                                          "annotations", scratch("images"), "regions", "class-masks"),
                                  classes),
                     CHECKROB_ERROR_INVALID_ARGUMENT);
    assert_sentence(formats[i][1]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(numbers_are_classes_by_the_alphabet, setup, teardown),
      cmocka_unit_test_setup_teardown(grays_are_numbers_too, setup, teardown),
      cmocka_unit_test_setup_teardown(other_classes_are_kept_and_unnamed_ones_named_by_number, setup,
                                      teardown),
      cmocka_unit_test_setup_teardown(names_may_come_from_a_file, setup, teardown),
      cmocka_unit_test_setup_teardown(boxes_alone_are_those_around_the_pixels, setup, teardown),
      cmocka_unit_test_setup_teardown(a_broken_mask_fails_its_image, setup, teardown),
      cmocka_unit_test_setup_teardown(a_mask_of_another_size_fails_with_the_image, setup, teardown),
      cmocka_unit_test_setup_teardown(numbers_are_objects_by_the_order_of_the_xml, setup, teardown),
      cmocka_unit_test_setup_teardown(flags_come_from_the_xml, setup, teardown),
      cmocka_unit_test_setup_teardown(an_object_that_is_void_is_left_out, setup, teardown),
      cmocka_unit_test_setup_teardown(an_object_that_the_mask_does_not_have_fails_its_class, setup, teardown),
      cmocka_unit_test_setup_teardown(masks_and_xml_that_do_not_belong_together_fail_the_image, setup,
                                      teardown),
      cmocka_unit_test_setup_teardown(masks_are_of_voc_alone, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
