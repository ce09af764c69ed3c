/* Kept results: a run stopped and gone on with is the run that was not; shards merge to the whole; what is
 * written can be read, exported and compared. The model is the fake one. */
#include <sqlite3.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/bench.h"

#define SAMPLES 23

static char stores[4][512];

static const char *store_path(int i, const char *name) {
  snprintf(stores[i], sizeof stores[i], "%s/%s", bench.w.folder, name);
  return stores[i];
}

/* Twenty images: two of them with two classes, one broken, one of a class that no map knows beside a known
 * one. */
static void write_world(void) {
  static const char two[] =
      "<annotation><object><name>%s</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>16</xmax><ymax>32</ymax>"
      "</bndbox></object><object><name>%s</name><bndbox><xmin>17</xmin><ymin>1</ymin><xmax>32</xmax><ymax>32"
      "</ymax></bndbox></object></annotation>";
  for (int i = 0; i < 20; i++) {
    char name[64], path[512];
    snprintf(name, sizeof name, "i%02d", i);
    world_sample(&bench.w, name, i % 3 ? "red" : "green", i % 4 ? left_half : right_half, i % 3 ? red : green,
                 i % 5 ? left_half : whole);
    snprintf(path, sizeof path, "%s/annotations/i%02d.xml", bench.w.folder, i);
    if (i != 3 && i != 7 && i != 11 && i != 12) continue;
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    if (i == 12)
      fputs("<annotation><object>", file);
    else
      fprintf(file, two, i == 11 ? "zebra" : "red", "green");
    fclose(file);
  }
}

static void open_world(void) {
  write_world();
  bench_open("{\"crop\": 32}");
  bench_set(CHECKROB_RUN_BATCH, 4);
  bench_set(CHECKROB_RUN_THREADS, 2);
}

/* Everything that is kept, as text. */
typedef struct dump {
  char *text;
  size_t bytes;
  FILE *file;
} dump;

static int dump_row(const checkrob_image_result *r, void *data) {
  FILE *file = ((dump *)data)->file;
  fprintf(file, "%zu.%zu %s %s %lld %d %s rs %a share %a logit %a p %a rank %lld hit %d top %lld empty %d",
          r->input, r->part, r->image, r->class_name, (long long)r->class_index, r->status, r->message, r->rs,
          r->region_share, r->logit, r->probability, (long long)r->rank, r->hit, (long long)r->predicted,
          r->empty_map);
  const checkrob_localisation *l = &r->localisation;
  fprintf(file, " contrast %a rs0 %a localised %a %a %a %a %a %a", r->contrast, r->rs0, l->pointing_game,
          l->rank_accuracy, l->top_k_intersection, l->attribution_localisation, l->auc, l->iou);
  for (size_t i = 0; i < r->other_count; i++)
    fprintf(file, " [%s %lld %a]", r->others[i].name, (long long)r->others[i].index, r->others[i].share);
  fputc('\n', file);
  return 0;
}

/* All that is said of a class, bit for bit. */
static void dump_class(FILE *file, const checkrob_class_result *c) {
  const checkrob_localisation *l = &c->localisation;
  fprintf(file, "class %s %lld %zu %zu %zu acc %a crs %a %a %a area %a rs0 %a ers %a %a %a lift %a", c->name,
          (long long)c->index, c->images, c->failed, c->recognised, c->accuracy, c->crs, c->crs_low,
          c->crs_high, c->area, c->rs0, c->ers, c->ers_low, c->ers_high, c->lift);
  fprintf(file, " contrast %a robustness %a %a %a p %a q %a needed %a", c->contrast, c->robustness,
          c->robustness_low, c->robustness_high, c->p, c->q, c->needed);
  fprintf(file, " localised %a %a %a %a %a %a %s: %s\n", l->pointing_game, l->rank_accuracy,
          l->top_k_intersection, l->attribution_localisation, l->auc, l->iou,
          checkrob_verdict_name(c->verdict), c->reason);
}

static char *dump_results(const char *path, bool complete) {
  checkrob_results *results = NULL;
  must(checkrob_results_open(&results, path));
  assert_int_equal(checkrob_results_complete(results), complete);
  dump d = {0};
  d.file = open_memstream(&d.text, &d.bytes);
  must(checkrob_results_each(results, dump_row, &d));
  for (size_t i = 0; i < checkrob_results_class_count(results); i++) {
    checkrob_class_result c = CHECKROB_CLASS_RESULT_INIT;
    must(checkrob_results_class(&c, results, i));
    dump_class(d.file, &c);
  }
  fclose(d.file);
  checkrob_results_free(results);
  return d.text;
}

static void keep(const char *path) {
  must(checkrob_run_keep(bench.run, path));
}

static char *run_whole(const char *path) {
  keep(path);
  must(bench_execute());
  assert_int_equal(bench.row_count, SAMPLES - 1); /* the zebra has no sample */
  bench_check_totals();
  return dump_results(path, true);
}

/* The callbacks' rows, the totals and what is read back agree. */
static void what_a_run_found_is_kept(void **state) {
  (void)state;
  open_world();
  char *text = run_whole(store_path(0, "r.sqlite"));
  checkrob_results *results = NULL;
  must(checkrob_results_open(&results, stores[0]));
  checkrob_run_totals kept = CHECKROB_RUN_TOTALS_INIT, ran = bench_totals();
  must(checkrob_results_totals(&kept, results));
  assert_int_equal(kept.samples, ran.samples);
  assert_int_equal(kept.evaluated, ran.evaluated);
  assert_int_equal(kept.failed, ran.failed);
  assert_int_equal(ran.resumed, 0);
  assert_string_equal(checkrob_results_option(results, "method"), "gradcam++");
  assert_string_equal(checkrob_results_option(results, "batch"), "4");
  assert_null(checkrob_results_option(results, "nonsense"));
  for (size_t i = 0; i < checkrob_run_class_count(bench.run); i++) {
    checkrob_class_result a = CHECKROB_CLASS_RESULT_INIT, b = CHECKROB_CLASS_RESULT_INIT;
    must(checkrob_run_class(&a, bench.run, i));
    must(checkrob_results_class(&b, results, i));
    char *texts[2];
    for (int t = 0; t < 2; t++) {
      size_t bytes = 0;
      FILE *file = open_memstream(&texts[t], &bytes);
      dump_class(file, t ? &b : &a);
      fclose(file);
    }
    assert_string_equal(texts[0], texts[1]);
    assert_true(isfinite(a.rs0) && isfinite(a.ers_low) && isfinite(a.p) && isfinite(a.robustness_low));
    free(texts[0]);
    free(texts[1]);
  }
  checkrob_results_free(results);
  /* Whose regions the image also has, in the map and outside. */
  assert_non_null(strstr(text, "3.0 i03.png red"));
  assert_non_null(strstr(text, "3.1 i03.png green"));
  assert_non_null(strstr(text, "11.0 i11.png green"));
  assert_non_null(strstr(text, "[zebra -1 "));
  assert_non_null(strstr(text, "[red 0 "));
  assert_non_null(strstr(text, "12.0 i12.png  -1 "));
  free(text);
}

/* The shares of the image's classes come from one map: a spot on the left half lies on the left's class. */
static void what_else_was_looked_at_is_measured(void **state) {
  (void)state;
  open_world();
  keep(store_path(0, "r.sqlite"));
  must(bench_execute());
  checkrob_results *results = NULL;
  must(checkrob_results_open(&results, stores[0]));
  sqlite3 *db = NULL;
  assert_int_equal(sqlite3_open(stores[0], &db), SQLITE_OK);
  sqlite3_stmt *s = NULL;
  assert_int_equal(
      sqlite3_prepare_v2(
          db,
          "SELECT rs, share, region_share, probability, rank FROM sample JOIN other ON sample.id ="
          " other.sample WHERE image = 'i07.png' AND class_name_of_sample = 1",
          -1, &s, NULL),
      SQLITE_ERROR); /* there is no such column: the schema is what docs/results.md says */
  assert_int_equal(sqlite3_prepare_v2(db,
                                      "SELECT rs, share, region_share, probability, rank FROM sample"
                                      " JOIN other ON sample.id = other.sample"
                                      " WHERE image = 'i07.png' AND sample.class = 0",
                                      -1, &s, NULL),
                   SQLITE_OK);
  assert_int_equal(sqlite3_step(s), SQLITE_ROW);
  assert_true(fabs(sqlite3_column_double(s, 0) - RS_ON) < 1e-6);
  assert_true(fabs(sqlite3_column_double(s, 1) - RS_OFF) < 1e-6);
  assert_true(fabs(sqlite3_column_double(s, 2) - 0.5) < 1e-6);
  assert_true(sqlite3_column_double(s, 3) > 0.25 && sqlite3_column_double(s, 3) <= 1);
  assert_int_equal(sqlite3_column_int(s, 4), 1);
  sqlite3_finalize(s);
  assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA foreign_key_check", -1, &s, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_step(s), SQLITE_DONE);
  sqlite3_finalize(s);
  sqlite3_close(db);
  checkrob_results_free(results);
}

static void a_stopped_run_goes_on_to_the_same_results(void **state) {
  (void)state;
  open_world();
  char *expected = run_whole(store_path(0, "whole.sqlite"));
  for (size_t stop = 1; stop < SAMPLES; stop++) {
    char name[64];
    snprintf(name, sizeof name, "stopped%zu.sqlite", stop);
    keep(store_path(1, name));
    bench.stop_at_row = stop;
    assert_int_equal(bench_execute(), CHECKROB_ERROR_CANCELLED);
    free(dump_results(stores[1], false));
    bench.stop_at_row = 0;
    must(bench_execute());
    checkrob_run_totals totals = bench_totals();
    assert_int_equal(totals.samples, SAMPLES - 1);
    assert_int_equal(totals.resumed, stop - 1); /* the row that was refused is computed again */
    assert_int_equal(bench.row_count, SAMPLES - stop);
    char *text = dump_results(stores[1], true);
    assert_string_equal(text, expected);
    free(text);
  }
  must(bench_execute()); /* once more: nothing is left to do */
  assert_int_equal(bench.row_count, 0);
  assert_int_equal(bench_totals().samples, SAMPLES - 1);
  free(expected);
}

/* Images that give no sample, before, between and behind those that do, are counted once however often a run
 * is stopped; and progress ends at all inputs. */
static void skipped_images_are_counted_across_stops(void **state) {
  (void)state;
  bench.w.skip_unmapped = 1;
  open_world();
  for (int i = 0; i < 20; i++) {
    char name[32];
    snprintf(name, sizeof name, "i%02d", i);
    if (i < 2 || i == 8 || i == 9 || i > 17) world_annotation(&bench.w, name, 32, 32, "zebra", whole);
  }
  keep(store_path(0, "whole.sqlite"));
  must(bench_execute());
  bench_check_totals();
  size_t samples = bench.row_count;
  assert_int_equal(samples, SAMPLES - 1 - 6);
  assert_int_equal(bench_totals().skipped, 6);
  assert_int_equal(bench_totals().failed, 1); /* broken XML */
  assert_int_equal(bench.progress_done, 20);
  char *expected = dump_results(stores[0], true);
  for (size_t stop = 1; stop <= samples; stop++) {
    char name[64];
    snprintf(name, sizeof name, "stopped%zu.sqlite", stop);
    keep(store_path(1, name));
    bench.stop_at_row = stop;
    assert_int_equal(bench_execute(), CHECKROB_ERROR_CANCELLED);
    size_t before = strcmp(bench.rows[stop - 1].image, "i09.png") > 0 ? 4 : 2;
    assert_int_equal(bench_totals().skipped, before);
    bench.stop_at_row = 1; /* at once: what an earlier run skipped still counts */
    assert_int_equal(bench_execute(), CHECKROB_ERROR_CANCELLED);
    assert_int_equal(bench_totals().skipped, before);
    bench.stop_at_row = 0;
    must(bench_execute());
    assert_int_equal(bench_totals().skipped, 6);
    char *text = dump_results(stores[1], true);
    assert_string_equal(text, expected);
    free(text);
  }
  free(expected);
}

/* The classes of the last execution. */
static char *dump_run(void) {
  dump d = {0};
  d.file = open_memstream(&d.text, &d.bytes);
  for (size_t i = 0; i < checkrob_run_class_count(bench.run); i++) {
    checkrob_class_result c = CHECKROB_CLASS_RESULT_INIT;
    must(checkrob_run_class(&c, bench.run, i));
    dump_class(d.file, &c);
  }
  fclose(d.file);
  return d.text;
}

static void results_need_not_be_kept_for_it(void **state) {
  (void)state;
  open_world();
  must(bench_execute());
  char *without = dump_run();
  free(run_whole(store_path(0, "r.sqlite")));
  char *with = dump_run();
  assert_string_equal(with, without);
  free(with);
  free(without);
}

typedef struct blind_sums {
  double sums[4];
  size_t counts[4];
} blind_sums;

static int add_blind(const checkrob_image_result *r, void *data) {
  blind_sums *b = data;
  if (r->status != CHECKROB_OK) return !isnan(r->rs0);
  b->sums[r->class_index] += r->rs0;
  b->counts[r->class_index]++;
  return 0;
}

static void object_blind_scores_are_given_row_by_row(void **state) {
  (void)state;
  open_world();
  free(run_whole(store_path(0, "r.sqlite")));
  checkrob_results *results = NULL;
  must(checkrob_results_open(&results, stores[0]));
  blind_sums b = {.sums = {0}};
  must(checkrob_results_each(results, add_blind, &b));
  for (size_t i = 0; i < 2; i++) {
    checkrob_class_result c = CHECKROB_CLASS_RESULT_INIT;
    must(checkrob_results_class(&c, results, i));
    assert_int_equal(b.counts[c.index], c.images);
    assert_true(fabs(b.sums[c.index] / (double)c.images - c.rs0) < 1e-12);
  }
  checkrob_results_free(results);
}

/* The same samples, judged anew: nothing is computed again, and who opens the file sees the rule and its
 * verdicts. */
static void another_rule_judges_the_same_results(void **state) {
  (void)state;
  open_world();
  char *expected = run_whole(store_path(0, "r.sqlite"));
  checkrob_verdict_rule rule = CHECKROB_VERDICT_RULE_INIT;
  rule.min_images = 1000;
  must(checkrob_run_set_verdict_rule(bench.run, &rule));
  must(bench_execute());
  assert_int_equal(bench.row_count, 0);
  checkrob_results *results = NULL;
  must(checkrob_results_open(&results, stores[0]));
  for (size_t i = 0; i < 2; i++) {
    checkrob_class_result c = CHECKROB_CLASS_RESULT_INIT;
    must(checkrob_results_class(&c, results, i));
    assert_int_equal(c.verdict, CHECKROB_VERDICT_NOT_ENOUGH_DATA);
    assert_non_null(strstr(c.reason, "a verdict takes 1000: "));
  }
  assert_non_null(strstr(checkrob_results_option(results, "verdict_rule"), "min_images=1000 "));
  assert_null(strstr(checkrob_results_option(results, "verdict_rule"), " robust="));
  checkrob_results_free(results);
  rule.robust = 0.0; /* as the unset one compares; yet another rule */
  must(checkrob_run_set_verdict_rule(bench.run, &rule));
  must(bench_execute());
  must(checkrob_results_open(&results, stores[0]));
  assert_non_null(strstr(checkrob_results_option(results, "verdict_rule"), " robust=0 "));
  checkrob_results_free(results);
  rule = (checkrob_verdict_rule)CHECKROB_VERDICT_RULE_INIT;
  must(checkrob_run_set_verdict_rule(bench.run, &rule));
  must(bench_execute());
  char *text = dump_results(stores[0], true);
  assert_string_equal(text, expected);
  free(text);
  free(expected);
}

/* Cut short, it has no classes' rows: who opens it has them worked out, by the run's own rule. */
static void a_stopped_run_is_judged_when_it_is_opened(void **state) {
  (void)state;
  open_world();
  checkrob_verdict_rule rule = CHECKROB_VERDICT_RULE_INIT;
  rule.min_images = 500;
  must(checkrob_run_set_verdict_rule(bench.run, &rule));
  keep(store_path(0, "r.sqlite"));
  bench.stop_at_row = 15;
  assert_int_equal(bench_execute(), CHECKROB_ERROR_CANCELLED);
  char *text = dump_results(stores[0], false);
  assert_non_null(strstr(text, "not enough data: "));
  assert_non_null(strstr(text, "a verdict takes 500: "));
  free(text);
}

static void other_options_are_refused_by_name(void **state) {
  (void)state;
  open_world();
  char *expected = run_whole(store_path(0, "r.sqlite"));
  bench_set(CHECKROB_RUN_METHOD, CHECKROB_METHOD_GRADCAM);
  bench_set(CHECKROB_RUN_TOP_K, 2);
  assert_int_equal(bench_execute(), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_non_null(strstr(checkrob_last_error(), "method was gradcam++, and is gradcam"));
  assert_non_null(strstr(checkrob_last_error(), "top_k was 1, and is 2"));
  assert_null(strstr(checkrob_last_error(), "seed"));
  bench_set(CHECKROB_RUN_METHOD, CHECKROB_METHOD_GRADCAMPP);
  bench_set(CHECKROB_RUN_TOP_K, 1);
  bench_set(CHECKROB_RUN_BATCH, 7); /* does not decide */
  must(bench_execute());
  char *text = dump_results(stores[0], true);
  assert_string_equal(text, expected);
  free(text);
  free(expected);
}

static void change_store(const char *path, const char *sql) {
  sqlite3 *db = NULL;
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
  sqlite3_close(db);
}

static void options_that_came_later_have_their_value_of_before(void **state) {
  (void)state;
  open_world();
  char *expected = run_whole(store_path(0, "r.sqlite"));
  change_store(stores[0], "DELETE FROM option WHERE name = 'skip_unmapped'");
  must(bench_execute());
  char *text = dump_results(stores[0], true);
  assert_string_equal(text, expected);
  free(text);
  free(expected);
}

/* Scores one shard of the world's dataset in a run of its own. */
static void run_shard(uint32_t shard, uint32_t shards, const char *path) {
  checkrob_run *run = NULL;
  must(checkrob_run_new(&run, bench.model, bench.w.dataset, bench.preprocess));
  must(checkrob_run_set_shard(run, shard, shards));
  must(checkrob_run_set(run, CHECKROB_RUN_BATCH, 3));
  must(checkrob_run_keep(run, path));
  must(checkrob_run_execute(run));
  checkrob_run_free(run);
}

static void shards_merge_to_the_whole(void **state) {
  (void)state;
  open_world();
  char *expected = run_whole(store_path(0, "whole.sqlite"));
  for (uint32_t i = 1; i <= 3; i++) {
    char name[64];
    snprintf(name, sizeof name, "shard%u.sqlite", i);
    run_shard(i, 3, store_path((int)i, name));
  }
  char merged[600], partial[600];
  snprintf(merged, sizeof merged, "%s/merged.sqlite", bench.w.folder);
  snprintf(partial, sizeof partial, "%s/partial.sqlite", bench.w.folder);
  const char *all[] = {stores[3], stores[1], stores[2]};
  must(checkrob_results_merge(merged, all, 3));
  char *text = dump_results(merged, true);
  assert_string_equal(text, expected);
  free(text);
  assert_int_equal(checkrob_results_merge(merged, all, 3), CHECKROB_ERROR_IO); /* it is there */

  must(checkrob_results_merge(partial, all, 2));
  free(dump_results(partial, false));
  keep(partial); /* the missing shard is a hole that no run would fill */
  assert_int_equal(bench_execute(), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_non_null(strstr(checkrob_last_error(), "merged from shards that are not all there"));
  keep(stores[0]);
  char twice[600];
  snprintf(twice, sizeof twice, "%s/twice.sqlite", bench.w.folder);
  const char *doubled[] = {stores[3], stores[3]}, *strange[] = {stores[1], stores[0]};
  assert_int_equal(checkrob_results_merge(twice, doubled, 2), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_non_null(strstr(checkrob_last_error(), "another of the files has too"));
  assert_int_equal(access(twice, F_OK), -1); /* nothing half made is left */
  bench_set(CHECKROB_RUN_TOP_K, 2);
  unlink(stores[0]);
  must(bench_execute());
  assert_int_equal(checkrob_results_merge(twice, strange, 2), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_non_null(strstr(checkrob_last_error(), "top_k"));
  free(expected);
}

static char *slurp(const char *path) {
  char *text = calloc(1, 1 << 16);
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  assert_true(fread(text, 1, (1 << 16) - 1, file) > 0);
  fclose(file);
  return text;
}

static void exports_are_what_other_programs_read(void **state) {
  (void)state;
  open_world();
  free(run_whole(store_path(0, "r.sqlite")));
  checkrob_results *results = NULL;
  must(checkrob_results_open(&results, stores[0]));
  static const char *const names[] = {"images.csv", "classes.csv", "images.jsonl", "classes.jsonl",
                                      "authors.csv"};
  static const char *const parts[] = {
      "image,class,index,rs,region_share,logit,probability,rank,hit,predicted,rs0,ers,lift,contrast,"
      "pointing_game,rank_accuracy,top_k_intersection,attribution_localisation,auc,iou,status,message\n"
      "i00.png,green,1,1.000000,1.000000,",
      "class,index,images,failed,acc,crs,crs_low", "\"image\":\"i11.png\",\"class\":\"green\"",
      "\"class\":\"red\",\"index\":0", "id;acc;crs;name\n0;"};
  for (size_t i = 0; i < 5; i++) {
    checkrob_export what;
    must(checkrob_export_find(&what, names[i]));
    must(checkrob_results_export(results, what, store_path(1, names[i])));
    char *text = slurp(stores[1]);
    if (!strstr(text, parts[i])) fail_msg("%s:\n%s", names[i], text);
    free(text);
  }
  checkrob_export what;
  assert_int_equal(checkrob_export_find(&what, "images.xls"), CHECKROB_ERROR_NOT_FOUND);
  assert_int_equal(checkrob_results_export(results, CHECKROB_EXPORT_IMAGES_CSV, "/nowhere/x.csv"),
                   CHECKROB_ERROR_NOT_FOUND);
  assert_int_equal(checkrob_results_export(results, CHECKROB_EXPORT_IMAGES_CSV, "/dev/full/x"),
                   CHECKROB_ERROR_NOT_FOUND);
  checkrob_results_free(results);
}

typedef struct compared {
  checkrob_class_comparison rows[8];
  char names[8][32];
  size_t count;
} compared;

static int take_comparison(const checkrob_class_comparison *row, void *data) {
  compared *all = data;
  snprintf(all->names[all->count], 32, "%s", row->name);
  all->rows[all->count++] = *row;
  return 0;
}

static void an_older_shard_merges_from_either_side(void **state) {
  (void)state;
  open_world();
  char *expected = run_whole(store_path(0, "whole.sqlite"));
  run_shard(1, 2, store_path(1, "shard1.sqlite"));
  run_shard(2, 2, store_path(2, "shard2.sqlite"));
  /* Its rule is that of the other, as it was written then. */
  change_store(stores[1],
               "DELETE FROM option WHERE name = 'skip_unmapped';"
               "UPDATE option SET value = 'min_images=10 min_accuracy=0.5 non_robust=-1.25 "
               "level=0.94999999999999996 resamples=2000 permutations=9999 seed=0 '"
               " WHERE name = 'verdict_rule'");
  for (int first = 1; first < 3; first++) {
    char merged[600];
    snprintf(merged, sizeof merged, "%s/merged%d.sqlite", bench.w.folder, first);
    const char *both[] = {stores[first], stores[3 - first]};
    must(checkrob_results_merge(merged, both, 2));
    char *text = dump_results(merged, true);
    assert_string_equal(text, expected);
    free(text);
  }
  change_store(stores[1], "INSERT INTO option VALUES ('skip_unmapped', '1', 1)");
  for (int first = 1; first < 3; first++) {
    const char *both[] = {stores[first], stores[3 - first]};
    assert_int_equal(checkrob_results_merge(store_path(3, "no.sqlite"), both, 2),
                     CHECKROB_ERROR_INVALID_ARGUMENT);
    assert_non_null(strstr(checkrob_last_error(), "skip_unmapped was "));
  }
  free(expected);
}

static void two_results_are_compared_class_by_class(void **state) {
  (void)state;
  open_world();
  free(run_whole(store_path(0, "before.sqlite")));
  /* The second run sees the greens' spots elsewhere. */
  for (int i = 0; i < 20; i += 3) {
    char name[64];
    snprintf(name, sizeof name, "i%02d.png", i);
    world_image(&bench.w, name, 32, 32, i % 4 ? right_half : left_half, green);
  }
  keep(store_path(1, "after.sqlite"));
  must(bench_execute());
  checkrob_results *before = NULL, *after = NULL;
  must(checkrob_results_open(&before, stores[0]));
  must(checkrob_results_open(&after, stores[1]));
  compared found = {.count = 0};
  must(checkrob_results_compare(before, after, take_comparison, &found));
  assert_int_equal(found.count, 2);
  const checkrob_class_comparison *green_row = &found.rows[strcmp(found.names[0], "green") ? 1 : 0];
  assert_true(green_row->crs[0] != green_row->crs[1]);
  assert_int_equal(green_row->pairs, green_row->images[0]);
  assert_true(fabs(green_row->rs_change - (green_row->crs[1] - green_row->crs[0])) < 1e-12);
  assert_true(green_row->rs_change_error > 0);
  for (int i = 0; i < 2; i++) {
    checkrob_class_result c = CHECKROB_CLASS_RESULT_INIT;
    const checkrob_results *results = i ? after : before;
    for (size_t r = 0; r < 2 && (!c.name || strcmp(c.name, "green") != 0); r++)
      must(checkrob_results_class(&c, results, r));
    assert_true(green_row->ers[i] == c.ers && green_row->robustness[i] == c.robustness);
    assert_int_equal(green_row->verdict[i], c.verdict);
  }
  assert_true(green_row->ers[0] != green_row->ers[1] && green_row->robustness[0] != green_row->robustness[1]);
  found.count = 0;
  must(checkrob_results_compare(before, before, take_comparison, &found)); /* and once more, with itself */
  assert_true(found.rows[0].rs_change == 0);
  checkrob_results_free(before);
  checkrob_results_free(after);
}

static void what_is_no_store_is_told(void **state) {
  (void)state;
  open_world();
  checkrob_results *results = NULL;
  assert_int_equal(checkrob_results_open(&results, "/nowhere/r.sqlite"), CHECKROB_ERROR_NOT_FOUND);
  const char *path = store_path(0, "strange");
  FILE *file = fopen(path, "w");
  for (int i = 0; i < 200; i++) fputs("this is no database at all\n", file);
  fclose(file);
  assert_int_equal(checkrob_results_open(&results, path), CHECKROB_ERROR_BAD_INPUT);
  keep(path);
  assert_int_equal(bench_execute(), CHECKROB_ERROR_BAD_INPUT);
  assert_non_null(strstr(checkrob_last_error(), "it is no database"));
  sqlite3 *db = NULL;
  assert_int_equal(sqlite3_open(store_path(1, "other.sqlite"), &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, "CREATE TABLE cooking (recipe)", NULL, NULL, NULL), SQLITE_OK);
  sqlite3_close(db);
  keep(stores[1]);
  assert_int_equal(bench_execute(), CHECKROB_ERROR_BAD_INPUT);
  assert_non_null(strstr(checkrob_last_error(), "another program"));
  keep("/proc/r.sqlite");
  assert_int_equal(bench_execute(), CHECKROB_ERROR_IO);
  char *text = run_whole(store_path(2, "r.sqlite")); /* and the run is none the worse for it */
  free(text);
  assert_int_equal(sqlite3_open(stores[2], &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL), SQLITE_OK);
  sqlite3_close(db);
  assert_int_equal(checkrob_results_open(&results, stores[2]), CHECKROB_ERROR_BAD_INPUT);
  assert_non_null(strstr(checkrob_last_error(), "newer"));
  assert_int_equal(sqlite3_open(stores[2], &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 1", NULL, NULL, NULL), SQLITE_OK);
  sqlite3_close(db);
  assert_int_equal(checkrob_results_open(&results, stores[2]), CHECKROB_ERROR_BAD_INPUT);
  assert_non_null(strstr(checkrob_last_error(), "version 1, from before checkrob's first release"));
  keep(stores[2]);
  assert_int_equal(bench_execute(), CHECKROB_ERROR_BAD_INPUT);
  assert_non_null(strstr(checkrob_last_error(), "score again, into another file"));
}

/* Somebody reads while the run writes: neither waits. */
static int read_meanwhile(size_t done, size_t total, void *data) {
  (void)total;
  if (done < 8) return 0;
  checkrob_results *results = NULL;
  must(checkrob_results_open(&results, data));
  assert_int_equal(checkrob_results_complete(results), 0);
  checkrob_results_free(results);
  return 0;
}

static void readers_do_not_block_the_run(void **state) {
  (void)state;
  open_world();
  keep(store_path(0, "r.sqlite"));
  checkrob_run_on_progress(bench.run, read_meanwhile, stores[0]);
  must(bench_execute());
  checkrob_run_on_progress(bench.run, NULL, NULL);
  free(dump_results(stores[0], true));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      BENCH_TEST(what_a_run_found_is_kept),
      BENCH_TEST(what_else_was_looked_at_is_measured),
      BENCH_TEST(a_stopped_run_goes_on_to_the_same_results),
      BENCH_TEST(skipped_images_are_counted_across_stops),
      BENCH_TEST(results_need_not_be_kept_for_it),
      BENCH_TEST(object_blind_scores_are_given_row_by_row),
      BENCH_TEST(another_rule_judges_the_same_results),
      BENCH_TEST(a_stopped_run_is_judged_when_it_is_opened),
      BENCH_TEST(other_options_are_refused_by_name),
      BENCH_TEST(options_that_came_later_have_their_value_of_before),
      BENCH_TEST(shards_merge_to_the_whole),
      BENCH_TEST(an_older_shard_merges_from_either_side),
      BENCH_TEST(exports_are_what_other_programs_read),
      BENCH_TEST(two_results_are_compared_class_by_class),
      BENCH_TEST(what_is_no_store_is_told),
      BENCH_TEST(readers_do_not_block_the_run),
  };
  return cmocka_run_group_tests_name("results", tests, NULL, NULL);
}
