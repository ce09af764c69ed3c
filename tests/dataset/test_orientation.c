/* SPDX-License-Identifier: Apache-2.0 */
/* Photos with an EXIF orientation, and annotations that were drawn on them as stored, or upright. The photo
 * is 23 x 17 pixels large as stored; with orientation 6 it is 17 x 23 upright. */
#include "dataset/scratch.h"

typedef struct found {
  char message[512];
  uint32_t width, height;
  double box[4];
  checkrob_status status;
} found;

static void copy_photo(const char *name, int orientation) {
  char path[1024], data[8192];
  snprintf(path, sizeof path, CHECKROB_TEST_DATA "/image/fixtures/orientation%d.jpg", orientation);
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  size_t bytes = fread(data, 1, sizeof data, file);
  fclose(file);
  scratch_write_bytes(name, data, bytes);
}

static checkrob_dataset *open_format(const char *format, const char *annotations, const char *names,
                                     const checkrob_class_map *classes) {
  checkrob_dataset *dataset = NULL;
  if (open_dataset(&dataset,
                   OPTIONS("dataset", format, "images", scratch_folder("images"), "annotations",
                           scratch(annotations), "names", names),
                   classes))
    fail_msg("%s", checkrob_last_error());
  return dataset;
}

/* Opens the first image in this orientation, matches its sample with it, twice, and reports both. */
static found look(const char *format, const char *annotations, const char *names,
                  checkrob_orientation orientation) {
  checkrob_class_map *classes = scratch_classes("name,index\ncat,0\n");
  checkrob_dataset *dataset = open_format(format, annotations, names, classes);
  checkrob_cursor *cursor = walk(dataset);
  checkrob_sample *sample = next_sample(cursor);
  checkrob_image_limits limits = CHECKROB_IMAGE_LIMITS_INIT;
  limits.orientation = (int32_t)orientation;
  checkrob_image *image = NULL;
  must(checkrob_sample_open_image(&image, sample, &limits));
  found f = {.width = checkrob_image_width(image), .height = checkrob_image_height(image)};
  f.status = checkrob_sample_check_image(sample, image);
  assert_int_equal(checkrob_sample_check_image(sample, image), f.status);
  snprintf(f.message, sizeof f.message, "%s", checkrob_sample_message(sample));
  if (!f.status) must(checkrob_regions_box(f.box, checkrob_sample_regions(sample), 0));
  checkrob_image_free(image);
  checkrob_sample_free(sample);
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
  checkrob_class_map_free(classes);
  return f;
}

static void expect(const found *f, uint32_t width, uint32_t height, const double box[4],
                   const char *message) {
  if (f->status) fail_msg("%s", f->message);
  assert_int_equal(f->width, width);
  assert_int_equal(f->height, height);
  for (int k = 0; k < 4; k++)
    if (f->box[k] != box[k]) fail_msg("the box is %g %g %g %g", f->box[0], f->box[1], f->box[2], f->box[3]);
  assert_contains(f->message, message);
}

#define SIZE(width, height) "<size><width>" #width "</width><height>" #height "</height></size>"

/* The box [2, 9) x [3, 20) of the upright photo is [3, 20) x [8, 15) of the stored one: x = y', y = 17 - x'.
 */
static const double upright_box[4] = {2, 3, 9, 20}, stored_box[4] = {3, 8, 20, 15};
#define UPRIGHT_OBJECT VOC_OBJECT("cat", 3, 4, 9, 20)
#define STORED_OBJECT VOC_OBJECT("cat", 4, 9, 20, 15)

static void the_stated_size_decides(void **state) {
  (void)state;
  copy_photo("images/a.jpg", 6);
  scratch_write("upright/a.xml", "<annotation>" SIZE(17, 23) UPRIGHT_OBJECT "</annotation>");
  scratch_write("stored/a.xml", "<annotation>" SIZE(23, 17) STORED_OBJECT "</annotation>");
  found f = look("voc", "upright", NULL, CHECKROB_ORIENTATION_AUTO);
  expect(&f, 17, 23, upright_box,
         "EXIF orientation 6: the photo was turned upright, as its annotation has it");
  f = look("voc", "stored", NULL, CHECKROB_ORIENTATION_AUTO);
  expect(&f, 23, 17, stored_box,
         "EXIF orientation 6: the photo was read as stored, as its annotation has it");
  f = look("voc", "upright", NULL, CHECKROB_ORIENTATION_STORED);
  expect(&f, 23, 17, stored_box, "the objects, drawn on it upright, were turned to it");
  f = look("voc", "stored", NULL, CHECKROB_ORIENTATION_UPRIGHT);
  expect(&f, 17, 23, upright_box, "the objects, drawn on it as stored, with it");
}

static void boxes_beyond_the_photo_decide(void **state) {
  (void)state;
  copy_photo("images/a.jpg", 6);
  scratch_write("upright/a.xml", "<annotation>" UPRIGHT_OBJECT "</annotation>");
  scratch_write("stored/a.xml", "<annotation>" STORED_OBJECT "</annotation>");
  found f = look("voc", "upright", NULL, CHECKROB_ORIENTATION_STORED);
  expect(&f, 23, 17, stored_box, "were turned to it");
  f = look("voc", "stored", NULL, CHECKROB_ORIENTATION_AUTO);
  expect(&f, 23, 17, stored_box, "as its annotation has it");
}

/* Nothing tells: the photo lies as the caller wants it, and its objects are taken to be drawn so. */
static void shares_do_not_tell(void **state) {
  (void)state;
  copy_photo("images/a.jpg", 6);
  scratch_write("labels/a.txt", "0 0.5 0.25 0.5 0.25\n");
  scratch_write("names.txt", "cat\n");
  static const double box[4] = {0.25, 0.125, 0.75, 0.375};
  found f = look("yolo", "labels", scratch("names.txt"), CHECKROB_ORIENTATION_AUTO);
  expect(&f, 17, 23, box, "turned upright; nothing says whether its objects were drawn so");
  f = look("yolo", "labels", scratch("names.txt"), CHECKROB_ORIENTATION_STORED);
  expect(&f, 23, 17, box, "read as stored; nothing says whether its objects were drawn so");
}

/* Upside down: both ways have the same size. */
static void a_half_turn_does_not_tell(void **state) {
  (void)state;
  copy_photo("images/a.jpg", 3);
  scratch_write("xml/a.xml", "<annotation>" SIZE(23, 17) STORED_OBJECT "</annotation>");
  found f = look("voc", "xml", NULL, CHECKROB_ORIENTATION_AUTO);
  expect(&f, 23, 17, stored_box, "EXIF orientation 3: the photo was turned upright; nothing says");
}

static void a_plain_photo_has_no_remark(void **state) {
  (void)state;
  copy_photo("images/a.jpg", 1);
  scratch_write("xml/a.xml", "<annotation>" SIZE(23, 17) STORED_OBJECT "</annotation>");
  found f = look("voc", "xml", NULL, CHECKROB_ORIENTATION_AUTO);
  expect(&f, 23, 17, stored_box, "");
  assert_string_equal(f.message, "");
}

/* COCO states the size too; an ignored crowd and another class are turned with the object. */
static void all_regions_are_turned(void **state) {
  (void)state;
  copy_photo("images/a.jpg", 8);
  scratch_write("coco.json",
                "{\"images\":[{\"id\":1,\"file_name\":\"a.jpg\",\"width\":17,\"height\":23}],"
                "\"categories\":[{\"id\":1,\"name\":\"cat\"},{\"id\":2,\"name\":\"dog\"}],"
                "\"annotations\":[{\"image_id\":1,\"category_id\":1,\"bbox\":[2,3,7,17]},"
                "{\"image_id\":1,\"category_id\":2,\"bbox\":[0,0,1,2]},"
                "{\"image_id\":1,\"category_id\":1,\"iscrowd\":1,\"bbox\":[10,20,7,3]}]}");
  checkrob_class_map *classes = scratch_classes("name,index\ncat,0\n");
  checkrob_dataset *dataset = NULL;
  must(open_dataset(&dataset,
                    OPTIONS("dataset", "coco", "images", scratch_folder("images"), "annotations",
                            scratch("coco.json"), "ignore", "crowd"),
                    classes));
  checkrob_cursor *cursor = walk(dataset);
  checkrob_sample *sample = next_sample(cursor);
  checkrob_image_limits limits = CHECKROB_IMAGE_LIMITS_INIT;
  limits.orientation = CHECKROB_ORIENTATION_STORED;
  checkrob_image *image = NULL;
  must(checkrob_sample_open_image(&image, sample, &limits));
  must(checkrob_sample_check_image(sample, image));
  /* With orientation 8, stored x is W - y', and stored y is x'; W = 23. */
  double own[4], other[4], ignored[4];
  must(checkrob_regions_box(own, checkrob_sample_regions(sample), 0));
  must(checkrob_regions_box(other, checkrob_sample_other_regions(sample, 0), 0));
  must(checkrob_regions_box(ignored, checkrob_sample_ignored(sample), 0));
  assert_memory_equal(own, ((double[]){3, 2, 20, 9}), sizeof own);
  assert_memory_equal(other, ((double[]){21, 0, 23, 1}), sizeof other);
  assert_memory_equal(ignored, ((double[]){0, 10, 3, 17}), sizeof ignored);
  assert_string_equal(checkrob_sample_other_name(sample, 0), "dog");
  checkrob_image_free(image);
  checkrob_sample_free(sample);
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
  checkrob_class_map_free(classes);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
  const struct CMUnitTest tests[] = {TEST(the_stated_size_decides),     TEST(boxes_beyond_the_photo_decide),
                                     TEST(shares_do_not_tell),          TEST(a_half_turn_does_not_tell),
                                     TEST(a_plain_photo_has_no_remark), TEST(all_regions_are_turned)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
