/* SPDX-License-Identifier: Apache-2.0 */
/* The run's handle: what it copies, what it refuses, and what it says before the first execution. */
#include <pthread.h>

#include "run/bench.h"
#include "shim/shim.h"
#include "support/options.h"
#include "table/store.h"

static void open_small(void) {
  world_sample(&bench.w, "a", "red", left_half, red, left_half);
  bench_open("{\"crop\": 32}");
}

static void copies_the_options(void **state) {
  (void)state;
  open_small();
  bench_set("layer", "stem.conv");
  bench_set_integer("threads", 3);
  assert_int_equal(bench_renew(), CHECKROB_OK);
  assert_int_equal(checkrob_options_set(bench.options, "layer", "nowhere"), CHECKROB_OK);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_string_equal(checkrob_run_layers(bench.run), "stem.conv");
  assert_string_equal(checkrob_options_text(checkrob_run_options(bench.run), "layer"), "stem.conv");
}

static void takes_the_largest_options(void **state) {
  (void)state;
  open_small();
  bench_set_integer("batch", 4096);
  bench_set_integer("top_k", INT64_MAX);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_int_equal(bench.rows[0].hit, 1);
}

/* An input of 8192 x 8192 pixels with a batch of 16 would take some ten gigabytes. */
static void refuses_batches_that_are_too_large(void **state) {
  (void)state;
  open_small();
  bench_set_integer("batch", 16);
  bench_set_integer("max_batch_bytes", 100000);
  assert_int_equal(bench_execute(), CHECKROB_ERROR_LIMIT);
  assert_non_null(strstr(checkrob_last_error(), "32 x 32 pixels needs 0.0 GB"));
  assert_non_null(strstr(checkrob_last_error(), "max_batch_bytes"));
  assert_int_equal(bench.row_count, 0);
  bench_set_integer("max_batch_bytes", 10000000);
  assert_int_equal(bench_execute(), CHECKROB_OK);
}

static void has_nothing_before_it_ran(void **state) {
  (void)state;
  open_small();
  assert_int_equal(bench_renew(), CHECKROB_OK);
  assert_int_equal(checkrob_run_class_count(bench.run), 0);
  assert_null(checkrob_run_class(bench.run, 0));
  assert_int_equal(bench_total("samples"), -1);
  assert_true(isnan(bench_seconds("seconds")));
}

static void refuses_null(void **state) {
  (void)state;
  const checkrob_status wrong = CHECKROB_ERROR_INVALID_ARGUMENT;
  open_small();
  assert_int_equal(bench_renew(), CHECKROB_OK);
  checkrob_run *run = NULL;
  assert_int_equal(checkrob_run_new(NULL, bench.model, bench.w.dataset, bench.preprocess, NULL), wrong);
  assert_int_equal(checkrob_run_new(&run, NULL, bench.w.dataset, bench.preprocess, NULL), wrong);
  assert_int_equal(checkrob_run_new(&run, bench.model, NULL, bench.preprocess, NULL), wrong);
  assert_int_equal(checkrob_run_new(&run, bench.model, bench.w.dataset, NULL, NULL), wrong);
  assert_null(run);
  assert_int_equal(checkrob_run_execute(NULL), wrong);
  assert_int_equal(checkrob_run_store(NULL, "x"), wrong);
  assert_int_equal(checkrob_run_note(bench.run, NULL, "x"), wrong);
  assert_int_equal(checkrob_run_read_out(bench.run, "stem", (checkrob_pooling)9, NULL, NULL), wrong);
  assert_int_equal(checkrob_run_class_count(NULL), 0);
  assert_null(checkrob_run_class(NULL, 0));
  assert_null(checkrob_run_totals(NULL));
  checkrob_run_free(NULL);
}

/* The model was probed for one size; what it would do with another is not known. */
static void refuses_a_preprocessing_of_another_size(void **state) {
  (void)state;
  static const char json[] = "{\"crop\": [32, 40]}";
  checkrob_preprocess *other = NULL;
  checkrob_run *run = NULL;
  open_small();
  assert_int_equal(checkrob_preprocess_parse(&other, json, sizeof json - 1), CHECKROB_OK);
  assert_int_equal(checkrob_run_new(&run, bench.model, bench.w.dataset, other, NULL),
                   CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_non_null(
      strstr(checkrob_last_error(), "32 x 32 (height x width), but the preprocessing returns 32 x 40"));
  checkrob_preprocess_free(other);
}

static int change_the_run(size_t done, size_t total, void *data) {
  (void)done;
  (void)total;
  (void)data;
  const checkrob_status wrong = CHECKROB_ERROR_INVALID_ARGUMENT;
  assert_int_equal(checkrob_run_store(bench.run, NULL), wrong);
  assert_int_equal(checkrob_run_note(bench.run, "a", "b"), wrong);
  assert_int_equal(checkrob_run_on_row(bench.run, NULL, NULL), wrong);
  assert_int_equal(checkrob_run_on_progress(bench.run, NULL, NULL), wrong);
  assert_int_equal(checkrob_run_execute(bench.run), wrong);
  return 0;
}

static void is_fixed_while_it_executes(void **state) {
  (void)state;
  char name[16];
  for (int i = 0; i < 40; i++) {
    snprintf(name, sizeof name, "a%02d", i);
    world_sample(&bench.w, name, "red", left_half, red, left_half);
  }
  bench_open("{\"crop\": 32}");
  bench_set_integer("batch", 4);
  bench.on_progress = change_the_run;
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_int_equal(bench.row_count, 40);
  assert_int_equal(checkrob_run_store(bench.run, NULL), CHECKROB_OK);
}

static void gives_the_score_function_to_the_model(void **state) {
  (void)state;
  open_small();
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_int_equal(fake_seen.score, SHIM_SCORE_LOG_ODDS);
  bench_set("score", "margin");
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_int_equal(fake_seen.score, SHIM_SCORE_MARGIN);
}

/* A run makes its cuts once, one for each lane, and somebody else's cut of the same model is none of its
 * business. */
static void has_cuts_of_its_own(void **state) {
  (void)state;
  checkrob_cut *other = NULL;
  open_small();
  bench_set("layer", "stem");
  bench_set_integer("threads", 3);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_int_equal(fake_seen.cuts, 3);
  assert_int_equal(
      checkrob_cut_new(&other, bench.model, "stem.conv", CHECKROB_SCORE_MARGIN, CHECKROB_CUT_MAPS),
      CHECKROB_OK);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_int_equal(fake_seen.cuts, 0);
  assert_string_equal(checkrob_run_layers(bench.run), "stem");
  assert_int_equal(fake_seen.score, SHIM_SCORE_LOG_ODDS);
  checkrob_cut_free(other);
}

/* Replaces the model; the run's options stay what they are. */
static void open_model_with(const char *name, const char *value) {
  char path[512];
  snprintf(path, sizeof path, "%s/fake.pt", bench.w.folder);
  checkrob_options *opening = OPTIONS(name, value);
  checkrob_run_free(bench.run);
  bench.run = NULL;
  bench.is_stale = 1;
  checkrob_model_free(bench.model);
  bench.model = NULL;
  must(checkrob_model_open(&bench.model, path, 32, 32, opening));
  checkrob_options_free(opening);
}

/* Where the model computes is said when it is opened. There, too, lanes copy and score while another
 * computes. */
static void a_gpu_has_as_many_lanes(void **state) {
  (void)state;
  fake.any_device = 1;
  open_small();
  bench_set_integer("threads", 3);
  open_model_with("device", "cuda:1");
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_int_equal(fake_seen.cuts, 3);
  bench_set("device", "cuda");
  open_model_with("device", "cpu");
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_int_equal(fake_seen.cuts, 3);
}

static void stores_how_the_model_was_opened(void **state) {
  (void)state;
  char path[512];
  fake.any_device = 1;
  open_small();
  snprintf(path, sizeof path, "%s/r.sqlite", bench.w.folder);
  open_model_with("layout", "Tokens:1");
  must(bench_renew());
  must(checkrob_run_store(bench.run, path));
  must(bench_execute());
  open_model_with("device", "cuda");
  must(bench_renew());
  must(checkrob_run_store(bench.run, path));
  assert_int_equal(bench_execute(), CHECKROB_ERROR_OTHER_OPTIONS);
  assert_non_null(strstr(checkrob_last_error(), "layout was tokens:1, and is auto"));
  assert_null(strstr(checkrob_last_error(), "device"));
  checkrob_results *results = NULL;
  must(checkrob_results_open(&results, path, NULL));
  assert_string_equal(checkrob_results_option(results, "layout"), "tokens:1");
  assert_string_equal(checkrob_results_option(results, "device"), "cpu");
  checkrob_results_free(results);
}

/* A model of one channel would see the red of the images. */
static void gray_models_need_gray_images(void **state) {
  (void)state;
  open_small();
  fake.one_channel = 1;
  open_model_with("preprocess", "{\"crop\": 32, \"channels\": \"gray\"}");
  assert_int_equal(fake_seen.gray, 1);
  assert_int_equal(bench_renew(), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_non_null(strstr(checkrob_last_error(), "\"channels\": \"gray\""));
  open_model_with("preprocess", "{\"crop\": 32}");
  assert_int_equal(fake_seen.gray, 0);
  must(bench_renew());
}

/* The name of the output that was chosen, which another class map or another option could change. */
static void stores_the_output(void **state) {
  (void)state;
  char path[512];
  open_small();
  snprintf(path, sizeof path, "%s/r.sqlite", bench.w.folder);
  fake.two_outputs = 1;
  open_model_with("layout", "auto");
  must(bench_renew());
  must(checkrob_run_store(bench.run, path));
  must(bench_execute());
  fake.two_outputs = 0;
  open_model_with("layout", "auto");
  must(bench_renew());
  must(checkrob_run_store(bench.run, path));
  assert_int_equal(bench_execute(), CHECKROB_ERROR_OTHER_OPTIONS);
  assert_non_null(strstr(checkrob_last_error(), "output was logits, and is auto"));
}

static void assert_note_refused(const char *name, const char *message) {
  assert_int_equal(checkrob_run_note(bench.run, name, "x"), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_non_null(strstr(checkrob_last_error(), message));
}

/* A run that stores its results. */
static void open_stored(char path[512]) {
  open_small();
  snprintf(path, 512, "%s/r.sqlite", bench.w.folder);
  must(bench_renew());
  must(checkrob_run_store(bench.run, path));
}

static void notes_have_names_of_their_own(void **state) {
  (void)state;
  char path[512];
  open_stored(path);
  must(checkrob_run_note(bench.run, "photographer", "Ann"));
  assert_note_refused("photographer", "'photographer' is already the name of a note");
  assert_note_refused("", "needs a name");
  static const char *const reserved[] = {"threads",   "preprocess",  "checkrob",       "libtorch", "model",
                                         "class_map", "input_count", "model_contents", "inputs"};
  for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
    assert_note_refused(reserved[i], "is stored by the library");
  must(bench_execute());
  must(checkrob_run_note(bench.run, "late", "x"));
  must(bench_execute()); /* resumes: the notes remain those of the first execution */
  checkrob_results *results = NULL;
  must(checkrob_results_open(&results, path, NULL));
  assert_string_equal(checkrob_results_option(results, "photographer"), "Ann");
  assert_null(checkrob_results_option(results, "late"));
  checkrob_results_free(results);
}

/* Every name that the file has. */
static void all_stored_names_are_reserved(void **state) {
  (void)state;
  char path[512];
  open_stored(path);
  must(bench_execute());
  store *s = NULL;
  store_options stored = {0};
  must(store_open_to_read(&s, path));
  must(store_read_options(&stored, s));
  assert_true(stored.count > 20);
  for (size_t i = 0; i < stored.count; i++)
    assert_int_equal(checkrob_run_note(bench.run, stored.items[i].name, "x"),
                     CHECKROB_ERROR_INVALID_ARGUMENT);
  store_options_clear(&stored);
  store_close(s);
}

/* ---- threads ---- */

static void assert_computes_with(int threads, size_t cuts) {
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_int_equal(fake_seen.run_threads, threads);
  assert_int_equal(fake_seen.cuts, cuts);
}

/* A number that was set for the process is that of runs too, and none of them changes it. */
static void runs_leave_the_threads_of_the_process(void **state) {
  (void)state;
  open_small();
  assert_int_equal(checkrob_model_set_threads(3), 3);
  assert_computes_with(3, 3);
  bench_set_integer("threads", 2);
  assert_computes_with(2, 2);
  assert_int_equal(checkrob_model_threads(), 3);
  assert_int_equal(fake_seen.threads, 3);
  bench_set_integer("threads", 0);
  assert_computes_with(3, 3);
  assert_int_equal(checkrob_model_set_threads(1), 1); /* after the run was made */
  assert_computes_with(1, 0);
  checkrob_model_set_threads(0);
}

/* Each lane has as many threads as the others, and few are left over. */
static void divides_the_threads_among_lanes(void **state) {
  (void)state;
  static const int expected[][2] = {{1, 1}, {2, 2}, {3, 3}, {4, 4},  {5, 4},  {6, 3},
                                    {7, 3}, {8, 4}, {9, 3}, {10, 3}, {12, 4}, {14, 4}};
  open_small();
  for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
    bench_set_integer("threads", expected[i][0]);
    assert_computes_with(expected[i][0], (size_t)expected[i][1]);
  }
}

static int threads_meanwhile;

static int execute_another(const checkrob_row *row, void *data) {
  (void)row;
  must(checkrob_run_execute(data));
  threads_meanwhile = checkrob_model_threads();
  return 0;
}

/* The first to finish does not slow the other down. */
static void the_last_run_restores_the_threads(void **state) {
  (void)state;
  open_small();
  checkrob_run *inner = NULL;
  checkrob_options *options = OPTIONS("threads", "2");
  must(checkrob_run_new(&inner, bench.model, bench.w.dataset, bench.preprocess, options));
  assert_int_equal(checkrob_model_set_threads(3), 3);
  bench_set_integer("threads", 1);
  bench_on_row(execute_another, inner);
  must(bench_execute());
  assert_int_equal(threads_meanwhile, 2);
  assert_int_equal(checkrob_model_threads(), 3);
  checkrob_model_set_threads(0);
  checkrob_options_free(options);
  checkrob_run_free(inner);
}

/* ---- two runs of one model and one dataset at once ---- */

typedef struct parallel_run {
  checkrob_run *run;
  checkrob_status status;
  size_t rows;
  double rs;
} parallel_run;

static int count_row(const checkrob_row *row, void *data) {
  parallel_run *p = data;
  p->rows++;
  p->rs += checkrob_row_number(row, "rs");
  return 0;
}

static void *execute(void *data) {
  parallel_run *p = data;
  p->status = checkrob_run_execute(p->run);
  return NULL;
}

static void runs_share_model_and_dataset(void **state) {
  (void)state;
  for (int i = 0; i < 30; i++) {
    char name[32];
    snprintf(name, sizeof name, "sound_%02d", i);
    world_sample(&bench.w, name, i % 2 ? "red" : "green", left_half, i % 2 ? red : green, left_half);
  }
  bench_open("{\"crop\": 32}");
  bench_set_integer("batch", 4);
  parallel_run runs[2] = {{0}, {0}};
  pthread_t threads[2];
  for (int i = 0; i < 2; i++) {
    assert_int_equal(checkrob_options_set(bench.options, "layer", i ? "stem.conv" : "stem"), CHECKROB_OK);
    assert_int_equal(
        checkrob_run_new(&runs[i].run, bench.model, bench.w.dataset, bench.preprocess, bench.options),
        CHECKROB_OK);
    assert_int_equal(checkrob_run_on_row(runs[i].run, count_row, &runs[i]), CHECKROB_OK);
  }
  for (int i = 0; i < 2; i++) assert_int_equal(pthread_create(&threads[i], NULL, execute, &runs[i]), 0);
  for (int i = 0; i < 2; i++) {
    assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(runs[i].status, CHECKROB_OK);
    assert_int_equal(runs[i].rows, 30);
    assert_true(fabs(runs[i].rs - 30 * RS_ON) < 1e-5);
    checkrob_run_free(runs[i].run);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      BENCH_TEST(copies_the_options),
      BENCH_TEST(takes_the_largest_options),
      BENCH_TEST(refuses_batches_that_are_too_large),
      BENCH_TEST(has_nothing_before_it_ran),
      BENCH_TEST(refuses_null),
      BENCH_TEST(refuses_a_preprocessing_of_another_size),
      BENCH_TEST(is_fixed_while_it_executes),
      BENCH_TEST(gives_the_score_function_to_the_model),
      BENCH_TEST(has_cuts_of_its_own),
      BENCH_TEST(a_gpu_has_as_many_lanes),
      BENCH_TEST(stores_how_the_model_was_opened),
      BENCH_TEST(stores_the_output),
      BENCH_TEST(gray_models_need_gray_images),
      BENCH_TEST(notes_have_names_of_their_own),
      BENCH_TEST(all_stored_names_are_reserved),
      BENCH_TEST(runs_leave_the_threads_of_the_process),
      BENCH_TEST(divides_the_threads_among_lanes),
      BENCH_TEST(the_last_run_restores_the_threads),
      BENCH_TEST(runs_share_model_and_dataset),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
