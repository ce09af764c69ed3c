/* SPDX-License-Identifier: Apache-2.0 */
/* Features of a run with the fake model, whose channels are colours: a class is recognised by the channel of
 * its colour. */
#include <checkrob/results.h>

#include "run/spots.h"
#include "shim/shim.h"
#include "support/database.h"

static void open_world(void) {
  spots_open();
  bench_set("features", "true");
  bench.on_progress = NULL; /* it is called for each pass */
}

static size_t rows_seen;

static int check_feature(const checkrob_row *row, void *data) {
  const char *name = data, *class_name = checkrob_row_text(row, "class");
  if (strcmp(class_name, name) != 0) return 0;
  bool off = strcmp(name, "blue") == 0;
  rows_seen++;
  assert_string_equal(checkrob_row_text(row, "channels"), off ? "2" : "1");
  assert_int_equal(checkrob_row_integer(row, "samples"), 10);
  assert_true(checkrob_row_number(row, "recognised_without") == 0.0);
  assert_true(checkrob_row_number(row, "surroundings_recognised") == (off ? 1.0 : 0.0));
  assert_true(checkrob_row_number(row, "surroundings_recognised_without") == 0.0);
  assert_true(off ? checkrob_row_number(row, "on_object") == 0.0
                  : checkrob_row_number(row, "on_object") > 0.8);
  assert_true(checkrob_row_number(row, "contribution") > 0.0 || rows_seen == 2);
  if (strcmp(checkrob_row_text(row, "kind"), "together") == 0) return 0;
  /* In the surroundings of the other class there is middle gray alone. */
  assert_true(checkrob_row_number(row, "control_contribution") == 0.5);
  assert_true(checkrob_row_number(row, "distinction") == (off ? 20.0 : 0.0));
  assert_string_equal(checkrob_row_text(row, "kind"), "channel");
  assert_int_equal(checkrob_row_integer(row, "spurious"), off);
  if (off) assert_string_equal(checkrob_row_text(row, "place"), "right side");
  return 0;
}

static size_t features_of(checkrob_results *results, const char *name) {
  char copy[16];
  snprintf(copy, sizeof copy, "%s", name);
  rows_seen = 0;
  must(checkrob_results_table(results, "feature", check_feature, copy));
  return rows_seen;
}

static void what_is_off_the_object_is_spurious(void **state) {
  (void)state;
  open_world();
  must(stored_execute(stored_path(0, "r.sqlite")));
  checkrob_results *results = NULL;
  must(checkrob_results_open(&results, stores[0], NULL));
  assert_int_equal(features_of(results, "green"), 1);
  assert_int_equal(features_of(results, "blue"), 2); /* and what is switched off together */
  for (size_t i = 0; i < checkrob_results_class_count(results); i++) {
    const checkrob_row *row = checkrob_results_class(results, i);
    bool is_blue = strcmp(checkrob_row_text(row, "class"), "blue") == 0;
    const char *said =
        strstr(checkrob_row_text(row, "reason"),
               "feature 1 (0 % of it on the object, which covers 50 %; off it mostly right side): "
               "without it 0 % instead of 100 % are recognised from the surroundings alone");
    if (is_blue != (said != NULL)) fail_msg("%s", checkrob_row_text(row, "reason"));
  }
  checkrob_results_free(results);
}

static void without_the_option_there_are_none(void **state) {
  (void)state;
  open_world();
  bench_set("features", "false");
  must(stored_execute(stored_path(0, "r.sqlite")));
  checkrob_results *results = NULL;
  must(checkrob_results_open(&results, stores[0], NULL));
  assert_int_equal(features_of(results, "blue"), 0);
  checkrob_results_free(results);
  bench_set("features", "true");
  assert_int_equal(stored_execute(stores[0]), CHECKROB_ERROR_OTHER_OPTIONS);
}

/* ---- resuming ---- */

/* Wherever it is interrupted, in any of the passes. */
static void an_interrupted_run_resumes(void **state) {
  (void)state;
  open_world();
  must(stored_execute(stored_path(0, "whole.sqlite")));
  char *whole_text = stored_dump(stores[0], true);
  size_t stopped = stored_interrupt_everywhere(whole_text);
  assert_true(stopped >= 12); /* three passes of five batches */
  free(whole_text);
}

/* A complete run is not asked again, and has the same features. */
static void a_complete_run_asks_nobody(void **state) {
  (void)state;
  open_world();
  must(stored_execute(stored_path(0, "r.sqlite")));
  char *text = stored_dump(stores[0], true);
  bench.row_count = 0;
  must(bench_execute());
  assert_int_equal(fake_seen.ablations, 0); /* it counts from each execution on */
  stored_expect(stores[0], text);
  free(text);
}

static int count_feature(const checkrob_row *row, void *data) {
  (void)row;
  ++*(size_t *)data;
  return 0;
}

/* With another number of highest logits, other samples are recognised: what was asked does not count. */
static void another_k_asks_again(void **state) {
  (void)state;
  open_world();
  must(stored_execute(stored_path(0, "r.sqlite")));
  char *text = stored_dump(stores[0], true);
  checkrob_options *two = NULL;
  checkrob_results *results = NULL;
  size_t features = 0;
  must(checkrob_options_new(&two));
  must(checkrob_options_set(two, "top_k", "2"));
  must(checkrob_results_open(&results, stores[0], two));
  must(checkrob_results_table(results, "feature", count_feature, &features));
  assert_int_equal(features, 0);
  checkrob_results_free(results);
  checkrob_options_free(two);
  for (int k = 2; k >= 1; k--) {
    bench_set_integer("top_k", k);
    bench.row_count = 0;
    must(stored_execute(stores[0]));
    assert_true(fake_seen.ablations > 0);
  }
  stored_expect(stores[0], text);
  free(text);
}

static void merged_shards_are_examined_by_another_run(void **state) {
  (void)state;
  open_world();
  must(stored_execute(stored_path(0, "whole.sqlite")));
  char *whole_text = stored_dump(stores[0], true);
  stored_merge_halves();
  checkrob_results *results = NULL;
  must(checkrob_results_open(&results, stores[3], NULL));
  assert_int_equal(features_of(results, "blue"), 0);
  checkrob_results_free(results);
  must(checkrob_options_unset(bench.options, "shard"));
  bench.is_stale = 1;
  bench.row_count = 0;
  must(stored_execute(stores[3]));
  stored_expect(stores[3], whole_text);
  free(whole_text);
}

/* ---- failures ---- */

static void several_layers_have_no_features(void **state) {
  (void)state;
  open_world();
  bench_set("layer", "stem,stem.conv");
  checkrob_status status = bench_renew();
  if (!status) status = bench_execute();
  assert_int_equal(status, CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_non_null(strstr(checkrob_last_error(), "features are those of one layer"));
}

static void write_image(const char *name, const char *text) {
  char path[512];
  snprintf(path, sizeof path, "%s/images/%s", bench.w.folder, name);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

/* An image that could be read in the first pass, and can't any more, is not left out for good. */
static void a_lost_image_is_asked_for(void **state) {
  (void)state;
  open_world();
  must(stored_execute(stored_path(0, "whole.sqlite")));
  char *whole_text = stored_dump(stores[0], true);
  bench.on_progress = stored_stop;
  stored_calls = 0;
  stored_stop_at = 8; /* in the second pass */
  bench.is_stale = 1;
  bench.row_count = 0;
  assert_int_equal(stored_execute(stored_path(1, "r.sqlite")), CHECKROB_ERROR_INTERRUPTED);
  bench.on_progress = NULL;
  bench.is_stale = 1;
  write_image("i18.png", "broken");
  bench.row_count = 0;
  assert_int_equal(stored_execute(stores[1]), CHECKROB_ERROR_BAD_INPUT);
  assert_non_null(strstr(checkrob_last_error(), "1 samples could not be asked about features"));
  assert_non_null(strstr(checkrob_last_error(), "i18.png"));
  world_sample(&bench.w, "i18", "blue", off_object, blue, left_half);
  must(bench_execute());
  stored_expect(stores[1], whole_text);
  free(whole_text);
}

/* Whatever a file says, nothing outside of the layer and of the model's outputs is read. */
static void damaged_files_are_refused_or_read_past(void **state) {
  (void)state;
  open_world();
  must(stored_execute(stored_path(0, "r.sqlite")));
  database_change(stores[0], "UPDATE feature_chosen SET channels = '99999'; DELETE FROM feature_use");
  assert_int_equal(bench_execute(), CHECKROB_ERROR_BAD_INPUT);
  assert_non_null(strstr(checkrob_last_error(), "feature 1 has channel 99999, but the layer has 3"));
  bench.row_count = 0;
  must(stored_execute(stored_path(1, "s.sqlite")));
  database_change(stores[1],
                  "UPDATE sample SET \"index\" = 1000000 WHERE input = 3; DELETE FROM feature_use;"
                  "DELETE FROM feature_chosen");
  checkrob_status status = bench_execute();
  assert_true(status == CHECKROB_OK || status == CHECKROB_ERROR_BAD_INPUT);
  bench.row_count = 0;
  must(stored_execute(stored_path(2, "t.sqlite")));
  database_change(
      stores[2],
      "UPDATE feature_chosen SET channels = 'blue, \"', kind = NULL; UPDATE feature_use SET rank = NULL, "
      "image = NULL, x = 1e300");
  must(bench_execute());
}

/* A sample on which the model raises an error has no features; the run goes on. */
static void a_refused_sample_is_left_out(void **state) {
  (void)state;
  open_world();
  bench_set_integer("threads", 1);
  bench_set("reference", "none");
  must(bench_renew());
  fake.failing_run = 2; /* the contributions of the first batch, which then run one by one */
  fake.run_code = SHIM_ERROR;
  must(stored_execute(stored_path(0, "r.sqlite")));
  checkrob_results *results = NULL;
  must(checkrob_results_open(&results, stores[0], NULL));
  assert_int_equal(checkrob_row_integer(checkrob_results_totals(results), "failed"), 0);
  assert_int_equal(features_of(results, "blue"), 2);
  checkrob_results_free(results);
}

int main(void) {
  const struct CMUnitTest tests[] = {BENCH_TEST(what_is_off_the_object_is_spurious),
                                     BENCH_TEST(without_the_option_there_are_none),
                                     BENCH_TEST(an_interrupted_run_resumes),
                                     BENCH_TEST(a_complete_run_asks_nobody),
                                     BENCH_TEST(another_k_asks_again),
                                     BENCH_TEST(merged_shards_are_examined_by_another_run),
                                     BENCH_TEST(several_layers_have_no_features),
                                     BENCH_TEST(a_lost_image_is_asked_for),
                                     BENCH_TEST(damaged_files_are_refused_or_read_past),
                                     BENCH_TEST(a_refused_sample_is_left_out)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
