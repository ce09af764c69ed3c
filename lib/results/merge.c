/* Shards of one run become one file, row by row as they are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "results/assess.h"
#include "results/class_rows.h"
#include "results/results.h"
#include "score/verdict.h"

/* What tells a shard from another; all other deciding options have to be the same. */
static bool is_of_the_shard(const char *name) {
  return strcmp(name, "first_input") == 0 || strcmp(name, "input_count") == 0;
}

static checkrob_status common_options(store_options *out, const checkrob_results *first) {
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < first->options.count && !status; i++) {
    const store_option *o = &first->options.items[i];
    if (o->decides && !is_of_the_shard(o->name)) status = store_options_add(out, o->name, o->value, true);
  }
  return status;
}

/* -1 where it is not kept. */
static long long option_number(const checkrob_results *results, const char *name) {
  const char *value = checkrob_results_option(results, name);
  return value ? strtoll(value, NULL, 10) : -1;
}

/* The notes of the first; the shard becomes the whole. */
static checkrob_status add_notes(store_options *out, const checkrob_results *first) {
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < first->options.count && !status; i++) {
    const store_option *o = &first->options.items[i];
    if (!o->decides) status = store_options_add(out, o->name, o->value, false);
  }
  const char *count = checkrob_results_option(first, "whole_input_count");
  if (!status) status = store_options_add(out, "first_input", "0", true);
  if (!status) status = store_options_add(out, "input_count", count ? count : "0", true);
  return status;
}

static checkrob_status copy_rows(store *s, const char *path) {
  static const char samples[] = "INSERT INTO main.sample (" STORE_SAMPLE_COLUMNS
                                ") SELECT " STORE_SAMPLE_COLUMNS " FROM shard.sample ORDER BY input, part";
  static const char others[] =
      "INSERT INTO main.other (sample, name, class, share)"
      " SELECT mine.id, o.name, o.class, o.share FROM shard.other o"
      " JOIN shard.sample theirs ON theirs.id = o.sample"
      " JOIN main.sample mine ON mine.input = theirs.input AND mine.part = theirs.part";
  static const char evidences[] =
      "INSERT INTO main.evidence (sample, height, map, region, counted)"
      " SELECT mine.id, e.height, e.map, e.region, e.counted FROM shard.evidence e"
      " JOIN shard.sample theirs ON theirs.id = e.sample"
      " JOIN main.sample mine ON mine.input = theirs.input AND mine.part = theirs.part";
  checkrob_status status = store_attach(s, path, "shard");
  if (status) return status;
  status = store_run(s, "BEGIN IMMEDIATE", "write the results to");
  if (!status)
    status = store_run(s, "INSERT OR IGNORE INTO main.class SELECT * FROM shard.class", "merge into");
  if (!status && sqlite3_exec(s->db, samples, NULL, NULL, NULL) != SQLITE_OK)
    status = (sqlite3_errcode(s->db) & 0xff) == SQLITE_CONSTRAINT
                 ? error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                             "%s has samples that another of the files has too; give each shard once", path)
                 : store_error(s, "write the results to");
  if (!status) status = store_run(s, others, "write the results to");
  if (!status) status = store_run(s, evidences, "write the results to");
  if (!status) status = store_run(s, "COMMIT", "write the results to");
  if (status) sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
  sqlite3_exec(s->db, "DETACH shard", NULL, NULL, NULL);
  return status;
}

/* ---- the files, one after the other ---- */

typedef struct merging {
  store to;
  store_options common;
  bool begun, all_complete, measured;
  long long inputs; /* that the shards cover */
  long long whole;
  checkrob_verdict_rule rule; /* of the first file */
} merging;

static checkrob_status begin(merging *m, const checkrob_results *first) {
  store_options all = {0};
  checkrob_status status = common_options(&m->common, first);
  if (!status) status = common_options(&all, first);
  if (!status) status = add_notes(&all, first);
  if (!status) status = store_begin(&m->to, &all, NULL);
  m->whole = option_number(first, "whole_input_count");
  verdict_rule_read(&m->rule, checkrob_results_option(first, VERDICT_RULE_OPTION));
  m->measured = results_are_measured(first);
  m->begun = true;
  m->all_complete = true;
  store_options_clear(&all);
  return status;
}

/* A rule decides nothing in a run, but which of two should judge the whole nobody has said. */
static checkrob_status check_rule(const merging *m, const checkrob_results *shard, const char *path) {
  checkrob_verdict_rule other;
  char texts[2][VERDICT_RULE_TEXT];
  verdict_rule_read(&other, checkrob_results_option(shard, VERDICT_RULE_OPTION));
  verdict_rule_write(texts[0], &m->rule);
  verdict_rule_write(texts[1], &other);
  if (strcmp(texts[0], texts[1]) == 0) return CHECKROB_OK;
  return error_set(
      CHECKROB_ERROR_INVALID_ARGUMENT,
      "%s has another rule of verdicts than the files before it; score each shard once more with the "
      "same rule, which computes nothing anew",
      path);
}

static checkrob_status add_file(merging *m, const char *path) {
  checkrob_results *shard = NULL;
  checkrob_status status = checkrob_results_open(&shard, path);
  if (!status && !m->begun) status = begin(m, shard);
  if (!status) status = store_compare(&shard->from, &m->common);
  if (!status) status = check_rule(m, shard, path);
  if (!status) {
    m->inputs += option_number(shard, "input_count");
    m->all_complete = m->all_complete && shard->complete;
    checkrob_results_free(shard); /* it holds a lock that ATTACH would wait for */
    return copy_rows(&m->to, path);
  }
  checkrob_results_free(shard);
  return status;
}

static checkrob_status finish(merging *m) {
  class_tally tally = {0};
  checkrob_run_totals totals = CHECKROB_RUN_TOTALS_INIT;
  checkrob_status status = results_tally(&tally, &totals, &m->to);
  if (!status) status = results_assess(&tally, &m->to, &m->rule, m->measured);
  if (!status) status = class_rows_write(&m->to, &tally);
  char sql[256];
  bool complete = m->all_complete && m->inputs == m->whole;
  snprintf(sql, sizeof sql,
           "INSERT INTO session (started, ended, samples, outcome)"
           " SELECT strftime('%%Y-%%m-%%dT%%H:%%M:%%SZ', 'now'), strftime('%%Y-%%m-%%dT%%H:%%M:%%SZ', "
           "'now'), %zu, '%s'",
           totals.samples, complete ? "complete" : "merged");
  if (!status) status = store_run(&m->to, sql, "write the results to");
  if (!status) status = store_run(&m->to, "PRAGMA journal_mode = DELETE", "write the results to");
  tally_clear(&tally);
  return status;
}

static checkrob_status merge_into(const char *out_path, const char *const *paths, size_t count) {
  merging m = {0};
  bool fresh = false;
  checkrob_status status = store_open(&m.to, &fresh, out_path);
  if (status) return status;
  for (size_t i = 0; i < count && !status; i++) status = add_file(&m, paths[i]);
  if (!status) status = finish(&m);
  store_options_clear(&m.common);
  store_close(&m.to);
  return status;
}

static void remove_with_log(const char *path) {
  static const char *const endings[] = {"", "-wal", "-shm"};
  char *sentence = text_copy(checkrob_last_error());
  for (size_t i = 0; i < 3; i++) {
    char *file = text_format("%s%s", path, endings[i]);
    if (file) unlink(file);
    free(file);
  }
  if (sentence) error_store("%s", sentence);
  free(sentence);
}

checkrob_status checkrob_results_merge(const char *out_path, const char *const *paths, size_t count) {
  if (!out_path || !paths || count == 0)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_results_merge: NULL argument, or no file");
  if (access(out_path, F_OK) == 0)
    return error_set(CHECKROB_ERROR_IO, "%s is there already; give another name, or remove it", out_path);
  checkrob_status status = merge_into(out_path, paths, count);
  if (status) remove_with_log(out_path);
  return status;
}
