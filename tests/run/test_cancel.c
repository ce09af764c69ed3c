/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupting a run: what was measured until then stays, and the next execution is not touched by it. */
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "run/bench.h"

#define COUNT 40
#define BATCH 4

static void prepare(void) {
  for (int i = 0; i < COUNT; i++) {
    char name[32];
    snprintf(name, sizeof name, "sound_%02d", i);
    world_sample(&bench.w, name, i % 2 ? "red" : "green", left_half, i % 2 ? red : green, left_half);
  }
  bench_open("{\"crop\": 32}");
  bench_runs_are_batches();
  bench_set_integer("batch", BATCH);
  bench_set_integer("threads", 3);
  assert_int_equal(bench_renew(), CHECKROB_OK);
}

static void assert_cancelled_after(size_t rows) {
  assert_int_equal(bench_execute(), CHECKROB_ERROR_INTERRUPTED);
  assert_int_equal(bench.row_count, rows);
  bench_check_totals();
  assert_int_equal(bench_total("evaluated"), rows);
}

/* The callback is not called again, but the rest of its batch is counted. */
static void assert_stopped_at_row(size_t row) {
  assert_int_equal(bench_execute(), CHECKROB_ERROR_INTERRUPTED);
  assert_string_equal(checkrob_last_error(), "the row callback interrupted the run");
  assert_int_equal(bench.row_count, row);
  int64_t whole_batches = (int64_t)((row + BATCH - 1) / BATCH * BATCH);
  assert_int_equal(bench_total("samples"), whole_batches);
  assert_int_equal(bench_total("evaluated"), whole_batches);
}

static void assert_runs_to_the_end(void) {
  fake.before_run = NULL;
  bench.stop_at_row = bench.stop_at_progress = 0;
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_int_equal(bench.row_count, COUNT);
  bench_check_totals();
}

static void the_result_callback_may_stop(void **state) {
  (void)state;
  prepare();
  for (size_t row = 1; row <= COUNT; row += 13) {
    bench.stop_at_row = row;
    assert_stopped_at_row(row);
  }
  assert_runs_to_the_end();
}

static void the_progress_callback_may_stop(void **state) {
  (void)state;
  prepare();
  bench.stop_at_progress = 1; /* while it waits for the first images, or after the first batch */
  assert_int_equal(bench_execute(), CHECKROB_ERROR_INTERRUPTED);
  assert_string_equal(checkrob_last_error(), "the progress callback interrupted the run");
  assert_true(bench.row_count <= BATCH);
  bench_check_totals();
  assert_runs_to_the_end();
}

static void *cancel(void *run) {
  checkrob_run_interrupt(run);
  return NULL;
}

static void cancel_from_another_thread(void *run) {
  pthread_t thread;
  if (fake_seen.runs != 2) return;
  assert_int_equal(pthread_create(&thread, NULL, cancel, run), 0);
  assert_int_equal(pthread_join(thread, NULL), 0);
}

/* "after the current batch"; with one thread there is one */
static void prepare_one_lane(void) {
  prepare();
  bench_set_integer("threads", 1);
  assert_int_equal(bench_renew(), CHECKROB_OK);
}

static void another_thread_may_stop(void **state) {
  (void)state;
  prepare_one_lane();
  fake.before_run = cancel_from_another_thread;
  fake.before_run_data = bench.run;
  assert_cancelled_after(2 * BATCH);
  assert_runs_to_the_end();
}

static void cancel_twice_in_the_second_batch(void *run) {
  if (bench.row_count < BATCH) return;
  for (int i = 0; i < 2; i++) checkrob_run_interrupt(run);
}

/* A second call does not wait for the end of the batch, which runs the model many times here. */
static void a_second_call_gives_the_batch_up(void **state) {
  (void)state;
  prepare_one_lane();
  bench_set("method", "scorecam");
  assert_int_equal(bench_renew(), CHECKROB_OK);
  fake.before_run = cancel_twice_in_the_second_batch;
  fake.before_run_data = bench.run;
  assert_int_equal(bench_execute(), CHECKROB_ERROR_INTERRUPTED);
  assert_string_equal(checkrob_last_error(), "interrupted while the model ran; this batch was given up");
  assert_int_equal(bench.row_count, BATCH);
  bench_check_totals();
  assert_runs_to_the_end();
}

static void *cancel_at_any_time(void *run) {
  struct timespec pause = {0, 2000000};
  nanosleep(&pause, NULL);
  checkrob_run_interrupt(run);
  return NULL;
}

static void may_be_stopped_at_any_time(void **state) {
  (void)state;
  prepare();
  fake.delay_microseconds = 1000;
  for (int i = 0; i < 20; i++) {
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, cancel_at_any_time, bench.run), 0);
    checkrob_status status = bench_execute();
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(status == CHECKROB_OK || status == CHECKROB_ERROR_INTERRUPTED);
    assert_true(status == CHECKROB_ERROR_INTERRUPTED || bench.row_count == COUNT);
    assert_int_equal(bench.row_count % BATCH, 0);
    bench_check_totals();
  }
}

static checkrob_run *run_of_the_handler;

static void handle_signal(int number) {
  (void)number;
  checkrob_run_interrupt(run_of_the_handler);
}

static void raise_signal(void *data) {
  (void)data;
  if (fake_seen.runs == 3) raise(SIGUSR1);
}

static void a_signal_handler_may_stop(void **state) {
  (void)state;
  prepare_one_lane();
  run_of_the_handler = bench.run;
  struct sigaction action = {.sa_handler = handle_signal}, before;
  assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
  fake.before_run = raise_signal;
  assert_cancelled_after(3 * BATCH);
  sigaction(SIGUSR1, &before, NULL);
  assert_runs_to_the_end();
}

/* An interrupt that comes just before the work starts must not be lost. */
static void may_be_stopped_before_it_starts(void **state) {
  (void)state;
  prepare();
  checkrob_run_interrupt(bench.run);
  assert_cancelled_after(0);
  assert_int_equal(fake_seen.runs, 0);
  assert_runs_to_the_end();
}

static int cancel_from_the_callback(const checkrob_row *row, void *data) {
  (void)data;
  bench_record(row, NULL);
  if (bench.row_count == 1) checkrob_run_interrupt(bench.run);
  return 0;
}

static void a_callback_may_cancel_too(void **state) {
  (void)state;
  prepare_one_lane();
  bench_on_row(cancel_from_the_callback, NULL);
  assert_cancelled_after(BATCH);
}

/* A callback may use the library, and such a call may fail: the error message is still that of the run. */
static int fail_and_stop(const checkrob_row *row, void *data) {
  (void)data;
  checkrob_image *image = NULL;
  assert_int_equal(checkrob_image_open(&image, "/nowhere", NULL), CHECKROB_ERROR_NOT_FOUND);
  bench_record(row, NULL);
  return bench.row_count == 2 ? -5 : 0;
}

static void the_sentence_is_the_runs_own(void **state) {
  (void)state;
  prepare();
  bench_on_row(fail_and_stop, NULL);
  assert_stopped_at_row(2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      BENCH_TEST(the_result_callback_may_stop),     BENCH_TEST(the_progress_callback_may_stop),
      BENCH_TEST(another_thread_may_stop),          BENCH_TEST(may_be_stopped_at_any_time),
      BENCH_TEST(a_second_call_gives_the_batch_up), BENCH_TEST(a_signal_handler_may_stop),
      BENCH_TEST(may_be_stopped_before_it_starts),  BENCH_TEST(a_callback_may_cancel_too),
      BENCH_TEST(the_sentence_is_the_runs_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
