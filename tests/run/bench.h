/* SPDX-License-Identifier: Apache-2.0 */
/* A run on a small world with the fake model, and a record of the arguments of its callbacks.
 *
 * Images are 32 x 32 unless a test says otherwise, so that the fake's map is 4 x 4. Grad-CAM is then 1 in
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
  checkrob_options *options;
  int is_stale; /* the run was not made with these options */
  checkrob_run *run;
  checkrob_row_callback on_row;
  void *row_data;
  checkrob_progress_callback on_progress;

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

static inline checkrob_status bench_status(const char *name) {
  if (strcmp(name, "empty_map") == 0) return CHECKROB_OK;
  for (int code = CHECKROB_OK; code > -100; code--)
    if (strcmp(checkrob_status_name((checkrob_status)code), name) == 0) return (checkrob_status)code;
  fail_msg("there is no status %s", name);
  return CHECKROB_ERROR;
}

static inline int bench_record(const checkrob_row *given, void *data) {
  (void)data;
  assert_true(bench.row_count < BENCH_ROWS);
  bench_row *row = &bench.rows[bench.row_count++];
  snprintf(row->image, sizeof row->image, "%s", checkrob_row_text(given, "image"));
  snprintf(row->class_name, sizeof row->class_name, "%s", checkrob_row_text(given, "class"));
  snprintf(row->message, sizeof row->message, "%s", checkrob_row_text(given, "message"));
  row->class_index = checkrob_row_integer(given, "index");
  row->status = bench_status(checkrob_row_text(given, "status"));
  row->rs = checkrob_row_number(given, "rs");
  row->logit = checkrob_row_number(given, "logit");
  row->hit = (int)checkrob_row_integer(given, "hit");
  row->empty_map = strcmp(checkrob_row_text(given, "status"), "empty_map") == 0;
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

/* Makes the run anew where options were set since; what that fails with is the test's to look at. */
static inline checkrob_status bench_renew(void) {
  if (!bench.is_stale) return CHECKROB_OK;
  checkrob_run_free(bench.run);
  bench.run = NULL;
  checkrob_status status =
      checkrob_run_new(&bench.run, bench.model, bench.w.dataset, bench.preprocess, bench.options);
  if (status) return status;
  bench.is_stale = 0;
  assert_int_equal(checkrob_run_on_row(bench.run, bench.on_row, bench.row_data), CHECKROB_OK);
  assert_int_equal(checkrob_run_on_progress(bench.run, bench.on_progress, NULL), CHECKROB_OK);
  return CHECKROB_OK;
}

/* To be called once the world's files are written. */
static inline void bench_open(const char *preprocess) {
  world_open(&bench.w);
  char path[512];
  snprintf(path, sizeof path, "%s/fake.pt", bench.w.folder);
  FILE *archive = fopen(path, "w"); /* stored results look at its contents */
  assert_non_null(archive);
  assert_true(fputs("not much of a model", archive) >= 0);
  fclose(archive);
  assert_int_equal(checkrob_preprocess_parse(&bench.preprocess, preprocess, strlen(preprocess)), CHECKROB_OK);
  assert_int_equal(checkrob_model_open(&bench.model, path, checkrob_preprocess_height(bench.preprocess),
                                       checkrob_preprocess_width(bench.preprocess), NULL),
                   CHECKROB_OK);
  assert_int_equal(checkrob_options_new(&bench.options), CHECKROB_OK);
  bench.on_row = bench_record;
  bench.on_progress = bench_note_progress;
  bench.is_stale = 1;
}

static inline void bench_set(const char *name, const char *value) {
  if (checkrob_options_set(bench.options, name, value)) fail_msg("%s", checkrob_last_error());
  bench.is_stale = 1;
}

static inline void bench_set_integer(const char *name, int64_t value) {
  if (checkrob_options_set_integer(bench.options, name, value)) fail_msg("%s", checkrob_last_error());
  bench.is_stale = 1;
}

static inline void bench_on_row(checkrob_row_callback callback, void *data) {
  bench.on_row = callback;
  bench.row_data = data;
  bench.is_stale = 1;
}

/* A run of the model then is a batch: none is of the blank image that activations are measured from. */
static inline void bench_runs_are_batches(void) {
  bench_set("reference", "none");
}

/* Clears the record of an earlier execution. */
static inline checkrob_status bench_execute(void) {
  bench.row_count = bench.progress_calls = bench.progress_done = bench.progress_total = 0;
  fake_record held = fake_seen; /* of what is still open */
  fake_seen = (fake_record){.opened = held.opened,
                            .live_cuts = held.live_cuts,
                            .most_cuts = held.most_cuts,
                            .threads_set = held.threads_set,
                            .threads = held.threads,
                            .captures = held.captures};
  checkrob_status status = bench_renew();
  return status ? status : checkrob_run_execute(bench.run);
}

static inline const bench_row *bench_find(const char *image) {
  for (size_t i = 0; i < bench.row_count; i++)
    if (strcmp(bench.rows[i].image, image) == 0) return &bench.rows[i];
  fail_msg("there is no row for %s", image);
  return NULL;
}

/* A row without numbers, with an error message that contains `part`. */
static inline void bench_assert_failed(const char *image, checkrob_status status, const char *part) {
  const bench_row *row = bench_find(image);
  assert_int_equal(row->status, status);
  if (!strstr(row->message, part)) fail_msg("'%s' is not in: %s", part, row->message);
  assert_true(isnan(row->rs) && row->hit == -1 && row->empty_map == 0);
}

/* A class's row, as far as the tests look at it. */
typedef struct bench_class_row {
  const char *name, *verdict, *reason, *reason_code;
  int64_t index, images, failed, recognised;
  double accuracy, crs, crs_low, area, rs0, ers, ers_low, lift, contrast, robustness, robustness_low,
      robustness_high, p, q, pointing_game;
} bench_class_row;

static inline bench_class_row bench_class_of(const checkrob_row *row) {
  return (bench_class_row){.name = checkrob_row_text(row, "class"),
                           .verdict = checkrob_row_text(row, "verdict"),
                           .reason = checkrob_row_text(row, "reason"),
                           .reason_code = checkrob_row_text(row, "reason_code"),
                           .index = checkrob_row_integer(row, "index"),
                           .images = checkrob_row_integer(row, "images"),
                           .failed = checkrob_row_integer(row, "failed"),
                           .recognised = checkrob_row_integer(row, "recognised"),
                           .accuracy = checkrob_row_number(row, "acc"),
                           .crs = checkrob_row_number(row, "crs"),
                           .crs_low = checkrob_row_number(row, "crs_low"),
                           .area = checkrob_row_number(row, "area"),
                           .rs0 = checkrob_row_number(row, "rs0"),
                           .ers = checkrob_row_number(row, "ers"),
                           .ers_low = checkrob_row_number(row, "ers_low"),
                           .lift = checkrob_row_number(row, "lift"),
                           .contrast = checkrob_row_number(row, "contrast"),
                           .robustness = checkrob_row_number(row, "robustness"),
                           .robustness_low = checkrob_row_number(row, "robustness_low"),
                           .robustness_high = checkrob_row_number(row, "robustness_high"),
                           .p = checkrob_row_number(row, "p"),
                           .q = checkrob_row_number(row, "q"),
                           .pointing_game = checkrob_row_number(row, "pointing_game")};
}

static inline bench_class_row bench_class(const char *name) {
  for (size_t i = 0; i < checkrob_run_class_count(bench.run); i++) {
    const checkrob_row *row = checkrob_run_class(bench.run, i);
    if (strcmp(checkrob_row_text(row, "class"), name) == 0) return bench_class_of(row);
  }
  fail_msg("there is no class %s", name);
  return (bench_class_row){0};
}

static inline int64_t bench_total(const char *name) {
  return checkrob_row_integer(checkrob_run_totals(bench.run), name);
}

static inline double bench_seconds(const char *name) {
  return checkrob_row_number(checkrob_run_totals(bench.run), name);
}

/* The totals must agree with each other, with the rows and with the classes, whatever happened. */
static inline void bench_check_totals(void) {
  int64_t evaluated = 0, failed = 0, empty = 0, classless = 0;
  for (size_t i = 0; i < bench.row_count; i++) {
    evaluated += bench.rows[i].status == CHECKROB_OK;
    failed += bench.rows[i].status != CHECKROB_OK;
    empty += bench.rows[i].empty_map;
    classless += bench.rows[i].class_index < 0;
  }
  assert_int_equal(bench_total("samples"), bench.row_count);
  assert_int_equal(bench_total("evaluated"), evaluated);
  assert_int_equal(bench_total("failed"), failed);
  assert_int_equal(bench_total("empty_maps"), empty);
  assert_int_equal(bench_total("inputs"), checkrob_dataset_input_count(bench.w.dataset));
  double model = bench_seconds("model_seconds"), wait = bench_seconds("wait_seconds");
  assert_true(model >= 0 && wait >= 0 && bench_seconds("seconds") >= model + wait);
  int64_t images = 0, class_failed = 0;
  for (size_t i = 0; i < checkrob_run_class_count(bench.run); i++) {
    bench_class_row c = bench_class_of(checkrob_run_class(bench.run, i));
    images += c.images;
    class_failed += c.failed;
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
  checkrob_options_free(bench.options);
  checkrob_model_free(bench.model);
  checkrob_preprocess_free(bench.preprocess);
  world_end(&bench.w);
  return fake_seen.captures == 0 ? 0 : -1;
}

#define BENCH_TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

#endif
