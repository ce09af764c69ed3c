/* The run's handle: options, their ranges, and what it says before the first execution. */
#include "run/bench.h"
#include "shim/shim.h"

static void open_small(void) {
  world_sample(&bench.w, "a", "red", left_half, red, left_half);
  bench_open("{\"crop\": 32}");
}

static void assert_range(checkrob_run_option option, int64_t value, int accepted) {
  checkrob_status status = checkrob_run_set(bench.run, option, value);
  assert_int_equal(status, accepted ? CHECKROB_OK : CHECKROB_ERROR_INVALID_ARGUMENT);
}

static void options_have_ranges(void **state) {
  (void)state;
  open_small();
  static const struct {
    checkrob_run_option option;
    int64_t lowest, highest;
  } ranges[] = {{CHECKROB_RUN_METHOD, CHECKROB_METHOD_GRADCAM, CHECKROB_METHOD_INTEGRATED_GRADIENTS},
                {CHECKROB_RUN_GEOMETRY, CHECKROB_GEOMETRY_STANDARD, CHECKROB_GEOMETRY_PAPER},
                {CHECKROB_RUN_BATCH, 1, 4096},
                {CHECKROB_RUN_COMBINE, CHECKROB_COMBINE_MEAN, CHECKROB_COMBINE_MAX},
                {CHECKROB_RUN_SAMPLES, 1, 10000},
                {CHECKROB_RUN_STEPS, 1, 10000},
                {CHECKROB_RUN_REFERENCE, CHECKROB_REFERENCE_NONE, CHECKROB_REFERENCE_BLANK},
                {CHECKROB_RUN_THREADS, 0, 1024}};
  for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
    assert_range(ranges[i].option, ranges[i].lowest, 1);
    assert_range(ranges[i].option, ranges[i].highest, 1);
    assert_range(ranges[i].option, ranges[i].lowest - 1, 0);
    assert_range(ranges[i].option, ranges[i].highest + 1, 0);
    assert_range(ranges[i].option, INT64_MIN, 0);
    assert_range(ranges[i].option, INT64_MAX, 0);
    assert_range(ranges[i].option, (INT64_C(1) << 32) + ranges[i].lowest, 0); /* no cut to 32 bits */
  }
  assert_range(CHECKROB_RUN_SCORE_FUNCTION, 0, 0);
  assert_range(CHECKROB_RUN_SCORE_FUNCTION, CHECKROB_SCORE_LOG_ODDS + 1, 0);
  assert_range(CHECKROB_RUN_SEED, 0, 1);
  assert_range(CHECKROB_RUN_SEED, INT64_MAX, 1);
  assert_range(CHECKROB_RUN_SEED, -1, 0);
  assert_range(CHECKROB_RUN_TOP_K, 1, 1);
  assert_range(CHECKROB_RUN_TOP_K, INT64_MAX, 1);
  assert_range(CHECKROB_RUN_TOP_K, 0, 0);
  assert_range((checkrob_run_option)0, 1, 0);
  assert_range((checkrob_run_option)99, 1, 0);
}

static void says_what_would_be_right(void **state) {
  (void)state;
  open_small();
  assert_range(CHECKROB_RUN_BATCH, -3, 0);
  assert_string_equal(checkrob_last_error(), "the batch is -3, but must be 1 to 4096");
}

/* A refused value leaves the one before in force. */
static void keeps_what_was_set(void **state) {
  (void)state;
  open_small();
  world_sample(&bench.w, "b", "red", left_half, red, left_half); /* too late for this dataset */
  assert_range(CHECKROB_RUN_THREADS, 3, 1);
  assert_range(CHECKROB_RUN_THREADS, -1, 0);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_int_equal(fake_seen.threads, 3);
  assert_int_equal(bench.row_count, 1);
}

static void takes_the_largest_options(void **state) {
  (void)state;
  open_small();
  assert_range(CHECKROB_RUN_BATCH, 4096, 1);
  assert_range(CHECKROB_RUN_TOP_K, INT64_MAX, 1);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_int_equal(bench.rows[0].hit, 1);
}

static void copies_the_layers_name(void **state) {
  (void)state;
  open_small();
  char layer[] = "stem.conv";
  assert_int_equal(checkrob_run_set_layer(bench.run, layer), CHECKROB_OK);
  memset(layer, 'x', sizeof layer - 1);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_string_equal(checkrob_run_layers(bench.run), "stem.conv");
  assert_int_equal(checkrob_run_set_layer(bench.run, NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
}

static void limits_need_their_size(void **state) {
  (void)state;
  open_small();
  checkrob_image_limits unset = {0}, newer = CHECKROB_IMAGE_LIMITS_INIT;
  newer.size += 8;
  assert_int_equal(checkrob_run_set_image_limits(bench.run, &unset), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_run_set_image_limits(bench.run, &newer), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_run_set_image_limits(bench.run, NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_int_equal(bench.rows[0].status, CHECKROB_OK);
}

static void has_nothing_before_it_ran(void **state) {
  (void)state;
  open_small();
  assert_int_equal(checkrob_run_class_count(bench.run), 0);
  checkrob_class_result class = CHECKROB_CLASS_RESULT_INIT;
  assert_int_equal(checkrob_run_class(&class, bench.run, 0), CHECKROB_ERROR_INVALID_ARGUMENT);
  checkrob_run_totals totals = CHECKROB_RUN_TOTALS_INIT;
  assert_int_equal(checkrob_run_totals_get(&totals, bench.run), CHECKROB_OK);
  assert_true(totals.size == sizeof totals && totals.samples == 0 && totals.seconds == 0.0);
}

static void refuses_null(void **state) {
  (void)state;
  const checkrob_status wrong = CHECKROB_ERROR_INVALID_ARGUMENT;
  open_small();
  checkrob_run *run = NULL;
  assert_int_equal(checkrob_run_new(NULL, bench.model, bench.w.dataset, bench.preprocess), wrong);
  assert_int_equal(checkrob_run_new(&run, NULL, bench.w.dataset, bench.preprocess), wrong);
  assert_int_equal(checkrob_run_new(&run, bench.model, NULL, bench.preprocess), wrong);
  assert_int_equal(checkrob_run_new(&run, bench.model, bench.w.dataset, NULL), wrong);
  assert_null(run);
  assert_int_equal(checkrob_run_set(NULL, CHECKROB_RUN_BATCH, 1), wrong);
  assert_int_equal(checkrob_run_set_layer(NULL, "stem"), wrong);
  assert_int_equal(checkrob_run_execute(NULL), wrong);
  assert_int_equal(checkrob_run_class_count(NULL), 0);
  assert_int_equal(checkrob_run_class(NULL, bench.run, 0), wrong);
  assert_int_equal(checkrob_run_totals_get(NULL, bench.run), wrong);
  checkrob_run_free(NULL);
}

static int change_options(size_t done, size_t total, void *data) {
  (void)done;
  (void)total;
  (void)data;
  assert_range(CHECKROB_RUN_BATCH, 64, 0);
  assert_int_equal(checkrob_run_set_layer(bench.run, "stem"), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_run_prepare(bench.run), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_run_execute(bench.run), CHECKROB_ERROR_INVALID_ARGUMENT);
  return 0;
}

/* The buffers were made for the options at the start: a larger batch from a callback once wrote beyond them.
 */
static void options_are_fixed_while_it_runs(void **state) {
  (void)state;
  char name[16];
  for (int i = 0; i < 40; i++) {
    snprintf(name, sizeof name, "a%02d", i);
    world_sample(&bench.w, name, "red", left_half, red, left_half);
  }
  bench_open("{\"crop\": 32}");
  bench_set(CHECKROB_RUN_BATCH, 4);
  checkrob_run_on_progress(bench.run, change_options, NULL);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_int_equal(bench.row_count, 40);
  bench_set(CHECKROB_RUN_BATCH, 64);
}

static void gives_the_score_function_to_the_model(void **state) {
  (void)state;
  world_sample(&bench.w, "a", "red", left_half, red, left_half);
  bench_open("{\"crop\": 32}");
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_int_equal(fake_seen.score, SHIM_SCORE_LOG_ODDS);
  bench_set(CHECKROB_RUN_SCORE_FUNCTION, CHECKROB_SCORE_MARGIN);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_int_equal(fake_seen.score, SHIM_SCORE_MARGIN);
}

/* What is prepared holds until an option changes. */
static void prepares_once(void **state) {
  (void)state;
  world_sample(&bench.w, "a", "red", left_half, red, left_half);
  bench_open("{\"crop\": 32}");
  assert_string_equal(checkrob_run_layers(bench.run), "");
  assert_int_equal(checkrob_run_prepare(bench.run), CHECKROB_OK);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_int_equal(fake_seen.cuts, 0);
  assert_int_equal(checkrob_run_set_layer(bench.run, "stem.conv"), CHECKROB_OK);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_int_equal(fake_seen.cuts, 1);
  assert_string_equal(checkrob_run_layers(bench.run), "stem.conv");
}

/* Somebody else's cut of the same model is none of the run's business. */
static void does_not_mind_other_cuts(void **state) {
  (void)state;
  checkrob_cut *other = NULL;
  world_sample(&bench.w, "a", "red", left_half, red, left_half);
  bench_open("{\"crop\": 32}");
  assert_int_equal(checkrob_run_set_layer(bench.run, "stem"), CHECKROB_OK);
  assert_int_equal(checkrob_run_prepare(bench.run), CHECKROB_OK);
  assert_int_equal(
      checkrob_cut_new(&other, bench.model, "stem.conv", CHECKROB_SCORE_MARGIN, CHECKROB_CUT_MAPS),
      CHECKROB_OK);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_string_equal(checkrob_run_layers(bench.run), "stem");
  assert_int_equal(fake_seen.score, SHIM_SCORE_LOG_ODDS);
  checkrob_cut_free(other);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      BENCH_TEST(options_have_ranges),
      BENCH_TEST(says_what_would_be_right),
      BENCH_TEST(keeps_what_was_set),
      BENCH_TEST(takes_the_largest_options),
      BENCH_TEST(copies_the_layers_name),
      BENCH_TEST(limits_need_their_size),
      BENCH_TEST(has_nothing_before_it_ran),
      BENCH_TEST(refuses_null),
      BENCH_TEST(options_are_fixed_while_it_runs),
      BENCH_TEST(gives_the_score_function_to_the_model),
      BENCH_TEST(prepares_once),
      BENCH_TEST(does_not_mind_other_cuts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
