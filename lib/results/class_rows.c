#include "results/class_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define NUMBER(name, field) \
  { name, offsetof(checkrob_class_result, field) }

const class_number class_numbers[] = {
    NUMBER("acc", accuracy),
    NUMBER("crs", crs),
    NUMBER("crs_low", crs_low),
    NUMBER("crs_high", crs_high),
    NUMBER("area", area),
    NUMBER("rs0", rs0),
    NUMBER("ers", ers),
    NUMBER("ers_low", ers_low),
    NUMBER("ers_high", ers_high),
    NUMBER("lift", lift),
    NUMBER("contrast", contrast),
    NUMBER("robustness", robustness),
    NUMBER("robustness_low", robustness_low),
    NUMBER("robustness_high", robustness_high),
    NUMBER("p", p),
    NUMBER("q", q),
    NUMBER("needed", needed),
    NUMBER("pointing_game", localisation.pointing_game),
    NUMBER("rank_accuracy", localisation.rank_accuracy),
    NUMBER("top_k_intersection", localisation.top_k_intersection),
    NUMBER("attribution_localisation", localisation.attribution_localisation),
    NUMBER("auc", localisation.auc),
    NUMBER("iou", localisation.iou)};
const size_t class_number_count = sizeof class_numbers / sizeof *class_numbers;

double class_number_get(const checkrob_class_result *result, const class_number *number) {
  return *(const double *)(const void *)((const char *)result + number->offset);
}

static void class_number_set(checkrob_class_result *result, const class_number *number, double value) {
  *(double *)(void *)((char *)result + number->offset) = value;
}

static const checkrob_verdict verdicts[] = {CHECKROB_VERDICT_NOT_ENOUGH_DATA, CHECKROB_VERDICT_NON_ROBUST,
                                            CHECKROB_VERDICT_DOUBTFUL, CHECKROB_VERDICT_ROBUST,
                                            CHECKROB_VERDICT_NOT_SUSPICIOUS};

/* "INSERT INTO class_result (class, images, ..., acc, ...) VALUES (?, ...)", or the same columns for SELECT;
 * the caller frees. */
static char *sql_with_columns(const char *before, const char *after) {
  char columns[1024] = "class, images, failed, recognised, verdict, reason, blind_map";
  for (size_t i = 0; i < class_number_count; i++) {
    strncat(columns, ", ", sizeof columns - strlen(columns) - 1);
    strncat(columns, class_numbers[i].name, sizeof columns - strlen(columns) - 1);
  }
  return text_format("%s%s%s", before, columns, after);
}

#define FIRST_NUMBER 7 /* columns before it */

/* ---- writing ---- */

static checkrob_status insert_class(store *s, sqlite3_stmt *insert, const class_total *total) {
  checkrob_class_result c = tally_result(total);
  const class_assessment *a = total->assessed;
  sqlite3_bind_int64(insert, 1, c.index);
  sqlite3_bind_int64(insert, 2, (sqlite3_int64)c.images);
  sqlite3_bind_int64(insert, 3, (sqlite3_int64)c.failed);
  sqlite3_bind_int64(insert, 4, (sqlite3_int64)c.recognised);
  sqlite3_bind_text(insert, 5, checkrob_verdict_name(c.verdict), -1, SQLITE_STATIC);
  sqlite3_bind_text(insert, 6, c.reason, -1, SQLITE_STATIC);
  if (a && a->blind)
    sqlite3_bind_blob(insert, 7, a->blind, (int)(a->cells * sizeof *a->blind), SQLITE_STATIC);
  else
    sqlite3_bind_null(insert, 7);
  for (size_t i = 0; i < class_number_count; i++)
    store_bind_real(insert, FIRST_NUMBER + 1 + (int)i, class_number_get(&c, &class_numbers[i]));
  checkrob_status status =
      sqlite3_step(insert) == SQLITE_DONE ? CHECKROB_OK : store_error(s, "write the results to");
  sqlite3_reset(insert);
  return status;
}

static checkrob_status insert_classes(store *s, const class_tally *tally) {
  char marks[256] = ") VALUES (?";
  for (size_t i = 1; i < FIRST_NUMBER + class_number_count; i++)
    strncat(marks, ", ?", sizeof marks - strlen(marks) - 1);
  strncat(marks, ")", sizeof marks - strlen(marks) - 1);
  char *sql = sql_with_columns("INSERT INTO class_result (", marks);
  if (!sql) return error_memory("the classes' results");
  sqlite3_stmt *insert = NULL;
  checkrob_status status = store_prepare(&insert, s, sql);
  for (size_t i = 0; i < tally->count && !status; i++) status = insert_class(s, insert, &tally->items[i]);
  sqlite3_finalize(insert);
  free(sql);
  return status;
}

checkrob_status class_rows_write(store *s, const class_tally *tally) {
  checkrob_status status = store_run(s, "BEGIN IMMEDIATE; DELETE FROM class_result", "write the results to");
  if (!status) status = insert_classes(s, tally);
  if (!status) return store_run(s, "COMMIT", "write the results to");
  sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
  return status;
}

/* ---- reading ---- */

static checkrob_verdict verdict_of(const char *name) {
  for (size_t i = 0; name && i < sizeof verdicts / sizeof *verdicts; i++)
    if (strcmp(checkrob_verdict_name(verdicts[i]), name) == 0) return verdicts[i];
  return CHECKROB_VERDICT_NOT_ENOUGH_DATA;
}

static checkrob_status read_class(class_total *total, sqlite3_stmt *row) {
  class_assessment *a = calloc(1, sizeof *a);
  if (!a) return error_memory("the classes' results");
  class_assessment_free(total->assessed);
  total->assessed = a;
  a->result = tally_result(total);
  a->result.localisation.size = sizeof a->result.localisation;
  a->result.recognised = (size_t)sqlite3_column_int64(row, 3);
  a->result.verdict = verdict_of((const char *)sqlite3_column_text(row, 4));
  const char *reason = (const char *)sqlite3_column_text(row, 5);
  a->reason = text_copy(reason ? reason : "");
  const void *blind = sqlite3_column_blob(row, 6);
  size_t bytes = (size_t)sqlite3_column_bytes(row, 6);
  a->cells = bytes / sizeof *a->blind;
  if (blind) a->blind = malloc(bytes);
  if (!a->reason || (blind && !a->blind)) return error_memory("the classes' results");
  if (blind) memcpy(a->blind, blind, bytes);
  for (size_t i = 0; i < class_number_count; i++) {
    int column = FIRST_NUMBER + (int)i;
    class_number_set(&a->result, &class_numbers[i], store_real(row, column));
  }
  return CHECKROB_OK;
}

checkrob_status class_rows_read(bool *found, class_tally *tally, store *s) {
  *found = false;
  char *sql = sql_with_columns("SELECT ", " FROM class_result");
  if (!sql) return error_memory("the classes' results");
  sqlite3_stmt *select = NULL;
  checkrob_status status = store_prepare(&select, s, sql);
  int code = SQLITE_DONE;
  while (!status && (code = sqlite3_step(select)) == SQLITE_ROW) {
    class_total *total = tally_find(tally, sqlite3_column_int64(select, 0));
    if (total) status = read_class(total, select);
    *found = true;
  }
  if (!status && code != SQLITE_DONE) status = store_error(s, "read");
  sqlite3_finalize(select);
  free(sql);
  return status;
}
