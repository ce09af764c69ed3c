/* SPDX-License-Identifier: Apache-2.0 */
/* Advice on the world of two classes, and images of one place. */
#include <checkrob/results.h>
#include <stdbool.h>

#include "run/spots.h"
#include "shim/shim.h"

enum { IMAGES = 80 };

/* Forty images with a green spot on the object, and forty with a blue one beside it; each of another
 * brightness. */
static void open_world(void) {
  for (int i = 0; i < IMAGES; i++) {
    char name[16];
    uint8_t light = (uint8_t)(155 + (i * 37) % 100);
    const colour spot = {0, i % 2 ? 0 : light, i % 2 ? light : 0};
    snprintf(name, sizeof name, "i%02d", i);
    world_sample(&bench.w, name, i % 2 ? "blue" : "green", i % 2 ? off_object : on_object, spot, left_half);
  }
  bench_open("{\"crop\": 32}");
  bench_set_integer("batch", 8);
  bench_set_integer("threads", 2);
  bench_set("advice", "true");
  bench_set("probe", "verdict");
  bench.on_progress = NULL; /* of a shard it says another number of images */
}

typedef struct seen {
  size_t rows, helps, others, blue;
} seen;

static int look(const checkrob_row *row, void *data) {
  seen *s = data;
  s->rows++;
  s->helps += strcmp(checkrob_row_text(row, "outcome"), "helps") == 0;
  s->others += strcmp(checkrob_row_text(row, "kind"), "others") == 0;
  s->blue += strcmp(checkrob_row_text(row, "class"), "blue") == 0;
  if (strcmp(checkrob_row_text(row, "class"), "blue") != 0) return 0;
  assert_true(checkrob_row_number(row, "tested") > 20);
  assert_true(checkrob_row_number(row, "accuracy") == 1.0);
  assert_true(checkrob_row_number(row, "model_accuracy") == 1.0);
  if (strcmp(checkrob_row_text(row, "outcome"), "helps") != 0) return 0;
  double gain = checkrob_row_number(row, "found_with") - checkrob_row_number(row, "found") +
                checkrob_row_number(row, "fooled") - checkrob_row_number(row, "fooled_with");
  assert_true(gain > 0.3 && checkrob_row_number(row, "q") <= 0.05);
  assert_string_equal(checkrob_row_text(row, "with"), "green");
  return 0;
}

static seen read_advice(const char *path) {
  checkrob_results *results = NULL;
  seen s = {0};
  must(checkrob_results_open(&results, path, NULL));
  must(checkrob_results_table(results, "advice", look, &s));
  checkrob_results_free(results);
  return s;
}

static void the_cued_class_gets_advice_that_helps(void **state) {
  (void)state;
  open_world();
  must(stored_execute(stored_path(0, "r.sqlite")));
  seen s = read_advice(stores[0]);
  assert_true(s.helps > 0);
  assert_int_equal(s.blue, s.rows); /* the other one is trusted */
}

static int check_group(const checkrob_row *row, void *data) {
  size_t *rows = data;
  assert_int_equal(checkrob_row_integer(row, "group"), 1);
  assert_true(checkrob_row_number(row, "similarity") > 0.99);
  ++*rows;
  return 0;
}

/* Without the object all images of a class are the same here. */
static void images_of_one_place_are_named(void **state) {
  (void)state;
  open_world();
  must(stored_execute(stored_path(0, "r.sqlite")));
  checkrob_results *results = NULL;
  size_t rows = 0;
  must(checkrob_results_open(&results, stores[0], NULL));
  must(checkrob_results_table(results, "duplicate", check_group, &rows));
  assert_int_equal(rows, IMAGES);
  checkrob_results_free(results);
}

static int check_pair(const checkrob_row *row, void *data) {
  size_t *pairs = data;
  if (strcmp(checkrob_row_text(row, "class"), "blue") != 0) return 0;
  assert_string_equal(checkrob_row_text(row, "object"), "green");
  assert_true(checkrob_row_integer(row, "images") > 30);
  ++*pairs;
  return 0;
}

static int has_object(const checkrob_row *row, void *data) {
  ++*(size_t *)data;
  assert_int_equal(checkrob_row_integer(row, "pasted_index"),
                   checkrob_row_integer(row, "index") == 2 ? 1 : 2);
  assert_true(checkrob_row_has(row, "pasted_relative_logit"));
  assert_true(checkrob_row_has(row, "pasted_rank") && checkrob_row_has(row, "pasted_object_rank"));
  return 0;
}

/* Without probes the pairs of an attack are those of the advice. */
static void pasted_pairs_need_no_probe(void **state) {
  (void)state;
  open_world();
  bench_set("probe", "none");
  must(stored_execute(stored_path(0, "r.sqlite")));
  checkrob_results *results = NULL;
  size_t pairs = 0, samples = 0;
  must(checkrob_results_open(&results, stores[0], NULL));
  must(checkrob_results_table(results, "pasted", check_pair, &pairs));
  must(checkrob_results_each(results, has_object, &samples));
  checkrob_results_free(results);
  assert_int_equal(pairs, 1);
  assert_int_equal(samples, IMAGES);
}

static void without_the_option_there_is_none(void **state) {
  (void)state;
  open_world();
  bench_set("advice", "false");
  must(stored_execute(stored_path(0, "r.sqlite")));
  assert_int_equal(read_advice(stores[0]).rows, 0);
  bench_set("advice", "true");
  assert_int_equal(stored_execute(stores[0]), CHECKROB_ERROR_OTHER_OPTIONS);
}

static void an_interrupted_run_resumes(void **state) {
  (void)state;
  open_world();
  must(stored_execute(stored_path(0, "whole.sqlite")));
  char *whole_text = stored_dump(stores[0], true);
  bench.is_stale = 1;
  bench.row_count = 0;
  bench.stop_at_row = 21;
  assert_int_equal(stored_execute(stored_path(1, "r.sqlite")), CHECKROB_ERROR_INTERRUPTED);
  bench.stop_at_row = 0;
  bench.row_count = 0;
  must(bench_execute());
  stored_expect(stores[1], whole_text);
  free(whole_text);
}

static void merged_shards_get_the_same_advice(void **state) {
  (void)state;
  open_world();
  must(stored_execute(stored_path(0, "whole.sqlite")));
  char *whole_text = stored_dump(stores[0], true);
  stored_merge_halves();
  stored_expect(stores[3], whole_text);
  free(whole_text);
}

static void several_layers_have_no_advice(void **state) {
  (void)state;
  open_world();
  bench_set("layer", "stem,stem.conv");
  checkrob_status status = bench_renew();
  if (!status) status = bench_execute();
  assert_int_equal(status, CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_non_null(strstr(checkrob_last_error(), "advice looks at one layer"));
}

/* The samples on which the model raises an error have no representations; the run goes on. */
static void a_refused_batch_is_asked_one_by_one(void **state) {
  (void)state;
  open_world();
  bench_set("probe", "none");
  bench_set("reference", "none");
  bench_set_integer("threads", 1);
  must(bench_renew());
  fake.failing_run = 2; /* the first batch of `advice` */
  fake.run_code = SHIM_ERROR;
  must(stored_execute(stored_path(0, "r.sqlite")));
  checkrob_results *results = NULL;
  must(checkrob_results_open(&results, stores[0], NULL));
  assert_int_equal(checkrob_row_integer(checkrob_results_totals(results), "failed"), 0);
  checkrob_results_free(results);
  assert_true(read_advice(stores[0]).blue > 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      BENCH_TEST(the_cued_class_gets_advice_that_helps),
      BENCH_TEST(images_of_one_place_are_named),
      BENCH_TEST(pasted_pairs_need_no_probe),
      BENCH_TEST(without_the_option_there_is_none),
      BENCH_TEST(an_interrupted_run_resumes),
      BENCH_TEST(merged_shards_get_the_same_advice),
      BENCH_TEST(several_layers_have_no_advice),
      BENCH_TEST(a_refused_batch_is_asked_one_by_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
