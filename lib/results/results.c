#include "results/results.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/structure.h"
#include "results/assess.h"
#include "results/class_rows.h"
#include "score/verdict.h"

checkrob_status results_count(class_tally *tally, checkrob_run_totals *totals,
                              const checkrob_image_result *row) {
  totals->samples++;
  if (row->status == CHECKROB_OK) {
    totals->evaluated++;
    totals->empty_maps += (size_t)row->empty_map;
    return tally_add(tally, row->class_index, row->class_name, row->rs, row->hit);
  }
  totals->failed++;
  return row->class_index < 0 ? CHECKROB_OK : tally_add_failed(tally, row->class_index, row->class_name);
}

typedef struct counting {
  class_tally *tally;
  checkrob_run_totals *totals;
} counting;

/* For the callback: 0 goes on. */
static int count_row(const checkrob_image_result *row, void *data) {
  const counting *c = data;
  return results_count(c->tally, c->totals, row) != CHECKROB_OK;
}

checkrob_status results_tally(class_tally *tally, checkrob_run_totals *totals, store *s) {
  counting c = {tally, totals};
  checkrob_status status = results_rows(s, false, NULL, count_row, &c);
  return status == CHECKROB_ERROR_CANCELLED ? error_memory("the classes' totals") : status;
}

checkrob_status results_read_complete(bool *out, store *s) {
  char *found = NULL;
  checkrob_status status =
      store_text(&found, s, "SELECT outcome FROM session WHERE outcome = 'complete' LIMIT 1", NULL);
  *out = found != NULL;
  free(found);
  return status;
}

/* ---- the handle ---- */

static checkrob_status read_options(checkrob_results *results) {
  sqlite3_stmt *select = NULL;
  checkrob_status status =
      store_prepare(&select, &results->from, "SELECT name, value, decides FROM option ORDER BY name");
  int code = SQLITE_DONE;
  while (!status && (code = sqlite3_step(select)) == SQLITE_ROW)
    status = store_options_add(&results->options, (const char *)sqlite3_column_text(select, 0),
                               (const char *)sqlite3_column_text(select, 1), sqlite3_column_int(select, 2));
  if (!status && code != SQLITE_DONE) status = store_error(&results->from, "read");
  sqlite3_finalize(select);
  return status ? status : store_options_complete(&results->options);
}

bool results_are_measured(const checkrob_results *results) {
  return verdict_is_measured(checkrob_results_option(results, "score"),
                             checkrob_results_option(results, "reference"));
}

static checkrob_status assess_now(checkrob_results *results) {
  checkrob_verdict_rule rule;
  verdict_rule_read(&rule, checkrob_results_option(results, VERDICT_RULE_OPTION));
  return results_assess(&results->tally, &results->from, &rule, results_are_measured(results));
}

static checkrob_status load(checkrob_results *results) {
  /* What is read belongs together, whatever is written meanwhile. */
  checkrob_status status = store_run(&results->from, "BEGIN", "read");
  if (!status) status = read_options(results);
  if (!status) status = results_read_complete(&results->complete, &results->from);
  if (!status) status = results_tally(&results->tally, &results->totals, &results->from);
  bool assessed = false;
  if (!status) status = class_rows_read(&assessed, &results->tally, &results->from);
  /* A run that was cut short has no classes' rows yet. */
  if (!status && !assessed) status = assess_now(results);
  if (status) return status;
  results->ranking = malloc((results->tally.count + 1) * sizeof *results->ranking);
  if (!results->ranking) return error_memory("the classes' ranking");
  tally_rank(results->ranking, &results->tally);
  return CHECKROB_OK;
}

checkrob_status checkrob_results_open(checkrob_results **out, const char *path) {
  if (!out || !path)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_results_open: NULL argument");
  checkrob_results *results = calloc(1, sizeof *results);
  if (!results) return error_memory("results");
  results->totals = (checkrob_run_totals)CHECKROB_RUN_TOTALS_INIT;
  checkrob_status status = store_open_to_read(&results->from, path);
  if (!status) status = load(results);
  if (status)
    checkrob_results_free(results);
  else
    *out = results;
  return status;
}

void checkrob_results_free(checkrob_results *results) {
  if (!results) return;
  tally_clear(&results->tally);
  free(results->ranking);
  store_options_clear(&results->options);
  store_close(&results->from);
  free(results);
}

int checkrob_results_complete(const checkrob_results *results) {
  return results && results->complete;
}

const char *checkrob_results_option(const checkrob_results *results, const char *name) {
  for (size_t i = 0; results && name && i < results->options.count; i++)
    if (strcmp(results->options.items[i].name, name) == 0) return results->options.items[i].value;
  return NULL;
}

checkrob_status checkrob_results_each(checkrob_results *results, checkrob_result_callback callback,
                                      void *user_data) {
  if (!results || !callback)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_results_each: NULL argument");
  return results_rows(&results->from, true, &results->tally, callback, user_data);
}

size_t checkrob_results_class_count(const checkrob_results *results) {
  return results ? results->tally.count : 0;
}

checkrob_status checkrob_results_class(checkrob_class_result *out, const checkrob_results *results,
                                       size_t rank) {
  if (!out || rank >= checkrob_results_class_count(results))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_results_class: no class of rank %zu", rank);
  checkrob_class_result full = tally_result(results->ranking[rank]);
  return structure_give(out, &full, sizeof full);
}

checkrob_status checkrob_results_totals(checkrob_run_totals *out, const checkrob_results *results) {
  if (!out || !results)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_results_totals: NULL argument");
  return structure_give(out, &results->totals, sizeof results->totals);
}
