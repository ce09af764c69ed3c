/* SPDX-License-Identifier: Apache-2.0 */
/* The files that score writes. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "score.h"
#include "verdict_counts.h"

/* ---- the folder ---- */

static const char *const names[] = {"results.sqlite", "results.sqlite-wal", "results.sqlite-shm",
                                    "images.csv",     "classes.csv",        "looked_at.csv",
                                    "summary.json"};

#define NAME_COUNT (sizeof names / sizeof names[0])

int results_folder_open(results_folder *folder, const command_line *line) {
  *folder = (results_folder){.path = command_line_text(line, "out")};
  int code = make_folder(folder->path);
  for (size_t i = 0; i < NAME_COUNT && code == EXIT_OK; i++) {
    char *path = join_path(folder->path, names[i]);
    code = path ? spare_inputs(line, path) : fail(EXIT_FAILED, "out of memory");
    free(path);
  }
  folder->store_path = join_path(folder->path, names[0]);
  return code == EXIT_OK && !folder->store_path ? fail(EXIT_FAILED, "out of memory") : code;
}

int results_folder_spare(const results_folder *folder, const char *path) {
  for (size_t i = 0; i < NAME_COUNT; i++)
    if (is_file_of(path, folder->path, names[i]))
      return fail(EXIT_FAILED,
                  "--extract would write %s, which is a file of the results; give another name or folder",
                  path);
  return EXIT_OK;
}

int results_folder_clear(const results_folder *folder) {
  int code = EXIT_OK;
  for (size_t i = 0; i < NAME_COUNT && code == EXIT_OK; i++) {
    char *path = join_path(folder->path, names[i]);
    if (!path) return fail(EXIT_FAILED, "out of memory");
    if (unlink(path) != 0 && errno != ENOENT)
      code = fail(EXIT_FAILED, "cannot replace %s: %s", path, strerror(errno));
    free(path);
  }
  return code;
}

void results_folder_free(results_folder *folder) {
  for (size_t i = 0; i < FAILURES_SHOWN; i++) free(folder->shown[i]);
  free(folder->pool_shown);
  free(folder->store_path);
}

/* ---- tables ---- */

static int find_failure(const checkrob_row *sample, void *user_data) {
  results_folder *folder = user_data;
  if (checkrob_row_is_evaluated(sample) || folder->failures++ >= FAILURES_SHOWN) return 0;
  folder->shown[folder->failures - 1] =
      line_about(checkrob_row_text(sample, "image"), checkrob_row_text(sample, "message"));
  return 0;
}

static int count_pool(const checkrob_row *image, void *user_data) {
  results_folder *folder = user_data;
  folder->pool_images++;
  if (!checkrob_row_has(image, "index") && folder->pool_failures++ == 0)
    folder->pool_shown = line_about(checkrob_row_text(image, "image"), checkrob_row_text(image, "message"));
  return 0;
}

static int export_to(checkrob_results *results, checkrob_export what, const char *folder, const char *name) {
  char *path = join_path(folder, name);
  if (!path) return fail(EXIT_FAILED, "out of memory");
  int code = checkrob_results_export(results, what, path) ? fail_with_flags(EXIT_FAILED) : EXIT_OK;
  free(path);
  return code;
}

int results_folder_export(results_folder *folder) {
  checkrob_results *results = NULL;
  int code = EXIT_OK;
  if (checkrob_results_open(&results, folder->store_path, NULL) ||
      (checkrob_row_integer(checkrob_results_totals(results), "failed") > 0 &&
       checkrob_results_each(results, find_failure, folder)) ||
      checkrob_results_table(results, "pool", count_pool, folder))
    code = fail_with_flags(EXIT_FAILED);
  if (code == EXIT_OK) code = export_to(results, CHECKROB_EXPORT_IMAGES_CSV, folder->path, "images.csv");
  if (code == EXIT_OK) code = export_to(results, CHECKROB_EXPORT_CLASSES_CSV, folder->path, "classes.csv");
  if (code == EXIT_OK)
    code = export_to(results, CHECKROB_EXPORT_LOOKED_AT_CSV, folder->path, "looked_at.csv");
  checkrob_results_free(results);
  return code;
}

/* ---- summary.json ---- */

/* The options in force as JSON, with the content of the preprocessing, so that no other file is needed. The
 * caller frees it with checkrob_options_json_free(); NULL: checkrob_last_error() says why. */
static char *options_text(const checkrob_run *run, const inputs *in) {
  char *json = NULL;
  checkrob_options *options = NULL;
  checkrob_status status = checkrob_options_copy(&options, checkrob_run_options(run));
  if (!status) status = checkrob_options_set(options, "preprocess", checkrob_preprocess_json(in->preprocess));
  if (!status) checkrob_options_json_in_force(&json, options);
  checkrob_options_free(options);
  return json;
}

static json_t *value_of(const checkrob_row *row, const checkrob_column_info *column) {
  if (!checkrob_row_has(row, column->name)) return json_null();
  if (column->type == CHECKROB_COLUMN_INTEGER)
    return json_integer((json_int_t)checkrob_row_integer(row, column->name));
  if (column->type == CHECKROB_COLUMN_NUMBER) return json_real(checkrob_row_number(row, column->name));
  return json_string(checkrob_row_text(row, column->name));
}

/* Columns in seconds belong to `timing`. */
static void put_totals(json_t *totals, json_t *timing, const checkrob_row *row) {
  checkrob_column_info column = CHECKROB_COLUMN_INFO_INIT;
  for (size_t i = 0; i < checkrob_row_column_count(row); i++)
    if (checkrob_row_column(&column, row, i) == CHECKROB_OK)
      json_object_set_new(strcmp(column.unit, "s") == 0 ? timing : totals, column.name,
                          value_of(row, &column));
}

double samples_per_second(const checkrob_row *totals) {
  double seconds = checkrob_row_number(totals, "seconds") - checkrob_row_number(totals, "setup_seconds");
  int64_t computed = checkrob_row_integer(totals, "samples") - checkrob_row_integer(totals, "resumed");
  return seconds > 0.0 ? (double)computed / seconds : 0.0;
}

static json_t *verdicts_of(const checkrob_run *run) {
  verdict_counts counts = {0};
  json_t *verdicts = json_object();
  for (size_t i = 0; i < checkrob_run_class_count(run); i++)
    verdict_counts_add(&counts, checkrob_run_class(run, i));
  for (size_t i = 0; i < VERDICT_KINDS; i++) {
    checkrob_verdict kind = verdict_counts_kind(i);
    json_object_set_new(verdicts, checkrob_verdict_name(kind), json_integer((json_int_t)counts.of[kind]));
  }
  return verdicts;
}

/* All but the options. */
static json_t *summary_of(const checkrob_run *run, int complete) {
  const checkrob_row *row = checkrob_run_totals(run);
  json_t *totals = json_object(), *timing = json_object();
  put_totals(totals, timing, row);
  json_object_set_new(totals, "classes", json_integer((json_int_t)checkrob_run_class_count(run)));
  json_object_set_new(timing, "samples_per_second", json_real(samples_per_second(row)));
  return json_pack("{s:{s:s, s:s}, s:b, s:{s:s, s:i}, s:o, s:o, s:o}", "versions", "checkrob",
                   checkrob_version(), "libtorch", checkrob_torch_version(), "complete", complete, "used",
                   "layer", checkrob_run_layers(run), "threads", checkrob_model_threads(), "totals", totals,
                   "verdicts", verdicts_of(run), "timing", timing);
}

typedef struct summary_parts {
  const char *rest, *options;
} summary_parts;

/* `rest` has no options: the library writes those, with each number as the user wrote it. */
static int write_parts(FILE *file, void *data) {
  const summary_parts *parts = data;
  fprintf(file, "%.*s,\n  \"options\": ", (int)(strlen(parts->rest) - strlen("\n}")), parts->rest);
  for (const char *c = parts->options; *c; c++) {
    fputc(*c, file);
    if (*c == '\n') fputs("  ", file);
  }
  fputs("\n}\n", file);
  return EXIT_OK;
}

int summary_write(const results_folder *folder, const checkrob_run *run, const inputs *in, int complete) {
  char *options = options_text(run, in), *path = join_path(folder->path, "summary.json");
  if (!options) {
    free(path);
    return fail_with_flags(EXIT_FAILED);
  }
  json_t *summary = summary_of(run, complete);
  char *rest = summary ? json_dumps(summary, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) : NULL;
  int code = rest && path ? whole_file_write(path, write_parts, &(summary_parts){rest, options})
                          : fail(EXIT_FAILED, "cannot put summary.json together: out of memory");
  json_decref(summary);
  free(rest);
  free(path);
  checkrob_options_json_free(options);
  return code;
}
