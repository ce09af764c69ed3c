/* SPDX-License-Identifier: Apache-2.0 */
#include "results/results.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "classes/advice.h"
#include "classes/class_columns.h"
#include "classes/cues.h"
#include "classes/derived.h"
#include "classes/duplicates.h"
#include "classes/features.h"
#include "classes/image_pool.h"
#include "classes/looked_at.h"
#include "classes/pasted.h"
#include "table/reader.h"

/* ---- reading samples ---- */

checkrob_status results_count(class_tally *out, store *s, size_t top_k) {
  table_reader *reader = NULL;
  checkrob_row *sample = NULL;
  tally_start(out, store_samples(s), top_k);
  checkrob_status status = sample_reader_open(&reader, s, 0);
  while (!status && !(status = table_reader_next(&sample, reader))) status = tally_add(out, sample);
  table_reader_close(reader);
  return status == CHECKROB_END ? CHECKROB_OK : status;
}

checkrob_status results_read_samples(checkrob_results *results, bool with_others,
                                     checkrob_status (*take)(const checkrob_row *sample, void *data),
                                     void *data) {
  table_reader *reader = NULL;
  checkrob_row *sample = NULL;
  unsigned children = READ_HIDDEN_CHILDREN | (with_others ? READ_CHILDREN : 0);
  checkrob_status status = sample_reader_open(&reader, results->from, children);
  while (!status && !(status = table_reader_next(&sample, reader))) {
    status = derive_sample(sample, &results->tally.columns, results->rule.top_k, &results->classes);
    if (!status) status = take(sample, data);
  }
  table_reader_close(reader);
  return status == CHECKROB_END ? CHECKROB_OK : status;
}

/* ---- opening ---- */

/* Replaces the recorded options of the verdict rule by those in force. *same: they are equal. */
static checkrob_status replace_judging(bool *same, store_options *stored, const checkrob_options *judging) {
  store_options replaced = {0};
  *same = true;
  checkrob_status status = judging_options_add(&replaced, judging);
  for (size_t i = 0; i < replaced.count && !status; i++) {
    const char *old = store_options_find(stored, replaced.items[i].name);
    if (!old || strcmp(old, replaced.items[i].value) != 0) *same = false;
  }
  for (size_t i = 0; i < stored->count && !status; i++) {
    const store_option *o = &stored->items[i];
    if (!store_options_find(&replaced, o->name))
      status = store_options_add(&replaced, o->name, o->value, o->decides);
  }
  if (status) {
    store_options_clear(&replaced);
    return status;
  }
  store_options_clear(stored);
  *stored = replaced;
  return CHECKROB_OK;
}

/* *as_stored: the verdict rule is that of the run. */
static checkrob_status read_options(checkrob_results *results, bool *as_stored,
                                    const checkrob_options *wanted) {
  checkrob_options *judging = NULL;
  checkrob_status status = store_read_options(&results->options, results->from);
  if (!status) status = judging_options_read(&judging, &results->options, wanted, store_path(results->from));
  if (!status) status = verdict_rule_from_options(&results->rule, judging);
  if (!status) status = replace_judging(as_stored, &results->options, judging);
  checkrob_options_free(judging);
  return status;
}

static checkrob_status make_totals(checkrob_results *results) {
  checkrob_status status = totals_layout_new(&results->totals_layout);
  if (!status) status = row_new(&results->totals, results->totals_layout);
  if (!status) tally_total(results->totals, &results->tally);
  return status;
}

static checkrob_status load(checkrob_results *results, const checkrob_options *wanted) {
  bool as_stored = false, found = false, has_pool = false;
  checkrob_status status = read_options(results, &as_stored, wanted);
  if (!status) status = store_is_complete(&results->complete, results->from);
  if (!status) status = image_pool_is_complete(&has_pool, results->from, &results->options);
  results->complete = results->complete && has_pool;
  if (!status) status = results_count(&results->tally, results->from, results->rule.top_k);
  if (!status) status = make_totals(results);
  if (!status && as_stored)
    status = class_list_read(&found, &results->classes, results->from, &results->tally);
  /* An interrupted run has not stored rows of classes yet. */
  if (!status && !found)
    status = class_list_assess(&results->classes, &results->tally, results->from, &results->rule, NULL);
  if (!status && !found && results->complete)
    status = class_list_advise(&results->classes, results->from, &results->rule, NULL);
  return status;
}

checkrob_status checkrob_results_open(checkrob_results **out, const char *path,
                                      const checkrob_options *options) {
  if (!out || !path)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_results_open: NULL argument");
  checkrob_results *results = calloc(1, sizeof *results);
  if (!results) return error_memory("results");
  checkrob_status status = store_open_to_read(&results->from, path);
  if (!status) status = load(results, options);
  if (status)
    checkrob_results_free(results);
  else
    *out = results;
  return status;
}

void checkrob_results_free(checkrob_results *results) {
  if (!results) return;
  tally_clear(&results->tally);
  class_list_clear(&results->classes);
  row_free(results->totals);
  row_layout_free(results->totals_layout);
  store_options_clear(&results->options);
  store_close(results->from);
  free(results);
}

/* ---- reading ---- */

int checkrob_results_complete(const checkrob_results *results) {
  return results && results->complete;
}

const char *checkrob_results_option(const checkrob_results *results, const char *name) {
  return results && name ? store_options_find(&results->options, name) : NULL;
}

typedef struct calling {
  checkrob_row_callback callback;
  void *user_data;
} calling;

static checkrob_status call(const checkrob_row *sample, void *data) {
  const calling *c = data;
  if (c->callback(sample, c->user_data) == 0) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_INTERRUPTED, "the callback interrupted the reading");
}

checkrob_status checkrob_results_each(checkrob_results *results, checkrob_row_callback callback,
                                      void *user_data) {
  if (!results || !callback)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_results_each: NULL argument");
  calling c = {callback, user_data};
  return results_read_samples(results, true, call, &c);
}

const checkrob_row *results_find_class(const checkrob_results *results, const char *name) {
  for (size_t i = 0; i < results->classes.classes.count; i++)
    if (strcmp(checkrob_row_text(results->classes.classes.rows[i], "class"), name) == 0)
      return results->classes.classes.rows[i];
  return NULL;
}

size_t checkrob_results_class_count(const checkrob_results *results) {
  return results ? results->classes.classes.count : 0;
}

const checkrob_row *checkrob_results_class(const checkrob_results *results, size_t rank) {
  return rank < checkrob_results_class_count(results) ? results->classes.ranking[rank] : NULL;
}

checkrob_status checkrob_results_table(checkrob_results *results, const char *name,
                                       checkrob_row_callback callback, void *user_data) {
  if (!results || !name || !callback)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_results_table: NULL argument");
  calling c = {callback, user_data};
  const class_list *of = &results->classes;
  if (strcmp(name, FEATURE_USE_TABLE) == 0 || strcmp(name, TOGETHER_TABLE) == 0)
    return features_each_use(results->from, name, call, &c);
  if (strcmp(name, POOL_TABLE) == 0) return image_pool_each(results->from, call, &c);
  const row_list *table = strcmp(name, CLASS_TABLE) == 0       ? &of->classes
                          : strcmp(name, LOOKED_AT_TABLE) == 0 ? &of->tables.looked_at
                          : strcmp(name, FEATURE_TABLE) == 0   ? &of->tables.features
                          : strcmp(name, PASTED_TABLE) == 0    ? &of->tables.pasted
                          : strcmp(name, CUE_TABLE) == 0       ? &of->tables.cues
                          : strcmp(name, DUPLICATE_TABLE) == 0 ? &of->tables.duplicates
                          : strcmp(name, ADVICE_TABLE) == 0    ? &of->tables.advice
                                                               : NULL;
  if (!table)
    return error_set(CHECKROB_ERROR_NOT_FOUND,
                     "there is no table '%s' that is computed from samples; the tables are class, looked_at, "
                     "feature, feature_use, feature_together, pasted, cue, duplicate, advice "
                     "and pool",
                     name);
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < table->count && !status; i++)
    status = call(table == &of->classes ? of->ranking[i] : table->rows[i], &c);
  return status;
}

const checkrob_row *checkrob_results_totals(const checkrob_results *results) {
  return results ? results->totals : NULL;
}
