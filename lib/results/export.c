/* SPDX-License-Identifier: Apache-2.0 */
/* Writes results as text, for other programs. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/part_file.h"
#include "classes/image_pool.h"
#include "results/results.h"
#include "table/text.h"

static const struct {
  checkrob_export what;
  const char *name;
} exports[] = {{CHECKROB_EXPORT_IMAGES_CSV, "images.csv"},
               {CHECKROB_EXPORT_CLASSES_CSV, "classes.csv"},
               {CHECKROB_EXPORT_LOOKED_AT_CSV, "looked_at.csv"},
               {CHECKROB_EXPORT_FEATURES_CSV, "features.csv"},
               {CHECKROB_EXPORT_PASTED_CSV, "pasted.csv"},
               {CHECKROB_EXPORT_IMAGES_JSONL, "images.jsonl"},
               {CHECKROB_EXPORT_CLASSES_JSONL, "classes.jsonl"},
               {CHECKROB_EXPORT_LOOKED_AT_JSONL, "looked_at.jsonl"},
               {CHECKROB_EXPORT_FEATURES_JSONL, "features.jsonl"},
               {CHECKROB_EXPORT_PASTED_JSONL, "pasted.jsonl"},
               {CHECKROB_EXPORT_CUES_CSV, "cues.csv"},
               {CHECKROB_EXPORT_CUES_JSONL, "cues.jsonl"},
               {CHECKROB_EXPORT_POOL_CSV, "pool.csv"},
               {CHECKROB_EXPORT_POOL_JSONL, "pool.jsonl"},
               {CHECKROB_EXPORT_DUPLICATES_CSV, "duplicates.csv"},
               {CHECKROB_EXPORT_DUPLICATES_JSONL, "duplicates.jsonl"},
               {CHECKROB_EXPORT_ADVICE_CSV, "advice.csv"},
               {CHECKROB_EXPORT_ADVICE_JSONL, "advice.jsonl"},
               {CHECKROB_EXPORT_AUTHORS_CSV, "authors.csv"},
               {CHECKROB_EXPORT_COMPARISON_CSV, "comparison.csv"},
               {CHECKROB_EXPORT_COMPARISON_JSONL, "comparison.jsonl"}};

#define EXPORT_COUNT (sizeof exports / sizeof exports[0])

checkrob_status checkrob_export_find(checkrob_export *out, const char *name) {
  if (!out || !name) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_export_find: NULL argument");
  char names[1024] = "";
  for (size_t i = 0; i < EXPORT_COUNT; i++) {
    if (strcmp(exports[i].name, name) == 0) {
      *out = exports[i].what;
      return CHECKROB_OK;
    }
    size_t used = strlen(names);
    snprintf(names + used, sizeof names - used, "%s%s", i > 0 ? ", " : "", exports[i].name);
  }
  return error_set(CHECKROB_ERROR_NOT_FOUND, "there is no export '%s'; the exports are: %s", name, names);
}

/* ---- rows ---- */

static checkrob_status write_csv(const checkrob_row *row, void *data) {
  csv_write_row(data, row);
  return CHECKROB_OK;
}

static checkrob_status write_json(const checkrob_row *row, void *data) {
  return json_write_row(data, row);
}

static checkrob_status write_samples_csv(FILE *file, checkrob_results *results) {
  csv_write_head(file, store_samples(results->from));
  return results_read_samples(results, false, write_csv, file);
}

static checkrob_status write_classes(FILE *file, const checkrob_results *results,
                                     checkrob_status (*write)(const checkrob_row *row, void *data)) {
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < results->classes.classes.count && !status; i++)
    status = write(results->classes.ranking[i], file);
  return status;
}

/* The table that an export writes whole; NULL for the others. */
static const row_list *table_of(const class_tables *tables, checkrob_export what, bool *is_json) {
  const struct {
    checkrob_export csv, json;
    const row_list *table;
  } all[] = {{CHECKROB_EXPORT_LOOKED_AT_CSV, CHECKROB_EXPORT_LOOKED_AT_JSONL, &tables->looked_at},
             {CHECKROB_EXPORT_FEATURES_CSV, CHECKROB_EXPORT_FEATURES_JSONL, &tables->features},
             {CHECKROB_EXPORT_PASTED_CSV, CHECKROB_EXPORT_PASTED_JSONL, &tables->pasted},
             {CHECKROB_EXPORT_CUES_CSV, CHECKROB_EXPORT_CUES_JSONL, &tables->cues},
             {CHECKROB_EXPORT_DUPLICATES_CSV, CHECKROB_EXPORT_DUPLICATES_JSONL, &tables->duplicates},
             {CHECKROB_EXPORT_ADVICE_CSV, CHECKROB_EXPORT_ADVICE_JSONL, &tables->advice}};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    *is_json = all[i].json == what;
    if (*is_json || all[i].csv == what) return all[i].table;
  }
  return NULL;
}

static checkrob_status write_table(FILE *file, const row_list *table, bool is_json) {
  checkrob_status status = CHECKROB_OK;
  if (!is_json) csv_write_head(file, table->layout);
  for (size_t i = 0; i < table->count && !status; i++)
    status = (is_json ? write_json : write_csv)(table->rows[i], file);
  return status;
}

static checkrob_status write_pool_csv(FILE *file, const checkrob_results *results) {
  row_list head;
  checkrob_status status = image_pool_start(&head);
  if (!status) csv_write_head(file, head.layout);
  row_list_clear(&head);
  return status ? status : image_pool_each(results->from, write_csv, file);
}

static void write_authors(FILE *file, const checkrob_results *results) {
  fputs("id;acc;crs;name\n", file);
  for (size_t i = 0; i < results->classes.classes.count; i++) {
    const checkrob_row *row = results->classes.classes.rows[i];
    if (checkrob_row_integer(row, "images") == 0) continue;
    fprintf(file, "%lld;", (long long)checkrob_row_integer(row, "index"));
    csv_write_number(file, checkrob_row_number(row, "acc"), 6, false);
    fputc(';', file);
    csv_write_number(file, checkrob_row_number(row, "crs"), 6, false);
    fputc(';', file);
    csv_write_text(file, checkrob_row_text(row, "class"), ';');
    fputc('\n', file);
  }
}

static checkrob_status write_all(FILE *file, checkrob_results *results, checkrob_export what) {
  switch (what) {
    case CHECKROB_EXPORT_IMAGES_CSV:
      return write_samples_csv(file, results);
    case CHECKROB_EXPORT_CLASSES_CSV:
      csv_write_head(file, results->classes.classes.layout);
      return write_classes(file, results, write_csv);
    case CHECKROB_EXPORT_IMAGES_JSONL:
      return results_read_samples(results, true, write_json, file);
    case CHECKROB_EXPORT_CLASSES_JSONL:
      return write_classes(file, results, write_json);
    case CHECKROB_EXPORT_AUTHORS_CSV:
      write_authors(file, results);
      return CHECKROB_OK;
    case CHECKROB_EXPORT_POOL_CSV:
      return write_pool_csv(file, results);
    case CHECKROB_EXPORT_POOL_JSONL:
      return image_pool_each(results->from, write_json, file);
    default:
      break;
  }
  if (what == CHECKROB_EXPORT_COMPARISON_CSV || what == CHECKROB_EXPORT_COMPARISON_JSONL)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "a comparison is one of two results files: compare %s with another",
                     store_path(results->from));
  bool is_json = false;
  const row_list *table = table_of(&results->classes.tables, what, &is_json);
  if (table) return write_table(file, table, is_json);
  return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "there is no export number %d", (int)what);
}

/* ---- tables that not every run has ---- */

typedef struct table_need {
  const char *name, *options[2]; /* one of them; NULL: none */
} table_need;

/* NULL: every run has it. */
static const table_need *need_of(checkrob_export what) {
  static const table_need features = {"features", {"features"}},
                          pasted = {"pasted pairs", {"probe", "advice"}}, cues = {"cues", {"cues"}},
                          pool = {"pool", {"attack_images"}}, duplicates = {"duplicates", {"advice"}},
                          advice = {"advice", {"advice"}};
  switch (what) {
    case CHECKROB_EXPORT_FEATURES_CSV:
    case CHECKROB_EXPORT_FEATURES_JSONL:
      return &features;
    case CHECKROB_EXPORT_PASTED_CSV:
    case CHECKROB_EXPORT_PASTED_JSONL:
      return &pasted;
    case CHECKROB_EXPORT_CUES_CSV:
    case CHECKROB_EXPORT_CUES_JSONL:
      return &cues;
    case CHECKROB_EXPORT_POOL_CSV:
    case CHECKROB_EXPORT_POOL_JSONL:
      return &pool;
    case CHECKROB_EXPORT_DUPLICATES_CSV:
    case CHECKROB_EXPORT_DUPLICATES_JSONL:
      return &duplicates;
    case CHECKROB_EXPORT_ADVICE_CSV:
    case CHECKROB_EXPORT_ADVICE_JSONL:
      return &advice;
    default:
      return NULL;
  }
}

static bool was_asked(const checkrob_results *results, const char *option) {
  const char *value = option ? store_options_find(&results->options, option) : NULL;
  return value && *value && strcmp(value, "false") != 0 && strcmp(value, "none") != 0;
}

/* An empty table would say that there is nothing to be found. */
static checkrob_status check_asked(const checkrob_results *results, checkrob_export what) {
  const table_need *need = need_of(what);
  if (!need || was_asked(results, need->options[0]) || was_asked(results, need->options[1]))
    return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_NOT_FOUND,
                   "%s has no %s: its run was made without the option %s; score with it, into another file",
                   store_path(results->from), need->name, need->options[0]);
}

/* ---- the file ---- */

static checkrob_status check_path(const checkrob_results *results, const char *path) {
  struct stat own, there;
  if (stat(store_path(results->from), &own) != 0 || stat(path, &there) != 0 || own.st_dev != there.st_dev ||
      own.st_ino != there.st_ino)
    return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "%s is the results file itself; choose another path",
                   path);
}

checkrob_status checkrob_results_export(checkrob_results *results, checkrob_export what, const char *path) {
  if (!results || !path)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_results_export: NULL argument");
  part_file to;
  checkrob_status status = check_path(results, path);
  if (!status) status = check_asked(results, what);
  if (!status) status = part_file_open(&to, path);
  return status ? status : part_file_finish(&to, write_all(to.file, results, what));
}

checkrob_status checkrob_results_export_comparison(checkrob_results *before, checkrob_results *after,
                                                   checkrob_export what, const char *path) {
  if (!before || !after || !path)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_results_export_comparison: NULL argument");
  bool is_json = what == CHECKROB_EXPORT_COMPARISON_JSONL;
  if (!is_json && what != CHECKROB_EXPORT_COMPARISON_CSV)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "export number %d is not one of a comparison",
                     (int)what);
  row_list rows = {0};
  part_file to;
  checkrob_status status = check_path(before, path);
  if (!status) status = check_path(after, path);
  if (!status) status = results_compare(&rows, before, after);
  if (!status) status = part_file_open(&to, path);
  if (!status) status = part_file_finish(&to, write_table(to.file, &rows, is_json));
  row_list_clear(&rows);
  return status;
}
