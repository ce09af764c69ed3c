/* SPDX-License-Identifier: Apache-2.0 */
/* Probes of a run with the fake model, which knows green by the green channel: what it loses can be worked
 * out. */
#include <checkrob/results.h>
#include <unistd.h>

#include "base/text.h"
#include "classes/probe_shares.h"
#include "run/spots.h"
#include "shim/shim.h"

static void open_world(void) {
  spots_open();
  bench_set("probe", "all");
}

typedef struct expected_ranks {
  const char *name;
  int64_t on, off; /* of samples with the spot on the object, and off it */
} expected_ranks;

/* A black image has equal logits: the classes before it in the map win. A gray spot has them up to rounding,
 * so that rank is unchecked (0). */
static const expected_ranks expected[] = {{"rank_without_hot_spot", 1, 3}, {"rank_without_object_spot", 2, 1},
                                          {"rank_without_colour", 1, 0},   {"rank_transplanted", 0, 2},
                                          {"rank_object_only", 1, 3},      {"rank_context_only", 2, 1},
                                          {"rank_context_filled", 2, 1},   {"rank_patched", 1, 0}};

static size_t probed;

/* The donor is an image of the other class. Its object is put into the same place, the
 * left half, so the spots beside each other add up; of equal logits green's comes first. */
static void check_donor(const checkrob_row *row, bool on) {
  double own = checkrob_row_number(row, "relative_logit_transplanted"),
         plain = checkrob_row_number(row, "relative_logit"),
         donors = checkrob_row_number(row, "donor_relative_logit_transplanted");
  assert_int_equal(checkrob_row_integer(row, "donor_index"), on ? 2 : 1);
  assert_true((strcmp(checkrob_row_text(row, "donor"), "i10.png") < 0) == !on);
  assert_true(plain > 0.1 && checkrob_row_number(row, "donor_relative_logit") < 0.0);
  if (on) { /* what is left is black */
    assert_true(fabs(own) < 1e-6 && fabs(donors) < 1e-6);
    return;
  }
  assert_true(own > 0.05 && own < plain && fabs(own - donors) < 1e-6);
}

static int check_row(const checkrob_row *row, void *data) {
  (void)data;
  bool on = strcmp(checkrob_row_text(row, "class"), "green") == 0;
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
    int64_t rank = checkrob_row_integer(row, expected[i].name),
            wanted = on ? expected[i].on : expected[i].off;
    if (wanted > 0 ? rank != wanted : rank < 1)
      fail_msg("%s of %s is %d", expected[i].name, checkrob_row_text(row, "image"), (int)rank);
  }
  if (!on) /* four equal logits */
    assert_true(fabs(checkrob_row_number(row, "relative_logit_without_hot_spot")) < 1e-6);
  check_donor(row, on);
  probed++;
  return bench_record(row, NULL);
}

static const checkrob_row *class_of(const char *name) {
  for (size_t i = 0; i < checkrob_run_class_count(bench.run); i++)
    if (strcmp(checkrob_row_text(checkrob_run_class(bench.run, i), "class"), name) == 0)
      return checkrob_run_class(bench.run, i);
  fail_msg("there is no class %s", name);
  return NULL;
}

static void the_model_is_asked_again(void **state) {
  (void)state;
  open_world();
  bench_on_row(check_row, NULL);
  probed = 0;
  must(stored_execute(stored_path(0, "r.sqlite")));
  assert_int_equal(probed, 20);
  const checkrob_row *on = class_of("green"), *off = class_of("blue");
  assert_int_equal(checkrob_row_integer(on, "probed"), 10);
  for (size_t i = 0; i < class_probe_columns.count; i++)
    if (!checkrob_row_has(on, class_probe_columns.columns[i].name) &&
        strcmp(class_probe_columns.columns[i].name, "suspicion_size") != 0) /* of more classes */
      fail_msg("%s has no value", class_probe_columns.columns[i].name);
  assert_true(checkrob_row_number(on, "recognised_context_only") == 0.0);
  assert_true(checkrob_row_number(on, "dependence") == -1.0);
  assert_true(checkrob_row_number(off, "recognised_object_only") == 0.0);
  assert_true(checkrob_row_number(off, "dependence") == 1.0);
  assert_true(checkrob_row_number(off, "dependence_low") > 0.5);
  assert_true(checkrob_row_number(on, "recognised_transplanted") == 0.0);
  assert_true(checkrob_row_number(on, "suspicion_high") < 0.0);
  assert_true(checkrob_row_number(off, "suspicion_low") > 1.0);
  assert_string_equal(checkrob_row_text(off, "verdict"), "non-robust");
  assert_true(checkrob_run_class(bench.run, 0) == off); /* the most suspicious comes first */
}

static size_t pairs_seen;

/* The surroundings of green objects are black, those of blue ones have the blue spot, which the pasted green
 * spot outweighs only by the order of the classes. */
static int check_pair(const checkrob_row *row, void *data) {
  (void)data;
  bool on = strcmp(checkrob_row_text(row, "class"), "green") == 0;
  pairs_seen++;
  assert_string_equal(checkrob_row_text(row, "object"), on ? "blue" : "green");
  assert_int_equal(checkrob_row_integer(row, "images"), 10);
  assert_int_equal(checkrob_row_integer(row, "fooled"), 0);
  assert_true(checkrob_row_number(row, "share") == 0.0);
  assert_true(checkrob_row_number(row, "share_high") > 0.2 && checkrob_row_number(row, "share_high") < 0.35);
  return 0;
}

static void pairs_of_classes_are_counted(void **state) {
  (void)state;
  checkrob_results *results = NULL;
  open_world();
  must(stored_execute(stored_path(0, "r.sqlite")));
  must(checkrob_results_open(&results, stores[0], NULL));
  pairs_seen = 0;
  must(checkrob_results_table(results, "pasted", check_pair, NULL));
  assert_int_equal(pairs_seen, 2);
  checkrob_results_free(results);
  /* Within the two highest logits all are. */
  checkrob_options *two = NULL;
  must(checkrob_options_new(&two));
  must(checkrob_options_set(two, "top_k", "2"));
  must(checkrob_results_open(&results, stores[0], two));
  must(checkrob_results_export(results, CHECKROB_EXPORT_PASTED_CSV, stored_path(1, "pasted.csv")));
  char *text = NULL;
  size_t bytes = 0;
  must(file_read(&text, &bytes, stores[1], 1 << 16));
  assert_non_null(strstr(text, "blue,2,,green,1,,10,10,1.000000,"));
  free(text);
  checkrob_results_free(results);
  checkrob_options_free(two);
}

static void nothing_is_probed_by_default(void **state) {
  (void)state;
  open_world();
  bench_set("probe", "none");
  must(bench_renew());
  must(bench_execute());
  assert_false(checkrob_row_has(class_of("green"), "probed"));
}

/* What is beside the object belongs to it if the margin is wide enough. */
static void a_margin_belongs_to_the_object(void **state) {
  (void)state;
  const char *const margins[] = {"0.25", "1"};
  open_world();
  for (int wide = 0; wide < 2; wide++) {
    bench_set("probe_margin", margins[wide]);
    must(bench_renew());
    must(bench_execute());
    bench.row_count = 0;
    bench.progress_done = 0;
    const checkrob_row *off = class_of("blue");
    assert_true(checkrob_row_number(off, "recognised_object_only") == wide);
    assert_true(checkrob_row_number(off, "dependence") == (wide ? -1.0 : 1.0));
  }
}

/* Without the probes that it does not need, the verdict is the same. */
static void the_verdict_needs_six_probes(void **state) {
  (void)state;
  double suspicions[2];
  open_world();
  for (int all = 0; all < 2; all++) {
    bench_set("probe", all ? "all" : "verdict");
    must(bench_renew());
    must(bench_execute());
    bench.row_count = 0;
    bench.progress_done = 0;
    const checkrob_row *row = class_of("blue");
    suspicions[all] = checkrob_row_number(row, "suspicion");
    assert_int_equal(checkrob_row_integer(row, "probed"), 10);
    assert_int_equal(checkrob_row_has(row, "recognised_object_only"), all);
    assert_int_equal(checkrob_row_has(row, "recognised_object_only_low"), all);
    assert_string_equal(checkrob_row_text(row, "verdict"), "non-robust");
  }
  assert_true(suspicions[0] == suspicions[1]);
}

/* Each lane has probes of its own. */
static void lanes_change_nothing(void **state) {
  (void)state;
  char *texts[2];
  open_world();
  for (int i = 0; i < 2; i++) {
    bench_set_integer("threads", i ? 4 : 1);
    must(stored_execute(stored_path(i, i ? "four.sqlite" : "one.sqlite")));
    texts[i] = stored_dump(stores[i], true);
  }
  assert_string_equal(texts[0], texts[1]);
  free(texts[0]);
  free(texts[1]);
}

static void an_interrupted_run_resumes(void **state) {
  (void)state;
  open_world();
  must(stored_execute(stored_path(0, "whole.sqlite")));
  char *whole_text = stored_dump(stores[0], true);
  bench.stop_at_row = 7;
  assert_int_equal(stored_execute(stored_path(1, "stopped.sqlite")), CHECKROB_ERROR_INTERRUPTED);
  bench.stop_at_row = 0;
  must(bench_execute());
  stored_expect(stores[1], whole_text);
  free(whole_text);
}

static void other_probes_are_other_options(void **state) {
  (void)state;
  open_world();
  must(stored_execute(stored_path(0, "r.sqlite")));
  bench_set("probe", "verdict");
  assert_int_equal(stored_execute(stores[0]), CHECKROB_ERROR_OTHER_OPTIONS);
}

static void shards_merge_to_the_whole(void **state) {
  (void)state;
  open_world();
  must(stored_execute(stored_path(0, "whole.sqlite")));
  bench.on_progress = NULL; /* it counts the images of the whole dataset */
  bench_set("shard", "1/2");
  must(stored_execute(stored_path(1, "first.sqlite")));
  bench_set("shard", "2/2");
  must(stored_execute(stored_path(2, "second.sqlite")));
  must(checkrob_results_merge(stored_path(3, "merged.sqlite"), (const char *[]){stores[1], stores[2]}, 2));
  char *whole_text = stored_dump(stores[0], true);
  stored_expect(stores[3], whole_text);
  free(whole_text);
}

static void a_failing_probe_stops_the_run_with_its_reason(void **state) {
  (void)state;
  open_world();
  bench_set_integer("threads", 1);
  bench_set("reference", "none"); /* no run for a blank image */
  must(bench_renew());
  fake.failing_run = 3; /* the first batch is explained, then altered copies follow */
  fake.run_code = SHIM_NO_MEMORY;
  assert_int_equal(bench_execute(), CHECKROB_ERROR_OUT_OF_MEMORY);
  if (!strstr(checkrob_last_error(), "on altered copies of 4 images")) fail_msg("%s", checkrob_last_error());
}

static int count_unanswered(const checkrob_row *row, void *data) {
  size_t *unanswered = data;
  if (!checkrob_row_is_evaluated(row) || checkrob_row_has(row, "rank_without_colour")) return 0;
  ++*unanswered;
  const char *message = checkrob_row_text(row, "message");
  if (!strstr(message, "no answer to the probe without_colour: ")) fail_msg("%s", message);
  return 0;
}

/* The model may raise an error on a copy, and not on the image. */
static void a_refused_copy_has_no_answer(void **state) {
  (void)state;
  open_world();
  bench_set_integer("threads", 1);
  bench_set("reference", "none");
  for (int batch = 1; batch <= 4; batch += 3) {
    size_t unanswered = 0;
    bench_set_integer("batch", batch);
    must(bench_renew());
    fake.failing_run = 4; /* copies without colour of the first batch, which then run one by one */
    fake.run_code = SHIM_ERROR;
    must(stored_execute(stored_path(batch == 1, "r.sqlite")));
    checkrob_results *results = NULL;
    must(checkrob_results_open(&results, stores[batch == 1], NULL));
    must(checkrob_results_each(results, count_unanswered, &unanswered));
    checkrob_results_free(results);
    assert_int_equal(unanswered, batch == 1);
    unlink(stores[batch == 1]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      BENCH_TEST(the_model_is_asked_again),       BENCH_TEST(the_verdict_needs_six_probes),
      BENCH_TEST(a_margin_belongs_to_the_object), BENCH_TEST(pairs_of_classes_are_counted),
      BENCH_TEST(nothing_is_probed_by_default),   BENCH_TEST(lanes_change_nothing),
      BENCH_TEST(an_interrupted_run_resumes),     BENCH_TEST(other_probes_are_other_options),
      BENCH_TEST(shards_merge_to_the_whole),      BENCH_TEST(a_failing_probe_stops_the_run_with_its_reason),
      BENCH_TEST(a_refused_copy_has_no_answer),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
