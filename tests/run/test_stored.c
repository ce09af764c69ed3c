/* SPDX-License-Identifier: Apache-2.0 */
/* Runs whose results are stored: a run that was interrupted and resumed is the run that was not; shards merge
 * to the whole. The model is the fake one. */
#include <checkrob/results.h>
#include <unistd.h>

#include "run/stored.h"
#include "support/options.h"

/* The classes of the run and those of the file agree, and the options are recorded. */
static void what_a_run_found_is_stored(void **state) {
  (void)state;
  stored_open_world();
  char *text = stored_run_whole(stored_path(0, "r.sqlite"));
  char *of_run = stored_dump_run();
  assert_non_null(strstr(text, of_run));
  assert_int_equal(bench_total("resumed"), 0);
  checkrob_results *results = NULL;
  must(checkrob_results_open(&results, stores[0], NULL));
  const checkrob_row *totals = checkrob_results_totals(results);
  assert_int_equal(checkrob_row_integer(totals, "samples"), bench_total("samples"));
  assert_int_equal(checkrob_row_integer(totals, "failed"), bench_total("failed"));
  assert_string_equal(checkrob_results_option(results, "method"), "gradcam++");
  assert_string_equal(checkrob_results_option(results, "batch"), "4");
  assert_null(checkrob_results_option(results, "nonsense"));
  checkrob_results_free(results);
  /* Whose regions the image also has, in the map and outside. */
  assert_non_null(strstr(text, "[ class 'red' index 0x0p+0 share "));
  assert_non_null(strstr(text, "[ class 'zebra' share "));
  free(of_run);
  free(text);
}

/* Of a run that is not complete. */
static int64_t stored_samples(const char *path) {
  checkrob_results *results = NULL;
  must(checkrob_results_open(&results, path, NULL));
  assert_int_equal(checkrob_results_complete(results), 0);
  int64_t samples = checkrob_row_integer(checkrob_results_totals(results), "samples");
  checkrob_results_free(results);
  return samples;
}

static void an_interrupted_run_resumes_to_the_same_results(void **state) {
  (void)state;
  stored_open_world();
  char *expected = stored_run_whole(stored_path(0, "whole.sqlite"));
  for (size_t stop = 1; stop <= SAMPLES; stop++) {
    char name[64];
    snprintf(name, sizeof name, "stopped%zu.sqlite", stop);
    bench.stop_at_row = stop;
    assert_int_equal(stored_execute(stored_path(1, name)), CHECKROB_ERROR_INTERRUPTED);
    int64_t stored = bench_total("samples"); /* the whole batch, also behind the row that stopped it */
    assert_int_equal(stored_samples(stores[1]), stored);
    assert_true(stored >= (int64_t)stop);
    bench.stop_at_row = 0;
    must(bench_execute());
    assert_int_equal(bench_total("samples"), SAMPLES);
    assert_int_equal(bench_total("resumed"), stored);
    assert_int_equal(bench.row_count, SAMPLES - stored);
    stored_expect(stores[1], expected);
  }
  must(bench_execute()); /* once more: nothing is left to do */
  assert_int_equal(bench.row_count, 0);
  assert_int_equal(bench_total("samples"), SAMPLES);
  free(expected);
}

/* Otherwise the model would round differently. */
static void a_resumed_run_forms_the_same_batches(void **state) {
  (void)state;
  stored_open_world();
  bench_runs_are_batches();
  bench_set_integer("threads", 1);
  free(stored_run_whole(stored_path(0, "whole.sqlite")));
  fake_record whole_run = fake_seen;
  for (size_t stop = 1; stop <= SAMPLES; stop++) {
    char name[64];
    snprintf(name, sizeof name, "stopped%zu.sqlite", stop);
    bench.stop_at_row = stop;
    assert_int_equal(stored_execute(stored_path(1, name)), CHECKROB_ERROR_INTERRUPTED);
    size_t before = fake_seen.runs;
    assert_memory_equal(fake_seen.batches, whole_run.batches, before * sizeof *whole_run.batches);
    bench.stop_at_row = 0;
    must(bench_execute());
    assert_int_equal(before + fake_seen.runs, whole_run.runs);
    assert_memory_equal(fake_seen.batches, whole_run.batches + before,
                        fake_seen.runs * sizeof *whole_run.batches);
  }
}

/* Images without a sample, before, between and after those with one, are counted once however often a run
 * is interrupted; and the last progress is all inputs. */
static void skipped_images_are_counted_across_interruptions(void **state) {
  (void)state;
  bench.w.skip_unmapped = 1;
  stored_write_world();
  for (int i = 0; i < 20; i++) {
    char name[32];
    snprintf(name, sizeof name, "i%02d", i);
    if (i < 2 || i == 8 || i == 9 || i > 17) world_annotation(&bench.w, name, 32, 32, "zebra", whole);
  }
  bench_open("{\"crop\": 32}");
  bench_set_integer("batch", 4);
  must(stored_execute(stored_path(0, "whole.sqlite")));
  bench_check_totals();
  size_t samples = bench.row_count;
  assert_int_equal(samples, SAMPLES - 6);
  assert_int_equal(bench_total("skipped"), 6);
  assert_int_equal(bench_total("failed"), 1); /* broken XML */
  assert_int_equal(bench.progress_done, 20);
  char *expected = stored_dump(stores[0], true);
  bool is_behind[SAMPLES]; /* the second pair of skipped images */
  for (size_t i = 0; i < samples; i++) is_behind[i] = strcmp(bench.rows[i].image, "i09.png") > 0;
  for (size_t stop = 1; stop <= samples; stop++) {
    char name[64];
    snprintf(name, sizeof name, "stopped%zu.sqlite", stop);
    bench.stop_at_row = stop;
    assert_int_equal(stored_execute(stored_path(1, name)), CHECKROB_ERROR_INTERRUPTED);
    assert_int_equal(bench_total("skipped"), is_behind[bench_total("samples") - 1] ? 4 : 2);
    bench.stop_at_row = 1; /* at once: what an earlier execution skipped still counts */
    bool is_whole = bench_total("samples") == (int64_t)samples;
    assert_int_equal(bench_execute(), is_whole ? CHECKROB_OK : CHECKROB_ERROR_INTERRUPTED);
    assert_int_equal(bench_total("skipped"), is_whole ? 6 : is_behind[bench_total("samples") - 1] ? 4 : 2);
    bench.stop_at_row = 0;
    must(bench_execute());
    assert_int_equal(bench_total("skipped"), 6);
    stored_expect(stores[1], expected);
  }
  free(expected);
}

static int interrupt_after_the_last(size_t done, size_t total, void *data) {
  (void)data;
  if (done == total) checkrob_run_interrupt(bench.run);
  return 0;
}

static void assert_last_outcome(const char *path, bool complete) {
  checkrob_results *results = NULL;
  must(checkrob_results_open(&results, path, NULL));
  assert_int_equal(checkrob_results_complete(results), complete);
  checkrob_results_free(results);
}

/* The samples are done: what is left is to assess the classes. */
static void the_assessment_may_be_interrupted(void **state) {
  (void)state;
  bench.w.skip_unmapped = 1;
  stored_write_world();
  world_annotation(&bench.w, "i19", 32, 32, "zebra", whole); /* skipped: progress is reported once more */
  bench_open("{\"crop\": 32}");
  must(stored_execute(stored_path(0, "whole.sqlite")));
  size_t samples = bench.row_count;
  char *expected = stored_dump(stores[0], true);
  bench.on_progress = interrupt_after_the_last;
  bench.is_stale = 1;
  assert_int_equal(stored_execute(stored_path(1, "r.sqlite")), CHECKROB_ERROR_INTERRUPTED);
  assert_string_equal(checkrob_last_error(), "the assessment of the classes was interrupted");
  assert_int_equal(bench.row_count, samples);
  assert_int_equal(bench_total("samples"), samples);
  assert_int_equal(checkrob_run_class_count(bench.run), 2);
  assert_true(!isnan(bench_class("red").crs)); /* what needs no other class */
  assert_true(isnan(bench_class("red").robustness));
  assert_last_outcome(stores[1], false);
  must(checkrob_run_on_progress(bench.run, NULL, NULL));
  must(bench_execute());
  assert_int_equal(bench.row_count, 0);
  assert_true(!isnan(bench_class("red").robustness));
  stored_expect(stores[1], expected);
  free(expected);
}

/* Once: a second call would give batches up. */
static int interrupt_and_stop(size_t done, size_t total, void *data) {
  (void)total;
  (void)data;
  if (done >= 8 && bench.progress_done < 8) checkrob_run_interrupt(bench.run);
  bench.progress_done = done;
  return 0;
}

/* What stopped the pass does not stop the assessment of its rows too. */
static void an_interrupted_run_assesses_its_classes(void **state) {
  (void)state;
  stored_open_world();
  bench.on_progress = interrupt_and_stop;
  assert_int_equal(stored_execute(stored_path(0, "r.sqlite")), CHECKROB_ERROR_INTERRUPTED);
  assert_string_equal(checkrob_last_error(), "the run was interrupted");
  assert_true(!isnan(bench_class("red").robustness));
}

/* It stops the next execution that can be stopped. */
static void an_interrupt_is_not_lost(void **state) {
  (void)state;
  stored_open_world();
  free(stored_run_whole(stored_path(0, "r.sqlite")));
  bench_set("method", "gradcam");
  must(bench_renew());
  must(checkrob_run_store(bench.run, stores[0]));
  checkrob_run_interrupt(bench.run);
  assert_int_equal(bench_execute(), CHECKROB_ERROR_OTHER_OPTIONS);
  must(checkrob_run_store(bench.run, NULL));
  assert_int_equal(bench_execute(), CHECKROB_ERROR_INTERRUPTED);
  must(bench_execute());
}

static void results_need_not_be_stored_for_it(void **state) {
  (void)state;
  stored_open_world();
  must(bench_execute());
  char *without = stored_dump_run();
  free(stored_run_whole(stored_path(0, "r.sqlite")));
  char *with = stored_dump_run();
  assert_string_equal(with, without);
  free(with);
  free(without);
}

/* The same samples, judged anew: nothing is computed again. */
static void another_rule_judges_the_same_results(void **state) {
  (void)state;
  stored_open_world();
  char *expected = stored_run_whole(stored_path(0, "r.sqlite"));
  bench_set_integer("verdict_min_images", 1000);
  must(stored_execute(stores[0]));
  assert_int_equal(bench.row_count, 0);
  for (size_t i = 0; i < 2; i++)
    assert_string_equal(checkrob_row_text(checkrob_run_class(bench.run, i), "reason_code"), "few_images");
  char *text = stored_dump(stores[0], true);
  assert_non_null(strstr(text, "few_images"));
  free(text);
  must(checkrob_options_unset(bench.options, "verdict_min_images"));
  bench.is_stale = 1;
  must(stored_execute(stores[0]));
  text = stored_dump(stores[0], true);
  assert_string_equal(text, expected);
  free(text);
  free(expected);
}

/* Another k makes other accuracies of the stored ranks. */
static void another_k_counts_the_stored_ranks(void **state) {
  (void)state;
  world_sample(&bench.w, "a", "other", left_half, red, left_half); /* scores as class red, which goes first */
  world_sample(&bench.w, "b", "blue", left_half, red, left_half);  /* as class green, which goes first */
  bench_open("{\"crop\": 32}");
  static const double accuracies[][2] = {{0, 0}, {1, 0}, {1, 0}, {1, 1}, {1, 1}};
  for (int k = 1; k <= 5; k++) {
    bench_set_integer("top_k", k);
    must(stored_execute(stored_path(0, "r.sqlite")));
    assert_int_equal(bench.row_count, k == 1 ? 2 : 0);
    assert_true(bench_class("other").accuracy == accuracies[k - 1][0]);
    assert_true(bench_class("blue").accuracy == accuracies[k - 1][1]);
  }
}

static void other_options_are_refused_by_name(void **state) {
  (void)state;
  stored_open_world();
  char *expected = stored_run_whole(stored_path(0, "r.sqlite"));
  bench_set("method", "gradcam");
  bench_set("geometry", "paper");
  assert_int_equal(stored_execute(stores[0]), CHECKROB_ERROR_OTHER_OPTIONS);
  assert_non_null(strstr(checkrob_last_error(), "method was gradcam++, and is gradcam"));
  assert_non_null(strstr(checkrob_last_error(), "geometry was standard, and is paper"));
  assert_null(strstr(checkrob_last_error(), "seed"));
  bench_set("method", "gradcam++");
  bench_set("geometry", "standard");
  bench_set_integer("batch", 7); /* does not decide */
  must(stored_execute(stores[0]));
  stored_expect(stores[0], expected);
  free(expected);
}

/* Opens the images of the world with one file of annotations or names, instead of its XML files. */
static void reopen_dataset(const char *format, const char *annotations, const char *names) {
  char *images = folder_path(bench.w.folder, "images"), *where = folder_path(bench.w.folder, annotations);
  char *names_path = folder_path(bench.w.folder, names);
  checkrob_options *options = OPTIONS("dataset", format, "images", images, "annotations", where, "names",
                                      names_path, "skip_unmapped", "true");
  checkrob_dataset_free(bench.w.dataset);
  bench.w.dataset = NULL;
  must(open_dataset(&bench.w.dataset, options, bench.w.classes));
  bench.is_stale = 1;
  free(images);
  free(where);
  free(names_path);
}

/* With other names, the same labels are other classes. */
static void other_names_of_classes_are_refused(void **state) {
  (void)state;
  stored_write_world();
  folder_make(bench.w.folder, "labels");
  file_write_text(bench.w.folder, "labels/i00.txt", "0 0.25 0.5 0.5 1\n");
  file_write_text(bench.w.folder, "labels/i01.txt", "1 0.25 0.5 0.5 1\n");
  file_write_text(bench.w.folder, "names.txt", "green\nred\n");
  bench_open("{\"crop\": 32}");
  reopen_dataset("yolo", "labels", "names.txt");
  must(stored_execute(stored_path(0, "r.sqlite")));
  file_write_text(bench.w.folder, "names.txt", "red\ngreen\n");
  reopen_dataset("yolo", "labels", "names.txt");
  assert_int_equal(stored_execute(stores[0]), CHECKROB_ERROR_OTHER_OPTIONS);
  assert_non_null(strstr(checkrob_last_error(), "the file of annotations or of the classes' names differs"));
  file_write_text(bench.w.folder, "names.txt", "green\nred\n");
  reopen_dataset("yolo", "labels", "names.txt");
  must(stored_execute(stores[0]));
}

static void another_file_of_annotations_is_refused(void **state) {
  (void)state;
  stored_write_world();
  file_write_text(bench.w.folder, "m.csv", "image,class,x1,y1,x2,y2\ni00.png,green,0,0,16,32\n");
  bench_open("{\"crop\": 32}");
  reopen_dataset("manifest", "m.csv", "unused");
  must(stored_execute(stored_path(0, "r.sqlite")));
  file_write_text(bench.w.folder, "m.csv", "image,class,x1,y1,x2,y2\ni00.png,green,0,0,17,32\n");
  reopen_dataset("manifest", "m.csv", "unused");
  assert_int_equal(stored_execute(stores[0]), CHECKROB_ERROR_OTHER_OPTIONS);
}

static void shards_merge_to_the_whole(void **state) {
  (void)state;
  stored_open_world();
  bench_set_integer("batch", 3);
  char *expected = stored_run_whole(stored_path(0, "whole.sqlite"));
  bench.on_progress = NULL; /* it counts the whole dataset's images */
  for (int i = 1; i <= 3; i++) {
    char name[64], shard[8];
    snprintf(name, sizeof name, "shard%d.sqlite", i);
    snprintf(shard, sizeof shard, "%d/3", i);
    bench_set("shard", shard);
    must(stored_execute(stored_path(i, name)));
  }
  char merged[600], partial[600];
  snprintf(merged, sizeof merged, "%s/merged.sqlite", bench.w.folder);
  snprintf(partial, sizeof partial, "%s/partial.sqlite", bench.w.folder);
  const char *all[] = {stores[3], stores[1], stores[2]};
  must(checkrob_results_merge(merged, all, 3));
  stored_expect(merged, expected);
  free(expected);
  must(checkrob_results_merge(partial, all, 2));
  free(stored_dump(partial, false));
  must(checkrob_options_unset(bench.options, "shard"));
  bench.is_stale = 1; /* the missing shard is a gap that no run would fill */
  assert_int_equal(stored_execute(partial), CHECKROB_ERROR_INVALID_ARGUMENT);
}

static int read_meanwhile(size_t done, size_t total, void *data) {
  (void)total;
  (void)data;
  if (done < 8) return 0;
  checkrob_results *results = NULL;
  must(checkrob_results_open(&results, stores[0], NULL));
  assert_int_equal(checkrob_results_complete(results), 0);
  checkrob_results_free(results);
  return 0;
}

static void readers_do_not_block_the_run(void **state) {
  (void)state;
  stored_open_world();
  bench.on_progress = read_meanwhile;
  must(stored_execute(stored_path(0, "r.sqlite")));
  free(stored_dump(stores[0], true));
}

/* What is no results file stays as it is. */
/* Whoever writes a summary can see that there is nothing to summarise. */
static void a_run_without_its_file_has_no_totals(void **state) {
  (void)state;
  stored_open_world();
  must(stored_execute(stored_path(0, "r.sqlite")));
  assert_true(checkrob_row_has(checkrob_run_totals(bench.run), "samples"));
  must(checkrob_run_store(bench.run, stored_path(1, "images")));
  assert_true(checkrob_run_execute(bench.run) != CHECKROB_OK); /* a folder */
  const checkrob_row *totals = checkrob_run_totals(bench.run);
  for (size_t i = 0; i < checkrob_row_column_count(totals); i++) {
    checkrob_column_info info = CHECKROB_COLUMN_INFO_INIT;
    must(checkrob_row_column(&info, totals, i));
    assert_false(checkrob_row_has(totals, info.name));
  }
}

static void refuses_what_is_no_results_file(void **state) {
  (void)state;
  stored_open_world();
  file_write_text(bench.w.folder, "text.sqlite",
                  "this is no database, and longer than its header would be: "
                  "................................................................");
  assert_int_equal(stored_execute(stored_path(0, "text.sqlite")), CHECKROB_ERROR_BAD_INPUT);
  assert_non_null(strstr(checkrob_last_error(), "text.sqlite"));
  assert_int_equal(bench.row_count, 0);
  assert_int_equal(checkrob_run_store(bench.run, ""), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(stored_execute(stored_path(0, "no/folder/r.sqlite")), CHECKROB_ERROR_NOT_FOUND);
  assert_non_null(strstr(checkrob_last_error(), "no/folder/r.sqlite: its folder does not exist"));
  assert_int_equal(stored_execute(stored_path(0, "images")), CHECKROB_ERROR_IO);
  assert_non_null(strstr(checkrob_last_error(), "images: it is a folder"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      BENCH_TEST(what_a_run_found_is_stored),
      BENCH_TEST(an_interrupted_run_resumes_to_the_same_results),
      BENCH_TEST(a_resumed_run_forms_the_same_batches),
      BENCH_TEST(skipped_images_are_counted_across_interruptions),
      BENCH_TEST(the_assessment_may_be_interrupted),
      BENCH_TEST(an_interrupted_run_assesses_its_classes),
      BENCH_TEST(an_interrupt_is_not_lost),
      BENCH_TEST(results_need_not_be_stored_for_it),
      BENCH_TEST(another_rule_judges_the_same_results),
      BENCH_TEST(another_k_counts_the_stored_ranks),
      BENCH_TEST(other_options_are_refused_by_name),
      BENCH_TEST(other_names_of_classes_are_refused),
      BENCH_TEST(another_file_of_annotations_is_refused),
      BENCH_TEST(shards_merge_to_the_whole),
      BENCH_TEST(readers_do_not_block_the_run),
      BENCH_TEST(a_run_without_its_file_has_no_totals),
      BENCH_TEST(refuses_what_is_no_results_file),
  };
  return cmocka_run_group_tests_name("run: stored", tests, NULL, NULL);
}
