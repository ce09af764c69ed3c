/* A run on a small world with the fake model, and a record of what its callbacks were given.
 *
 * Images are 32 x 32 unless a test says otherwise, so that the fake's map is 4 x 4. Grad-CAM then gives 1 in
 * the cells of a spot of the class's colour and 0 elsewhere, and the scores below can be worked by hand. */
#ifndef RUN_BENCH_H
#define RUN_BENCH_H

#include <checkrob/checkrob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake/fake_shim.h"
#include "support/folder.h"
#include "support/test.h"
#include "support/world.h"

#define BENCH_ROWS 512

typedef struct bench_row {
  char image[64], class_name[32], message[512];
  int64_t class_index;
  checkrob_status status;
  double rs, logit;
  int hit, empty_map;
} bench_row;

static struct bench {
  world w;
  checkrob_model *model;
  checkrob_preprocess *preprocess;
  checkrob_run *run;

  bench_row rows[BENCH_ROWS];
  size_t row_count;
  size_t stop_at_row; /* the row whose callback asks to stop, counted from 1; 0: none */

  size_t progress_calls, progress_done, progress_total;
  size_t stop_at_progress; /* the call that asks to stop, counted from 1; 0: none */
} bench;

static const rectangle left_half = {0, 0, 16, 32}, right_half = {16, 0, 32, 32}, whole = {0, 0, 32, 32};
static const colour red = {255, 0, 0}, green = {0, 255, 0}, blue = {0, 0, 255};

/* RS of a spot on one half for a box around that half, and around the other: bilinear upsampling carries a
 * sixteenth of the mass across the middle. */
#define RS_ON 0.9375
#define RS_OFF 0.0625

static inline int bench_record(const checkrob_image_result *result, void *data) {
  (void)data;
  assert_int_equal(result->size, sizeof *result);
  assert_true(bench.row_count < BENCH_ROWS);
  bench_row *row = &bench.rows[bench.row_count++];
  snprintf(row->image, sizeof row->image, "%s", result->image);
  snprintf(row->class_name, sizeof row->class_name, "%s", result->class_name);
  snprintf(row->message, sizeof row->message, "%s", result->message);
  row->class_index = result->class_index;
  row->status = result->status;
  row->rs = result->rs;
  row->logit = result->logit;
  row->hit = result->hit;
  row->empty_map = result->empty_map;
  return bench.row_count == bench.stop_at_row;
}

static inline int bench_note_progress(size_t done, size_t total, void *data) {
  (void)data;
  assert_true(done >= bench.progress_done && done <= total);
  assert_int_equal(total, checkrob_dataset_input_count(bench.w.dataset));
  bench.progress_done = done;
  bench.progress_total = total;
  return ++bench.progress_calls == bench.stop_at_progress;
}

/* To be called once the world's files are written. */
static inline void bench_open(const char *preprocess) {
  world_open(&bench.w);
  char path[512];
  snprintf(path, sizeof path, "%s/fake.pt", bench.w.folder);
  FILE *archive = fopen(path, "w"); /* kept results look at its contents */
  assert_non_null(archive);
  assert_true(fputs("not much of a model", archive) >= 0);
  fclose(archive);
  assert_int_equal(checkrob_preprocess_parse(&bench.preprocess, preprocess, strlen(preprocess)), CHECKROB_OK);
  assert_int_equal(checkrob_model_open(&bench.model, path, checkrob_preprocess_height(bench.preprocess),
                                       checkrob_preprocess_width(bench.preprocess), NULL),
                   CHECKROB_OK);
  assert_int_equal(checkrob_run_new(&bench.run, bench.model, bench.w.dataset, bench.preprocess), CHECKROB_OK);
  checkrob_run_on_result(bench.run, bench_record, NULL);
  checkrob_run_on_progress(bench.run, bench_note_progress, NULL);
}

static inline void bench_set(checkrob_run_option option, int64_t value) {
  assert_int_equal(checkrob_run_set(bench.run, option, value), CHECKROB_OK);
}

/* A run of the model then is a batch: none is of the blank image that activations are measured from. */
static inline void bench_runs_are_batches(void) {
  bench_set(CHECKROB_RUN_REFERENCE, CHECKROB_REFERENCE_NONE);
}

/* Forgets what an earlier execution gave. */
static inline checkrob_status bench_execute(void) {
  bench.row_count = bench.progress_calls = bench.progress_done = bench.progress_total = 0;
  size_t threads_set = fake_seen.threads_set;
  size_t captures = fake_seen.captures; /* the explainer may hold one */
  size_t live_cuts = fake_seen.live_cuts;
  fake_seen = (fake_record){
      .opened = fake_seen.opened, .live_cuts = live_cuts, .threads_set = threads_set, .captures = captures};
  return checkrob_run_execute(bench.run);
}

static inline const bench_row *bench_find(const char *image) {
  for (size_t i = 0; i < bench.row_count; i++)
    if (strcmp(bench.rows[i].image, image) == 0) return &bench.rows[i];
  fail_msg("there is no row for %s", image);
  return NULL;
}

/* A row without numbers, and a sentence that holds `part`. */
static inline void bench_assert_failed(const char *image, checkrob_status status, const char *part) {
  const bench_row *row = bench_find(image);
  assert_int_equal(row->status, status);
  if (!strstr(row->message, part)) fail_msg("'%s' is not in: %s", part, row->message);
  assert_true(isnan(row->rs) && row->hit == -1 && row->empty_map == 0);
}

static inline checkrob_class_result bench_class(const char *name) {
  checkrob_class_result result = CHECKROB_CLASS_RESULT_INIT;
  for (size_t i = 0; i < checkrob_run_class_count(bench.run); i++) {
    assert_int_equal(checkrob_run_class(&result, bench.run, i), CHECKROB_OK);
    if (strcmp(result.name, name) == 0) return result;
  }
  fail_msg("there is no class %s", name);
  return result;
}

static inline checkrob_run_totals bench_totals(void) {
  checkrob_run_totals totals = CHECKROB_RUN_TOTALS_INIT;
  assert_int_equal(checkrob_run_totals_get(&totals, bench.run), CHECKROB_OK);
  return totals;
}

/* The totals must agree with each other, with the rows and with the classes, whatever happened. */
static inline void bench_check_totals(void) {
  checkrob_run_totals totals = bench_totals();
  size_t evaluated = 0, failed = 0, empty = 0, classless = 0;
  for (size_t i = 0; i < bench.row_count; i++) {
    evaluated += bench.rows[i].status == CHECKROB_OK;
    failed += bench.rows[i].status != CHECKROB_OK;
    empty += (size_t)bench.rows[i].empty_map;
    classless += bench.rows[i].class_index < 0;
  }
  assert_int_equal(totals.samples, bench.row_count);
  assert_int_equal(totals.evaluated, evaluated);
  assert_int_equal(totals.failed, failed);
  assert_int_equal(totals.empty_maps, empty);
  assert_int_equal(totals.inputs, checkrob_dataset_input_count(bench.w.dataset));
  assert_true(totals.model_seconds >= 0 && totals.wait_seconds >= 0);
  assert_true(totals.seconds >= totals.model_seconds + totals.wait_seconds);
  size_t images = 0, class_failed = 0;
  for (size_t i = 0; i < checkrob_run_class_count(bench.run); i++) {
    checkrob_class_result result = CHECKROB_CLASS_RESULT_INIT;
    assert_int_equal(checkrob_run_class(&result, bench.run, i), CHECKROB_OK);
    images += result.images;
    class_failed += result.failed;
  }
  assert_int_equal(images, evaluated);
  assert_int_equal(class_failed, failed - classless);
}

static inline int bench_setup(void **state) {
  (void)state;
  fake_reset();
  memset(&bench, 0, sizeof bench);
  world_start(&bench.w);
  return 0;
}

static inline int bench_teardown(void **state) {
  (void)state;
  checkrob_run_free(bench.run);
  checkrob_model_free(bench.model);
  checkrob_preprocess_free(bench.preprocess);
  world_end(&bench.w);
  return fake_seen.captures == 0 ? 0 : -1;
}

#define BENCH_TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

#endif
