/* SPDX-License-Identifier: Apache-2.0 */
/* Images and annotations inside tar files: the list, the pairs, and the error messages. */
#include <checkrob/checkrob.h>

#include "dataset/files/listing.h"
#include "dataset/scratch.h"
#include "support/tar.h"

static const char voc_k[] = VOC_FILE(VOC_OBJECT("k", 1, 1, 10, 10));
static const char voc_both[] = VOC_FILE(VOC_OBJECT("k", 1, 1, 10, 10) VOC_OBJECT("w", 5, 5, 20, 20));

/* A path that outlives the next calls of scratch(). */
static const char *keep(const char *path) {
  static char kept[64][512];
  static size_t next;
  char *place = kept[next++ % 64];
  snprintf(place, sizeof kept[0], "%.511s", path);
  return place;
}

/* A tar of (name, content) pairs, up to NULL. */
static const char *make_tar(const char *name, const char *const *members) {
  const char *path = keep(scratch(name));
  tar_file tar;
  tar_start(&tar, path);
  for (; members[0]; members += 2) tar_add_text(&tar, members[0], members[1]);
  tar_end(&tar);
  return path;
}

#define TAR(name, ...) make_tar(name, (const char *const[]){__VA_ARGS__, NULL})

/* A black image with a white square of 8 x 8 at its corner, as PNG. */
static void add_square(tar_file *tar, const char *name, uint8_t shade) {
  uint8_t pixels[24 * 16 * 3] = {0};
  for (size_t i = 0; i < 8 * 8; i++) memset(pixels + (i / 8 * 24 + i % 8) * 3, shade, 3);
  checkrob_image *image = NULL;
  assert_int_equal(checkrob_image_from_rgb(&image, pixels, 24, 16), CHECKROB_OK);
  assert_int_equal(checkrob_image_write_png(image, scratch("square.png")), CHECKROB_OK);
  checkrob_image_free(image);
  char data[4096];
  FILE *file = fopen(scratch("square.png"), "rb");
  assert_non_null(file);
  size_t bytes = fread(data, 1, sizeof data, file);
  fclose(file);
  tar_add(tar, name, data, bytes);
}

static checkrob_status try_open(checkrob_dataset **out, const char *format, const char *const *images,
                                const char *const *annotations, const checkrob_class_map *classes) {
  checkrob_options *options = OPTIONS("dataset", format);
  for (; *images; images++) give_option(options, "images", *images);
  for (; *annotations; annotations++) give_option(options, "annotations", *annotations);
  return open_dataset(out, options, classes);
}

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

/* All samples in a line: "name:class " or "name!status ". */
static char seen[4096];

static void expect_of(const char *format, const char *const *images, const char *const *annotations,
                      const checkrob_class_map *classes, const char *expected) {
  checkrob_dataset *dataset = NULL;
  if (try_open(&dataset, format, images, annotations, classes)) fail_msg("%s", checkrob_last_error());
  checkrob_cursor *cursor = walk(dataset);
  seen[0] = '\0';
  checkrob_sample *sample = NULL;
  while (checkrob_cursor_next(&sample, cursor) == CHECKROB_OK) {
    size_t used = strlen(seen);
    checkrob_status status = checkrob_sample_status(sample);
    snprintf(seen + used, sizeof seen - used, "%s%s%s ", checkrob_sample_image(sample), status ? "!" : ":",
             status ? checkrob_status_name(status) : checkrob_sample_class_name(sample));
    checkrob_sample_free(sample);
  }
  assert_string_equal(seen, expected);
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
}

/* The error message of the first failed sample. */
static void expect_failure(const char *format, const char *root, const checkrob_class_map *classes,
                           checkrob_status status, const char *sentence) {
  checkrob_dataset *dataset = NULL;
  if (try_open(&dataset, format, LIST(root), LIST(root), classes)) fail_msg("%s", checkrob_last_error());
  checkrob_cursor *cursor = walk(dataset);
  checkrob_sample *sample = next_sample(cursor);
  if (checkrob_sample_status(sample) != status || !strstr(checkrob_sample_message(sample), sentence))
    fail_msg("%s: %s", checkrob_status_name(checkrob_sample_status(sample)), checkrob_sample_message(sample));
  checkrob_sample_free(sample);
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
}

static checkrob_class_map *two_classes(void) {
  return scratch_classes("name,index\nk,104\nw,7\n");
}

static void annotations_lie_in_the_same_shard_or_another(void **state) {
  (void)state;
  checkrob_class_map *classes = two_classes();
  const char *both =
      TAR("both.tar", "000123.jpg", "x", "000123.xml", voc_both, "sub/2.PNG", "x", "sub/2.XML", voc_k);
  expect_of("voc", LIST(both), LIST(both), classes, "000123.jpg:w 000123.jpg:k sub/2.PNG:k ");
  const char *images = TAR("images.tar", "./1.jpg", "x", "./2.jpg", "x");
  const char *annotations = TAR("annotations.tar", "1.xml", voc_k, "deep/2.xml", voc_k);
  expect_of("voc", LIST(images), LIST(annotations), classes, "1.jpg:k 2.jpg:k ");
  scratch_write("folder/1.xml", voc_k);
  scratch_write("folder/2.xml", voc_k);
  expect_of("voc", LIST(images), LIST(scratch("folder")), classes, "1.jpg:k 2.jpg:k ");
  scratch_write("photos/1.jpg", "x");
  expect_of("voc", LIST(scratch("photos")), LIST(annotations), classes, "1.jpg:k deep/2.xml!not_found ");
  checkrob_class_map_free(classes);
}

static void several_shards_are_one_dataset(void **state) {
  (void)state;
  checkrob_class_map *classes = two_classes();
  const char *first = TAR("train-0.tar", "1.jpg", "x", "1.xml", voc_k);
  const char *second = TAR("train-1.TAR", "1.jpg", "x", "1.xml", voc_both);
  scratch_write("train-2/1.jpg", "x");
  scratch_write("train-2/1.xml", voc_k);
  const char *folder = keep(scratch("train-2"));
  /* They are called as if the shards were unpacked. */
  expect_of("voc", LIST(first, second, folder), LIST(folder, second, first), classes,
            "train-0/1.jpg:k train-1/1.jpg:w train-1/1.jpg:k train-2/1.jpg:k ");
  checkrob_dataset *dataset = NULL;
  const char *same = TAR("train-2.tar", "1.jpg", "x");
  assert_int_equal(try_open(&dataset, "voc", LIST(folder, same), LIST(same), classes),
                   CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_sentence("have the same name, so their images would have the same names; rename one");
  checkrob_class_map_free(classes);
}

static void images_alone_are_read_from_shards(void **state) {
  (void)state;
  const char *path = keep(scratch("alone.tar"));
  tar_file tar;
  tar_start(&tar, path);
  tar_add_text(&tar, "readme.txt", "not listed");
  add_square(&tar, "1.png", 200);
  tar_add_text(&tar, "2.png", "no image");
  tar_end(&tar);
  checkrob_dataset *dataset = NULL;
  assert_int_equal(open_images(&dataset, path), CHECKROB_OK);
  checkrob_cursor *cursor = walk(dataset);
  checkrob_sample *sample = next_sample(cursor);
  assert_string_equal(checkrob_sample_image(sample), "1.png");
  assert_string_equal(checkrob_sample_path(sample), path);
  checkrob_image *image = NULL;
  assert_int_equal(checkrob_sample_open_image(&image, sample, NULL), CHECKROB_OK);
  assert_int_equal(checkrob_image_width(image), 24);
  assert_int_equal(checkrob_image_pixels(image)[0], 200);
  checkrob_image_free(image);
  checkrob_image_limits limits = CHECKROB_IMAGE_LIMITS_INIT;
  limits.max_file_bytes = 10;
  assert_int_equal(checkrob_sample_open_image(&image, sample, &limits), CHECKROB_ERROR_LIMIT);
  checkrob_sample_free(sample);
  sample = next_sample(cursor);
  assert_int_equal(checkrob_sample_open_image(&image, sample, NULL), CHECKROB_ERROR_UNSUPPORTED);
  assert_sentence("2.png in ");
  assert_sentence("alone.tar");
  checkrob_sample_free(sample);
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
}

static void parts_of_a_sample_are_no_images(void **state) {
  (void)state;
  checkrob_class_map *classes = two_classes();
  const char *path =
      TAR("parts.tar", "1.depth.png", "x", "1.jpg", "x", "1.xml", voc_k, "1.thumb.JPG", "x", "._1.jpg", "x",
          "__MACOSX/._1.jpg", "x", ".cache/2.jpg", "x", "d.1/1.jpg", "x", "d.1/1.xml", voc_k);
  expect_of("voc", LIST(path), LIST(path), classes, "1.jpg:k d.1/1.jpg:k ");
  /* Names with dots of their own are like those of files in folders. */
  path = TAR("dots.tar", "a_jpg.rf.1.jpg", "x", "a_jpg.rf.1.xml", voc_k, "a_jpg.rf.2.jpg", "x",
             "a_jpg.rf.2.xml", voc_both);
  expect_of("voc", LIST(path), LIST(path), classes, "a_jpg.rf.1.jpg:k a_jpg.rf.2.jpg:w a_jpg.rf.2.jpg:k ");
  checkrob_class_map_free(classes);
}

static void the_last_of_a_name_counts(void **state) {
  (void)state;
  checkrob_class_map *classes = two_classes();
  const char *path = TAR("twice.tar", "1.jpg", "x", "1.xml", voc_both, "1.xml", voc_k, "./1.jpg", "y");
  expect_of("voc", LIST(path), LIST(path), classes, "1.jpg:k ");
  checkrob_class_map_free(classes);
}

static void a_folder_in_a_shard_is_a_class(void **state) {
  (void)state;
  checkrob_class_map *classes = two_classes();
  const char *path = TAR("train.tar", "w/1.jpg", "x", "w/1.xml", voc_both, "w/1.cls", "104", "k/2.jpg", "x",
                         "k/2.xml", voc_both, "z/3.jpg", "x", "z/3.xml", voc_k);
  expect_of("imagenet", LIST(path), LIST(path), classes, "k/2.jpg:k w/1.jpg:w z/3.jpg!no_object ");
  checkrob_class_map_free(classes);
}

static void a_cls_file_is_a_class(void **state) {
  (void)state;
  checkrob_class_map *classes = two_classes();
  const char *path = TAR("cls.tar", "1.jpg", "x", "1.xml", voc_both, "1.cls", "104\n", "2-.jpg", "x",
                         "2-.xml", voc_both, "2.jpg", "x", "2.xml", voc_both, "2.cls", "7");
  expect_of("imagenet", LIST(path), LIST(path), classes, "1.jpg:k 2-.jpg:w 2-.jpg:k 2.jpg:w ");
  expect_of("voc", LIST(path), LIST(path), classes, "1.jpg:w 1.jpg:k 2-.jpg:w 2-.jpg:k 2.jpg:w 2.jpg:k ");
  /* Several shards, each with files of its own. */
  const char *other = TAR("cls2.tar", "1.jpg", "x", "1.xml", voc_both, "1.cls", "7");
  expect_of("imagenet", LIST(path, other), LIST(path, other), classes,
            "cls/1.jpg:k cls/2-.jpg:w cls/2-.jpg:k cls/2.jpg:w cls2/1.jpg:w ");
  path = TAR("bad-cls.tar", "1.jpg", "x", "1.xml", voc_k, "1.cls", "dog\n");
  expect_failure("imagenet", path, classes, CHECKROB_ERROR_BAD_INPUT,
                 "bad-cls.tar(1.cls): 'dog' is not a class number; write the index of the model's output, a "
                 "whole number from 0");
  path = TAR("far-cls.tar", "1.jpg", "x", "1.xml", voc_k, "1.cls", "999");
  expect_failure(
      "imagenet", path, classes, CHECKROB_ERROR_NO_OBJECT,
      "image 1.jpg has the class number 999 in its .cls file, which is not an index in the class map");
  path = TAR("other-cls.tar", "1.jpg", "x", "1.xml", voc_k, "1.cls", "7");
  expect_failure(
      "imagenet", path, classes, CHECKROB_ERROR_NO_OBJECT,
      "other-cls.tar(1.xml) has no object of the class 'w' that the image's .cls file names, but 'k'");
  checkrob_class_map_free(classes);
}

/* The covered square of a mask: 8 x 8 of 24 x 16 pixels. */
static void expect_square(const char *const *images, const char *const *annotations, const char *format,
                          const checkrob_class_map *classes, const char *name, const char *class_name) {
  checkrob_dataset *dataset = NULL;
  checkrob_preprocess *preprocess = NULL;
  static const char json[] = "{\"resize\": [16, 24]}";
  float coverage[16 * 24];
  if (try_open(&dataset, format, images, annotations, classes)) fail_msg("%s", checkrob_last_error());
  checkrob_cursor *cursor = walk(dataset);
  assert_int_equal(checkrob_preprocess_parse(&preprocess, json, sizeof json - 1), CHECKROB_OK);
  checkrob_sample *sample = next_sample(cursor);
  if (checkrob_sample_status(sample)) fail_msg("%s", checkrob_sample_message(sample));
  assert_string_equal(checkrob_sample_image(sample), name);
  assert_string_equal(checkrob_sample_class_name(sample), class_name);
  assert_int_equal(checkrob_sample_check_size(sample, 24, 16), CHECKROB_OK);
  assert_int_equal(checkrob_regions_coverage(coverage, checkrob_sample_regions(sample), preprocess, 24, 16,
                                             CHECKROB_GEOMETRY_STANDARD),
                   CHECKROB_OK);
  for (size_t y = 0; y < 16; y++)
    for (size_t x = 0; x < 24; x++) assert_true(coverage[y * 24 + x] == (y < 8 && x < 8 ? 1.0F : 0.0F));
  checkrob_sample_free(sample);
  assert_int_equal(checkrob_cursor_next(&sample, cursor), CHECKROB_END);
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
  checkrob_preprocess_free(preprocess);
}

static void a_mask_is_a_region(void **state) {
  (void)state;
  checkrob_class_map *classes = two_classes();
  const char *path = keep(scratch("mask.tar")), *masks = keep(scratch("masks.tar")),
             *folders = keep(scratch("folders.tar"));
  tar_file tar;
  tar_start(&tar, path);
  add_square(&tar, "000123.seg.png", 3);
  add_square(&tar, "000123.png", 100);
  tar_add_text(&tar, "000123.cls", "7");
  tar_end(&tar);
  expect_square(LIST(path), LIST(path), "voc", classes, "000123.png", "w");
  expect_square(LIST(path), LIST(path), "imagenet", classes, "000123.png", "w");
  tar_start(&tar, masks);
  add_square(&tar, "any/where/000123.seg.png", 255);
  tar_end(&tar);
  expect_square(LIST(path), LIST(masks), "voc", classes, "000123.png", "w");
  tar_start(&tar, folders);
  tar_add_text(&tar, "k/1.jpg", "x");
  add_square(&tar, "k/1.seg.png", 3);
  tar_end(&tar);
  expect_square(LIST(folders), LIST(folders), "imagenet", classes, "k/1.jpg", "k");
  /* XML has the classes too, and has priority. */
  tar_start(&tar, path);
  add_square(&tar, "1.seg.png", 3);
  tar_add_text(&tar, "1.jpg", "x");
  tar_add_text(&tar, "1.xml", voc_both);
  tar_end(&tar);
  expect_of("voc", LIST(path), LIST(path), classes, "1.jpg:w 1.jpg:k ");
  checkrob_class_map_free(classes);
}

static void says_what_is_wrong_with_a_mask(void **state) {
  (void)state;
  checkrob_class_map *classes = two_classes();
  const char *path = TAR("classless.tar", "1.jpg", "x", "1.seg.png", "x");
  expect_failure("voc", path, classes, CHECKROB_ERROR_BAD_INPUT,
                 "classless.tar(1.seg.png) is a mask whose class is unknown; write the class's number to a "
                 "file with the image's name and the ending .cls");
  path = TAR("broken.tar", "1.jpg", "x", "1.seg.png", "x", "1.cls", "7");
  expect_failure("voc", path, classes, CHECKROB_ERROR_BAD_INPUT, "broken.tar(1.seg.png): ");
  path = keep(scratch("black.tar"));
  tar_file tar;
  tar_start(&tar, path);
  tar_add_text(&tar, "1.jpg", "x");
  add_square(&tar, "1.seg.png", 0);
  tar_add_text(&tar, "1.cls", "7");
  tar_end(&tar);
  expect_failure("voc", path, classes, CHECKROB_ERROR_BAD_INPUT,
                 "black.tar(1.seg.png) is completely black; correct it");
  checkrob_class_map_free(classes);
}

static void says_which_annotation_inside_is_wrong(void **state) {
  (void)state;
  checkrob_class_map *classes = two_classes();
  const char *path = TAR("wrong.tar", "1.jpg", "x", "1.xml", "<annotation>");
  expect_failure("voc", path, classes, CHECKROB_ERROR_BAD_INPUT, "wrong.tar(1.xml)");
  path = TAR("lonely.tar", "1.jpg", "x");
  expect_failure("voc", path, classes, CHECKROB_ERROR_NOT_FOUND,
                 "image 1.jpg has no annotation 1.xml anywhere below ");
  checkrob_class_map_free(classes);
}

static void says_which_shard_is_wrong(void **state) {
  (void)state;
  checkrob_class_map *classes = two_classes();
  checkrob_dataset *dataset = NULL;
  const char *path = TAR("cut.tar", "1.jpg", "x", "1.xml", voc_k);
  assert_int_equal(truncate(path, 1100), 0);
  assert_int_equal(try_open(&dataset, "voc", LIST(path), LIST(path), classes), CHECKROB_ERROR_BAD_INPUT);
  assert_sentence("cut.tar ends at byte 1100, inside a header that begins at byte 1024");
  path = keep(scratch_write("shard.tar.gz", "\x1f\x8b\x08"));
  assert_int_equal(open_images(&dataset, path), CHECKROB_ERROR_UNSUPPORTED);
  assert_sentence("shard.tar.gz is compressed with gzip");
  assert_sentence("gunzip <");
  path = keep(scratch("links.tar"));
  tar_file tar;
  tar_start(&tar, path);
  tar_add_type(&tar, '2', "notes.txt", "", 0); /* nobody's concern */
  tar_add_type(&tar, '1', "1.jpg", "", 0);
  tar_end(&tar);
  assert_int_equal(open_images(&dataset, path), CHECKROB_ERROR_UNSUPPORTED);
  assert_sentence(
      "links.tar: the file '1.jpg' in it is a link to another file; create the tar file with tar's options "
      "--dereference --hard-dereference");
  assert_null(dataset);
  checkrob_class_map_free(classes);
}

static void an_unpacked_shard_is_the_same(void **state) {
  (void)state;
  if (system("tar --version >/dev/null 2>&1") != 0) skip();
  checkrob_class_map *classes = two_classes();
  const char *path = keep(scratch("packed.tar")), *folder = keep(scratch_folder("unpacked"));
  tar_file tar;
  tar_start(&tar, path);
  tar_add_text(&tar, "1.jpg", "x");
  tar_add_text(&tar, "1.xml", voc_both);
  tar_add_text(&tar, "1.cls", "104");
  tar_add_text(&tar, "2.png", "x");
  add_square(&tar, "2.seg.png", 3);
  tar_add_text(&tar, "2.cls", "7");
  tar_add_text(&tar, "k/3.jpg", "x");
  add_square(&tar, "k/3.seg.png", 3);
  tar_end(&tar);
  char command[1024];
  snprintf(command, sizeof command, "tar -xf '%s' -C '%s'", path, folder);
  assert_int_equal(system(command), 0);
  for (int i = 0; i < 2; i++) {
    const char *root = i ? folder : path;
    expect_of("imagenet", LIST(root), LIST(root), classes, "1.jpg:k 2.png:w k/3.jpg:k ");
    expect_of("voc", LIST(root), LIST(root), classes, "1.jpg:w 1.jpg:k 2.png:w k/3.jpg!bad_input ");
  }
  checkrob_class_map_free(classes);
}

/* A name in a tar is never opened as a path. */
static void names_lead_nowhere(void **state) {
  (void)state;
  const char *path = TAR("escape.tar", "../outside.jpg", "inside", "/etc/passwd.jpg", "inside");
  scratch_write("outside.jpg", "outside");
  checkrob_dataset *dataset = NULL;
  assert_int_equal(open_images(&dataset, path), CHECKROB_OK);
  checkrob_cursor *cursor = walk(dataset);
  static const char *const names[] = {"../outside.jpg", "/etc/passwd.jpg"};
  for (int i = 0; i < 2; i++) {
    checkrob_sample *sample = next_sample(cursor);
    assert_string_equal(checkrob_sample_image(sample), names[i]);
    assert_string_equal(checkrob_sample_path(sample), path);
    checkrob_sample_free(sample);
  }
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
  static const char *const endings[] = {".jpg", NULL};
  listing list = {0};
  file_location place = {0};
  char *data = NULL;
  size_t bytes;
  assert_int_equal(listing_make(&list, (path_span){&path, 1}, endings, "images"), CHECKROB_OK);
  assert_int_equal(listing_locate(&place, &list, &list.files[0]), CHECKROB_OK);
  assert_int_equal(location_read(&data, &bytes, &place, 100), CHECKROB_OK);
  assert_string_equal(data, "inside");
  free(data);
  /* A shard that changes under a run. */
  assert_int_equal(truncate(path, 515), 0);
  assert_int_equal(location_read(&data, &bytes, &place, 100), CHECKROB_ERROR_BAD_INPUT);
  assert_sentence("it is truncated, or was changed after it was listed");
  location_clear(&place);
  listing_clear(&list);
}

/* The other formats find their images in shards too. */
static void other_formats_read_shards(void **state) {
  (void)state;
  checkrob_class_map *classes = two_classes();
  const char *path = TAR("more.tar", "val/1.jpg", "x", "val/1.txt", "0 0.5 0.5 0.5 0.5\n");
  const char *rows = scratch_write("rows.csv", "image,class,x1,y1,x2,y2\n1.jpg,k,0,0,5,5\n");
  expect_of("manifest", LIST(path), LIST(rows), classes, "val/1.jpg:k ");
  const char *json =
      scratch_write("coco.json",
                    "{\"images\":[{\"id\":1,\"file_name\":\"1.jpg\"}],\"categories\":[{\"id\":1,"
                    "\"name\":\"k\"}],\"annotations\":[{\"image_id\":1,\"category_id\":1,\"bbox\":[0,"
                    "0,5,5]}]}");
  expect_of("coco", LIST(path), LIST(json), classes, "val/1.jpg:k ");
  checkrob_dataset *dataset = NULL;
  must(open_dataset(&dataset,
                    OPTIONS("dataset", "yolo", "images", path, "annotations", path, "names",
                            scratch_write("names.txt", "k\n")),
                    classes));
  checkrob_cursor *cursor = walk(dataset);
  checkrob_sample *sample = next_sample(cursor);
  assert_int_equal(checkrob_sample_status(sample), CHECKROB_OK);
  assert_string_equal(checkrob_sample_class_name(sample), "k");
  assert_contains(checkrob_sample_annotation(sample), "more.tar(val/1.txt)");
  checkrob_sample_free(sample);
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
  checkrob_class_map_free(classes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(annotations_lie_in_the_same_shard_or_another),
      cmocka_unit_test(several_shards_are_one_dataset),
      cmocka_unit_test(images_alone_are_read_from_shards),
      cmocka_unit_test(parts_of_a_sample_are_no_images),
      cmocka_unit_test(the_last_of_a_name_counts),
      cmocka_unit_test(a_folder_in_a_shard_is_a_class),
      cmocka_unit_test(a_cls_file_is_a_class),
      cmocka_unit_test(a_mask_is_a_region),
      cmocka_unit_test(says_what_is_wrong_with_a_mask),
      cmocka_unit_test(says_which_annotation_inside_is_wrong),
      cmocka_unit_test(says_which_shard_is_wrong),
      cmocka_unit_test(an_unpacked_shard_is_the_same),
      cmocka_unit_test(names_lead_nowhere),
      cmocka_unit_test(other_formats_read_shards),
  };
  return cmocka_run_group_tests_name("shards", tests, scratch_setup, scratch_teardown);
}
