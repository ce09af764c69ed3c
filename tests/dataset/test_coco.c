/* SPDX-License-Identifier: Apache-2.0 */
/* COCO: runs against pycocotools, the stream of JSON, and the dataset. */
#include <math.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "dataset/formats/coco_rle.h"
#include "dataset/formats/json_stream.h"
#include "dataset/scratch.h"
#include "region/drawing.h"
#include "region/polygon.h"
#include "region/regions.h"

#include "dataset/coco_fixtures.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- runs ---- */

/* The mask [height, width] of the runs, as it is drawn. */
static uint8_t *draw_runs(const uint32_t *lengths, size_t count, uint32_t width, uint32_t height) {
  checkrob_regions *regions = NULL;
  drawing d;
  uint8_t *mask = calloc((size_t)width * height, 1);
  must(checkrob_regions_new(&regions));
  if (coco_rle_add(regions, lengths, count, width, height)) assert_sentence("has an empty mask");
  must(drawing_start(&d, regions, width, height));
  while (drawing_next_rows(&d))
    for (size_t y = 0; y < d.rows.height; y++)
      for (size_t x = 0; x < d.width; x++) {
        float share = d.rows.shares[y * d.width + x];
        assert_true(share == 0 || share == 1);
        mask[(d.top + d.row + y) * width + d.left + x] = share == 1;
      }
  drawing_clear(&d);
  checkrob_regions_free(regions);
  return mask;
}

static void assert_mask(const uint32_t *lengths, size_t count, size_t fixture) {
  uint8_t *mask = draw_runs(lengths, count, fixtures[fixture].width, fixtures[fixture].height);
  for (size_t i = 0; i < strlen(fixtures[fixture].mask); i++)
    assert_int_equal(mask[i], fixtures[fixture].mask[i] - '0');
  free(mask);
}

static void runs_decode_as_pycocotools_encodes(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(fixtures); i++) {
    assert_int_equal(strlen(fixtures[i].mask), fixtures[i].width * fixtures[i].height);
    uint32_t *lengths = NULL, plain[4096];
    size_t count = 0, plain_count = 0;
    must(coco_rle_parse(&lengths, &count, fixtures[i].compressed));
    assert_mask(lengths, count, i);
    for (const char *text = fixtures[i].lengths; *text;) {
      char *end;
      plain[plain_count++] = (uint32_t)strtoul(text, &end, 10);
      text = *end ? end + 1 : end;
    }
    assert_int_equal(plain_count, count);
    assert_memory_equal(plain, lengths, count * sizeof *lengths);
    assert_mask(plain, plain_count, i);
    free(lengths);
  }
}

/* ---- polygons ---- */

/* pycocotools rounds the outline to pixels, so that its masks differ along it, and nowhere else. */
static void polygons_differ_from_pycocotools_along_their_outline_alone(void **state) {
  (void)state;
  const uint32_t width = 640, height = 480;
  size_t pixels = (size_t)width * height;
  float *shares = malloc(pixels * sizeof *shares);
  assert_non_null(shares);
  double worst = 0;
  for (size_t i = 0; i < COUNT(polygons); i++) {
    uint32_t *lengths = NULL;
    size_t count = 0;
    must(coco_rle_parse(&lengths, &count, polygons[i].compressed));
    uint8_t *mask = draw_runs(lengths, count, width, height);
    must(polygon_cover(shares, polygons[i].xy, polygons[i].points, width, height));
    double own = 0, theirs = 0, inside = 0;
    for (size_t k = 0; k < pixels; k++) {
      own += (double)shares[k];
      theirs += mask[k];
      inside += fmin((double)shares[k], mask[k]);
    }
    assert_true(fabs(own - polygons[i].area) < 1e-2);
    print_message(
        "polygon %zu: area %.1f, pycocotools %.0f; in shares of the image %+.6f, intersection over union "
        "%.4f\n",
        i, own, theirs, (own - theirs) / (double)pixels, inside / (own + theirs - inside));
    worst = fmax(worst, fabs(own - theirs) / (double)pixels);
    free(lengths);
    free(mask);
  }
  free(shares);
  print_message("largest difference in area share: %.6f\n", worst);
  assert_true(worst < 1e-4);
}

static void broken_runs_are_refused(void **state) {
  (void)state;
  checkrob_regions *regions = NULL;
  uint32_t *lengths = NULL;
  size_t count = 0;
  must(checkrob_regions_new(&regions));
  const uint32_t few[] = {3, 2}, many[] = {3, UINT32_MAX, UINT32_MAX};
  assert_int_equal(coco_rle_add(regions, few, 2, 3, 3), CHECKROB_ERROR_BAD_INPUT);
  assert_sentence("has runs of 5 pixels, but its mask has 9");
  assert_int_equal(coco_rle_add(regions, many, 3, 3, 3), CHECKROB_ERROR_BAD_INPUT);
  assert_int_equal(coco_rle_add(regions, few, 2, UINT32_MAX, UINT32_MAX), CHECKROB_ERROR_LIMIT);
  static const char *const broken[] = {"P", "PPPPPPPPP", "\x7f", "1 2", "O", "11O\x80", "0000O"};
  for (size_t i = 0; i < COUNT(broken); i++)
    if (coco_rle_parse(&lengths, &count, broken[i]) != CHECKROB_ERROR_BAD_INPUT) fail_msg("'%s'", broken[i]);
  must(coco_rle_parse(&lengths, &count, ""));
  assert_int_equal(count, 0);
  free(lengths);
  const uint32_t empty[] = {9};
  assert_int_equal(coco_rle_add(regions, empty, 1, 3, 3), CHECKROB_ERROR_BAD_INPUT);
  assert_sentence("has an empty mask");
  checkrob_regions_free(regions);
}

/* 10 000 runs of 10 000 pixels: every second column of a mask of 100 megapixels. */
static void a_large_mask_takes_the_memory_of_its_runs(void **state) {
  (void)state;
  enum { SIDE = 10000 };
  static uint32_t lengths[SIDE];
  checkrob_regions *regions = NULL;
  for (size_t i = 0; i < SIDE; i++) lengths[i] = SIDE;
  must(checkrob_regions_new(&regions));
  for (size_t i = 0; i < 4; i++) must(coco_rle_add(regions, lengths, SIDE, SIDE, SIDE));
  assert_int_equal(regions->runs, 4 * SIDE / 2);
  checkrob_regions_free(regions);
}

/* Each column is a run: to count them took 20 seconds for each such mask, of which a file may have thousands.
 */
static void a_mask_of_columns_without_end_is_refused_at_once(void **state) {
  (void)state;
  const uint32_t lengths[] = {1, UINT32_MAX - 1};
  checkrob_regions *regions = NULL;
  must(checkrob_regions_new(&regions));
  clock_t start = clock();
  for (int i = 0; i < 10; i++)
    assert_int_equal(coco_rle_add(regions, lengths, 2, UINT32_MAX, 1), CHECKROB_ERROR_LIMIT);
  assert_sentence("2000000 runs");
  assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 10);
  checkrob_regions_free(regions);
}

/* ---- the stream ---- */

typedef struct seen {
  char text[1024];
  const char *path;
} seen;

/* Each element must stand where the stream says. */
static checkrob_status note(const json_element *e, void *data) {
  seen *s = data;
  char buffer[512];
  size_t used = strlen(s->text);
  if (!e->text) { /* no array */
    snprintf(s->text + used, sizeof s->text - used, "%s!;", e->array);
    return CHECKROB_OK;
  }
  FILE *file = fopen(s->path, "r");
  assert_non_null(file);
  assert_int_equal(fseek(file, (long)e->offset, SEEK_SET), 0);
  assert_int_equal(fread(buffer, 1, e->bytes, file), e->bytes);
  assert_memory_equal(buffer, e->text, e->bytes);
  fclose(file);
  snprintf(s->text + used, sizeof s->text - used, "%s:%s@%zu;", e->array, e->text, e->line);
  return CHECKROB_OK;
}

static const char *stream(const char *json, checkrob_status expected) {
  static seen s;
  s = (seen){.path = scratch_write("stream.json", json)};
  assert_int_equal(json_stream(s.path, note, &s), expected);
  return s.text;
}

static void elements_come_one_by_one(void **state) {
  (void)state;
  assert_string_equal(stream("{}", CHECKROB_OK), "");
  assert_string_equal(stream(" { \"a\" : [ ] } ", CHECKROB_OK), "");
  assert_string_equal(
      stream("{\"info\": {\"x\": [1, {\"y\": \"]}\"}]}, \"n\": -1.5e3 ,\n\"a\":[1,22 , \"s\\\"]\" ,\n"
             "{\"b\":[[1],{}]},[3,\n4],null],\"t\":true}",
             CHECKROB_OK),
      "info!;n!;a:1@2;a:22@2;a:\"s\\\"]\"@2;a:{\"b\":[[1],{}]}@3;a:[3,\n4]@3;a:null@4;t!;");
  /* a byte order mark is no part of it, but counts as bytes of the file */
  assert_string_equal(stream("\xef\xbb\xbf{\"a\": [1]}", CHECKROB_OK), "a:1@1;");
}

static void what_is_no_json_is_refused(void **state) {
  (void)state;
  static const char *const broken[] = {"",
                                       "[]",
                                       "{\"a\"",
                                       "{\"a\":[1,2",
                                       "{\"a\":[{\"b\":1}",
                                       "{\"a\":[1",
                                       "{\"a\":[1 2]}",
                                       "{\"a\":\"x",
                                       "{\"a\":{\"b\"}",
                                       "{\"a\":[1],"};
  for (size_t i = 0; i < COUNT(broken); i++) {
    stream(broken[i], CHECKROB_ERROR_BAD_INPUT);
    assert_sentence("stream.json:1: ");
  }
  const char utf16[] = "\xff\xfe{\0\"\0";
  seen s = {.path = scratch_write_bytes("utf16.json", utf16, sizeof utf16 - 1)};
  assert_int_equal(json_stream(s.path, note, &s), CHECKROB_ERROR_BAD_INPUT);
  assert_sentence("utf16.json is UTF-16 text; save the file as UTF-8");
  s = (seen){.path = "none.json"};
  assert_int_equal(json_stream("none.json", note, &s), CHECKROB_ERROR_NOT_FOUND);
  const char *pipe = scratch_write("pipe.json", "");
  assert_true(unlink(pipe) == 0 && mkfifo(pipe, 0600) == 0); /* to open it would block */
  assert_int_equal(json_stream(pipe, note, &s), CHECKROB_ERROR_IO);
}

/* ---- the dataset ---- */

static const char instances[] =
    "{\"annotations\": ["
    "{\"id\": 1, \"image_id\": 7, \"category_id\": 2, \"bbox\": [1, 2, 10, 20], \"iscrowd\": 0},"
    "{\"id\": 2, \"image_id\": 7, \"category_id\": 3, \"segmentation\": [[0,0, 8,0, 8,8], [20,20, 20,20, "
    "20,20]],"
    " \"bbox\": [0, 0, 8, 8]},"
    "{\"id\": 3, \"image_id\": 7, \"category_id\": 2, \"iscrowd\": 1, \"bbox\": [0, 0, 2, 1],"
    " \"segmentation\": {\"counts\": [0, 1, 29, 1, 1169], \"size\": [30, 40]}},"
    "\n{\"id\": 4, \"image_id\": 8, \"category_id\": 2, \"bbox\": [1, 2, 0, 20]},"
    "{\"id\": 5, \"image_id\": 99, \"category_id\": 2, \"bbox\": [1, 2, 3, 20]},"
    "{\"id\": 6, \"image_id\": 9, \"category_id\": 55, \"bbox\": [1, 2, 3, 20]}"
    "], \"images\": ["
    "{\"id\": 7, \"file_name\": \"b/7.jpg\", \"width\": 40, \"height\": 30},"
    "{\"id\": 8, \"file_name\": \"8.jpg\"}, {\"id\": 9, \"file_name\": \"9.jpg\"},"
    "{\"id\": 10, \"file_name\": \"gone.jpg\"}, {\"id\": 11, \"file_name\": \"two.jpg\"}],"
    "\"categories\": [{\"id\": 2, \"name\": \"cat\"}, {\"id\": 3, \"name\": \"dog\"}]}";

static checkrob_dataset *open_coco(const char *json, const checkrob_class_map *classes, const char *regions,
                                   const char *ignored, checkrob_status expected) {
  static const char *const files[] = {"images/a/7.jpg", "images/b/7.jpg",   "images/c/8.jpg",
                                      "images/9.jpg",   "images/a/two.jpg", "images/b/two.jpg"};
  for (size_t i = 0; i < COUNT(files); i++) scratch_write(files[i], "");
  char images[512], path[512];
  snprintf(images, sizeof images, "%s", scratch("images"));
  snprintf(path, sizeof path, "%s", scratch_write("instances.json", json));
  checkrob_options *options = OPTIONS("dataset", "coco", "images", images, "annotations", path, "regions",
                                      regions, "ignore", ignored);
  checkrob_dataset *dataset = NULL;
  if (open_dataset(&dataset, options, classes) != expected) fail_msg("%s", checkrob_last_error());
  return dataset;
}

static void images_files_and_annotations_are_matched(void **state) {
  (void)state;
  checkrob_class_map *classes = scratch_classes("name,index\ncat,1\ndog,0\n");
  checkrob_dataset *dataset = open_coco(instances, classes, NULL, NULL, CHECKROB_OK);
  checkrob_cursor *cursor = walk(dataset);
  assert_int_equal(checkrob_dataset_input_count(dataset), 9);
  checkrob_sample *stray = next_sample(cursor);
  assert_contains(checkrob_sample_message(stray),
                  "an annotation has the image 99, which the file does not list");
  checkrob_sample_free(stray);
  assert_next(cursor, "9.jpg", CHECKROB_ERROR_NO_OBJECT,
              "'category 55, which the file does not name'; correct the number, or name it");
  assert_next(cursor, "a/7.jpg", CHECKROB_ERROR_NOT_FOUND, "is not among the \"images\"");
  assert_next(cursor, "a/two.jpg", CHECKROB_ERROR_NOT_FOUND, "is not among");
  checkrob_sample *dog = next_sample(cursor), *cat = next_sample(cursor);
  assert_string_equal(checkrob_sample_image(dog), "b/7.jpg");
  assert_contains(checkrob_sample_path(dog), "/images/b/7.jpg");
  assert_int_equal(checkrob_regions_count(checkrob_sample_regions(dog)), 1); /* the crumb is none */
  assert_int_equal(checkrob_regions_count(checkrob_sample_regions(cat)), 2);
  double box[4];
  must(checkrob_regions_box(box, checkrob_sample_regions(cat), 0));
  assert_true(box[0] == 1 && box[1] == 2 && box[2] == 11 && box[3] == 22);
  must(checkrob_regions_box(box, checkrob_sample_regions(cat),
                            1)); /* pixels (0, 0) and (1, 0), down the columns */
  assert_true(box[0] == 0 && box[1] == 0 && box[2] == 2 && box[3] == 1);
  must(checkrob_sample_check_size(cat, 40, 30));
  assert_string_equal(checkrob_sample_message(cat), "");
  checkrob_sample_free(dog);
  checkrob_sample_free(cat);
  assert_next(cursor, "b/two.jpg", CHECKROB_ERROR_NOT_FOUND, "is not among");
  assert_next(cursor, "c/8.jpg", CHECKROB_ERROR_BAD_INPUT,
              "instances.json:2: an object of 'cat' has an empty bbox");
  assert_next(cursor, "gone.jpg", CHECKROB_ERROR_NOT_FOUND, "which is not below");
  assert_next(cursor, "two.jpg", CHECKROB_ERROR_NOT_FOUND, "there are 2 of that name");
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
  checkrob_class_map_free(classes);
}

static void boxes_and_crowds_by_choice(void **state) {
  (void)state;
  checkrob_class_map *classes = scratch_classes("name,index\ncat,1\ndog,0\n");
  checkrob_dataset *dataset = open_coco(instances, classes, "boxes", "crowd", CHECKROB_OK);
  checkrob_cursor *cursor = walk(dataset);
  must(checkrob_cursor_seek(cursor, 4, 0));
  checkrob_sample *dog = next_sample(cursor), *cat = next_sample(cursor);
  double box[4];
  must(checkrob_regions_box(box, checkrob_sample_regions(dog), 0));
  assert_true(box[2] == 8 && box[3] == 8);
  assert_int_equal(checkrob_regions_count(checkrob_sample_regions(cat)), 1);
  assert_int_equal(checkrob_regions_count(checkrob_sample_ignored(cat)), 1);
  checkrob_sample_free(dog);
  checkrob_sample_free(cat);
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
  checkrob_class_map_free(classes);
}

static void a_file_of_another_kind_is_refused(void **state) {
  (void)state;
  checkrob_class_map *classes = scratch_classes("name,index\ncat,1\n");
  static const char *const empty[] = {"", " \n", "\xef\xbb\xbf"};
  for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
    open_coco(empty[i], classes, NULL, NULL, CHECKROB_ERROR_BAD_INPUT);
    assert_sentence(": the file is empty; export it again");
  }
  open_coco("{\"images\": []}", classes, NULL, NULL, CHECKROB_ERROR_BAD_INPUT);
  assert_sentence("has no \"images\"");
  open_coco("{\"images\": [{\"id\": 1}]}", classes, NULL, NULL, CHECKROB_ERROR_BAD_INPUT);
  assert_sentence("instances.json:1: an element of \"images\" has no file_name; export the file again");
  open_coco("{\"images\": [{\"id\": 1, }]}", classes, NULL, NULL, CHECKROB_ERROR_BAD_INPUT);
  assert_sentence("is not JSON (");
  open_coco("{\"images\": {\"1\": {\"file_name\": \"a\"}}}", classes, NULL, NULL, CHECKROB_ERROR_BAD_INPUT);
  assert_sentence("instances.json:1: \"images\" is not a list");
  open_coco("{\"images\": [{\"id\": 1, \"file_name\": \"9.jpg\"}], \"annotations\": null}", classes, NULL,
            NULL, CHECKROB_ERROR_BAD_INPUT);
  assert_sentence("\"annotations\" is not a list");
  open_coco(
      "{\"images\": [{\"id\": 1, \"file_name\": \"9.jpg\"}], \"categories\": [{\"id\": 1, \"name\": NaN}]}",
      classes, NULL, NULL, CHECKROB_ERROR_BAD_INPUT);
  assert_sentence("an element of \"categories\" has no id or no name");
  checkrob_class_map_free(classes);
}

/* ---- values of other types ---- */

/* The class "cat" has the id 1, and the first category, 0, is "dog". */
#define ONE_IMAGE(annotation)                                                                         \
  "{\"images\": [{\"id\": 1, \"file_name\": \"9.jpg\", \"width\": \"40\", \"height\": 30.0}],"        \
  "\"categories\": [{\"id\": 0, \"name\": \"dog\"}, {\"id\": \"1\", \"name\": \"cat\"}, {\"id\": 3, " \
  "\"name\": \"x\"},"                                                                                 \
  "{\"id\": 3, \"name\": \"y\"}, {\"id\": 5, \"name\": \"cat\"}, {\"id\": 5, \"name\": \"cat\"}],"    \
  "\"annotations\": [" annotation "]}"

static checkrob_sample *only_sample(const char *json) {
  static const char *const others[] = {"a/7.jpg", "a/two.jpg", "b/7.jpg", "b/two.jpg", "c/8.jpg"};
  checkrob_class_map *classes = scratch_classes("name,index\ncat,1\ndog,0\n");
  checkrob_dataset *dataset = open_coco(json, classes, NULL, "crowd", CHECKROB_OK);
  assert_int_equal(checkrob_dataset_input_count(dataset), 1 + COUNT(others));
  checkrob_cursor *cursor = walk(dataset);
  checkrob_sample *sample = next_sample(cursor);
  assert_string_equal(checkrob_sample_image(sample), "9.jpg");
  for (size_t i = 0; i < COUNT(others); i++)
    assert_next(cursor, others[i], CHECKROB_ERROR_NOT_FOUND, "is not among");
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
  checkrob_class_map_free(classes);
  return sample;
}

static void whole_numbers_count_in_any_spelling(void **state) {
  (void)state;
  static const char *const good[] = {
      ONE_IMAGE("{\"image_id\": 1, \"category_id\": 1, \"bbox\": [1, 2, 3, 4]}"),
      ONE_IMAGE("{\"image_id\": \"1\", \"category_id\": \"1\", \"bbox\": [1, 2, 3, 4], \"iscrowd\": false}"),
      ONE_IMAGE("{\"image_id\": 1.0, \"category_id\": 1.0, \"bbox\": [1, 2, 3, 4], \"iscrowd\": \"0\"}"),
      ONE_IMAGE("{\"image_id\": \"1.0\", \"category_id\": \"01\", \"bbox\": [\"1\", \"2.0\", 3, 4], "
                "\"iscrowd\": null}"),
      ONE_IMAGE("{\"image_id\": 1e0, \"category_id\": 5, \"bbox\": [1, 2, 3, 4], \"area\": NaN, \"score\": "
                "-Infinity}"),
      ONE_IMAGE("{\"image_id\": 1, \"category_id\": 1, \"bbox\": [1, 2, 3, 4], \"id\": "
                "123456789012345678901234567890}"),
      ONE_IMAGE("{\"image_id\": 1, \"category_id\": 1, \"bbox\": [9, 9, 9, 9], \"segmentation\": [1, 2, 4, "
                "2, 4, 6, 1, 6]}"),
      ONE_IMAGE("{\"image_id\": 1, \"category_id\": 1, \"bbox\": [1, 2, 3, 4], \"segmentation\": [[]]}")};
  for (size_t i = 0; i < COUNT(good); i++) {
    checkrob_sample *cat = only_sample(good[i]);
    if (checkrob_sample_status(cat)) fail_msg("%zu: %s", i, checkrob_sample_message(cat));
    assert_string_equal(checkrob_sample_class_name(cat), "cat");
    double box[4];
    must(checkrob_regions_box(box, checkrob_sample_regions(cat), 0));
    assert_true(box[0] == 1 && box[1] == 2 && box[2] == 4 && box[3] == 6);
    must(checkrob_sample_check_size(cat, 40, 30));
    assert_string_equal(checkrob_sample_message(cat), "");
    must(checkrob_sample_check_size(cat, 41, 30));
    assert_contains(checkrob_sample_message(cat), "image 1 of ");
    assert_contains(checkrob_sample_message(cat), "instances.json states an image of 40 x 30 pixels");
    checkrob_sample_free(cat);
  }
}

/* CVAT turns boxes about their centre, clockwise. */
static void turned_boxes_are_polygons(void **state) {
  (void)state;
  static const struct {
    const char *rotation;
    double box[4];
  } all[] = {{"90.0", {5, 5, 15, 25}},
             {"\"270\"", {5, 5, 15, 25}},
             {"360", {0, 10, 20, 20}},
             {"0.0", {0, 10, 20, 20}},
             {"180", {0, 10, 20, 20}},
             {"45", {-0.606601717798213, 4.393398282201787, 20.606601717798213, 25.606601717798213}}};
  for (size_t i = 0; i < COUNT(all); i++) {
    char json[1024];
    snprintf(json, sizeof json,
             ONE_IMAGE("{\"image_id\": 1, \"category_id\": 1, \"bbox\": [0, 10, 20, 10], \"attributes\": "
                       "{\"rotation\": %s}}"),
             all[i].rotation);
    checkrob_sample *cat = only_sample(json);
    double box[4];
    must(checkrob_regions_box(box, checkrob_sample_regions(cat), 0));
    for (int k = 0; k < 4; k++)
      if (fabs(box[k] - all[i].box[k]) > 1e-9)
        fail_msg("%s: %g, not %g", all[i].rotation, box[k], all[i].box[k]);
    const shape *s = &checkrob_sample_regions(cat)->shapes[0];
    assert_int_equal(s->kind, i == 2 || i == 3 ? SHAPE_BOX : SHAPE_POLYGON);
    checkrob_sample_free(cat);
  }
}

static void crowds_count_in_any_spelling(void **state) {
  (void)state;
  static const char *const crowds[] = {"1", "true", "\"1\"", "1.0", "\"1.0\""};
  for (size_t i = 0; i < COUNT(crowds); i++) {
    char json[1024];
    snprintf(json, sizeof json,
             ONE_IMAGE("{\"image_id\": 1, \"category_id\": 1, \"bbox\": [1, 2, 3, 4], \"iscrowd\": %s}"),
             crowds[i]);
    checkrob_sample *none = only_sample(json);
    assert_int_equal(checkrob_sample_status(none), CHECKROB_ERROR_NO_OBJECT);
    assert_int_equal(checkrob_regions_count(checkrob_sample_ignored(none)), 1);
    checkrob_sample_free(none);
  }
}

/* It never counts as category 0, and never stops the run. */
static void other_values_fail_their_sample(void **state) {
  (void)state;
#define OF(category) "{\"image_id\": 1, \"category_id\": " category ", \"bbox\": [1, 2, 3, 4]}"
#define CAT(rest) "{\"image_id\": 1, \"category_id\": 1, " rest "}"
  static const char *const bad[][2] = {
      {ONE_IMAGE(OF("null")), "instances.json:1: an annotation has the category_id null, which is neither"},
      {ONE_IMAGE("{\"image_id\": 1, \"bbox\": [1, 2, 3, 4]}"), "has the category_id (none), which"},
      {ONE_IMAGE(OF("\"cat\"")), "has the category_id \"cat\", which is neither"},
      {ONE_IMAGE(OF("1.5")), "has the category_id 1.5, which"},
      {ONE_IMAGE(OF("[1]")), "has the category_id [1], which"},
      {ONE_IMAGE(OF("true")), "has the category_id true, which"},
      {ONE_IMAGE(OF("NaN")), "has the category_id null, which"},
      {ONE_IMAGE(OF("3")), "has the category_id 3, which two categories have, 'x' and 'y'"},
      {ONE_IMAGE(CAT("\"bbox\": [1, 2, 3, 4], \"iscrowd\": 2")),
       "an object of 'cat' has the iscrowd 2, which"},
      {ONE_IMAGE(CAT("\"bbox\": [1, 2, 3, 4], \"iscrowd\": \"yes\"")), "has the iscrowd \"yes\", which"},
      {ONE_IMAGE(CAT("\"bbox\": [1, 2, NaN, 4]")), "has the bbox [1,2,null,4], which is not"},
      {ONE_IMAGE(CAT("\"bbox\": {\"x\": 1}")), "has the bbox {\"x\":1}, which is not a list of four numbers"},
      {ONE_IMAGE(CAT("\"bbox\": [0.1, 0.2, 0.5, 0.4]")),
       "has a bbox within 0 to 1, but coordinates are pixels"},
      {ONE_IMAGE(CAT("\"bbox\": [0, 0, 9, 9], \"segmentation\": [[0.1, 0.1, 0.5, 0.1, 0.5, 0.5]]")),
       "has a polygon within 0 to 1"},
      {ONE_IMAGE(CAT("\"bbox\": [0, 0, 9, 9], \"segmentation\": [{\"x\": 1}]")),
       "has a polygon that is not a list"},
      {ONE_IMAGE(CAT("\"bbox\": [0, 0, 9, 9], \"segmentation\": [1, 2, 4, 2, null, 6]")),
       "has a polygon that is not"},
      {ONE_IMAGE(CAT("\"bbox\": [0, 0, 9, 9], \"segmentation\": \"abc\"")),
       "has the segmentation \"abc\", which is"},
      {ONE_IMAGE(CAT("\"bbox\": [0, 0, 9, 9], \"segmentation\": {\"counts\": [1.5], \"size\": [30, 40]}")),
       "has a run of 1.5 pixels"}};
  for (size_t i = 0; i < COUNT(bad); i++) {
    checkrob_sample *sample = only_sample(bad[i][0]);
    if (checkrob_sample_status(sample) != CHECKROB_ERROR_BAD_INPUT) fail_msg("%zu is read", i);
    assert_contains(checkrob_sample_message(sample), bad[i][1]);
    checkrob_sample_free(sample);
  }
}

/* File names, UUIDs and numbers beyond 2^53 as ids. */
static void ids_may_be_text(void **state) {
  (void)state;
  static const char json[] =
      "{\"images\": [{\"id\": \"img-9\", \"file_name\": \"9.jpg\"}, {\"id\": 9007199254740993, "
      "\"file_name\": \"c\\\\8.jpg\"},"
      "{\"id\": 18446744073709551616, \"file_name\": \".\\\\a\\\\7.jpg\"}, {\"id\": null, \"file_name\": "
      "\"b/two.jpg\"},"
      "{\"id\": 4, \"file_name\": \"a/two.jpg\"}, {\"id\": \"4\", \"file_name\": \"b/7.jpg\"}],"
      "\"categories\": [{\"id\": \"k\", \"name\": \"cat\"}], \"annotations\": ["
      "{\"image_id\": \"img-9\", \"category_id\": \"k\", \"bbox\": [1, 2, 3, 4]},"
      "{\"image_id\": 9007199254740993, \"category_id\": \"k\", \"bbox\": [1, 2, 3, 4]},"
      "{\"image_id\": 9007199254740992, \"category_id\": \"k\", \"bbox\": [1, 2, 3, 4]},"
      "{\"image_id\": 18446744073709551616, \"category_id\": \"k\", \"bbox\": [1, 2, 3, 4]},"
      "{\"image_id\": \"other\", \"category_id\": \"k\", \"bbox\": [1, 2, 3, 4]},"
      "{\"image_id\": [1], \"category_id\": \"k\", \"bbox\": [1, 2, 3, 4]},"
      "{\"image_id\": 4, \"category_id\": \"k\", \"bbox\": [1, 2, 3, 4]},"
      "{\"image_id\": 4, }]}";
  checkrob_class_map *classes = scratch_classes("name,index\ncat,1\n");
  checkrob_dataset *dataset = open_coco(json, classes, NULL, NULL, CHECKROB_OK);
  checkrob_cursor *cursor = walk(dataset);
  assert_next(cursor, "instances.json", CHECKROB_ERROR_BAD_INPUT,
              "has no image_id that is a whole number or text");
  assert_next(cursor, "instances.json", CHECKROB_ERROR_BAD_INPUT,
              "an element of \"annotations\" is not JSON (");
  assert_next(cursor, "instances.json", CHECKROB_ERROR_NOT_FOUND,
              "has the image 'other', which the file does not");
  assert_next(cursor, "instances.json", CHECKROB_ERROR_NOT_FOUND, "has the image 9007199254740992, which");
  assert_next(cursor, "9.jpg", CHECKROB_OK, "cat");
  assert_next(cursor, "a/7.jpg", CHECKROB_OK, "cat");
  assert_next(cursor, "a/two.jpg", CHECKROB_ERROR_BAD_INPUT,
              "two images with the id 4, a/two.jpg and b/7.jpg");
  assert_next(cursor, "b/7.jpg", CHECKROB_ERROR_BAD_INPUT, "two images with the id 4, b/7.jpg and a/two.jpg");
  assert_next(cursor, "b/two.jpg", CHECKROB_ERROR_BAD_INPUT, "has no id that is a whole number or text");
  assert_next(cursor, "c/8.jpg", CHECKROB_OK, "cat");
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
  checkrob_class_map_free(classes);
}

/* Each bad element is a failed sample, up to a limit. */
static void a_file_of_bad_elements_is_refused(void **state) {
  (void)state;
  char *json = malloc(400000), *end = json;
  assert_non_null(json);
  end += sprintf(end, "{\"images\": [{\"id\": 1, \"file_name\": \"9.jpg\"}], \"annotations\": [1");
  for (int i = 1; i < 10000; i++) end += sprintf(end, ",\n{\"id\": %d}", i);
  memcpy(end, "]}", 3);
  checkrob_class_map *classes = scratch_classes("name,index\ncat,1\n");
  checkrob_dataset *dataset = open_coco(json, classes, NULL, NULL, CHECKROB_OK);
  assert_int_equal(checkrob_dataset_input_count(dataset), 10000 + 6); /* and all files */
  checkrob_dataset_free(dataset);
  memcpy(end, ",\n{}]}", 7);
  open_coco(json, classes, NULL, NULL, CHECKROB_ERROR_BAD_INPUT);
  assert_sentence("instances.json:10001: an element of \"annotations\" has no image_id");
  assert_sentence("(10000 elements before it can't be used either)");
  free(json);
  checkrob_class_map_free(classes);
}

static void names_that_look_alike_are_offered(void **state) {
  (void)state;
  scratch_write("near/cafe\xcc\x81.jpg", "");
  scratch_write("near/B.JPG", "");
  scratch_write("near/c.png", "");
  scratch_write("near/k\xe4se.jpg", "");
  const char *path = scratch_write(
      "near.json",
      "{\"images\": [{\"id\": 1, \"file_name\": \"caf\xc3\xa9.jpg\"}, {\"id\": 2, \"file_name\": \"b.jpg\"},"
      "{\"id\": 3, \"file_name\": \"x\\\\c.jpg \"}, {\"id\": 4, \"file_name\": \"k\xc3\xa4se.jpg\"}]}");
  checkrob_class_map *classes = scratch_classes("name,index\ncat,1\n");
  checkrob_dataset *dataset = NULL;
  must(open_dataset(&dataset, OPTIONS("dataset", "coco", "images", scratch("near"), "annotations", path),
                    classes));
  checkrob_cursor *cursor = walk(dataset);
  assert_next(cursor, "B.JPG", CHECKROB_ERROR_NOT_FOUND, "remove the image; did you mean b.jpg?");
  assert_next(cursor, "b.jpg", CHECKROB_ERROR_NOT_FOUND, "add or remove it; did you mean B.JPG?");
  assert_next(cursor, "c.png", CHECKROB_ERROR_NOT_FOUND, "did you mean x\\c.jpg ?");
  assert_next(cursor, "cafe\xcc\x81.jpg", CHECKROB_ERROR_NOT_FOUND, "did you mean caf\xc3\xa9.jpg?");
  assert_next(cursor, "caf\xc3\xa9.jpg", CHECKROB_ERROR_NOT_FOUND, "did you mean cafe\xcc\x81.jpg?");
  assert_next(cursor, "k\xc3\xa4se.jpg", CHECKROB_ERROR_NOT_FOUND, "did you mean k\\xE4se.jpg?");
  assert_next(cursor, "k\\xE4se.jpg", CHECKROB_ERROR_NOT_FOUND, "did you mean k\xc3\xa4se.jpg?");
  assert_next(cursor, "x\\c.jpg ", CHECKROB_ERROR_NOT_FOUND, "did you mean c.png?");
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
  checkrob_class_map_free(classes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(runs_decode_as_pycocotools_encodes),
      cmocka_unit_test(polygons_differ_from_pycocotools_along_their_outline_alone),
      cmocka_unit_test(broken_runs_are_refused),
      cmocka_unit_test(a_large_mask_takes_the_memory_of_its_runs),
      cmocka_unit_test(a_mask_of_columns_without_end_is_refused_at_once),
      cmocka_unit_test(elements_come_one_by_one),
      cmocka_unit_test(what_is_no_json_is_refused),
      cmocka_unit_test(images_files_and_annotations_are_matched),
      cmocka_unit_test(boxes_and_crowds_by_choice),
      cmocka_unit_test(a_file_of_another_kind_is_refused),
      cmocka_unit_test(whole_numbers_count_in_any_spelling),
      cmocka_unit_test(turned_boxes_are_polygons),
      cmocka_unit_test(crowds_count_in_any_spelling),
      cmocka_unit_test(other_values_fail_their_sample),
      cmocka_unit_test(ids_may_be_text),
      cmocka_unit_test(a_file_of_bad_elements_is_refused),
      cmocka_unit_test(names_that_look_alike_are_offered),
  };
  return cmocka_run_group_tests_name("coco", tests, scratch_setup, scratch_teardown);
}
