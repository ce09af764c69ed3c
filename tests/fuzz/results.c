/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz/results.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "fuzz/fuzz.h"
#include "support/world.h"

#define IMAGES 12

/* ---- the run ---- */

static const char *const names[] = {"red", "green", "blue"};
static const colour colours[] = {{255, 0, 0}, {0, 255, 0}, {0, 0, 255}};
static const rectangle left_half = {0, 0, 16, 32}, right_half = {16, 0, 32, 32}, whole = {0, 0, 32, 32};

/* Objects that are found and objects that are not, and a file that is damaged. */
static void write_world(world *w) {
  world_start(w);
  for (int i = 0; i < IMAGES; i++) {
    char name[32];
    snprintf(name, sizeof name, "i%02d", i);
    world_sample(w, name, names[i % 3], i % 4 ? left_half : right_half, colours[i % 3],
                 i % 5 ? left_half : whole);
  }
  char *path = text_format("%s/annotations/i07.xml", w->folder);
  FILE *file = path ? fopen(path, "w") : NULL;
  FUZZ_CHECK(file, "the harness cannot write");
  fputs("<annotation><object>", file);
  fclose(file);
  free(path);
  world_open(w);
}

static checkrob_options *run_options(const world *w) {
  checkrob_options *options = NULL;
  char *images = text_format("%s/images", w->folder), *annotations = text_format("%s/annotations", w->folder);
  const char *const values[][2] = {{"batch", "4"},
                                   {"threads", "1"},
                                   {"features", "true"},
                                   {"cues", "true"},
                                   {"advice", "true"},
                                   {"attack_images", images},
                                   {"attack_dataset", "voc"},
                                   {"attack_annotations", annotations},
                                   {"verdict_min_images", "3"},
                                   {"verdict_resamples", "100"}, /* fast */
                                   {"verdict_permutations", "99"}};
  fuzz_must(checkrob_options_new(&options));
  for (size_t i = 0; i < sizeof values / sizeof *values; i++)
    fuzz_must(strcmp(values[i][0], "attack_annotations") == 0
                  ? checkrob_options_add(options, values[i][0], values[i][1])
                  : checkrob_options_set(options, values[i][0], values[i][1]));
  free(annotations);
  free(images);
  return options;
}

static void run(const world *w, const char *path) {
  static const char json[] = "{\"crop\": 32}";
  checkrob_options *options = run_options(w);
  checkrob_preprocess *preprocess = NULL;
  checkrob_model *model = NULL;
  checkrob_run *made = NULL;
  fuzz_text("fake.pt", "not much of a model");
  char *archive = fuzz_path("fake.pt");
  fuzz_must(checkrob_preprocess_parse(&preprocess, json, sizeof json - 1));
  fuzz_must(checkrob_model_open(&model, archive, 32, 32, options));
  fuzz_must(checkrob_run_new(&made, model, w->dataset, preprocess, options));
  fuzz_must(checkrob_run_store(made, path));
  fuzz_must(checkrob_run_execute(made));
  checkrob_run_free(made);
  checkrob_model_free(model);
  checkrob_preprocess_free(preprocess);
  checkrob_options_free(options);
  free(archive);
}

const uint8_t *fuzz_results_base(size_t *bytes) {
  static char *base;
  static size_t base_bytes;
  if (!base) {
    world w;
    char *path = fuzz_path("base.sqlite");
    write_world(&w);
    run(&w, path);
    world_end(&w);
    fuzz_must(file_read(&base, &base_bytes, path, UINT64_C(1) << 30));
    free(path);
  }
  *bytes = base_bytes;
  return (const uint8_t *)base;
}

/* ---- files ---- */

/* With what SQLite writes beside a file. */
static void remove_database(const char *name) {
  static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
  char *path = fuzz_path(name);
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
    char *file = text_format("%s%s", path, endings[i]);
    FUZZ_CHECK(file, "the harness found no memory");
    unlink(file);
    free(file);
  }
  free(path);
}

void fuzz_results_write(const uint8_t *data, size_t bytes) {
  size_t unused = 0;
  fuzz_results_base(&unused); /* to be compared with */
  remove_database("shard.sqlite");
  fuzz_file("shard.sqlite", data, bytes);
}

/* ---- reading ---- */

static int look_at_row(const checkrob_row *row, void *data) {
  size_t *rows = data;
  for (size_t i = 0; i < checkrob_row_column_count(row); i++) {
    checkrob_column_info info = CHECKROB_COLUMN_INFO_INIT;
    fuzz_must(checkrob_row_column(&info, row, i));
    size_t count = 0;
    const float *floats = checkrob_row_floats(&count, row, info.name);
    FUZZ_CHECK(!count || floats, "an array of %zu numbers is NULL", count);
    *rows += strlen(checkrob_row_text(row, info.name)) + count;
  }
  return ++*rows > 100000;
}

static bool read_rows(checkrob_status status) {
  return status == CHECKROB_ERROR_INTERRUPTED || fuzz_ok_call(status);
}

static void read_tables(checkrob_results *results) {
  size_t rows = 0;
  read_rows(checkrob_results_each(results, look_at_row, &rows));
  for (size_t i = 0; i < checkrob_table_count(); i++)
    read_rows(checkrob_results_table(results, checkrob_table_name(i), look_at_row, &rows));
  for (size_t i = 0; i < checkrob_results_class_count(results); i++)
    look_at_row(checkrob_results_class(results, i), &rows);
  look_at_row(checkrob_results_totals(results), &rows);
  for (size_t i = 0; i < checkrob_option_count(); i++) {
    checkrob_option_info info = CHECKROB_OPTION_INFO_INIT;
    fuzz_must(checkrob_option_at(&info, i));
    checkrob_results_option(results, info.name);
  }
}

static void export_all(checkrob_results *results) {
  char *path = fuzz_path("exported");
  for (int what = CHECKROB_EXPORT_IMAGES_CSV; what <= CHECKROB_EXPORT_ADVICE_JSONL; what++)
    fuzz_ok_call(checkrob_results_export(results, (checkrob_export)what, path));
  free(path);
}

/* A report is JSON, or lines without control characters. */
static void look_at_report(const checkrob_gate *gate, checkrob_gate_format format) {
  char *text = NULL;
  fuzz_must(checkrob_gate_report(&text, gate, format));
  if (format == CHECKROB_GATE_JSON || format == CHECKROB_GATE_SARIF) {
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    FUZZ_CHECK(root, "a report is not JSON: %s", text);
    json_decref(root);
  }
  for (const char *c = text; *c; c++)
    FUZZ_CHECK((unsigned char)*c >= 0x20 || *c == '\n', "a report has the control character %d", *c);
  checkrob_gate_report_free(text);
}

static void judge(checkrob_results *results, checkrob_results *baseline) {
  checkrob_gate *gate = NULL;
  fuzz_must(checkrob_gate_new(&gate));
  fuzz_must(checkrob_gate_fail_on(gate, "non-robust,doubtful,not enough data"));
  fuzz_must(checkrob_gate_fail_if(gate, "acc < 0.9 or not robustness > 0 or class != 'red'"));
  fuzz_must(checkrob_gate_max_failures(gate, "1%"));
  if (fuzz_ok_call(checkrob_gate_judge(gate, results, baseline)))
    for (int format = CHECKROB_GATE_JSON; format <= CHECKROB_GATE_GITHUB; format++)
      look_at_report(gate, (checkrob_gate_format)format);
  checkrob_gate_free(gate);
}

static void open_and_read(const char *path, const char *base, const checkrob_options *options) {
  checkrob_results *results = NULL, *other = NULL;
  size_t rows = 0;
  if (!fuzz_ok_call(checkrob_results_open(&results, path, options))) return;
  read_tables(results);
  if (!options) export_all(results);
  fuzz_must(checkrob_results_open(&other, base, NULL));
  read_rows(checkrob_results_compare(other, results, look_at_row, &rows));
  judge(results, NULL);
  judge(results, other);
  checkrob_results_free(other);
  checkrob_results_free(results);
}

static void merge(const char *path) {
  remove_database("merged.sqlite");
  char *merged = fuzz_path("merged.sqlite");
  fuzz_ok_call(checkrob_results_merge(merged, &path, 1));
  free(merged);
}

void fuzz_results_read(void) {
  char *path = fuzz_path("shard.sqlite"), *base = fuzz_path("base.sqlite");
  checkrob_options *options = NULL;
  fuzz_must(checkrob_options_new(&options));
  fuzz_must(checkrob_options_set(options, "verdict_min_images", "2"));
  open_and_read(path, base, NULL);
  open_and_read(path, base, options);
  merge(path);
  checkrob_options_free(options);
  free(base);
  free(path);
}
