/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the page: its parts, and between them the data as one JSON value. */
#include <checkrob/verdict.h>
#include <checkrob/version.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/part_file.h"
#include "html/html.h"
#include "html/json_out.h"
#include "html/notes.h"
#include "html/page.h"
#include "html/tables.h"
#include "results/results.h"
#include "table/text.h"

#define MOST_FAILURES 500
#define IMAGES_OF_A_FEATURE 3
#define IMAGES_OF_THE_POOL 4

/* One report that is being written. */
typedef struct writing {
  checkrob_html *report;
  FILE *to;
  samples_seen seen;
  pick_list picks;
  json_t *failures;
  size_t failed;
} writing;

/* ---- the samples ---- */

static checkrob_status note_failure(writing *w, const checkrob_row *sample) {
  if (w->failed++ >= MOST_FAILURES) return CHECKROB_OK;
  json_t *row = json_array();
  static const char *const columns[] = {"image", "class", "status", "message"};
  for (size_t i = 0; i < 4; i++) json_array_append_new(row, json_text(checkrob_row_text(sample, columns[i])));
  json_array_append_new(w->failures, row);
  return json_ran_short() ? error_memory("the report") : CHECKROB_OK;
}

static checkrob_status take_sample(const checkrob_row *sample, void *data) {
  writing *w = data;
  return checkrob_row_is_evaluated(sample) ? samples_seen_add(&w->seen, sample) : note_failure(w, sample);
}

static checkrob_status read_samples(writing *w) {
  checkrob_html *report = w->report;
  w->failures = json_array();
  checkrob_status status = results_read_samples(report->results, false, take_sample, w);
  if (!status) status = samples_seen_finish(&w->seen);
  bool drawn = report->pass.dataset && report->images > 0;
  if (!status && drawn) status = picks_choose(&w->picks, &w->seen, report->images);
  if (!status && drawn) status = picks_add_features(&w->picks, report->results, IMAGES_OF_A_FEATURE);
  if (!status && drawn) status = picks_read(&w->picks, report->results);
  if (!status && drawn && report->before) status = picks_read_before(&w->picks, report->before);
  if (!status && drawn && report->pass.pool)
    status = picks_add_pool(&w->picks, report->results, IMAGES_OF_THE_POOL);
  return status;
}

/* ---- the run ---- */

static json_t *options_of(const checkrob_results *results) {
  json_t *list = json_array();
  for (size_t i = 0; i < results->options.count; i++) {
    json_t *pair = json_array();
    json_array_append_new(pair, json_text(results->options.items[i].name));
    json_array_append_new(pair, json_text(results->options.items[i].value));
    json_array_append_new(list, pair);
  }
  return list;
}

static json_t *totals_of(const checkrob_results *results) {
  const checkrob_row *row = checkrob_results_totals(results);
  json_t *totals = json_object();
  for (size_t i = 0; i < row_layout_count(row_layout_of(row)); i++)
    json_object_set_new(totals, row_layout_column(row_layout_of(row), i)->name, json_cell(row, i));
  return totals;
}

static json_t *rule_of(const checkrob_results *results) {
  const verdict_rule *rule = &results->rule;
  json_t *object = json_object();
  json_object_set_new(object, "top_k", json_integer((json_int_t)rule->top_k));
  json_object_set_new(object, "min_images", json_integer((json_int_t)rule->min_images));
  json_object_set_new(object, "min_accuracy", json_number(rule->min_accuracy));
  json_object_set_new(object, "robust", json_number(rule->robust));
  json_object_set_new(object, "off_object", json_number(rule->off_object));
  json_object_set_new(object, "suspicion", json_number(rule->suspicion));
  json_object_set_new(object, "level", json_number(rule->level));
  return object;
}

static json_t *reasons(void) {
  json_t *object = json_object();
  for (size_t i = 0; i < checkrob_verdict_reason_count(); i++)
    json_object_set_new(object, checkrob_verdict_reason_code(i),
                        json_string(checkrob_verdict_reason_description(i)));
  return object;
}

static void put_name(json_t *names, int64_t index, const char *title, const char *name) {
  char key[32];
  snprintf(key, sizeof key, "%lld", (long long)index);
  json_object_set_new(names, key, json_text(title && *title ? title : name));
}

/* Names of the outputs: the class map has also those of classes without samples. */
static json_t *names_of(const checkrob_html *report) {
  json_t *names = json_object();
  const checkrob_class_map *map =
      report->pass.dataset ? checkrob_dataset_classes(report->pass.dataset) : NULL;
  for (size_t i = 0; i < checkrob_class_map_count(map); i++) {
    int64_t index = checkrob_class_map_index(map, i);
    put_name(names, index, checkrob_class_map_title_of(map, index), checkrob_class_map_name_of(map, index));
  }
  for (size_t i = 0; i < checkrob_results_class_count(report->results) && !map; i++) {
    const checkrob_row *row = checkrob_results_class(report->results, i);
    put_name(names, checkrob_row_integer(row, "index"), checkrob_row_text(row, "title"),
             checkrob_row_text(row, "class"));
  }
  return names;
}

static json_t *confusions_of(const samples_seen *seen) {
  json_t *list = json_array();
  for (size_t i = 0; i < seen->confusion_count; i++)
    json_array_append_new(
        list, json_pack("[I, I, I]", (json_int_t)seen->confusions[i].index,
                        (json_int_t)seen->confusions[i].predicted, (json_int_t)seen->confusions[i].count));
  return list;
}

/* ---- the parts of the data ---- */

static checkrob_status put(writing *w, const char *name, json_t *value) {
  fprintf(w->to, "\"%s\":", name);
  checkrob_status status = json_out(w->to, value);
  fputs(",\n", w->to);
  return status;
}

static checkrob_status put_run(writing *w) {
  const checkrob_html *report = w->report;
  checkrob_status status = put(w, "checkrob", json_string(checkrob_version()));
  if (!status) status = put(w, "complete", json_boolean(checkrob_results_complete(report->results)));
  if (!status) status = put(w, "options", options_of(report->results));
  if (!status) status = put(w, "totals", totals_of(report->results));
  if (!status) status = put(w, "rule", rule_of(report->results));
  if (!status) status = put(w, "reasons", reasons());
  if (!status) status = put(w, "notes", notes_about(report->results));
  if (!status) status = put(w, "names", names_of(report));
  if (!status) status = put(w, "confusions", confusions_of(&w->seen));
  if (!status) status = put(w, "failures", json_incref(w->failures));
  return status;
}

static checkrob_status put_tables(writing *w) {
  static const char *const tables[] = {"looked_at", "feature",   "pasted", "cue",
                                       "pool",      "duplicate", "advice"};
  fputs("\"classes\":", w->to);
  checkrob_status status = tables_write_classes(w->to, w->report->results);
  fputs(",\n\"tables\":{", w->to);
  for (size_t i = 0; i < sizeof tables / sizeof *tables && !status; i++) {
    fprintf(w->to, "%s\"%s\":", i ? ",\n" : "", tables[i]);
    status = tables_write_rows(w->to, w->report->results, tables[i]);
  }
  fputs("},\n", w->to);
  return status;
}

static checkrob_status put_before(writing *w) {
  checkrob_results *before = w->report->before;
  if (!before) return CHECKROB_OK;
  checkrob_status status = put(w, "options_before", options_of(before));
  fputs("\"comparison\":", w->to);
  if (!status) status = tables_write_comparison(w->to, before, w->report->results);
  fputs(",\n", w->to);
  return status;
}

static checkrob_status put_pictures(writing *w) {
  pictures_pass *pass = &w->report->pass;
  pass->to = w->to;
  pass->folder = w->report->folder;
  pass->link = w->report->link;
  pass->drawn = pass->missing = 0;
  picture_style_for(&pass->style, w->picks.count, pass->folder != NULL);
  fputs("\"pictures\":[", w->to);
  checkrob_status status = pictures_write(pass, &w->picks);
  fputs("]", w->to);
  return status;
}

static checkrob_status put_data(writing *w) {
  fputs("{", w->to);
  checkrob_status status = put_run(w);
  if (!status) status = put_tables(w);
  if (!status) status = put_before(w);
  if (!status) status = put_pictures(w);
  fputs("}", w->to);
  return status;
}

/* ---- the page ---- */

/* Writes the page up to a marker, which has to be there, and returns what follows it. */
static const char *put_until(FILE *to, const char *page, size_t *left, const char *marker) {
  const char *found = page, *end = page + *left - strlen(marker);
  while (found < end && memcmp(found, marker, strlen(marker)) != 0) found++;
  fwrite(page, 1, (size_t)(found - page), to);
  *left -= (size_t)(found - page) + strlen(marker);
  return found + strlen(marker);
}

static checkrob_status put_page(writing *w) {
  size_t left = page_html_bytes;
  const char *page = put_until(w->to, (const char *)page_html, &left, "@STYLE@");
  fwrite(page_css, 1, page_css_bytes, w->to);
  page = put_until(w->to, page, &left, "@DATA@");
  checkrob_status status = put_data(w);
  page = put_until(w->to, page, &left, "@SCRIPT@");
  fwrite(page_js, 1, page_js_bytes, w->to);
  fwrite(page, 1, left, w->to);
  return status;
}

static checkrob_status write_page(writing *w, const char *path) {
  checkrob_status status = read_samples(w);
  part_file file = {0};
  if (!status) status = part_file_open(&file, path);
  if (status) return status;
  w->to = file.file;
  return part_file_finish(&file, put_page(w));
}

checkrob_status checkrob_html_write(checkrob_html *report, const char *path) {
  if (!report || !path)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_html_write: NULL argument");
  writing w = {.report = report};
  json_watch();
  checkrob_status status = write_page(&w, path);
  samples_seen_clear(&w.seen);
  pick_list_clear(&w.picks);
  json_decref(w.failures);
  return status;
}
