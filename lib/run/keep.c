#include "run/keep.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <checkrob/version.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "explain/explain.h"
#include "model/model.h"
#include "results/assess.h"
#include "results/class_rows.h"
#include "results/results.h"
#include "score/verdict.h"

/* ---- what the results depend on ---- */

static checkrob_status add_number(store_options *o, const char *name, int64_t value, bool decides) {
  char text[32];
  snprintf(text, sizeof text, "%" PRId64, value);
  return store_options_add(o, name, text, decides);
}

static checkrob_status add_hash(store_options *o, const char *name, uint64_t hash) {
  char text[32];
  snprintf(text, sizeof text, "%016" PRIx64, hash);
  return store_options_add(o, name, text, true);
}

static uint64_t hash_classes(const checkrob_class_map *classes) {
  uint64_t hash = HASH_START;
  for (size_t i = 0; i < checkrob_class_map_count(classes); i++) {
    int64_t index = checkrob_class_map_index(classes, i);
    hash = hash_text(hash, checkrob_class_map_name(classes, i));
    hash = hash_bytes(hash, &index, sizeof index);
  }
  return hash;
}

static checkrob_status add_inputs(store_options *o, const checkrob_run *run) {
  uint64_t model = HASH_START;
  checkrob_status status = hash_file(&model, model_path(run->model));
  if (!status) status = add_hash(o, "model_contents", model);
  if (!status) status = add_hash(o, "class_map", hash_classes(checkrob_dataset_classes(run->dataset)));
  if (!status) status = add_hash(o, "dataset_names", checkrob_dataset_fingerprint(run->dataset));
  if (!status) status = add_number(o, "ignored_flags", checkrob_dataset_ignored_flags(run->dataset), true);
  if (!status) status = add_number(o, "skip_unmapped", checkrob_dataset_skips_unmapped(run->dataset), true);
  if (!status) status = store_options_add(o, "regions", checkrob_dataset_regions(run->dataset), true);
  if (!status) status = add_number(o, "first_input", (int64_t)checkrob_cursor_first_input(run->cursor), true);
  if (!status) status = add_number(o, "input_count", (int64_t)checkrob_cursor_input_count(run->cursor), true);
  if (!status)
    status = add_number(o, "whole_input_count", (int64_t)checkrob_dataset_input_count(run->dataset), true);
  return status;
}

static checkrob_status add_method(store_options *o, const checkrob_run *run) {
  const checkrob_explainer *e = run->explainer;
  checkrob_status status = store_options_add(o, "method", e->method.name, true);
  if (!status) status = store_options_add(o, "layer", checkrob_model_selected_layer(run->model), true);
  if (!status) status = store_options_add(o, "score", checkrob_score_function_name(e->score_function), true);
  if (!status) status = store_options_add(o, "reference", checkrob_reference_name(e->reference), true);
  if (!status) status = store_options_add(o, "combine", checkrob_combine_name(e->combine), true);
  if (!status) status = add_number(o, "samples", (int64_t)e->samples, true);
  if (!status) status = add_number(o, "steps", (int64_t)e->steps, true);
  if (!status) status = add_number(o, "seed", (int64_t)e->seed, true);
  return status;
}

static checkrob_status add_rest(store_options *o, const checkrob_run *run) {
  const char *geometry = run->geometry == CHECKROB_GEOMETRY_PAPER ? "paper" : "standard";
  checkrob_status status = store_options_add(o, "geometry", geometry, true);
  if (!status) status = store_options_add(o, "preprocess", checkrob_preprocess_json(run->preprocess), true);
  if (!status) status = add_number(o, "top_k", (int64_t)run->top_k, true);
  /* They change a sum's rounding at most. */
  if (!status) status = add_number(o, "batch", (int64_t)run->batch, false);
  if (!status) status = add_number(o, "threads", run->threads, false);
  if (!status) status = store_options_add(o, "checkrob", checkrob_version(), false);
  if (!status) status = store_options_add(o, "libtorch", checkrob_torch_version(), false);
  for (size_t i = 0; i < run->notes.count && !status; i++)
    status = store_options_add(o, run->notes.items[i].name, run->notes.items[i].value, false);
  return status;
}

/* ---- beginning, or going on ---- */

/* Shards that were merged before all were there leave holes, which nobody would fill. */
static checkrob_status check_whole(store *s) {
  char *merged = NULL;
  checkrob_status status =
      store_text(&merged, s, "SELECT outcome FROM session WHERE outcome = 'merged' LIMIT 1", NULL);
  if (!status && merged)
    status =
        error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                  "%s was merged from shards that are not all there, and can't be gone on with", s->path);
  free(merged);
  return status;
}

/* Puts the cursor behind the last sample that is kept. Inputs up to there that have no row were skipped. */
static checkrob_status seek_end(checkrob_run *run, store *s) {
  sqlite3_stmt *select = NULL;
  checkrob_status status = store_prepare(&select, s,
                                         "SELECT input, part, (SELECT count(DISTINCT input) FROM sample)"
                                         " FROM sample ORDER BY input DESC, part DESC LIMIT 1");
  if (status) return status;
  int code = sqlite3_step(select);
  if (code == SQLITE_ROW) {
    size_t input = (size_t)sqlite3_column_int64(select, 0);
    run->skipped_before =
        input + 1 - checkrob_cursor_first_input(run->cursor) - (size_t)sqlite3_column_int64(select, 2);
    status = checkrob_cursor_seek(run->cursor, input, (size_t)sqlite3_column_int64(select, 1) + 1);
  } else if (code != SQLITE_DONE) {
    status = store_error(s, "read");
  }
  sqlite3_finalize(select);
  return status;
}

static checkrob_status go_on(checkrob_run *run, store *s, const store_options *options) {
  checkrob_status status = store_compare(s, options);
  if (!status) status = check_whole(s);
  if (!status) status = results_tally(&run->tally, &run->totals, s);
  run->totals.resumed = run->totals.samples;
  return status ? status : seek_end(run, s);
}

/* From here on the classes are to be assessed by this rule, also where the run ends before it does so itself.
 */
static checkrob_status keep_rule(store *s, const checkrob_verdict_rule *rule) {
  char text[VERDICT_RULE_TEXT];
  verdict_rule_write(text, rule);
  sqlite3_stmt *insert = NULL;
  checkrob_status status =
      store_prepare(&insert, s, "INSERT OR REPLACE INTO option VALUES ('" VERDICT_RULE_OPTION "', ?, 0)");
  if (status) return status;
  sqlite3_bind_text(insert, 1, text, -1, SQLITE_STATIC);
  if (sqlite3_step(insert) != SQLITE_DONE) status = store_error(s, "write the results to");
  sqlite3_finalize(insert);
  return status;
}

static checkrob_status begin_session(store *s, const checkrob_verdict_rule *rule) {
  checkrob_status status = store_run(s, "BEGIN IMMEDIATE; DELETE FROM class_result", "write the results to");
  if (!status) status = keep_rule(s, rule);
  if (!status)
    status = store_run(s,
                       "INSERT INTO session (started, samples, outcome)"
                       " VALUES (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), 0, 'running'); COMMIT",
                       "write the results to");
  if (status) sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
  return status;
}

static checkrob_status open_store(checkrob_run *run, const store_options *options) {
  store s = {0};
  bool fresh = false;
  checkrob_status status = store_open(&s, &fresh, run->store_path);
  if (status) return status;
  if (fresh)
    status = store_begin(&s, options, checkrob_dataset_classes(run->dataset));
  else
    status = go_on(run, &s, options);
  if (!status) status = begin_session(&s, &run->rule);
  if (status)
    store_close(&s);
  else
    status = writer_start(&run->writer, &s);
  return status;
}

checkrob_status keep_start(checkrob_run *run) {
  store_options options = {0};
  checkrob_status status = checkrob_cursor_seek(run->cursor, checkrob_cursor_first_input(run->cursor), 0);
  if (!status && run->store_path) { /* nobody will ever compare a temporary one */
    status = add_inputs(&options, run);
    if (!status) status = add_method(&options, run);
    if (!status) status = add_rest(&options, run);
  }
  if (!status) status = open_store(run, &options);
  store_options_clear(&options);
  return status;
}

/* ---- the end ---- */

static const char *outcome_of(checkrob_status status) {
  return status == CHECKROB_OK ? "complete" : status == CHECKROB_ERROR_CANCELLED ? "interrupted" : "failed";
}

static checkrob_status end_session(store *s, const checkrob_run *run, checkrob_status ended) {
  sqlite3_stmt *update = NULL;
  checkrob_status status =
      store_prepare(&update, s,
                    "UPDATE session SET ended = strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), samples = ?,"
                    " seconds = ?, outcome = ? WHERE id = (SELECT max(id) FROM session)");
  if (status) return status;
  sqlite3_bind_int64(update, 1, (sqlite3_int64)(run->totals.samples - run->totals.resumed));
  sqlite3_bind_double(update, 2, run->totals.seconds);
  sqlite3_bind_text(update, 3, outcome_of(ended), -1, SQLITE_STATIC);
  if (sqlite3_step(update) != SQLITE_DONE) status = store_error(s, "write the results to");
  sqlite3_finalize(update);
  return status;
}

static bool is_measured(const checkrob_run *run) {
  return verdict_is_measured(checkrob_score_function_name(run->explainer->score_function),
                             checkrob_reference_name(run->explainer->reference));
}

checkrob_status keep_finish(checkrob_run *run, checkrob_status status) {
  if (!run->writer) return status;
  char *sentence = text_copy(checkrob_last_error());
  store s = {0};
  checkrob_status written = writer_finish(run->writer, &s);
  run->writer = NULL;
  if (!written) written = results_assess(&run->tally, &s, &run->rule, is_measured(run));
  if (!written && !status) written = class_rows_write(&s, &run->tally);
  if (!written) written = end_session(&s, run, status);
  /* One file alone, which can be copied and read anywhere; where somebody is reading it, the log stays beside
   * it. */
  if (!written) sqlite3_exec(s.db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
  store_close(&s);
  if (status && sentence) error_store("%s", sentence);
  free(sentence);
  return status ? status : written;
}
