/* SPDX-License-Identifier: Apache-2.0 */
/* Several analyses in one pass. The third one here is all that a new analysis takes: it counts bright pixels
 * and declares one column, which is then in the results file, in CSV and JSON lines, and in the accessor.
 */
#include <checkrob/results.h>

#include <stdatomic.h>
#include <time.h>

#include "base/error.h"
#include "run/run.h"
#include "run/stored.h"

/* ---- the third analysis, whole ---- */

enum { BRIGHT_PIXELS, BRIGHT_COLUMNS };

static const column bright_columns[BRIGHT_COLUMNS] = {
    [BRIGHT_PIXELS] = {"bright_pixels", CHECKROB_COLUMN_INTEGER, "pixels", 0, INFINITY, 0, 0,
                       "pixels of the image with a colour above half of its range"}};

static size_t first_column, looks;

static checkrob_status begin(void *self, const analysis_setup *setup) {
  (void)self;
  first_column = setup->column;
  return CHECKROB_OK;
}

static checkrob_status count_bright(void **observed, const void *self, const checkrob_image *image) {
  (void)self;
  size_t pixels = (size_t)checkrob_image_width(image) * checkrob_image_height(image);
  const uint8_t *rgb = checkrob_image_pixels(image);
  int64_t *count = calloc(1, sizeof *count);
  if (!count) return error_memory("a count");
  for (size_t i = 0; i < pixels; i++)
    *count += rgb[3 * i] > 127 || rgb[3 * i + 1] > 127 || rgb[3 * i + 2] > 127;
  *observed = count;
  return CHECKROB_OK;
}

static checkrob_status set_counts(void *self, analysis_batch *batch) {
  (void)self;
  for (size_t n = 0; n < batch->count; n++)
    row_set_integer(batch->samples[n].row, first_column + BRIGHT_PIXELS,
                    *(const int64_t *)batch->samples[n].observed);
  looks += batch->count;
  return CHECKROB_OK;
}

static const analysis bright = {.name = "bright",
                                .columns = {bright_columns, BRIGHT_COLUMNS},
                                .begin = begin,
                                .observe = count_bright,
                                .batch = set_counts};

/* ---- it appears everywhere ---- */

static int64_t sum_of_rows;

static int add_bright(const checkrob_row *row, void *data) {
  (void)data;
  bench_record(row, NULL);
  int64_t count = checkrob_row_integer(row, "bright_pixels");
  assert_int_equal(count, checkrob_row_has(row, "rs") ? 512 : -1);
  if (count > 0) sum_of_rows += count;
  return 0;
}

static bool file_has(const char *path, const char *text) {
  char line[4096];
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  bool found = false;
  while (!found && fgets(line, sizeof line, file)) found = strstr(line, text) != NULL;
  fclose(file);
  return found;
}

static void assert_exported(checkrob_results *results, checkrob_export what, const char *name,
                            const char *text) {
  const char *path = stored_path(1, name);
  must(checkrob_results_export(results, what, path));
  if (!file_has(path, text)) fail_msg("'%s' is not in %s", text, name);
}

static void a_third_analysis_takes_one_file(void **state) {
  (void)state;
  stored_open_world();
  bench_on_row(add_bright, NULL);
  sum_of_rows = 0;
  must(bench_renew());
  must(run_add_analysis(bench.run, &bright));
  must(checkrob_run_store(bench.run, stored_path(0, "r.sqlite")));
  must(checkrob_run_execute(bench.run));
  assert_true(sum_of_rows == 512 * bench_total("evaluated"));
  checkrob_results *results = NULL;
  must(checkrob_results_open(&results, stores[0], NULL));
  bench.row_count = 0;
  must(checkrob_results_each(results, add_bright, NULL)); /* read back from the file */
  assert_int_equal(bench.row_count, SAMPLES);
  assert_exported(results, CHECKROB_EXPORT_IMAGES_CSV, "images.csv", ",iou,bright_pixels,status,message");
  assert_exported(results, CHECKROB_EXPORT_IMAGES_CSV, "images.csv", ",512,ok,");
  assert_exported(results, CHECKROB_EXPORT_IMAGES_JSONL, "images.jsonl", "\"bright_pixels\":512");
  checkrob_results_free(results);
}

/* A file with its column is not resumed without it. */
static void a_run_without_it_does_not_resume(void **state) {
  (void)state;
  stored_open_world();
  must(bench_renew());
  must(run_add_analysis(bench.run, &bright));
  must(stored_execute(stored_path(0, "r.sqlite")));
  bench.is_stale = 1;
  assert_int_equal(stored_execute(stores[0]), CHECKROB_ERROR_OTHER_OPTIONS);
  if (!strstr(checkrob_last_error(), "its columns differ")) fail_msg("%s", checkrob_last_error());
}

/* ---- threads that work at once ---- */

static atomic_int at_once, most_at_once;

static void work_with(int threads) {
  int now = atomic_fetch_add(&at_once, threads) + threads;
  for (int most = atomic_load(&most_at_once); now > most;)
    if (atomic_compare_exchange_weak(&most_at_once, &most, now)) break;
  struct timespec little = {0, 2000000};
  nanosleep(&little, NULL);
  atomic_fetch_sub(&at_once, threads);
}

static checkrob_status watch_worker(void **observed, const void *self, const checkrob_image *image) {
  (void)observed;
  (void)self;
  (void)image;
  work_with(1);
  return CHECKROB_OK;
}

static checkrob_status watch_lane(void *self, analysis_batch *batch) {
  (void)self;
  (void)batch;
  work_with(2);
  return CHECKROB_OK;
}

/* An added analysis has one lane, which computes with both threads; a worker decodes beside it, not two. */
static void decoding_and_computing_share_a_budget(void **state) {
  (void)state;
  static const analysis watching = {.name = "watching", .observe = watch_worker, .batch = watch_lane};
  stored_open_world();
  must(bench_renew());
  must(run_add_analysis(bench.run, &watching));
  must(bench_execute());
  assert_in_range(atomic_load(&most_at_once), 2, 3);
}

/* ---- representations beside scores ---- */

typedef struct read_images {
  char names[SAMPLES][64];
  size_t count;
  size_t shape[3];
} read_images;

static int read_batch(const checkrob_batch *batch, void *data) {
  read_images *r = data;
  assert_string_equal(checkrob_batch_layer(batch, 0), "stem.conv");
  checkrob_batch_shape(r->shape, batch, 0);
  for (size_t i = 0; i < checkrob_batch_rows(batch); i++)
    snprintf(r->names[r->count++], sizeof r->names[0], "%s", checkrob_batch_image(batch, i));
  return 0;
}

/* Each image is decoded once, also where it has two samples and two analyses use it. */
static void reads_representations_out_in_the_same_pass(void **state) {
  (void)state;
  stored_open_world();
  char *expected = stored_run_whole(stored_path(0, "r.sqlite"));
  bench.is_stale = 1;
  must(bench_renew());
  read_images read = {.count = 0};
  looks = 0;
  must(run_add_analysis(bench.run, &bright));
  must(checkrob_run_read_out(bench.run, "stem.conv", CHECKROB_POOLING_MEAN, read_batch, &read));
  must(checkrob_run_store(bench.run, stored_path(1, "both.sqlite")));
  must(bench_execute());
  assert_int_equal(bench.row_count, SAMPLES);
  assert_int_equal(looks, SAMPLES - 1); /* samples: one is broken */
  assert_int_equal(read.count, 19);     /* images */
  static const size_t shape[3] = {3, 1, 1};
  assert_memory_equal(read.shape, shape, sizeof shape);
  for (size_t i = 1; i < read.count; i++) assert_true(strcmp(read.names[i - 1], read.names[i]) < 0);
  free(expected);
}

/* Whether its sample can be evaluated is known only after the batch. */
static void reads_images_out_that_cannot_be_evaluated(void **state) {
  (void)state;
  read_images read = {.count = 0};
  world_sample(&bench.w, "a", "red", left_half, red, left_half);
  world_sample(&bench.w, "b_nan", "red", whole, (colour){255, 0, 255}, left_half); /* the fake's marker */
  world_sample(&bench.w, "c_unknown", "platypus", left_half, red, left_half);
  bench_open("{\"crop\": 32}");
  must(bench_renew());
  must(checkrob_run_read_out(bench.run, "stem.conv", CHECKROB_POOLING_MEAN, read_batch, &read));
  must(bench_execute());
  assert_int_equal(bench_total("evaluated"), 1);
  assert_int_equal(read.count, 2);
  assert_string_equal(read.names[1], "b_nan.png");
}

static int refuse_batch(const checkrob_batch *batch, void *data) {
  (void)batch;
  (void)data;
  return 1;
}

static void a_batch_callback_interrupts(void **state) {
  (void)state;
  stored_open_world();
  must(bench_renew());
  must(checkrob_run_read_out(bench.run, "stem", CHECKROB_POOLING_NONE, refuse_batch, NULL));
  assert_int_equal(bench_execute(), CHECKROB_ERROR_INTERRUPTED);
  assert_int_equal(checkrob_run_read_out(bench.run, "nowhere", CHECKROB_POOLING_NONE, refuse_batch, NULL),
                   CHECKROB_ERROR_NOT_FOUND);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      BENCH_TEST(a_third_analysis_takes_one_file),
      BENCH_TEST(a_run_without_it_does_not_resume),
      BENCH_TEST(decoding_and_computing_share_a_budget),
      BENCH_TEST(reads_representations_out_in_the_same_pass),
      BENCH_TEST(reads_images_out_that_cannot_be_evaluated),
      BENCH_TEST(a_batch_callback_interrupts),
  };
  return cmocka_run_group_tests_name("run: analyses", tests, NULL, NULL);
}
