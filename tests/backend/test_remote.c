/* SPDX-License-Identifier: Apache-2.0 */
/* Models in a worker process: the worker is real, its model is the fake one (fake/fake_worker.c). Usage:
 * test_remote; the environment's CHECKROB_WORKER is the worker. */
#define _GNU_SOURCE /* pipe2 */
#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "backend/backend.h"
#include "shim/shim.h"
#include "support/folder.h"
#include "support/test.h"

#define SIDE 32
#define PLANE (SIDE * SIDE)
#define IMAGE (3 * PLANE)
#define BAD 0.625F /* what an image has to begin with, for FAKE_ABORT_AT and its like */

static const int64_t one[4] = {1, 3, SIDE, SIDE}, two[4] = {2, 3, SIDE, SIDE};
static const char *const variables[] = {
    "FAKE_ABORT_AT", "FAKE_HANG_AT",   "FAKE_KILL_AT", "FAKE_ONCE",         "FAKE_OPENING",
    "FAKE_GREETING", "FAKE_RAISES_AT", "FAKE_SQUARED", "FAKE_LOST_CLASSES", "FAKE_PRINTS"};

/* Seconds of worker_timeout where a run hangs, and others must not: longer than a busy machine stops a
 * worker. */
#define HANG_SECONDS 5
#define HANG_ONCE_SECONDS 15

static const struct timespec moment = {0, 10000000};

static char *folder, *archive, *once, *worker;

static int start(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) unsetenv(variables[i]);
  setenv("CHECKROB_WORKER", worker, 1);
  folder = folder_new();
  file_write_text(folder, "model.pt", "an archive");
  archive = folder_path(folder, "model.pt");
  once = folder_path(folder, "once");
  return 0;
}

static int stop(void **state) {
  (void)state;
  free(archive);
  free(once);
  folder_remove(folder);
  return 0;
}

static int try_open(shim_model **out, int64_t timeout, shim_error *error) {
  const shim_opening opening = {
      archive, SIDE, SIDE, "cpu", SHIM_LAYOUT_AUTO, -1, NULL, 0, 0, SHIM_WORKER_ALWAYS, timeout};
  return shim_model_open(out, &opening, error);
}

static shim_model *opened(int64_t timeout) {
  shim_model *model = NULL;
  shim_error error;
  if (try_open(&model, timeout, &error) != SHIM_OK) fail_msg("%s", error.message);
  return model;
}

static shim_cut *cut_at(const shim_model *model, const char *path) {
  shim_cut *cut = NULL;
  shim_error error;
  if (shim_cut_new(&cut, model, &path, 1, 1, SHIM_SCORE_LOGIT, &error) != SHIM_OK)
    fail_msg("%s", error.message);
  return cut;
}

/* An image of one colour. */
static void paint(float *image, float red, float green, float blue) {
  for (int i = 0; i < PLANE; i++) {
    image[i] = red;
    image[PLANE + i] = green;
    image[2 * PLANE + i] = blue;
  }
}

/* The fake's logit of class j for such an image: 2 P of each channel, weighted by 1 or -1/4. */
static double logit(int j, const float *image) {
  double sum = 0.0;
  for (int k = 0; k < 3; k++) sum += (j % 3 == k ? 1.0 : -0.25) * 2.0 * (double)image[k * PLANE];
  return sum;
}

static int run(shim_capture *out, shim_cut *cut, const float *input, const int64_t shape[4],
               shim_error *error) {
  static const int64_t targets[2] = {1, 2};
  return shim_cut_run(out, cut, input, shape, targets, 1, error);
}

/* The run succeeds, with the fake's numbers. */
static void expect_run(shim_cut *cut, const float *input, const int64_t shape[4]) {
  shim_capture capture;
  shim_error error;
  if (run(&capture, cut, input, shape, &error) != SHIM_OK) fail_msg("%s", error.message);
  assert_int_equal(capture.batch, shape[0]);
  assert_int_equal(capture.classes, 4);
  assert_int_equal(capture.layers, 1);
  for (int n = 0; n < (int)shape[0]; n++)
    for (int j = 0; j < 4; j++)
      assert_true(fabs((double)capture.logits[n * 4 + j] - logit(j, input + (size_t)n * IMAGE)) < 1e-5);
  const shim_map *map = &capture.maps[0];
  assert_true(map->channels == 3 && map->height == 4 && map->width == 4);
  for (int n = 0; n < (int)shape[0]; n++)
    for (int k = 0; k < 3; k++) {
      double expected = 2.0 * (double)input[n * IMAGE + k * PLANE];
      assert_true(fabs((double)map->activation[(n * 3 + k) * 16 + 5] - expected) < 1e-5);
      double slope = ((n + 1) % 3 == k ? 1.0 : -0.25) / 16.0;
      assert_true(fabs((double)map->gradient[(n * 3 + k) * 16 + 5] - slope) < 1e-6);
    }
  shim_capture_free(&capture);
}

static void expect_failure(shim_cut *cut, const float *input, const int64_t shape[4], int code,
                           const char *part) {
  shim_capture capture;
  shim_error error;
  assert_int_equal(run(&capture, cut, input, shape, &error), code);
  if (error.code != code || !strstr(error.message, part)) fail_msg("code %d: %s", error.code, error.message);
}

/* Whether it runs. One that has ended stays a zombie until its parent waits for it, which is another process
 * for a worker whose program is gone. */
static int is_process(int64_t id) {
  char path[64], state = 'Z';
  snprintf(path, sizeof path, "/proc/%lld/stat", (long long)id);
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1) state = 'Z'; /* it has just ended */
  fclose(file);
  return state != 'Z' && state != 'X';
}

/* ---- what works ---- */

static void says_what_the_model_says(void **state) {
  (void)state;
  shim_model *model = opened(0);
  shim_layer layer;
  shim_output output;
  assert_int_equal(shim_model_class_count(model), 4);
  assert_int_equal(shim_model_channels(model), 3);
  assert_int_equal(shim_model_layer_count(model), 9);
  assert_int_equal(shim_model_auto_layer(model), 3);
  shim_model_layer(model, 0, &layer);
  assert_string_equal(layer.path, "stem.conv");
  assert_string_equal(layer.type, "Conv2d");
  assert_true(layer.usable && layer.channels == 3 && layer.height == 4);
  shim_model_layer(model, 8, &layer);
  assert_int_equal(layer.rank, -1);
  shim_model_layer(model, 4, &layer);
  assert_int_equal(layer.rank, 9);
  shim_model_output(model, 0, &output);
  assert_string_equal(output.name, "0");
  assert_int_equal(output.taken, 1);
  assert_string_equal(shim_model_remark(model), "");
  assert_int_equal(shim_model_ending(model), SHIM_ENDING_LOGITS);
  assert_string_equal(shim_torch_version(), "0.0.0-fake");
  assert_null(shim_installation_warning());
  shim_model_free(model);
}

static void runs_like_the_model_itself(void **state) {
  (void)state;
  static float input[2 * IMAGE];
  paint(input, 0.5F, 0.25F, 0.125F);
  paint(input + IMAGE, 0.1F, 0.9F, 0.3F);
  shim_model *model = opened(0);
  shim_cut *cut = cut_at(model, "stem");
  int64_t id = backend_worker(model);
  assert_true(id > 0 && id != getpid() && is_process(id));
  expect_run(cut, input, two);
  expect_run(cut, input, one);
  expect_run(cut, input, two);
  assert_int_equal(backend_restarts(model), 0);
  shim_cut_free(cut);
  shim_model_free(model);
  assert_false(is_process(id));
}

static void logits_need_no_layer(void **state) {
  (void)state;
  static float input[IMAGE];
  shim_error error;
  shim_capture capture;
  shim_cut *cut = NULL;
  paint(input, 0.5F, 0.25F, 0.125F);
  shim_model *model = opened(0);
  assert_int_equal(shim_cut_new(&cut, model, NULL, 0, 1, SHIM_SCORE_LOGIT, &error), SHIM_OK);
  assert_int_equal(shim_cut_run(&capture, cut, input, one, NULL, 0, &error), SHIM_OK);
  assert_int_equal(capture.layers, 0);
  assert_true(fabs((double)capture.logits[0] - logit(0, input)) < 1e-5);
  shim_capture_free(&capture);
  shim_cut_free(cut);
  shim_model_free(model);
}

static void ablates(void **state) {
  (void)state;
  static float input[IMAGE];
  static const unsigned char removed[6] = {0, 0, 0, 1, 0, 0};
  shim_error error;
  float *logits = NULL;
  paint(input, 0.5F, 0.25F, 0.125F);
  shim_model *model = opened(0);
  shim_cut *cut = cut_at(model, "stem");
  assert_int_equal(shim_cut_ablate(&logits, cut, input, one, 0, removed, 2, 3, 16, &error), SHIM_OK);
  assert_true(fabs((double)logits[0] - logit(0, input)) < 1e-5);
  assert_true(fabs((double)(logits[0] - logits[4]) - 1.0) <
              1e-5); /* without the first channel, 2 * 0.5 less */
  free(logits);
  assert_int_equal(shim_cut_ablate(&logits, cut, input, one, 7, removed, 2, 3, 16, &error),
                   SHIM_BAD_ARGUMENT);
  assert_string_equal(error.message, "no such layer is cut");
  shim_cut_free(cut);
  shim_model_free(model);
}

static void passes_errors_on(void **state) {
  (void)state;
  static float input[IMAGE];
  static const char *const unknown = "layer9";
  shim_error error;
  shim_cut *none = NULL;
  setenv("FAKE_RAISES_AT", "0.625", 1);
  shim_model *model = opened(0);
  assert_int_equal(shim_cut_new(&none, model, &unknown, 1, 1, SHIM_SCORE_LOGIT, &error), SHIM_NOT_FOUND);
  assert_string_equal(error.message, "there is no such layer");
  shim_cut *cut = cut_at(model, "stem");
  paint(input, BAD, 0.0F, 0.0F);
  expect_failure(cut, input, one, SHIM_ERROR, "running the model: the fake does not like this image");
  paint(input, 0.5F, 0.0F, 0.0F);
  expect_run(cut, input, one);
  assert_int_equal(backend_restarts(model), 0);
  shim_cut_free(cut);
  shim_model_free(model);
}

/* ---- what dies ---- */

static void a_crash_costs_its_own_run(void **state) {
  (void)state;
  static float bad[IMAGE], good[IMAGE];
  paint(bad, BAD, 0.0F, 0.0F);
  paint(good, 0.5F, 0.25F, 0.0F);
  setenv("FAKE_ABORT_AT", "0.625", 1);
  shim_model *model = opened(0);
  shim_cut *cut = cut_at(model, "stem");
  expect_failure(cut, bad, one, SHIM_ERROR,
                 "worker process was killed by signal 6 (Aborted) while it ran the model, 2 times");
  expect_run(cut, good, one);
  assert_int_equal(backend_restarts(model), 2);
  shim_cut_free(cut);
  shim_model_free(model);
}

static void a_crash_by_chance_costs_nothing(void **state) {
  (void)state;
  static float bad[IMAGE];
  paint(bad, BAD, 0.0F, 0.0F);
  setenv("FAKE_ABORT_AT", "0.625", 1);
  setenv("FAKE_ONCE", once, 1);
  shim_model *model = opened(0);
  shim_cut *cut = cut_at(model, "stem");
  expect_run(cut, bad, one);
  assert_int_equal(backend_restarts(model), 1);
  assert_true(is_process(backend_worker(model)));
  shim_cut_free(cut);
  shim_model_free(model);
}

static void a_kill_between_runs_costs_nothing(void **state) {
  (void)state;
  static float good[IMAGE];
  paint(good, 0.5F, 0.25F, 0.0F);
  shim_model *model = opened(0);
  shim_cut *cut = cut_at(model, "stem"), *other = cut_at(model, "stem.conv");
  kill((pid_t)backend_worker(model), SIGKILL);
  expect_run(cut, good, one);
  kill((pid_t)backend_worker(model), SIGTERM);
  shim_cut *third = cut_at(model, "stem");
  expect_run(third, good, one);
  expect_run(cut, good, one);
  assert_int_equal(backend_restarts(model), 2);
  shim_cut_free(third);
  shim_cut_free(other);
  shim_cut_free(cut);
  shim_model_free(model);
}

/* Shared memory is as large as the last worker made it, and a smaller batch does not make it smaller. */
static void a_new_worker_takes_a_smaller_batch(void **state) {
  (void)state;
  static const int64_t large[4] = {2, 3, 16 * SIDE, 16 * SIDE};
  static float input[2 * 256 * IMAGE], good[IMAGE];
  shim_capture capture;
  shim_error error;
  paint(good, 0.5F, 0.25F, 0.0F);
  shim_model *model = opened(0);
  shim_cut *at_input = cut_at(model, SHIM_INPUT_LAYER);
  assert_int_equal(run(&capture, at_input, input, large, &error), SHIM_OK);
  shim_capture_free(&capture);
  kill((pid_t)backend_worker(model), SIGKILL);
  if (run(&capture, at_input, good, one, &error) != SHIM_OK) fail_msg("%s", error.message);
  shim_capture_free(&capture);
  assert_int_equal(backend_restarts(model), 1);
  shim_cut_free(at_input);
  shim_model_free(model);
}

/* Who reads the logits relies on the model's number of classes. */
static void other_classes_than_the_model_has_are_refused(void **state) {
  (void)state;
  static float good[IMAGE];
  setenv("FAKE_LOST_CLASSES", "2", 1);
  shim_model *model = opened(0);
  shim_cut *cut = cut_at(model, "stem");
  expect_failure(cut, good, one, SHIM_ERROR, "sent a damaged reply and was killed");
  shim_cut_free(cut);
  shim_model_free(model);
}

/* A program that waits for any child may get the worker: nobody else may wait for it or kill it then. */
static void another_may_have_waited_for_it(void **state) {
  (void)state;
  static float good[IMAGE];
  paint(good, 0.5F, 0.25F, 0.0F);
  shim_model *model = opened(0);
  shim_cut *cut = cut_at(model, "stem");
  pid_t id = (pid_t)backend_worker(model);
  kill(id, SIGKILL);
  assert_int_equal(waitpid(-1, NULL, 0), id);
  expect_run(cut, good, one);
  id = (pid_t)backend_worker(model);
  kill(id, SIGKILL);
  assert_int_equal(waitpid(id, NULL, 0), id);
  shim_cut_free(cut);
  shim_model_free(model);
}

static void kills_from_outside_get_more_tries(void **state) {
  (void)state;
  static float bad[IMAGE];
  paint(bad, BAD, 0.0F, 0.0F);
  setenv("FAKE_KILL_AT", "0.625", 1);
  shim_model *model = opened(0);
  shim_cut *cut = cut_at(model, "stem");
  expect_failure(cut, bad, one, SHIM_ERROR, "signal 9 (Killed) while it ran the model, 4 times");
  shim_cut_free(cut);
  shim_model_free(model);
}

static void a_hanging_run_is_given_up(void **state) {
  (void)state;
  static float bad[IMAGE], good[IMAGE];
  paint(bad, BAD, 0.0F, 0.0F);
  paint(good, 0.5F, 0.25F, 0.0F);
  setenv("FAKE_HANG_AT", "0.625", 1);
  shim_model *model = opened(HANG_SECONDS);
  shim_cut *cut = cut_at(model, "stem");
  expect_failure(
      cut, bad, one, SHIM_ERROR,
      "did not answer in time (the option worker_timeout) and was killed while it ran the model, 2 "
      "times");
  expect_run(cut, good, one);
  shim_cut_free(cut);
  shim_model_free(model);
}

static int has_asked_often(const void *data) {
  return ++*(int *)(uintptr_t)data > 3;
}

/* Nobody waits for what nobody wants, and the next run gets a new worker. */
static void an_unwanted_run_is_given_up(void **state) {
  (void)state;
  static float bad[IMAGE], good[IMAGE];
  int asked = 0;
  paint(bad, BAD, 0.0F, 0.0F);
  paint(good, 0.5F, 0.25F, 0.0F);
  setenv("FAKE_HANG_AT", "0.625", 1);
  shim_model *model = opened(0);
  shim_cut *cut = cut_at(model, "stem"), *other = cut_at(model, "stem");
  pid_t id = (pid_t)backend_worker(model);
  backend_give_up_if(has_asked_often, &asked);
  expect_failure(cut, bad, one, BACKEND_GIVEN_UP, "was given up");
  assert_false(is_process(id));
  expect_failure(other, good, one, BACKEND_GIVEN_UP, "was given up");
  assert_int_equal(backend_worker(model), 0); /* none is started for nothing */
  backend_give_up_if(NULL, NULL);
  expect_run(other, good, one);
  expect_run(cut, good, one);
  assert_int_equal(backend_restarts(model), 1);
  shim_cut_free(other);
  shim_cut_free(cut);
  shim_model_free(model);
}

/* ---- several threads ---- */

#define THREADS 4
#define RUNS 40

typedef struct job {
  const shim_model *model;
  int number, failed;
} job;

/* The first thread's runs are bad ones now and then. */
static void *run_many(void *data) {
  job *j = data;
  float *input = malloc(IMAGE * sizeof *input);
  const char *path = "stem";
  shim_cut *cut = NULL;
  shim_error error;
  if (!input || shim_cut_new(&cut, j->model, &path, 1, 1, SHIM_SCORE_LOGIT, &error) != SHIM_OK) abort();
  for (int i = 0; i < RUNS; i++) {
    shim_capture capture;
    int is_bad = j->number == 0 && i % 10 == 3;
    paint(input, is_bad ? BAD : 0.5F, 0.25F, 0.0F);
    if (run(&capture, cut, input, one, &error) == SHIM_OK) {
      j->failed += is_bad || fabs((double)capture.logits[0] - logit(0, input)) > 1e-5;
      shim_capture_free(&capture);
    } else {
      j->failed += !is_bad;
    }
  }
  shim_cut_free(cut);
  free(input);
  return NULL;
}

static void a_crash_costs_no_run_of_another_thread(void **state) {
  (void)state;
  pthread_t threads[THREADS];
  job jobs[THREADS];
  setenv("FAKE_ABORT_AT", "0.625", 1);
  shim_model *model = opened(0);
  for (int i = 0; i < THREADS; i++) {
    jobs[i] = (job){model, i, 0};
    assert_int_equal(pthread_create(&threads[i], NULL, run_many, &jobs[i]), 0);
  }
  for (size_t i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  for (size_t i = 0; i < THREADS; i++) assert_int_equal(jobs[i].failed, 0);
  assert_true(backend_restarts(model) >= 8); /* four bad runs, two workers each */
  shim_model_free(model);
}

/* ---- what cannot be opened, or opened again ---- */

static void expect_not_open(int code, const char *part) {
  shim_model *model = NULL;
  shim_error error;
  assert_int_equal(try_open(&model, 5, &error), code);
  if (!strstr(error.message, part)) fail_msg("%s", error.message);
  assert_null(model);
}

static void says_why_it_cannot_open(void **state) {
  (void)state;
  setenv("FAKE_OPENING", "fail", 1);
  expect_not_open(SHIM_BAD_ARCHIVE, "model.pt: the fake cannot be opened");
  setenv("FAKE_OPENING", "abort", 1);
  expect_not_open(SHIM_ERROR, "was killed by signal 6 (Aborted) while it opened the model");
  unsetenv("FAKE_OPENING");
  setenv("FAKE_GREETING", "exit", 1);
  expect_not_open(SHIM_ERROR, "ended with exit code 3 before it was ready");
  setenv("FAKE_GREETING", "other", 1);
  expect_not_open(SHIM_ERROR, "is not the worker of this version of checkrob");
  setenv("CHECKROB_WORKER", "/no/such/worker", 1);
  expect_not_open(SHIM_ERROR, "/no/such/worker cannot be started: No such file");
}

static void an_interrupt_of_a_starting_worker_is_ignored(void **state) {
  (void)state;
  setenv("FAKE_GREETING", "interrupt", 1);
  shim_model_free(opened(0));
}

/* Then no other image can be run either: it is not the image's fault. */
static void without_another_worker_the_run_stops(void **state) {
  (void)state;
  static float good[IMAGE];
  shim_model *model = opened(0);
  shim_cut *cut = cut_at(model, "stem");
  kill((pid_t)backend_worker(model), SIGKILL);
  setenv("CHECKROB_WORKER", "/no/such/worker", 1);
  expect_failure(cut, good, one, BACKEND_NO_WORKER, "/no/such/worker cannot be started: No such file");
  setenv("CHECKROB_WORKER", worker, 1);
  setenv("FAKE_OPENING", "abort", 1);
  expect_failure(cut, good, one, BACKEND_NO_WORKER, "was killed by signal 6 (Aborted) while it opened");
  unsetenv("FAKE_OPENING");
  expect_run(cut, good, one);
  shim_cut_free(cut);
  shim_model_free(model);
}

/* Each cut needs descriptors, in both processes. */
static void says_that_descriptors_ran_out(void **state) {
  (void)state;
  static const char *const path = "stem";
  enum { MOST = 64 };
  shim_cut *cuts[MOST];
  struct rlimit before, few = {0, 0};
  shim_error error;
  int code = SHIM_OK;
  size_t count = 0;
  getrlimit(RLIMIT_NOFILE, &before);
  few = (struct rlimit){MOST, before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &few);
  shim_model *model = opened(0);
  for (; count < MOST && code == SHIM_OK; count += code == SHIM_OK)
    code = shim_cut_new(&cuts[count], model, &path, 1, 1, SHIM_SCORE_LOGIT, &error);
  setrlimit(RLIMIT_NOFILE, &before);
  if (!strstr(error.message, "Too many open files")) fail_msg("%s", error.message);
  assert_true(code == BACKEND_NO_WORKER && count > 10);
  for (size_t i = 0; i < count; i++) shim_cut_free(cuts[i]);
  shim_cut *cut = cut_at(model, path);
  shim_cut_free(cut);
  shim_model_free(model);
}

static void another_archive_is_not_opened_instead(void **state) {
  (void)state;
  static float good[IMAGE];
  paint(good, 0.5F, 0.25F, 0.0F);
  shim_model *model = opened(0);
  shim_cut *cut = cut_at(model, "stem");
  file_write_text(folder, "model.pt", "another archive");
  expect_run(cut, good, one);
  kill((pid_t)backend_worker(model), SIGKILL);
  expect_failure(cut, good, one, SHIM_BAD_ARCHIVE, "the archive has changed since it was opened");
  shim_cut_free(cut);
  shim_model_free(model);
}

/* ---- other processes ---- */

static void a_forked_child_is_refused(void **state) {
  (void)state;
  static float good[IMAGE];
  paint(good, 0.5F, 0.25F, 0.0F);
  shim_model *model = opened(0);
  shim_cut *cut = cut_at(model, "stem");
  pid_t child = fork();
  if (child == 0) {
    shim_capture capture;
    shim_error error;
    int code = run(&capture, cut, good, one, &error);
    shim_cut_free(cut);
    shim_model_free(model);
    _exit(code == SHIM_ERROR && strstr(error.message, "before this process was forked") ? 0 : 1);
  }
  int status = -1;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  expect_run(cut, good, one);
  assert_int_equal(backend_restarts(model), 0);
  shim_cut_free(cut);
  shim_model_free(model);
}

/* How many threads a process has. */
static size_t threads_of(int64_t id) {
  char path[64];
  size_t count = 0;
  snprintf(path, sizeof path, "/proc/%lld/task", (long long)id);
  DIR *tasks = opendir(path);
  for (struct dirent *entry; tasks && (entry = readdir(tasks));) count += entry->d_name[0] != '.';
  if (tasks) closedir(tasks);
  return count;
}

/* A forked child has copies of the channels: what is freed is freed all the same. */
static void a_forked_child_holds_no_cut(void **state) {
  (void)state;
  shim_model *model = opened(0);
  int64_t id = backend_worker(model);
  size_t before = threads_of(id);
  shim_cut *cut = cut_at(model, "stem");
  pid_t child = fork();
  if (child == 0)
    for (;;) pause();
  assert_int_equal(threads_of(id), before + 1);
  shim_cut_free(cut);
  while (threads_of(id) > before) nanosleep(&moment, NULL); /* ctest ends a wait without an end */
  assert_int_equal(threads_of(id), before);
  shim_model_free(model);
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
}

static void *run_bad(void *data) {
  static float bad[IMAGE];
  paint(bad, BAD, 0.0F, 0.0F);
  expect_failure(data, bad, one, SHIM_ERROR, "did not answer in time");
  return NULL;
}

/* A child that is forked while a run of another thread has the worker to itself does not wait for it. */
static void a_forked_child_is_refused_at_once(void **state) {
  (void)state;
  static float good[IMAGE];
  pthread_t thread;
  int status = -1;
  setenv("FAKE_HANG_AT", "0.625", 1);
  shim_model *model = opened(1);
  shim_cut *bad = cut_at(model, "stem"), *cut = cut_at(model, "stem");
  assert_int_equal(pthread_create(&thread, NULL, run_bad, bad), 0);
  while (backend_restarts(model) == 0) nanosleep(&moment, NULL);
  pid_t child = fork();
  if (child == 0) {
    shim_capture capture;
    shim_error error;
    alarm(300); /* it would wait for ever */
    _exit(run(&capture, cut, good, one, &error) == SHIM_ERROR && backend_worker(model) == 0 ? 0 : 1);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  pthread_join(thread, NULL);
  shim_cut_free(bad);
  shim_cut_free(cut);
  shim_model_free(model);
}

/* Forks while the worker hangs; the child's status. */
static void *run_in_child(void *data) {
  static float good[IMAGE];
  static int status;
  status = -1;
  paint(good, 0.25F, 0.75F, 0.0F);
  while (access(once, F_OK) != 0) nanosleep(&moment, NULL);
  pid_t child = fork();
  if (child == 0) {
    shim_capture capture;
    shim_error error;
    _exit(run(&capture, data, good, one, &error) == SHIM_ERROR ? 0 : 1);
  }
  waitpid(child, &status, 0);
  return &status;
}

/* Shared memory is the child's too: it must not write to it. A run that is tried again reads the batch again.
 */
static void a_forked_child_changes_no_batch(void **state) {
  (void)state;
  static float bad[IMAGE];
  pthread_t thread;
  void *status = NULL;
  paint(bad, BAD, 0.0F, 0.0F);
  setenv("FAKE_HANG_AT", "0.625", 1);
  setenv("FAKE_ONCE", once, 1);
  shim_model *model = opened(HANG_ONCE_SECONDS);
  shim_cut *cut = cut_at(model, "stem");
  assert_int_equal(pthread_create(&thread, NULL, run_in_child, cut), 0);
  expect_run(cut, bad, one);
  pthread_join(thread, &status);
  assert_int_equal(*(const int *)status, 0);
  assert_int_equal(backend_restarts(model), 1);
  shim_cut_free(cut);
  shim_model_free(model);
}

/* The worker has its program's standard error: the pipe has no writer when both have ended. It makes the file
 * `once` when it hangs. */
static void a_worker_that_opens_a_model_ends_with_its_program(void **state) {
  (void)state;
  int pipes[2];
  setenv("FAKE_OPENING", "hang", 1);
  setenv("FAKE_ONCE", once, 1);
  assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
  pid_t child = fork();
  if (child == 0) {
    shim_model *model = NULL;
    shim_error error;
    dup2(pipes[1], STDERR_FILENO);
    try_open(&model, 0, &error);
    _exit(1);
  }
  close(pipes[1]);
  while (access(once, F_OK) != 0) nanosleep(&moment, NULL);
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  struct pollfd p = {pipes[0], POLLIN, 0};
  assert_int_equal(poll(&p, 1, 600000), 1);
  assert_true(p.revents & POLLHUP);
  close(pipes[0]);
}

/* Also what the worker prints before it crashes, so nothing waits in a buffer. */
static void what_a_model_prints_is_not_lost(void **state) {
  (void)state;
  int pipes[2], saved = dup(STDERR_FILENO);
  char text[64] = "";
  setenv("FAKE_PRINTS", "the model speaks", 1);
  assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
  dup2(pipes[1], STDERR_FILENO);
  close(pipes[1]);
  shim_model *model = opened(0);
  dup2(saved, STDERR_FILENO);
  close(saved);
  struct pollfd p = {pipes[0], POLLIN, 0};
  if (poll(&p, 1, 0) == 1)
    assert_int_equal(read(pipes[0], text, sizeof text - 1), strlen("the model speaks\n"));
  assert_string_equal(text, "the model speaks\n");
  close(pipes[0]);
  shim_model_free(model);
}

static void a_worker_ends_with_its_program(void **state) {
  (void)state;
  int pipes[2];
  int64_t id = 0;
  assert_int_equal(pipe(pipes), 0);
  pid_t child = fork();
  if (child == 0) {
    shim_model *model = NULL;
    shim_error error;
    id = try_open(&model, 0, &error) == SHIM_OK ? backend_worker(model) : -1;
    if (write(pipes[1], &id, sizeof id) != sizeof id) _exit(1);
    raise(SIGKILL);
  }
  close(pipes[1]);
  assert_int_equal(read(pipes[0], &id, sizeof id), sizeof id);
  close(pipes[0]);
  waitpid(child, NULL, 0);
  assert_true(id > 0);
  while (is_process(id)) nanosleep(&moment, NULL); /* ctest ends a wait without an end */
}

#define REMOTE_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void) {
  const struct CMUnitTest tests[] = {
      REMOTE_TEST(says_what_the_model_says),
      REMOTE_TEST(runs_like_the_model_itself),
      REMOTE_TEST(logits_need_no_layer),
      REMOTE_TEST(ablates),
      REMOTE_TEST(passes_errors_on),
      REMOTE_TEST(a_crash_costs_its_own_run),
      REMOTE_TEST(a_crash_by_chance_costs_nothing),
      REMOTE_TEST(a_kill_between_runs_costs_nothing),
      REMOTE_TEST(a_new_worker_takes_a_smaller_batch),
      REMOTE_TEST(other_classes_than_the_model_has_are_refused),
      REMOTE_TEST(another_may_have_waited_for_it),
      REMOTE_TEST(kills_from_outside_get_more_tries),
      REMOTE_TEST(a_hanging_run_is_given_up),
      REMOTE_TEST(an_unwanted_run_is_given_up),
      REMOTE_TEST(a_crash_costs_no_run_of_another_thread),
      REMOTE_TEST(says_why_it_cannot_open),
      REMOTE_TEST(an_interrupt_of_a_starting_worker_is_ignored),
      REMOTE_TEST(without_another_worker_the_run_stops),
      REMOTE_TEST(says_that_descriptors_ran_out),
      REMOTE_TEST(another_archive_is_not_opened_instead),
      REMOTE_TEST(what_a_model_prints_is_not_lost),
      REMOTE_TEST(a_forked_child_is_refused),
      REMOTE_TEST(a_forked_child_is_refused_at_once),
      REMOTE_TEST(a_forked_child_holds_no_cut),
      REMOTE_TEST(a_forked_child_changes_no_batch),
      REMOTE_TEST(a_worker_ends_with_its_program),
      REMOTE_TEST(a_worker_that_opens_a_model_ends_with_its_program),
  };
  worker = getenv("CHECKROB_WORKER");
  if (!worker) return EXIT_FAILURE;
  worker = strdup(worker);
  setrlimit(RLIMIT_CORE, &(const struct rlimit){0, 0}); /* workers crash as they should */
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  free(worker);
  return failed;
}
