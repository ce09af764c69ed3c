/* SPDX-License-Identifier: Apache-2.0 */
/* Reading representations out, with the fake model, whose numbers are known in closed form. */
#include <checkrob/extract.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake/fake_shim.h"
#include "shim/shim.h"
#include "support/folder.h"
#include "support/options.h"
#include "support/test.h"

enum { SIDE = 16, PIXELS = SIDE * SIDE, MOST = 64 };

typedef struct record {
  char images[MOST][64], failed[MOST][64], message[256];
  float rows[MOST][2][12]; /* of two layers at most */
  size_t row_count, failed_count, batches, largest_batch, stop_at_batch;
  size_t shapes[2][3];
  char names[2][32];
} record;

static char *folder;
static checkrob_model *model;
static checkrob_dataset *dataset;
static checkrob_preprocess *preprocess;
static checkrob_options *options;
static checkrob_extraction *extraction;
static record seen;

static int on_batch(const checkrob_batch *batch, void *data) {
  record *r = data;
  size_t count = checkrob_batch_layer_count(batch), rows = checkrob_batch_rows(batch);
  assert_true(count <= 2);
  for (size_t n = 0; n < rows; n++) {
    snprintf(r->images[r->row_count], sizeof r->images[0], "%s", checkrob_batch_image(batch, n));
    for (size_t i = 0; i < count; i++) {
      checkrob_batch_shape(r->shapes[i], batch, i);
      size_t size = r->shapes[i][0] * r->shapes[i][1] * r->shapes[i][2];
      assert_true(size <= 12);
      memcpy(r->rows[r->row_count][i], checkrob_batch_values(batch, i) + n * size, size * sizeof(float));
      snprintf(r->names[i], sizeof r->names[i], "%s", checkrob_batch_layer(batch, i));
    }
    r->row_count++;
  }
  assert_null(checkrob_batch_image(batch, rows));
  assert_null(checkrob_batch_layer(batch, count));
  assert_null(checkrob_batch_values(batch, count));
  if (rows > r->largest_batch) r->largest_batch = rows;
  assert_int_equal(checkrob_extraction_execute(extraction), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_extraction_on_batch(extraction, NULL, NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_extraction_on_failure(extraction, NULL, NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_extraction_on_progress(extraction, NULL, NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_non_null(
      strstr(checkrob_last_error(), "checkrob_extraction_on_progress: the extraction is executing"));
  return ++r->batches == r->stop_at_batch;
}

static int on_failure(const char *image, checkrob_status status, const char *message, void *data) {
  record *r = data;
  assert_int_equal(status, strstr(image, "broken") ? CHECKROB_ERROR_UNSUPPORTED : CHECKROB_ERROR);
  snprintf(r->failed[r->failed_count++], sizeof r->failed[0], "%s", image);
  snprintf(r->message, sizeof r->message, "%s", message);
  return 0;
}

/* An image whose left half has that red. */
static void add_image(size_t number) {
  char name[64];
  uint8_t pixels[3 * PIXELS] = {0};
  for (size_t i = 0; i < PIXELS; i++) pixels[3 * i] = i % SIDE < SIDE / 2 ? (uint8_t)(number * 5) : 0;
  snprintf(name, sizeof name, "%s%02zu.png", number % 2 ? "odd/" : "", number);
  checkrob_image *image = NULL;
  assert_int_equal(checkrob_image_from_rgb(&image, pixels, SIDE, SIDE), CHECKROB_OK);
  char *path = folder_path(folder, name);
  assert_int_equal(checkrob_image_write_png(image, path), CHECKROB_OK);
  free(path);
  checkrob_image_free(image);
}

static int start(void **state) {
  (void)state;
  static const char json[] = "{\"crop\": 16}";
  fake_reset();
  seen = (record){.row_count = 0};
  folder = folder_new();
  folder_make(folder, "odd");
  for (size_t i = 1; i <= 20; i++) add_image(i);
  file_write_text(folder, "05-broken.png", "no picture");
  assert_int_equal(checkrob_model_open(&model, "planted.pt", SIDE, SIDE, NULL), CHECKROB_OK);
  must(checkrob_options_new(&options));
  must(checkrob_options_set(options, "images", folder));
  must(checkrob_dataset_open_images(&dataset, options));
  assert_int_equal(checkrob_preprocess_parse(&preprocess, json, sizeof json - 1), CHECKROB_OK);
  return 0;
}

/* An extraction with the options as they are now. */
static checkrob_status renew(void) {
  checkrob_extraction_free(extraction);
  extraction = NULL;
  checkrob_status status = checkrob_extraction_new(&extraction, model, dataset, preprocess, options);
  if (status) return status;
  must(checkrob_extraction_on_batch(extraction, on_batch, &seen));
  must(checkrob_extraction_on_failure(extraction, on_failure, &seen));
  return CHECKROB_OK;
}

static checkrob_status extract(void) {
  checkrob_status status = renew();
  return status ? status : checkrob_extraction_execute(extraction);
}

static int end(void **state) {
  (void)state;
  checkrob_extraction_free(extraction);
  extraction = NULL;
  checkrob_options_free(options);
  checkrob_preprocess_free(preprocess);
  checkrob_dataset_free(dataset);
  checkrob_model_free(model);
  folder_remove(folder);
  return fake_seen.captures == 0 ? 0 : -1;
}

static void set(const char *name, const char *value) {
  must(checkrob_options_set(options, name, value));
}

static float red_of(const char *image) {
  const char *slash = strrchr(image, '/');
  return (float)(atoi(slash ? slash + 1 : image) * 5) / 255.0F;
}

static void assert_near(float value, float expected) {
  if (fabsf(value - expected) > 1e-6F) fail_msg("%g, expected %g", (double)value, (double)expected);
}

static void check_images(void) {
  assert_int_equal(seen.row_count, 20);
  assert_int_equal(checkrob_extraction_rows(extraction), 20);
  assert_int_equal(checkrob_extraction_failed(extraction), 1);
  assert_int_equal(seen.failed_count, 1);
  assert_string_equal(seen.failed[0], "05-broken.png");
  assert_non_null(strstr(seen.message, "05-broken.png"));
  for (size_t i = 1; i < 20; i++) assert_true(strcmp(seen.images[i - 1], seen.images[i]) < 0);
}

static void keeps_positions(void **state) {
  (void)state;
  set("layer", "stem,stem.conv");
  set("batch", "3");
  assert_int_equal(extract(), CHECKROB_OK);
  assert_false(fake_seen.with_targets);
  check_images();
  assert_true(seen.largest_batch == 3 && seen.batches == 7);
  assert_string_equal(seen.names[0], "stem");
  assert_string_equal(seen.names[1], "stem.conv");
  static const size_t shape[3] = {3, 2, 2};
  assert_memory_equal(seen.shapes[0], shape, sizeof shape);
  for (size_t n = 0; n < 20; n++) {
    float red = red_of(seen.images[n]);
    const float *stem = seen.rows[n][0], *conv = seen.rows[n][1];
    for (size_t i = 0; i < 12; i++) {
      assert_near(conv[i], i < 4 && i % 2 == 0 ? red : 0.0F);
      assert_near(stem[i], 2 * conv[i]);
    }
  }
}

static void pools_positions(void **state) {
  (void)state;
  for (checkrob_pooling pool = CHECKROB_POOLING_MEAN; pool <= CHECKROB_POOLING_MAX; pool++) {
    seen = (record){.row_count = 0};
    set("pool", checkrob_pooling_name(pool));
    assert_int_equal(extract(), CHECKROB_OK);
    check_images();
    static const size_t shape[3] = {3, 1, 1};
    assert_memory_equal(seen.shapes[0], shape, sizeof shape);
    for (size_t n = 0; n < 20; n++) {
      assert_near(seen.rows[n][0][0], (pool == CHECKROB_POOLING_MEAN ? 1.0F : 2.0F) * red_of(seen.images[n]));
      assert_near(seen.rows[n][0][1], 0.0F);
    }
  }
}

static void stops_when_asked(void **state) {
  (void)state;
  set("batch", "4");
  seen.stop_at_batch = 2;
  assert_int_equal(extract(), CHECKROB_ERROR_INTERRUPTED);
  assert_int_equal(checkrob_extraction_rows(extraction), 8);
  seen = (record){.row_count = 0};
  checkrob_extraction_interrupt(extraction); /* just before it starts */
  assert_int_equal(checkrob_extraction_execute(extraction), CHECKROB_ERROR_INTERRUPTED);
  assert_int_equal(seen.row_count, 0);
  assert_int_equal(checkrob_extraction_execute(extraction), CHECKROB_OK);
  check_images();
}

static void refuses_an_array_of_two_shapes(void **state) {
  (void)state;
  set("batch", "4");
  fake.growing_run = 3;
  assert_int_equal(extract(), CHECKROB_ERROR_MODEL_UNSUPPORTED);
  assert_non_null(strstr(checkrob_last_error(), "[3,4,2]"));
  assert_int_equal(checkrob_extraction_rows(extraction), 8);
}

static void leaves_an_image_out_that_the_model_refuses(void **state) {
  (void)state;
  set("layer", "stem");
  for (int batch = 1; batch <= 8; batch++) {
    char text[8];
    snprintf(text, sizeof text, "%d", batch);
    set("batch", text);
    seen = (record){.row_count = 0};
    fake.raises_at = red_of("08.png");
    assert_int_equal(extract(), CHECKROB_OK);
    assert_true(seen.row_count == 19 && checkrob_extraction_rows(extraction) == 19);
    assert_true(seen.failed_count == 2 && checkrob_extraction_failed(extraction) == 2);
    assert_string_equal(seen.failed[1], "08.png");
    assert_non_null(strstr(seen.message, "the fake does not like this image"));
    for (size_t n = 0; n < 19; n++) assert_near(seen.rows[n][0][0], 2 * red_of(seen.images[n]));
  }
}

static void stops_if_the_model_refuses_the_first_batch(void **state) {
  (void)state;
  set("batch", "1");
  fake.raises_at = red_of("02.png"); /* the first */
  assert_int_equal(extract(), CHECKROB_ERROR);
  assert_non_null(strstr(checkrob_last_error(), "on a batch of 1 image: running the model: the fake"));
  assert_int_equal(checkrob_extraction_rows(extraction), 0);
}

static void passes_failures_on(void **state) {
  (void)state;
  fake.failing_run = 2;
  fake.run_code = SHIM_NO_MEMORY;
  assert_int_equal(extract(), CHECKROB_ERROR_OUT_OF_MEMORY);
  set("layer", "nope");
  assert_int_equal(renew(), CHECKROB_ERROR_NOT_FOUND);
}

/* One run of the model serves any number of layers and poolings. */
static void pools_a_capture(void **state) {
  (void)state;
  static float input[2 * 3 * PIXELS];
  float out[24];
  const checkrob_status wrong = CHECKROB_ERROR_INVALID_ARGUMENT;
  for (size_t i = 0; i < 3 * PIXELS; i++) input[i] = i < PIXELS ? 0.5F : 0.0F;
  checkrob_cut *cut = NULL;
  checkrob_capture *capture = NULL;
  must(checkrob_cut_new(&cut, model, "stem", CHECKROB_SCORE_LOGIT, CHECKROB_CUT_ACTIVATIONS));
  must(checkrob_cut_run(&capture, cut, input, 2, SIDE, SIDE, NULL));
  assert_int_equal(checkrob_capture_count(capture), 2);
  assert_int_equal(checkrob_capture_class_count(capture), checkrob_model_class_count(model));
  must(checkrob_capture_pool(out, 24, capture, 0, CHECKROB_POOLING_NONE));
  assert_true(out[0] == 1.0F && out[4] == 0.0F && out[12] == 0.0F);
  must(checkrob_capture_pool(out, 6, capture, 0, CHECKROB_POOLING_MEAN));
  assert_true(out[0] == 1.0F && out[3] == 0.0F);
  assert_int_equal(checkrob_capture_pool(out, 5, capture, 0, CHECKROB_POOLING_MEAN), wrong);
  assert_non_null(strstr(checkrob_last_error(), "room for 5 floats, but 6 are needed"));
  assert_int_equal(checkrob_capture_pool(out, 24, capture, 1, CHECKROB_POOLING_NONE), wrong);
  assert_non_null(strstr(checkrob_last_error(), "has 1 layers, so there is no layer 1"));
  assert_int_equal(checkrob_capture_pool(out, 24, capture, 0, (checkrob_pooling)9), wrong);
  assert_int_equal(checkrob_capture_pool(NULL, 24, capture, 0, CHECKROB_POOLING_MAX), wrong);
  checkrob_capture_free(capture);
  checkrob_cut_free(cut);
}

static void refuses_wrong_values(void **state) {
  (void)state;
  assert_int_equal(checkrob_extraction_new(NULL, model, dataset, preprocess, options),
                   CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_extraction_new(&extraction, model, NULL, preprocess, options),
                   CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_extraction_execute(NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_extraction_on_batch(NULL, on_batch, NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
  checkrob_pooling pool = CHECKROB_POOLING_NONE;
  assert_int_equal(checkrob_pooling_find(&pool, "MAX"), CHECKROB_OK);
  assert_int_equal(pool, CHECKROB_POOLING_MAX);
  assert_int_equal(checkrob_pooling_find(&pool, "sum"), CHECKROB_ERROR_NOT_FOUND);
  assert_null(checkrob_pooling_name((checkrob_pooling)0));
}

/* One cut serves all executions. */
static void executes_again(void **state) {
  (void)state;
  set("layer", "pool,stem");
  assert_int_equal(extract(), CHECKROB_OK);
  check_images();
  assert_string_equal(checkrob_extraction_layers(extraction), "pool,stem");
  seen = (record){.row_count = 0};
  assert_int_equal(checkrob_extraction_execute(extraction), CHECKROB_OK);
  check_images();
  assert_int_equal(fake_seen.cuts, 1);
}

/* Shards are the parts of one array. */
static void reads_a_shard(void **state) {
  (void)state;
  static char images[MOST][64];
  size_t count = 0;
  for (int i = 1; i <= 3; i++) {
    char shard[8];
    snprintf(shard, sizeof shard, "%d/3", i);
    set("shard", shard);
    seen = (record){.row_count = 0};
    assert_int_equal(extract(), CHECKROB_OK);
    assert_true(seen.row_count >= 6);
    for (size_t n = 0; n < seen.row_count; n++) memcpy(images[count++], seen.images[n], sizeof *images);
  }
  assert_int_equal(count, 20);
  for (size_t i = 1; i < 20; i++) assert_true(strcmp(images[i - 1], images[i]) < 0);
}

static void leaves_the_threads_of_the_process(void **state) {
  (void)state;
  assert_int_equal(checkrob_model_set_threads(3), 3);
  must(extract());
  assert_int_equal(fake_seen.run_threads, 3);
  set("threads", "2");
  must(extract());
  assert_int_equal(fake_seen.run_threads, 2);
  assert_int_equal(checkrob_model_threads(), 3);
  checkrob_model_set_threads(0);
}

/* ---- a dataset with annotations: only its images count ---- */

static checkrob_class_map *red_and_green(void) {
  checkrob_class_map *classes = NULL;
  file_write_text(folder, "classes.csv", "name,index\nred,0\ngreen,1\n");
  char *path = folder_path(folder, "classes.csv");
  must(checkrob_class_map_open(&classes, path));
  free(path);
  return classes;
}

static void annotate(const char *name, const char *class_name, int x2) {
  char text[512];
  snprintf(text, sizeof text,
           "<annotation><object><name>red</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>8</xmax>"
           "<ymax>8</ymax></bndbox></object><object><name>%s</name><bndbox><xmin>4</xmin><ymin>1</ymin>"
           "<xmax>%d</xmax><ymax>8</ymax></bndbox></object></annotation>",
           class_name, x2);
  file_write_text(folder, name, text);
}

/* Images of two classes, of a class and a box that is wrong, with broken XML, and without any. */
static void reads_images_whatever_their_annotations(void **state) {
  (void)state;
  checkrob_class_map *classes = red_and_green();
  folder_make(folder, "xml");
  annotate("xml/02.xml", "green", 8);
  annotate("xml/04.xml", "green", 2);
  annotate("xml/05-broken.xml", "green", 8);
  file_write_text(folder, "xml/06.xml", "<annotation><object>");
  char *annotations = folder_path(folder, "xml");
  checkrob_dataset_free(dataset);
  dataset = NULL;
  must(open_dataset(&dataset, OPTIONS("dataset", "voc", "images", folder, "annotations", annotations),
                    classes));
  set("batch", "3");
  must(extract());
  check_images();
  assert_true(seen.largest_batch == 3 && seen.batches == 7);
  free(annotations);
  checkrob_dataset_free(dataset);
  dataset = NULL;
  checkrob_class_map_free(classes);
}

enum { TWO_CLASSES, NO_FILE, NO_KNOWN_CLASS, FAILED_INPUT, NO_IMAGE, INPUTS };

static checkrob_status add_box(checkrob_input *input, const char *class_name) {
  checkrob_regions *regions = NULL;
  must(checkrob_regions_new(&regions));
  checkrob_status status = checkrob_regions_add_box(regions, 0, 0, 4, 4);
  if (!status) status = checkrob_input_add_object(input, class_name, 0, regions);
  checkrob_regions_free(regions);
  return status;
}

static checkrob_status read_input(checkrob_input *input, size_t number, void *data) {
  (void)data;
  static const uint8_t pixels[3 * PIXELS];
  char name[8];
  snprintf(name, sizeof name, "%zu", number);
  must(checkrob_input_set_name(input, name));
  if (number == NO_FILE) must(checkrob_input_set_path(input, "/nowhere.png"));
  if (number != NO_FILE && number != NO_IMAGE) must(checkrob_input_set_pixels(input, pixels, SIDE, SIDE));
  if (number == NO_KNOWN_CLASS) return add_box(input, "zebra");
  must(add_box(input, "red"));
  must(add_box(input, "green"));
  if (number != FAILED_INPUT) return CHECKROB_OK;
  checkrob_image *image = NULL;
  return checkrob_image_open(&image, "/no/such.png", NULL);
}

static int note_failure(const char *image, checkrob_status status, const char *message, void *data) {
  record *r = data;
  assert_int_equal(status, CHECKROB_ERROR_NOT_FOUND);
  snprintf(r->failed[r->failed_count++], sizeof r->failed[0], "%s", image);
  snprintf(r->message, sizeof r->message, "%s", message);
  return 0;
}

/* The program's function decides that an input has failed, also one with pixels. */
static void reads_the_callers_inputs_once(void **state) {
  (void)state;
  checkrob_class_map *classes = red_and_green();
  checkrob_dataset_free(dataset);
  dataset = NULL;
  must(checkrob_dataset_new(&dataset, INPUTS, read_input, NULL, classes));
  must(renew());
  checkrob_extraction_on_failure(extraction, note_failure, &seen);
  must(checkrob_extraction_execute(extraction));
  static const char *const failed[] = {"1", "3", "4"};
  assert_int_equal(seen.row_count, 2);
  assert_string_equal(seen.images[0], "0");
  assert_string_equal(seen.images[1], "2");
  assert_int_equal(seen.failed_count, 3);
  for (size_t i = 0; i < 3; i++) assert_string_equal(seen.failed[i], failed[i]);
  assert_int_equal(checkrob_extraction_rows(extraction), 2);
  assert_int_equal(checkrob_extraction_failed(extraction), 3);
  checkrob_dataset_free(dataset);
  dataset = NULL;
  checkrob_class_map_free(classes);
}

/* NaN must not be pooled away. */
static void nan_stays_nan(void **state) {
  (void)state;
  static float input[3 * PIXELS];
  float out[3];
  input[PIXELS / 2] = NAN;
  checkrob_cut *cut = NULL;
  checkrob_capture *capture = NULL;
  must(checkrob_cut_new(&cut, model, "stem", CHECKROB_SCORE_LOGIT, CHECKROB_CUT_ACTIVATIONS));
  must(checkrob_cut_run(&capture, cut, input, 1, SIDE, SIDE, NULL));
  for (checkrob_pooling pool = CHECKROB_POOLING_MEAN; pool <= CHECKROB_POOLING_MAX; pool++) {
    must(checkrob_capture_pool(out, 3, capture, 0, pool));
    assert_true(isnan(out[0]) && out[1] == 0.0F);
  }
  checkrob_capture_free(capture);
  checkrob_cut_free(cut);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(keeps_positions),
      TEST(pools_positions),
      TEST(stops_when_asked),
      TEST(leaves_an_image_out_that_the_model_refuses),
      TEST(stops_if_the_model_refuses_the_first_batch),
      TEST(passes_failures_on),
      TEST(refuses_wrong_values),
      TEST(refuses_an_array_of_two_shapes),
      TEST(pools_a_capture),
      TEST(nan_stays_nan),
      TEST(executes_again),
      TEST(reads_a_shard),
      TEST(leaves_the_threads_of_the_process),
      TEST(reads_images_whatever_their_annotations),
      TEST(reads_the_callers_inputs_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
