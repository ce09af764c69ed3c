/* The store's rows as text, for other programs. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "results/class_rows.h"
#include "results/results.h"
#include "score/assessment.h"

static const struct {
  checkrob_export what;
  const char *name;
} exports[] = {{CHECKROB_EXPORT_IMAGES_CSV, "images.csv"},
               {CHECKROB_EXPORT_CLASSES_CSV, "classes.csv"},
               {CHECKROB_EXPORT_IMAGES_JSONL, "images.jsonl"},
               {CHECKROB_EXPORT_CLASSES_JSONL, "classes.jsonl"},
               {CHECKROB_EXPORT_AUTHORS_CSV, "authors.csv"}};

#define EXPORT_COUNT (sizeof exports / sizeof exports[0])

checkrob_status checkrob_export_find(checkrob_export *out, const char *name) {
  if (!out || !name) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_export_find: NULL argument");
  char names[128] = "";
  for (size_t i = 0; i < EXPORT_COUNT; i++) {
    if (strcmp(exports[i].name, name) == 0) {
      *out = exports[i].what;
      return CHECKROB_OK;
    }
    size_t used = strlen(names);
    snprintf(names + used, sizeof names - used, "%s%s", i > 0 ? ", " : "", exports[i].name);
  }
  return error_set(CHECKROB_ERROR_NOT_FOUND, "there is no export '%s'; there are: %s", name, names);
}

/* ---- CSV ---- */

/* Quoted as RFC 4180 wants it, where the text needs it. */
static void put_field(FILE *file, const char *text, char separator) {
  const char special[] = {separator, '"', '\r', '\n', '\0'};
  if (!strpbrk(text, special)) {
    fputs(text, file);
    return;
  }
  fputc('"', file);
  for (; *text; text++) {
    if (*text == '"') fputc('"', file);
    fputc(*text, file);
  }
  fputc('"', file);
}

/* "nan" is no number to a CSV reader: the field is left empty. */
static void put_number(FILE *file, int digits, bool significant, double value) {
  if (isfinite(value)) fputs(number_write(value, digits, significant).text, file);
}

static void put_whole(FILE *file, int64_t value, int64_t low) {
  if (value >= low) fprintf(file, "%lld", (long long)value);
}

/* An empty map is a score of 0 that says nothing of where the model looks: it must be told apart. */
static const char *status_name(const checkrob_image_result *row) {
  return row->empty_map ? "empty_map" : checkrob_status_name(row->status);
}

/* What is compared with maps that know nothing, and the metrics of others. */
static const char *const sample_names[] = {"rs0",
                                           "ers",
                                           "lift",
                                           "contrast",
                                           "pointing_game",
                                           "rank_accuracy",
                                           "top_k_intersection",
                                           "attribution_localisation",
                                           "auc",
                                           "iou"};
#define SAMPLE_NUMBERS (sizeof sample_names / sizeof *sample_names)

static double sample_number(const checkrob_image_result *row, size_t i) {
  const checkrob_localisation *l = &row->localisation;
  const double numbers[SAMPLE_NUMBERS] = {row->rs0,
                                          assess_ers(row->rs, row->rs0),
                                          assess_lift(row->rs, row->rs0),
                                          row->contrast,
                                          l->pointing_game,
                                          l->rank_accuracy,
                                          l->top_k_intersection,
                                          l->attribution_localisation,
                                          l->auc,
                                          l->iou};
  return numbers[i];
}

static int put_image(const checkrob_image_result *row, void *data) {
  FILE *file = data;
  put_field(file, row->image, ',');
  fputc(',', file);
  put_field(file, row->class_name, ',');
  fputc(',', file);
  put_whole(file, row->class_index, 0);
  fputc(',', file);
  put_number(file, 6, false, row->rs);
  fputc(',', file);
  put_number(file, 6, false, row->region_share);
  fputc(',', file);
  put_number(file, 9, true, row->logit);
  fputc(',', file);
  put_number(file, 6, true, row->probability);
  fputc(',', file);
  put_whole(file, row->rank, 1);
  fputc(',', file);
  put_whole(file, row->hit, 0);
  fputc(',', file);
  put_whole(file, row->predicted, 0);
  for (size_t i = 0; i < SAMPLE_NUMBERS; i++) {
    fputc(',', file);
    put_number(file, 6, false, sample_number(row, i));
  }
  fprintf(file, ",%s,", status_name(row));
  put_field(file, row->message, ',');
  fputc('\n', file);
  return ferror(file);
}

static void put_images_head(FILE *file) {
  fputs("image,class,index,rs,region_share,logit,probability,rank,hit,predicted", file);
  for (size_t i = 0; i < SAMPLE_NUMBERS; i++) fprintf(file, ",%s", sample_names[i]);
  fputs(",status,message\n", file);
}

static void put_classes(FILE *file, const checkrob_results *results) {
  fputs("class,index,images,failed", file);
  for (size_t i = 0; i < class_number_count; i++) fprintf(file, ",%s", class_numbers[i].name);
  fputs(",recognised,verdict,reason\n", file);
  for (size_t i = 0; i < results->tally.count; i++) {
    checkrob_class_result c = tally_result(results->ranking[i]);
    put_field(file, c.name, ',');
    fprintf(file, ",%lld,%zu,%zu", (long long)c.index, c.images, c.failed);
    for (size_t j = 0; j < class_number_count; j++) {
      fputc(',', file);
      put_number(file, 6, false, class_number_get(&c, &class_numbers[j]));
    }
    fprintf(file, ",%zu,%s,", c.recognised, checkrob_verdict_name(c.verdict));
    put_field(file, c.reason, ',');
    fputc('\n', file);
  }
}

static void put_authors(FILE *file, const checkrob_results *results) {
  fputs("id;acc;crs;name\n", file);
  for (size_t i = 0; i < results->tally.count; i++) { /* they are kept by index */
    const class_total *c = &results->tally.items[i];
    if (c->images == 0) continue;
    fprintf(file, "%lld;", (long long)c->index);
    put_number(file, 6, false, tally_accuracy(c));
    fputc(';', file);
    put_number(file, 6, false, tally_crs(c));
    fputc(';', file);
    put_field(file, c->name, ';');
    fputc('\n', file);
  }
}

/* ---- JSON lines ---- */

static json_t *number_or_null(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

static json_t *whole_or_null(int64_t value, int64_t low) {
  return value >= low ? json_integer(value) : json_null();
}

static json_t *others_json(const checkrob_image_result *row) {
  json_t *list = json_array();
  for (size_t i = 0; list && i < row->other_count; i++)
    json_array_append_new(list, json_pack("{s:s, s:o, s:o}", "class", row->others[i].name, "index",
                                          whole_or_null(row->others[i].index, 0), "share",
                                          number_or_null(row->others[i].share)));
  return list;
}

/* A line; false where memory is out, or a name is not UTF-8. */
static bool put_line(FILE *file, json_t *line) {
  bool good = line && json_dumpf(line, file, JSON_COMPACT | JSON_REAL_PRECISION(9)) == 0;
  fputc('\n', file);
  json_decref(line);
  return good;
}

static int put_image_line(const checkrob_image_result *row, void *data) {
  json_t *line = json_pack(
      "{s:s, s:s, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:f, s:o}", "image", row->image, "class",
      row->class_name, "index", whole_or_null(row->class_index, 0), "status", status_name(row), "message",
      row->message, "rs", number_or_null(row->rs), "region_share", number_or_null(row->region_share), "logit",
      number_or_null(row->logit), "probability", number_or_null(row->probability), "rank",
      whole_or_null(row->rank, 1), "hit", whole_or_null(row->hit, 0), "predicted",
      whole_or_null(row->predicted, 0), "milliseconds", row->milliseconds, "others", others_json(row));
  for (size_t i = 0; line && i < SAMPLE_NUMBERS; i++)
    json_object_set_new(line, sample_names[i], number_or_null(sample_number(row, i)));
  return !put_line(data, line) || ferror(data);
}

static checkrob_status put_class_lines(FILE *file, const checkrob_results *results) {
  for (size_t i = 0; i < results->tally.count; i++) {
    checkrob_class_result c = tally_result(results->ranking[i]);
    json_t *line =
        json_pack("{s:s, s:I, s:I, s:I, s:I, s:s, s:s}", "class", c.name, "index", (json_int_t)c.index,
                  "images", (json_int_t)c.images, "failed", (json_int_t)c.failed, "recognised",
                  (json_int_t)c.recognised, "verdict", checkrob_verdict_name(c.verdict), "reason", c.reason);
    for (size_t j = 0; line && j < class_number_count; j++)
      json_object_set_new(line, class_numbers[j].name,
                          number_or_null(class_number_get(&c, &class_numbers[j])));
    if (!put_line(file, line))
      return error_set(CHECKROB_ERROR_BAD_INPUT, "class '%s' can't be written as JSON: its name is not UTF-8",
                       c.name);
  }
  return CHECKROB_OK;
}

/* ---- the file ---- */

static checkrob_status put_rows(FILE *file, checkrob_results *results, bool others,
                                checkrob_result_callback put) {
  checkrob_status status = results_rows(&results->from, others, &results->tally, put, file);
  if (status != CHECKROB_ERROR_CANCELLED || ferror(file)) return ferror(file) ? CHECKROB_OK : status;
  return error_set(CHECKROB_ERROR_BAD_INPUT, "a row can't be written as JSON: an image's name is not UTF-8");
}

static checkrob_status put_all(FILE *file, checkrob_results *results, checkrob_export what) {
  switch (what) {
    case CHECKROB_EXPORT_IMAGES_CSV:
      put_images_head(file);
      return put_rows(file, results, false, put_image);
    case CHECKROB_EXPORT_CLASSES_CSV:
      put_classes(file, results);
      return CHECKROB_OK;
    case CHECKROB_EXPORT_IMAGES_JSONL:
      return put_rows(file, results, true, put_image_line);
    case CHECKROB_EXPORT_CLASSES_JSONL:
      return put_class_lines(file, results);
    case CHECKROB_EXPORT_AUTHORS_CSV:
      put_authors(file, results);
      return CHECKROB_OK;
  }
  return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "%d is no checkrob_export", (int)what);
}

static checkrob_status write_beside(const char *part, const char *path, checkrob_results *results,
                                    checkrob_export what) {
  FILE *file = fopen(part, "we");
  if (!file) return error_errno("write", path);
  checkrob_status status = put_all(file, results, what);
  bool written = fflush(file) == 0 && !ferror(file);
  int reason = errno;
  if (fclose(file) != 0 && written) written = false, reason = errno;
  errno = reason;
  if (!status && (!written || rename(part, path) != 0)) status = error_errno("write", path);
  if (status) unlink(part);
  return status;
}

checkrob_status checkrob_results_export(checkrob_results *results, checkrob_export what, const char *path) {
  if (!results || !path)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_results_export: NULL argument");
  char *part = text_format("%s.part", path);
  if (!part) return error_memory("a path");
  checkrob_status status = write_beside(part, path, results, what);
  free(part);
  return status;
}
