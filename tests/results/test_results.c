/* SPDX-License-Identifier: Apache-2.0 */
/* Results that were stored: opened, judged anew, exported, merged and compared. */
#include "results/results.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "classes/class_columns.h"
#include "classes/features.h"
#include "classes/looked_at.h"
#include "classes/probe_shares.h"
#include "results/expected_classes.h"
#include "support/database.h"
#include "table/samples.h"

static char *folder;
static row_layout *layout;

static int set_up(void **state) {
  (void)state;
  folder = folder_new();
  layout = samples_layout(false);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  folder_remove(folder);
  row_layout_free(layout);
  return 0;
}

static const char *path_of(const char *name) {
  static char paths[32][512];
  static int next;
  char *path = paths[next++ % 32];
  snprintf(path, sizeof paths[0], "%s/%s", folder, name);
  return path;
}

static char *slurp(const char *path) {
  char *text = calloc(1, 1 << 16);
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  assert_true(fread(text, 1, (1 << 16) - 1, file) > 0);
  fclose(file);
  return text;
}

/* ---- writing, as a run does ---- */

static void add_number(store_options *options, const char *name, size_t value) {
  char text[32];
  snprintf(text, sizeof text, "%zu", value);
  must(store_options_add(options, name, text, true));
}

static checkrob_class_map *open_classes(const char *csv) {
  checkrob_class_map *classes = NULL;
  char path[512];
  snprintf(path, sizeof path, "%s/classes.csv", folder);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(csv, file);
  fclose(file);
  must(checkrob_class_map_open(&classes, path));
  assert_int_equal(remove(path), 0);
  return classes;
}

/* verdict_min_images is 3. */
static checkrob_options *judging(void) {
  checkrob_options *options = NULL;
  must(checkrob_options_new(&options));
  must(checkrob_options_set(options, "verdict_min_images", "3"));
  return options;
}

static store *begin(const char *path, const row_layout *samples, size_t first, size_t end,
                    const checkrob_options *options) {
  store *s = NULL;
  store_options recorded = {0}, rule = {0};
  must(store_options_add(&recorded, "method", "gradcam++", true));
  must(store_options_add(&recorded, "score", "log-odds", true));
  must(store_options_add(&recorded, "reference", "blank", true));
  add_number(&recorded, "first_input", first);
  add_number(&recorded, "input_count", end - first);
  add_number(&recorded, "whole_input_count", IMAGES);
  must(store_options_add(&recorded, "batch", "16", false));
  must(judging_options_add(&rule, options));
  must(store_open(&s, path));
  checkrob_class_map *classes = open_classes("name,index,title\nred,0,\ngreen,1,grass\nblue,2,sea\n");
  must(store_begin(s, samples, &recorded, classes));
  checkrob_class_map_free(classes);
  must(store_begin_session(s, &rule));
  store_options_clear(&recorded);
  store_options_clear(&rule);
  return s;
}

static void finish(store *s, const checkrob_options *options) {
  verdict_rule rule;
  class_tally tally;
  class_list classes;
  must(verdict_rule_from_options(&rule, options));
  must(results_count(&tally, s, rule.top_k));
  must(class_list_assess(&classes, &tally, s, &rule, NULL));
  must(class_list_write(&classes, s));
  must(store_end_session(s, "complete", tally.samples, 1.0));
  class_list_clear(&classes);
  tally_clear(&tally);
  store_close(s);
}

/* A run of the images [first, end). */
static void write_results(const char *path, size_t first, size_t end) {
  checkrob_options *options = judging();
  store *s = begin(path, layout, first, end, options);
  samples_write(s, layout, first, end);
  finish(s, options);
  checkrob_options_free(options);
}

static checkrob_results *open_results(const char *path, const checkrob_options *options) {
  checkrob_results *results = NULL;
  must(checkrob_results_open(&results, path, options));
  return results;
}

/* ---- everything as text, bit for bit ---- */

static void print_row(FILE *file, const checkrob_row *row) {
  for (size_t i = 0; i < checkrob_row_column_count(row); i++) {
    checkrob_column_info c = CHECKROB_COLUMN_INFO_INIT;
    must(checkrob_row_column(&c, row, i));
    fprintf(file, " %s=", c.name);
    if (!checkrob_row_has(row, c.name)) continue;
    size_t count = 0;
    const float *floats = checkrob_row_floats(&count, row, c.name);
    for (size_t k = 0; floats && k < count; k++) fprintf(file, "%a,", (double)floats[k]);
    const double *doubles = checkrob_row_doubles(&count, row, c.name);
    for (size_t k = 0; doubles && k < count; k++) fprintf(file, "%a,", doubles[k]);
    fprintf(file, "%a%s", checkrob_row_number(row, c.name), checkrob_row_text(row, c.name));
  }
  static const char *const children[] = {"other", "evidence"};
  for (int t = 0; t < 2; t++)
    for (size_t i = 0; i < checkrob_row_child_count(row, children[t]); i++) {
      fputs("\n ", file);
      print_row(file, checkrob_row_child(row, children[t], i));
    }
  fputc('\n', file);
}

static int print_callback(const checkrob_row *row, void *data) {
  print_row(data, row);
  return 0;
}

static char *dump(checkrob_results *results) {
  char *text = NULL;
  size_t bytes = 0;
  FILE *file = open_memstream(&text, &bytes);
  must(checkrob_results_each(results, print_callback, file));
  for (size_t i = 0; i < checkrob_results_class_count(results); i++)
    print_row(file, checkrob_results_class(results, i));
  print_row(file, checkrob_results_totals(results));
  fclose(file);
  return text;
}

static char *dump_file(const char *path, bool complete) {
  checkrob_results *results = open_results(path, NULL);
  assert_int_equal(checkrob_results_complete(results), complete);
  char *text = dump(results);
  checkrob_results_free(results);
  return text;
}

/* ---- opening ---- */

/* CHECKROB_EXACT=1: bit for bit, where the processor is the one that computed what is expected. */
static bool is_near(double value, double expected) {
  if (isnan(expected)) return isnan(value);
  return value == expected || (!getenv("CHECKROB_EXACT") && fabs(value - expected) <= 1e-12 * fabs(expected));
}

static void expect_classes(const checkrob_results *results) {
  assert_int_equal(checkrob_results_class_count(results), 3);
  for (size_t i = 0; i < 3; i++) {
    const expected_class *c = &expected_classes[i];
    const checkrob_row *row = checkrob_results_class(results, i);
    assert_string_equal(checkrob_row_text(row, "class"), c->name);
    assert_int_equal(checkrob_row_integer(row, "index"), c->index);
    assert_int_equal(checkrob_row_integer(row, "images"), c->images);
    assert_int_equal(checkrob_row_integer(row, "failed"), c->failed);
    assert_int_equal(checkrob_row_integer(row, "recognised"), c->recognised);
    assert_string_equal(checkrob_row_text(row, "verdict"), c->verdict);
    assert_string_equal(checkrob_row_text(row, "reason_code"), c->reason_code);
    assert_string_equal(checkrob_row_text(row, "reason"), c->reason);
    for (size_t k = 0; k < sizeof expected_names / sizeof *expected_names; k++)
      if (!is_near(checkrob_row_number(row, expected_names[k]), c->numbers[k]))
        fail_msg("%s, %s: %a instead of %a", c->name, expected_names[k],
                 checkrob_row_number(row, expected_names[k]), c->numbers[k]);
  }
  assert_null(checkrob_results_class(results, 3));
}

static void classes_have_the_numbers_that_are_expected(void **state) {
  (void)state;
  write_results(path_of("r.sqlite"), 0, IMAGES);
  checkrob_results *results = open_results(path_of("r.sqlite"), NULL);
  expect_classes(results);
  const checkrob_row *totals = checkrob_results_totals(results);
  assert_int_equal(checkrob_row_integer(totals, "samples"), SAMPLES);
  assert_int_equal(checkrob_row_integer(totals, "evaluated"), SAMPLES - 1);
  assert_int_equal(checkrob_row_integer(totals, "failed"), 1);
  assert_int_equal(checkrob_row_integer(totals, "empty_maps"), 0);
  assert_false(checkrob_row_has(totals, "seconds"));
  assert_string_equal(checkrob_results_option(results, "method"), "gradcam++");
  assert_string_equal(checkrob_results_option(results, "verdict_min_images"), "3");
  assert_null(checkrob_results_option(results, "nonsense"));
  assert_int_equal(checkrob_results_complete(results), 1);
  checkrob_results_free(results);
}

/* Every declared column of a class is computed by somebody. */
static void no_column_of_a_class_is_forgotten(void **state) {
  (void)state;
  write_results(path_of("r.sqlite"), 0, IMAGES);
  checkrob_results *results = open_results(path_of("r.sqlite"), NULL);
  for (size_t p = 0; p < CLASS_PARTS; p++) {
    /* tests/run/test_probes.c has probed samples, test_features.c features, and
     * tests/classes/test_looked_at.c enough samples for `looked_at` */
    if (class_parts[p] == &class_probe_columns || class_parts[p] == &class_looked_at_columns ||
        class_parts[p] == &class_feature_columns)
      continue;
    for (size_t c = 0; c < class_parts[p]->count; c++) {
      const char *name = class_parts[p]->columns[c].name;
      bool held = false;
      for (size_t i = 0; i < 3; i++)
        held = held || checkrob_row_has(checkrob_results_class(results, i), name);
      if (!held) fail_msg("%s", name);
    }
  }
  checkrob_results_free(results);
}

static void an_interrupted_run_is_judged_when_it_is_opened(void **state) {
  (void)state;
  checkrob_options *options = judging();
  write_results(path_of("whole.sqlite"), 0, IMAGES);
  store *s = begin(path_of("r.sqlite"), layout, 0, IMAGES, options);
  samples_write(s, layout, 0, IMAGES);
  store_close(s);
  char *whole = dump_file(path_of("whole.sqlite"), true), *found = dump_file(path_of("r.sqlite"), false);
  assert_string_equal(found, whole);
  free(whole);
  free(found);
  checkrob_options_free(options);
}

/* Rows of classes that are not those of the samples: computed anew. */
static void damaged_classes_are_computed_anew(void **state) {
  (void)state;
  static const char *const damages[] = {
      "DELETE FROM class WHERE class = 'red'", "UPDATE class SET \"index\" = 77 WHERE class = 'red'",
      "INSERT INTO class SELECT * FROM class",
      ("DROP TABLE class; DELETE FROM declared_table WHERE name = 'class';"
       "DELETE FROM declared_column WHERE in_table = 'class'"),
      "DELETE FROM declared_column WHERE in_table = 'class' AND name = 'q'"};
  for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
    const char *path = path_of("r.sqlite");
    write_results(path, 0, IMAGES);
    database_change(path, damages[i]);
    checkrob_results *results = open_results(path, NULL);
    expect_classes(results);
    checkrob_results_free(results);
    unlink(path);
  }
}

static int take_hits(const checkrob_row *row, void *data) {
  int64_t *hits = data;
  if (checkrob_row_has(row, "hit")) *hits += checkrob_row_integer(row, "hit");
  return 0;
}

/* Nothing of the samples depends on k: accuracies follow from the stored ranks. */
static void another_k_has_other_accuracies(void **state) {
  (void)state;
  write_results(path_of("r.sqlite"), 0, IMAGES);
  checkrob_options *options = NULL;
  must(checkrob_options_new(&options));
  static const double accuracies[] = {0, 0.0, 1.0, 1.0}; /* of blue, whose rank is always 2 */
  static const int64_t expected[] = {0, 14, 18, 23};
  for (int k = 1; k <= 3; k++) {
    must(checkrob_options_set_integer(options, "top_k", k));
    checkrob_results *results = open_results(path_of("r.sqlite"), options);
    if (k == 1) expect_classes(results);
    for (size_t i = 0; i < 3; i++) {
      const checkrob_row *row = checkrob_results_class(results, i);
      if (checkrob_row_integer(row, "index") != 2) continue;
      assert_true(checkrob_row_number(row, "acc") == accuracies[k]);
      assert_int_equal(checkrob_row_integer(row, "recognised"), k == 1 ? 0 : 4);
    }
    int64_t hits = 0;
    must(checkrob_results_each(results, take_hits, &hits));
    assert_int_equal(hits, expected[k]);
    char text[16];
    snprintf(text, sizeof text, "%d", k);
    assert_string_equal(checkrob_results_option(results, "top_k"), text);
    checkrob_results_free(results);
  }
  checkrob_options_free(options);
  checkrob_results *results = open_results(path_of("r.sqlite"), NULL); /* the file is as it was */
  expect_classes(results);
  checkrob_results_free(results);
}

static void another_rule_judges_the_same_samples(void **state) {
  (void)state;
  write_results(path_of("r.sqlite"), 0, IMAGES);
  checkrob_options *options = NULL;
  must(checkrob_options_new(&options));
  must(checkrob_options_set(options, "verdict_min_images", "1000"));
  must(checkrob_options_set(options, "method", "gradcam")); /* of no concern here */
  checkrob_results *results = open_results(path_of("r.sqlite"), options);
  for (size_t i = 0; i < 3; i++) {
    const checkrob_row *row = checkrob_results_class(results, i);
    assert_string_equal(checkrob_row_text(row, "reason_code"), "few_images");
    assert_non_null(strstr(checkrob_row_text(row, "reason"), "a verdict needs 1000: "));
    assert_true(is_near(checkrob_row_number(row, "robustness_low"),
                        expected_classes[i].numbers[12])); /* the level is the same */
  }
  assert_string_equal(checkrob_results_option(results, "method"), "gradcam++");
  checkrob_results_free(results);
  must(checkrob_options_set(options, "verdict_off_object", "5"));
  results = NULL;
  assert_int_equal(checkrob_results_open(&results, path_of("r.sqlite"), options),
                   CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_null(results);
  checkrob_options_free(options);
}

static void what_cannot_be_opened_is_refused(void **state) {
  (void)state;
  checkrob_results *results = NULL;
  assert_int_equal(checkrob_results_open(&results, path_of("nothing"), NULL), CHECKROB_ERROR_NOT_FOUND);
  assert_int_equal(checkrob_results_open(&results, NULL, NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
  write_results(path_of("r.sqlite"), 0, IMAGES);
  database_change(path_of("r.sqlite"), "UPDATE option SET value = 'many' WHERE name = 'verdict_resamples'");
  assert_int_equal(checkrob_results_open(&results, path_of("r.sqlite"), NULL), CHECKROB_ERROR_BAD_INPUT);
  assert_non_null(
      strstr(checkrob_last_error(), "was made by another version of checkrob, or is damaged: its options"));
  unlink(path_of("r.sqlite"));
  write_results(path_of("r.sqlite"), 0, IMAGES);
  database_change(path_of("r.sqlite"),
                  "DELETE FROM class; UPDATE evidence SET region = x'00000000' WHERE sample = 3");
  assert_int_equal(checkrob_results_open(&results, path_of("r.sqlite"), NULL), CHECKROB_ERROR_BAD_INPUT);
  assert_non_null(strstr(checkrob_last_error(), "a sample's stored map differs in size"));
  assert_null(results);
}

/* ---- samples ---- */

typedef struct blind_sums {
  double sums[3];
  int64_t counts[3];
} blind_sums;

static int add_blind(const checkrob_row *row, void *data) {
  blind_sums *b = data;
  if (strcmp(checkrob_row_text(row, "status"), "ok") != 0)
    return checkrob_row_has(row, "rs0") || checkrob_row_has(row, "ers") || checkrob_row_has(row, "hit");
  int64_t i = checkrob_row_integer(row, "index");
  double rs = checkrob_row_number(row, "rs"), rs0 = checkrob_row_number(row, "rs0");
  assert_true(checkrob_row_number(row, "ers") == (rs - rs0) / (1.0 - rs0));
  b->sums[i] += rs0;
  b->counts[i]++;
  return 0;
}

static void derived_columns_are_filled_row_by_row(void **state) {
  (void)state;
  write_results(path_of("r.sqlite"), 0, IMAGES);
  checkrob_results *results = open_results(path_of("r.sqlite"), NULL);
  blind_sums b = {.sums = {0}};
  must(checkrob_results_each(results, add_blind, &b));
  for (size_t i = 0; i < 3; i++) {
    const checkrob_row *row = checkrob_results_class(results, i);
    int64_t index = checkrob_row_integer(row, "index"), images = checkrob_row_integer(row, "images");
    assert_int_equal(b.counts[index], images);
    assert_true(fabs(b.sums[index] / (double)images - checkrob_row_number(row, "rs0")) < 1e-12);
  }
  checkrob_results_free(results);
}

static int stop_at_third(const checkrob_row *row, void *data) {
  (void)row;
  int *count = data;
  return ++*count == 3;
}

static void a_callback_may_stop(void **state) {
  (void)state;
  write_results(path_of("r.sqlite"), 0, IMAGES);
  checkrob_results *results = open_results(path_of("r.sqlite"), NULL);
  int count = 0;
  assert_int_equal(checkrob_results_each(results, stop_at_third, &count), CHECKROB_ERROR_INTERRUPTED);
  assert_int_equal(count, 3);
  assert_int_equal(checkrob_results_each(results, NULL, NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
  checkrob_results_free(results);
}

static int count_row(const checkrob_row *row, void *data) {
  assert_true(checkrob_row_has(row, "class"));
  ++*(int *)data;
  return 0;
}

static void tables_are_read_by_their_names(void **state) {
  (void)state;
  write_results(path_of("r.sqlite"), 0, IMAGES);
  checkrob_results *results = open_results(path_of("r.sqlite"), NULL);
  int classes = 0, looked_at = 0;
  must(checkrob_results_table(results, "class", count_row, &classes));
  must(checkrob_results_table(results, "looked_at", count_row, &looked_at));
  assert_int_equal(classes, 3);
  /* Nine places of red and of green, and blue and zebra beside them; blue is never recognised. */
  assert_int_equal(looked_at, 2 * 9 + 4);
  assert_int_equal(checkrob_results_table(results, "session", count_row, &classes), CHECKROB_ERROR_NOT_FOUND);
  assert_int_equal(checkrob_results_table(results, NULL, count_row, NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
  looked_at = 0;
  assert_int_equal(checkrob_results_table(results, "looked_at", stop_at_third, &looked_at),
                   CHECKROB_ERROR_INTERRUPTED);
  assert_int_equal(looked_at, 3);
  checkrob_results_free(results);
}

/* ---- exports ---- */

static void expect_export(checkrob_results *results, const char *name, const char *const *parts) {
  checkrob_export what;
  must(checkrob_export_find(&what, name));
  must(checkrob_results_export(results, what, path_of("export")));
  char *text = slurp(path_of("export"));
  for (; *parts; parts++)
    if (!strstr(text, *parts)) fail_msg("%s lacks %s:\n%s", name, *parts, text);
  free(text);
}

static void exports_are_what_other_programs_read(void **state) {
  (void)state;
  write_results(path_of("r.sqlite"), 0, IMAGES);
  checkrob_results *results = open_results(path_of("r.sqlite"), NULL);
  static const char *const images[] = {
      "image,class,index,title,rs,region_share,logit,probability,rank,hit,predicted,rs0,ers,lift,contrast,"
      "pointing_game,rank_accuracy,top_k_intersection,attribution_localisation,auc,iou,status,message\n"
      "i00.png,green,1,grass,0.231663,0.250000,3.81888145,0.866285,1,1,1,0.222466,0.011829,0.052413,0.920520,"
      "0.730130,0.226586,0.451951,0.139141,0.763440,0.296276,ok,\n",
      "\ni07.png,,,,,,,,,,,,,,,,,,,,,bad_input,\"i07.xml, line 2: \"\"quoted\"\", and broken\"\n", NULL};
  static const char *const lines[] = {
      "{\"input\":0,\"part\":0,\"image\":\"i00.png\",\"class\":\"green\",\"index\":1,"
      "\"milliseconds\":1.5,\"title\":\"grass\",\"rs\":0.231663361,\"region_share\":0.25,\"logit\":3."
      "81888145,",
      ",\"status\":\"ok\",\"message\":\"\",\"other\":[]}\n",
      "\"other\":[{\"class\":\"blue\",\"index\":2,\"share\":0.25},{\"class\":\"zebra\",\"index\":null,"
      "\"share\":0.125}]}\n",
      "\"rs\":null,", NULL};
  static const char *const classes[] = {
      "class,index,title,images,failed,acc,crs,predicted,predicted_elsewhere,crs_low,crs_high,area,rs0,ers,"
      "ers_low,"
      "ers_high,lift,contrast,contrast_negative,"
      "robustness,robustness_low,robustness_high,p,pointing_game,rank_accuracy,top_k_intersection,"
      "attribution_localisation,auc,iou,recognised,q,looked_at,features,needed,verdict,reason_code,"
      "reason\n"
      "green,1,grass,7,0,0.857143,",
      ",6,0.713900,,,,not enough data,interval_spans,\"accuracy 86 %, 21 % of", NULL};
  static const char *const class_lines[] = {
      "{\"class\":\"green\",\"index\":1,\"title\":\"grass\",\"images\":7,",
      "{\"class\":\"red\",\"index\":0,\"title\":\"\",", "\"needed\":null,",
      "\"reason_code\":\"low_accuracy\"", NULL};
  static const char *const looked_at[] = {
      "class,index,title,kind,name,other_index,images,share,expected,p,q\n", "\ngreen,1,grass,class,blue,2,",
      "\ngreen,1,grass,class,zebra,,", "\ngreen,1,grass,place,upper left corner,,6,", NULL};
  static const char *const authors[] = {"id;acc;crs;name\n0;0.666667;0.506301;red\n1;0.857143;", NULL};
  expect_export(results, "images.csv", images);
  expect_export(results, "images.jsonl", lines);
  expect_export(results, "classes.csv", classes);
  expect_export(results, "classes.jsonl", class_lines);
  expect_export(results, "looked_at.csv", looked_at);
  expect_export(results, "authors.csv", authors);
  checkrob_export what;
  assert_int_equal(checkrob_export_find(&what, "images.xls"), CHECKROB_ERROR_NOT_FOUND);
  assert_int_equal(checkrob_results_export(results, CHECKROB_EXPORT_IMAGES_CSV, "/nowhere/x.csv"),
                   CHECKROB_ERROR_NOT_FOUND);
  assert_int_equal(checkrob_results_export(results, (checkrob_export)99, path_of("x")),
                   CHECKROB_ERROR_INVALID_ARGUMENT);
  checkrob_results_free(results);
  assert_int_equal(folder_count(folder), 2); /* nothing unfinished is left */
}

/* ---- titles ---- */

static void expect_titles(const char *path, const char *red, const char *green) {
  checkrob_results *results = open_results(path, NULL);
  const char *const titles[] = {red, green};
  for (size_t i = 0; i < checkrob_results_class_count(results); i++) {
    const checkrob_row *row = checkrob_results_class(results, i);
    int64_t index = checkrob_row_integer(row, "index");
    if (index < 2) assert_string_equal(checkrob_row_text(row, "title"), titles[index]);
  }
  char line[64];
  snprintf(line, sizeof line, "\ni02.png,red,0,%s,", red);
  const char *const parts[] = {line, NULL};
  expect_export(results, "images.csv", parts);
  checkrob_results_free(results);
}

/* As a run that is resumed does. */
static void titles_are_replaced_and_results_remain(void **state) {
  (void)state;
  const char *path = path_of("r.sqlite");
  write_results(path, 0, IMAGES);
  expect_titles(path, "", "grass");
  char *before = dump_file(path, true);
  static const char *const maps[] = {
      "name,index,title\nred,0,rot\ngreen,1,\nmeadow,1,\"Wiese, nass\"\nblue,2,\n",
      "name,index\nred,0\ngreen,1\nblue,2\n", "name,index,title\nred,0,\ngreen,1,grass\nblue,2,sea\n"};
  static const char *const expected[][2] = {{"rot", "\"Wiese, nass\""}, {"", ""}, {"", "grass"}};
  for (int i = 0; i < 3; i++) {
    store *s = NULL;
    checkrob_class_map *classes = open_classes(maps[i]);
    must(store_open(&s, path));
    must(store_replace_titles(s, classes));
    must(store_replace_titles(s, NULL));
    store_close(s);
    checkrob_class_map_free(classes);
    expect_titles(path, expected[i][0], i == 0 ? "Wiese, nass" : expected[i][1]);
  }
  char *after = dump_file(path, true);
  assert_string_equal(after, before);
  free(before);
  free(after);
}

/* A file of version 3 has no titles. It is read and merged as it is; a run that resumes it adds them. */
static void files_from_before_titles_are_read(void **state) {
  (void)state;
  const char *old = path_of("old.sqlite"), *new = path_of("new.sqlite"), *merged = path_of("merged.sqlite");
  write_results(old, 0, 4);
  write_results(new, 4, IMAGES);
  database_change(old, "ALTER TABLE class_map DROP COLUMN title; PRAGMA user_version = 3");
  expect_titles(old, "", "");
  const char *const shards[] = {old, new};
  must(checkrob_results_merge(merged, shards, 2));
  checkrob_results *results = open_results(merged, NULL);
  assert_string_equal(checkrob_row_text(checkrob_results_class(results, 0), "title"),
                      checkrob_row_integer(checkrob_results_class(results, 0), "index") == 1 ? "grass" : "");
  checkrob_results_free(results);
  expect_titles(merged, "", "grass");
  store *s = NULL;
  checkrob_class_map *classes = open_classes("name,index,title\nred,0,rot\n");
  must(store_open(&s, old));
  must(store_replace_titles(s, classes));
  store_close(s);
  checkrob_class_map_free(classes);
  expect_titles(old, "rot", "");
}

/* Another process may be exporting to the same path. */
static void an_export_disturbs_no_other(void **state) {
  (void)state;
  struct stat info;
  write_results(path_of("r.sqlite"), 0, IMAGES);
  file_write_text(folder, "x.csv.part", "of somebody else");
  checkrob_results *results = open_results(path_of("r.sqlite"), NULL);
  mode_t before = umask(027);
  must(checkrob_results_export(results, CHECKROB_EXPORT_CLASSES_CSV, path_of("x.csv")));
  umask(before);
  assert_int_equal(stat(path_of("x.csv"), &info), 0);
  assert_int_equal(info.st_mode & 0777, 0640);
  char *text = slurp(path_of("x.csv.part"));
  assert_string_equal(text, "of somebody else");
  free(text);
  assert_int_equal(checkrob_results_export(results, CHECKROB_EXPORT_CLASSES_CSV, folder), CHECKROB_ERROR_IO);
  checkrob_results_free(results);
  assert_int_equal(folder_count(folder), 3);
}

/* Also those that an older version stored. */
static void bytes_that_are_no_utf8_are_escaped(void **state) {
  (void)state;
  write_results(path_of("r.sqlite"), 0, IMAGES);
  database_change(path_of("r.sqlite"), "UPDATE sample SET image = CAST(x'ff41' AS TEXT) WHERE input = 2");
  checkrob_results *results = open_results(path_of("r.sqlite"), NULL);
  must(checkrob_results_export(results, CHECKROB_EXPORT_IMAGES_JSONL, path_of("x")));
  char *text = slurp(path_of("x"));
  assert_non_null(strstr(text, "\"\\\\xFFA\""));
  free(text);
  must(checkrob_results_export(results, CHECKROB_EXPORT_IMAGES_CSV, path_of("x")));
  text = slurp(path_of("x"));
  assert_non_null(strstr(text, "\n\\xFFA,"));
  free(text);
  checkrob_results_free(results);
}

/* Only the status of the samples shows that the map was empty. */
static void an_empty_map_has_a_status_of_its_own(void **state) {
  (void)state;
  write_results(path_of("r.sqlite"), 0, IMAGES);
  database_change(path_of("r.sqlite"), "UPDATE sample SET empty_map = 1, rs = 0 WHERE input = 2");
  checkrob_results *results = open_results(path_of("r.sqlite"), NULL);
  static const char *const parts[] = {"\ni02.png,red,0,,0.000000,", ",empty_map,\n", NULL};
  expect_export(results, "images.csv", parts);
  assert_int_equal(checkrob_row_integer(checkrob_results_totals(results), "empty_maps"), 1);
  checkrob_results_free(results);
}

/* A column that nobody knows but its declaration: in the file, in a merged one, in exports, by name. */
static int find_bright(const checkrob_row *row, void *data) {
  int64_t *found = data;
  if (checkrob_row_has(row, "bright_pixels")) *found = checkrob_row_integer(row, "bright_pixels");
  return 0;
}

static void an_unknown_analysis_passes_through(void **state) {
  (void)state;
  row_layout *wider = samples_layout(true);
  checkrob_options *options = judging();
  const char *halves[] = {path_of("a.sqlite"), path_of("b.sqlite")}, *both = path_of("both.sqlite");
  for (size_t i = 0; i < 2; i++) {
    store *s = begin(halves[i], wider, 10 * i, 10 * (i + 1), options);
    samples_write(s, wider, 10 * i, 10 * (i + 1));
    finish(s, options);
  }
  row_layout_free(wider);
  checkrob_options_free(options);
  must(checkrob_results_merge(both, halves, 2));
  checkrob_results *results = open_results(both, NULL);
  expect_classes(results);
  static const char *const csv[] = {",iou,bright_pixels,status,message\n", ",118,ok,\n", ",,ok,\n", NULL};
  static const char *const json[] = {"\"bright_pixels\":118,", "\"bright_pixels\":null,", NULL};
  expect_export(results, "images.csv", csv);
  expect_export(results, "images.jsonl", json);
  int64_t found = 0;
  must(checkrob_results_each(results, find_bright, &found));
  assert_int_equal(found, 118);
  checkrob_results_free(results);
}

/* ---- merge ---- */

static void shards_merge_to_the_whole(void **state) {
  (void)state;
  const char *paths[] = {path_of("3.sqlite"), path_of("1.sqlite"), path_of("2.sqlite")};
  const char *merged = path_of("merged.sqlite"), *partial = path_of("partial.sqlite");
  write_results(path_of("whole.sqlite"), 0, IMAGES);
  write_results(paths[1], 0, 7);
  write_results(paths[2], 7, 14);
  write_results(paths[0], 14, IMAGES);
  must(checkrob_results_merge(merged, paths, 3));
  char *whole = dump_file(path_of("whole.sqlite"), true), *found = dump_file(merged, true);
  assert_string_equal(found, whole);
  free(whole);
  free(found);
  assert_int_equal(checkrob_results_merge(merged, paths, 3), CHECKROB_ERROR_IO); /* it exists */
  must(checkrob_results_merge(partial, paths, 2));
  free(dump_file(partial, false));
  store *s = NULL;
  store_options none = {0};
  must(store_open(&s, partial)); /* the missing shard is a gap that no run would fill */
  assert_int_equal(store_resume(s, layout, &none), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_non_null(strstr(checkrob_last_error(), "was merged from some of the shards"));
  store_close(s);
  must(store_open(&s, merged));
  must(store_resume(s, layout, &none));
  store_close(s);
}

static void expect_no_merge(const char *first, const char *second, checkrob_status status,
                            const char *sentence) {
  const char *paths[] = {first, second}, *merged = path_of("no.sqlite");
  assert_int_equal(checkrob_results_merge(merged, paths, 2), status);
  if (!strstr(checkrob_last_error(), sentence)) fail_msg("%s", checkrob_last_error());
  assert_int_equal(access(merged, F_OK), -1); /* nothing half made is left */
}

/* A shard without rows is found by its inputs. */
static void a_shard_does_not_stand_for_a_missing_one(void **state) {
  (void)state;
  const char *first = path_of("1.sqlite"), *empty = path_of("2.sqlite"), *partial = path_of("partial.sqlite");
  write_results(first, 0, 10);
  checkrob_options *options = judging();
  finish(begin(empty, layout, 10, 15, options), options); /* no sample of it counts */
  checkrob_options_free(options);
  const char *twice[] = {first, empty, empty}, *once[] = {first, empty};
  assert_int_equal(checkrob_results_merge(path_of("no.sqlite"), twice, 3), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_non_null(strstr(checkrob_last_error(),
                         "2.sqlite has inputs that another of the files has too; name "
                         "each shard only once"));
  must(checkrob_results_merge(partial, once, 2));
  free(dump_file(partial, false));
}

/* Shards merge in any order, and a merged file is merged again. */
static void shards_merge_in_stages(void **state) {
  (void)state;
  const char *shards[] = {path_of("1.sqlite"), path_of("2.sqlite"), path_of("3.sqlite")};
  const char *outer[] = {shards[2], shards[0]}, *partial = path_of("partial.sqlite");
  write_results(path_of("whole.sqlite"), 0, IMAGES);
  write_results(shards[0], 0, 7);
  write_results(shards[1], 7, 14);
  write_results(shards[2], 14, IMAGES);
  database_change(shards[2], "INSERT INTO option VALUES ('shard', '3/3', 0)");
  must(checkrob_results_merge(partial, outer, 2));
  checkrob_results *results = open_results(partial, NULL);
  assert_string_equal(checkrob_results_option(results, "inputs"), "0-6,14-19");
  assert_string_equal(checkrob_results_option(results, "shard"), ""); /* not that of one of its files */
  checkrob_results_free(results);
  const char *rest[] = {partial, shards[1]}, *again[] = {partial, shards[0]}, *alone[] = {partial};
  const char *merged = path_of("merged.sqlite");
  must(checkrob_results_merge(merged, rest, 2));
  char *whole = dump_file(path_of("whole.sqlite"), true), *found = dump_file(merged, true);
  assert_string_equal(found, whole);
  free(whole);
  free(found);
  results = open_results(merged, NULL);
  assert_string_equal(checkrob_results_option(results, "inputs"), "0-19");
  checkrob_results_free(results);
  must(checkrob_results_merge(path_of("alone.sqlite"), alone, 1));
  free(dump_file(path_of("alone.sqlite"), false));
  assert_int_equal(checkrob_results_merge(path_of("no.sqlite"), again, 2), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_non_null(strstr(checkrob_last_error(), "1.sqlite has inputs that another"));
}

/* An interrupted shard is missing something, and counts once it is complete. */
static void an_interrupted_shard_is_not_counted(void **state) {
  (void)state;
  const char *first = path_of("1.sqlite"), *second = path_of("2.sqlite"),
             *partial = path_of("partial.sqlite");
  write_results(first, 0, 10);
  write_results(second, 10, IMAGES);
  database_change(second,
                  "CREATE TABLE kept AS SELECT * FROM sample; DELETE FROM sample;"
                  "UPDATE session SET outcome = 'interrupted'");
  const char *both[] = {first, second}, *staged[] = {partial, second};
  must(checkrob_results_merge(partial, both, 2));
  checkrob_results *results = open_results(partial, NULL);
  assert_string_equal(checkrob_results_option(results, "inputs"), "0-9");
  assert_int_equal(checkrob_results_complete(results), 0);
  checkrob_results_free(results);
  database_change(second, "INSERT INTO sample SELECT * FROM kept; UPDATE session SET outcome = 'complete'");
  must(checkrob_results_merge(path_of("merged.sqlite"), staged, 2));
  free(dump_file(path_of("merged.sqlite"), true));
}

static void damaged_intervals_are_refused(void **state) {
  (void)state;
  static const char *const damages[] = {"DELETE FROM option WHERE name = 'first_input'",
                                        "UPDATE option SET value = '-3' WHERE name = 'first_input'",
                                        "UPDATE option SET value = '21' WHERE name = 'input_count'",
                                        "UPDATE option SET value = 'some' WHERE name = 'input_count'",
                                        "INSERT INTO option VALUES ('inputs', '0-', 0)",
                                        "INSERT INTO option VALUES ('inputs', '5-3', 0)",
                                        "INSERT INTO option VALUES ('inputs', '0-20', 0)",
                                        "INSERT INTO option VALUES ('inputs', '0-3,3-5', 0)",
                                        "INSERT INTO option VALUES ('inputs', '0-3;5-6', 0)"};
  for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
    const char *path = path_of("r.sqlite");
    write_results(path, 0, 10);
    database_change(path, damages[i]);
    const char *const paths[] = {path};
    if (checkrob_results_merge(path_of("no.sqlite"), paths, 1) != CHECKROB_ERROR_BAD_INPUT)
      fail_msg("%s", damages[i]);
    assert_non_null(strstr(checkrob_last_error(), "r.sqlite is damaged: "));
    unlink(path);
  }
}

static void files_that_do_not_fit_are_not_merged(void **state) {
  (void)state;
  const char *first = path_of("1.sqlite"), *second = path_of("2.sqlite"), *wide = path_of("w.sqlite");
  write_results(first, 0, 10);
  write_results(second, 10, IMAGES);
  expect_no_merge(first, first, CHECKROB_ERROR_INVALID_ARGUMENT, "inputs that another of the files has too");
  expect_no_merge(first, path_of("nothing"), CHECKROB_ERROR_NOT_FOUND, "cannot open");
  database_change(second, "UPDATE option SET value = 'gradcam' WHERE name = 'method'");
  expect_no_merge(first, second, CHECKROB_ERROR_OTHER_OPTIONS, "method is gradcam here, and gradcam++ there");
  database_change(second,
                  "UPDATE option SET value = 'gradcam++' WHERE name = 'method';"
                  "UPDATE option SET value = '1' WHERE name = 'batch'"); /* does not decide */
  const char *both[] = {first, second};
  must(checkrob_results_merge(path_of("yes.sqlite"), both, 2));
  database_change(second, "UPDATE option SET value = '5' WHERE name = 'top_k'");
  expect_no_merge(first, second, CHECKROB_ERROR_OTHER_OPTIONS,
                  "top_k is 5 here, and 1 there; only one verdict rule");
  database_change(second,
                  "UPDATE option SET value = '1' WHERE name = 'top_k';"
                  "UPDATE option SET value = '0.5' WHERE name = 'verdict_robust'");
  expect_no_merge(first, second, CHECKROB_ERROR_OTHER_OPTIONS,
                  "verdict_robust is 0.5 here, and not set there");
  row_layout *wider = samples_layout(true);
  checkrob_options *options = judging();
  store *s = begin(wide, wider, 10, IMAGES, options);
  samples_write(s, wider, 10, IMAGES);
  finish(s, options);
  expect_no_merge(first, wide, CHECKROB_ERROR_OTHER_OPTIONS, "its columns differ");
  checkrob_options_free(options);
  row_layout_free(wider);
}

static void overwrite_root(const char *path, const char *table) {
  sqlite3 *db = NULL;
  sqlite3_stmt *select = NULL;
  char *sql = text_format(
      "SELECT rootpage, (SELECT page_size FROM pragma_page_size()) FROM sqlite_master "
      "WHERE name = '%s'",
      table);
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &select, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_step(select), SQLITE_ROW);
  long page = sqlite3_column_int(select, 0), bytes = sqlite3_column_int(select, 1);
  sqlite3_finalize(select);
  sqlite3_close(db);
  free(sql);
  FILE *file = fopen(path, "r+b");
  assert_non_null(file);
  assert_int_equal(fseek(file, (page - 1) * bytes, SEEK_SET), 0);
  for (long i = 0; i < bytes; i++) fputc(0xff, file);
  fclose(file);
}

static void a_damaged_shard_is_named(void **state) {
  (void)state;
  const char *first = path_of("1.sqlite"), *second = path_of("2.sqlite");
  static const char *const tables[] = {"evidence", "sample"};
  for (size_t i = 0; i < 2; i++) {
    write_results(first, 0, 10);
    write_results(second, 10, IMAGES);
    overwrite_root(second, tables[i]);
    expect_no_merge(first, second, CHECKROB_ERROR_BAD_INPUT, "2.sqlite: it is not a database, or is damaged");
    unlink(second);
    write_results(second, 10, IMAGES);
    database_change(second, i ? "DROP TABLE class_map" : "DROP TABLE evidence");
    expect_no_merge(first, second, CHECKROB_ERROR_BAD_INPUT, "2.sqlite: it is damaged (no such table");
    unlink(first);
    unlink(second);
  }
}

/* The new file is removed, so nobody could restore it. */
static void a_shard_with_damaged_rows_is_named(void **state) {
  (void)state;
  const char *first = path_of("1.sqlite"), *second = path_of("2.sqlite");
  static const char *const damages[][2] = {
      {"UPDATE sample SET rs = 'x' WHERE input = 12", "2.sqlite is damaged: table sample, column rs"},
      {"UPDATE evidence SET region = x'00000000'", "2.sqlite is damaged: a sample's stored map differs"},
  };
  for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
    write_results(first, 0, 10);
    write_results(second, 10, IMAGES);
    database_change(second, damages[i][0]);
    expect_no_merge(first, second, CHECKROB_ERROR_BAD_INPUT, damages[i][1]);
    unlink(first);
    unlink(second);
  }
  write_results(first, 0, 10);
  write_results(second, 10, IMAGES);
  database_change(first, "UPDATE option SET value = 'x' WHERE name = 'verdict_level'");
  database_change(second, "UPDATE option SET value = 'x' WHERE name = 'verdict_level'");
  expect_no_merge(first, second, CHECKROB_ERROR_BAD_INPUT, "1.sqlite was made by another version");
}

/* SQLite has a meaning of its own for some names. */
static void names_are_those_of_files(void **state) {
  (void)state;
  char before[512];
  assert_non_null(getcwd(before, sizeof before));
  assert_int_equal(chdir(folder), 0);
  static const char *const names[] = {":memory:", "file:x?mode=memory", "file::memory:"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *const given[] = {names[i]}, *const merged[] = {"merged"};
    write_results(names[i], 0, IMAGES);
    free(dump_file(names[i], true));
    unlink("merged");
    must(checkrob_results_merge("merged", given, 1));
    free(dump_file("merged", true));
    unlink(names[i]);
    must(checkrob_results_merge(names[i], merged, 1));
    free(dump_file(names[i], true));
    assert_int_equal(unlink(names[i]), 0);
  }
  assert_int_equal(chdir(before), 0);
  const char *const some[] = {path_of("merged")}, *const gap[] = {path_of("merged"), NULL};
  assert_int_equal(checkrob_results_merge("", some, 1), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_results_merge(path_of("new"), gap, 2), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(access(path_of("new"), F_OK), -1);
  checkrob_results *results = NULL;
  assert_int_equal(checkrob_results_open(&results, "", NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
}

static void an_export_never_replaces_its_own_results(void **state) {
  (void)state;
  write_results(path_of("r.sqlite"), 0, IMAGES);
  assert_int_equal(symlink("r.sqlite", path_of("link")), 0);
  checkrob_results *results = open_results(path_of("link"), NULL);
  static const char *const names[] = {"r.sqlite", "link", "./r.sqlite"};
  for (size_t i = 0; i < 3; i++) {
    assert_int_equal(checkrob_results_export(results, CHECKROB_EXPORT_CLASSES_CSV, path_of(names[i])),
                     CHECKROB_ERROR_INVALID_ARGUMENT);
    assert_non_null(strstr(checkrob_last_error(), "is the results file itself"));
  }
  must(checkrob_results_export(results, CHECKROB_EXPORT_CLASSES_CSV, path_of("classes.csv")));
  checkrob_results_free(results);
  free(dump_file(path_of("r.sqlite"), true));
}

/* A merge that was killed or failed leaves its target's name free. */
static void a_merged_file_appears_complete(void **state) {
  (void)state;
  const char *first = path_of("1.sqlite"), *second = path_of("2.sqlite"), *link = path_of("link");
  write_results(first, 0, 10);
  write_results(second, 10, IMAGES);
  const char *both[] = {first, second}, *bad[] = {first, path_of("no")};
  struct stat info;
  assert_int_equal(symlink("nowhere", link), 0);
  assert_int_equal(checkrob_results_merge(link, bad, 2), CHECKROB_ERROR_NOT_FOUND);
  assert_int_equal(lstat(link, &info), 0);
  assert_true(S_ISLNK(info.st_mode)); /* as it was, and nothing behind it */
  assert_int_equal(folder_count(folder), 3);
  must(checkrob_results_merge(link, both, 2));
  free(dump_file(link, true));
  assert_int_equal(lstat(link, &info), 0);
  assert_true(S_ISLNK(info.st_mode)); /* the file that it names appeared as a whole */
  assert_int_equal(lstat(path_of("nowhere"), &info), 0);
  assert_true(S_ISREG(info.st_mode));
  assert_int_equal(folder_count(folder), 4);
  assert_int_equal(mkfifo(path_of("pipe"), 0600), 0);
  store *s = NULL;
  assert_int_equal(store_open(&s, path_of("pipe")), CHECKROB_ERROR_IO); /* it would wait for ever */
  assert_non_null(strstr(checkrob_last_error(), "it is not a file"));
  assert_int_equal(checkrob_results_merge(path_of("no/m.sqlite"), both, 2), CHECKROB_ERROR_NOT_FOUND);
  if (!strstr(checkrob_last_error(), "no/m.sqlite: No such file")) fail_msg("%s", checkrob_last_error());
}

static void write_empty(const char *path) {
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fclose(file);
}

/* A file as it was two hours ago. */
static void make_old(const char *path) {
  struct timespec then[2] = {{.tv_sec = time(NULL) - 7200}, {.tv_sec = time(NULL) - 7200}};
  assert_int_equal(utimensat(AT_FDCWD, path, then, 0), 0);
}

static void what_a_killed_merge_left_is_removed(void **state) {
  (void)state;
  const char *left = path_of("m.sqlite.0123456789abcdef.part"),
             *log = path_of("m.sqlite.0123456789abcdef.part-wal");
  const char *empty = path_of("m.sqlite.0123456789abcde0.part"), *shard = path_of("1.sqlite");
  const char *held = path_of("m.sqlite.0123456789abcde1.part"),
             *now = path_of("m.sqlite.0123456789abcde2.part");
  const char *others[] = {path_of("x.sqlite.0123456789abcdef.part"),
                          path_of("m.sqlite.0123456789abcdef.part.old"), path_of("m.sqlite.0123.part"),
                          path_of("m.sqlite.0123456789ABCDEF.part")};
  write_results(left, 0, 10);
  write_results(held, 0, 10);
  write_results(now, 0, 10);
  write_results(shard, 0, 10);
  write_empty(empty);
  write_empty(log);
  for (size_t i = 0; i < 4; i++) write_empty(others[i]);
  for (size_t i = 0; i < 4; i++) make_old(others[i]);
  store *s = NULL;
  must(store_open(&s, held));
  make_old(held);
  make_old(left);
  make_old(empty);
  must(checkrob_results_merge(path_of("m.sqlite"), &shard, 1));
  store_close(s);
  assert_int_equal(access(left, F_OK), -1);
  assert_int_equal(access(log, F_OK), -1);
  assert_int_equal(access(empty, F_OK), -1);
  assert_int_equal(access(held, F_OK), 0);
  assert_int_equal(access(now, F_OK), 0);
  for (size_t i = 0; i < 4; i++) assert_int_equal(access(others[i], F_OK), 0);
}

/* ---- compare ---- */

/* The rows' texts and numbers, which are gone after the callback. */
typedef struct compared {
  struct compared_class {
    char name[32];
    int64_t index, images_before, images_after, pairs;
    double crs_before, crs_after, change, error, ers_after;
    char verdict_before[32];
  } rows[8];
  size_t count;
} compared;

static int take_comparison(const checkrob_row *row, void *data) {
  compared *all = data;
  struct compared_class *c = &all->rows[all->count++];
  *c = (struct compared_class){.index = checkrob_row_integer(row, "index"),
                               .images_before = checkrob_row_integer(row, "images_before"),
                               .images_after = checkrob_row_integer(row, "images_after"),
                               .pairs = checkrob_row_integer(row, "pairs"),
                               .crs_before = checkrob_row_number(row, "crs_before"),
                               .crs_after = checkrob_row_number(row, "crs_after"),
                               .change = checkrob_row_number(row, "rs_change"),
                               .error = checkrob_row_number(row, "rs_change_error"),
                               .ers_after = checkrob_row_number(row, "ers_after")};
  snprintf(c->name, sizeof c->name, "%s", checkrob_row_text(row, "class"));
  snprintf(c->verdict_before, sizeof c->verdict_before, "%s", checkrob_row_text(row, "verdict_before"));
  return 0;
}

/* A class falls, one rises, and one has another name. */
static void write_two_results(void) {
  write_results(path_of("before.sqlite"), 0, IMAGES);
  write_results(path_of("after.sqlite"), 0, IMAGES);
  database_change(path_of("after.sqlite"),
                  "UPDATE sample SET rs = rs / 2 WHERE class = 'green';"
                  "UPDATE sample SET rs = (1 + rs) / 2 WHERE class = 'blue';"
                  "UPDATE sample SET class = 'scarlet', \"index\" = 4 WHERE class = 'red';"
                  "DELETE FROM class");
}

static void two_results_are_compared_class_by_class(void **state) {
  (void)state;
  write_two_results();
  checkrob_results *before = open_results(path_of("before.sqlite"), NULL);
  checkrob_results *after = open_results(path_of("after.sqlite"), NULL);
  compared found = {.count = 0};
  must(checkrob_results_compare(before, after, take_comparison, &found));
  assert_int_equal(found.count, 4);
  static const char *const names[] = {"green", "blue", "red", "scarlet"};
  for (int i = 0; i < 4; i++) assert_string_equal(found.rows[i].name, names[i]);
  const struct compared_class *green = &found.rows[0], *red = &found.rows[2], *scarlet = &found.rows[3];
  assert_true(green->pairs == 7 && green->images_before == 7 && green->images_after == 7);
  assert_true(fabs(green->crs_after - green->crs_before / 2) < 1e-12);
  assert_true(fabs(green->change - (green->crs_after - green->crs_before)) < 1e-12 && green->error > 0);
  assert_true(isfinite(green->ers_after));
  assert_true(red->images_before == 12 && red->images_after == -1 && red->pairs == 0 && red->index == 0);
  assert_true(isnan(red->change) && isnan(red->crs_after) && isfinite(red->crs_before));
  assert_true(scarlet->index == 4 && scarlet->images_before == -1 && scarlet->images_after == 12);
  assert_string_equal(red->verdict_before, "doubtful");
  assert_string_equal(scarlet->verdict_before, "");
  found.count = 0;
  must(checkrob_results_compare(before, before, take_comparison, &found)); /* and once more, with itself */
  assert_true(found.count == 3 && found.rows[0].change == 0);
  int count = 0;
  assert_int_equal(checkrob_results_compare(before, after, stop_at_third, &count),
                   CHECKROB_ERROR_INTERRUPTED);
  assert_int_equal(count, 3);
  checkrob_results_free(before);
  checkrob_results_free(after);
}

/* Somebody reads while a run writes: neither waits. */
static void readers_do_not_block_a_run(void **state) {
  (void)state;
  checkrob_options *options = judging();
  store *s = begin(path_of("r.sqlite"), layout, 0, IMAGES, options);
  samples_write(s, layout, 0, 8);
  checkrob_results *results = open_results(path_of("r.sqlite"), NULL);
  samples_write(s, layout, 8, IMAGES);
  assert_int_equal(checkrob_results_complete(results), 0);
  assert_int_equal(checkrob_row_integer(checkrob_results_totals(results), "samples"), 9);
  finish(s, options);
  int count = -100;
  must(checkrob_results_each(results, stop_at_third, &count));
  assert_int_equal(count, -91);
  checkrob_results_free(results);
  results = open_results(path_of("r.sqlite"), NULL);
  expect_classes(results);
  checkrob_results_free(results);
  checkrob_options_free(options);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {TEST(classes_have_the_numbers_that_are_expected),
                                     TEST(no_column_of_a_class_is_forgotten),
                                     TEST(an_interrupted_run_is_judged_when_it_is_opened),
                                     TEST(damaged_classes_are_computed_anew),
                                     TEST(another_k_has_other_accuracies),
                                     TEST(another_rule_judges_the_same_samples),
                                     TEST(what_cannot_be_opened_is_refused),
                                     TEST(derived_columns_are_filled_row_by_row),
                                     TEST(a_callback_may_stop),
                                     TEST(tables_are_read_by_their_names),
                                     TEST(exports_are_what_other_programs_read),
                                     TEST(titles_are_replaced_and_results_remain),
                                     TEST(files_from_before_titles_are_read),
                                     TEST(an_export_disturbs_no_other),
                                     TEST(bytes_that_are_no_utf8_are_escaped),
                                     TEST(an_empty_map_has_a_status_of_its_own),
                                     TEST(an_unknown_analysis_passes_through),
                                     TEST(shards_merge_to_the_whole),
                                     TEST(a_shard_does_not_stand_for_a_missing_one),
                                     TEST(shards_merge_in_stages),
                                     TEST(an_interrupted_shard_is_not_counted),
                                     TEST(damaged_intervals_are_refused),
                                     TEST(files_that_do_not_fit_are_not_merged),
                                     TEST(a_damaged_shard_is_named),
                                     TEST(a_shard_with_damaged_rows_is_named),
                                     TEST(names_are_those_of_files),
                                     TEST(an_export_never_replaces_its_own_results),
                                     TEST(a_merged_file_appears_complete),
                                     TEST(what_a_killed_merge_left_is_removed),
                                     TEST(two_results_are_compared_class_by_class),
                                     TEST(readers_do_not_block_a_run)};
  return cmocka_run_group_tests_name("results", tests, NULL, NULL);
}
