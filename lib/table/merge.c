/* SPDX-License-Identifier: Apache-2.0 */
/* Operations on two results files: copying the rows of a shard, and pairs of samples. */
#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "table/sample.h"
#include "table/sql.h"
#include "table/store.h"

/* ---- the rows of a shard ---- */

/* Samples receive new ids. Child rows are found by the position of their sample in the dataset. */
static char *copy_samples_sql(const row_layout *samples) {
  char *columns = sql_columns(samples, "");
  char *sql = columns ? text_format(
                            "INSERT INTO main.sample (%s) SELECT %s FROM shard.sample"
                            " ORDER BY input, part",
                            columns + 2, columns + 2) /* without the first comma */
                      : NULL;
  free(columns);
  return sql;
}

static char *copy_children_sql(const row_layout *child) {
  char *columns = sql_columns(child, ""), *theirs = sql_columns(child, "c.");
  bool one = (row_layout_flags(child) & CHILD_ONE) != 0;
  char *sql = columns && theirs
                  ? text_format(
                        "INSERT INTO main.\"%s\" (sample%s%s) SELECT mine.id%s%s FROM shard.\"%s\" c"
                        " JOIN shard.sample theirs ON theirs.id = c.sample"
                        " JOIN main.sample mine"
                        " ON mine.input = theirs.input AND mine.part = theirs.part",
                        row_layout_table(child), one ? "" : ", position", columns, one ? "" : ", c.position",
                        theirs, row_layout_table(child))
                  : NULL;
  free(columns);
  free(theirs);
  return sql;
}

/* The error message for a failed copy names the file that cannot be read. Nobody else has the new one: it
 * can only be too large for its disk. */
static checkrob_status copy_error(store *s, const char *path) {
  int code = sqlite3_errcode(s->db) & 0xff;
  const store shard = {.db = s->db, .path = (char *)path};
  return code == SQLITE_FULL || code == SQLITE_IOERR ? sql_error(s, SQL_WRITE) : sql_error(&shard, SQL_READ);
}

static checkrob_status copy(store *s, const char *sql, const char *path) {
  if (!sql) return error_memory("the results");
  guard_restart(s);
  return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? CHECKROB_OK : copy_error(s, path);
}

static checkrob_status copy_samples(store *s, const char *path) {
  char *sql = copy_samples_sql(s->samples);
  if (!sql) return error_memory("the results");
  guard_restart(s);
  checkrob_status status = CHECKROB_OK;
  if (sqlite3_exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK)
    status =
        (sqlite3_errcode(s->db) & 0xff) == SQLITE_CONSTRAINT
            ? error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                        "%s has samples that another of the files has too; name each shard only once", path)
            : copy_error(s, path);
  free(sql);
  return status;
}

/* The first title of each class, in the order of the files. A file from before titles has none. */
static checkrob_status copy_classes(store *s, const char *path) {
  bool titled = false;
  checkrob_status status = sql_has_titles(&titled, s, "shard");
  if (status) return status;
  char *sql = text_format(
      "INSERT INTO main.class_map (\"index\", name, title) SELECT \"index\", name, %s FROM shard.class_map"
      " WHERE true ON CONFLICT (\"index\") DO UPDATE SET title = coalesce(title, excluded.title)",
      titled ? "title" : "NULL");
  status = copy(s, sql, path);
  free(sql);
  return status;
}

static checkrob_status copy_all(store *s, const char *path) {
  checkrob_status status = copy_classes(s, path);
  if (!status) status = copy_samples(s, path);
  for (size_t i = 0; i < row_layout_child_count(s->samples) && !status; i++) {
    char *sql = copy_children_sql(row_layout_child(s->samples, i));
    status = copy(s, sql, path);
    free(sql);
  }
  return status;
}

/* The shard is attached for reading alone: otherwise BEGIN IMMEDIATE would want to write to it too, and wait
 * for a run that writes to it now. */
checkrob_status store_merge_samples(store *s, const char *path) {
  checkrob_status status = sql_attach(s, path, "shard");
  if (status) return status;
  store shard = *s;
  shard.path = (char *)path; /* only read, for error messages */
  guard_measure(s, "shard");
  status = sql_check_tables(&shard, "shard");
  if (!status) status = copy(s, "BEGIN IMMEDIATE", path);
  if (!status) status = sql_finish(s, copy_all(s, path));
  sql_detach(s, "shard");
  return status;
}

/* ---- pairs of samples ---- */

static checkrob_status find_pairs(store *s, const char *name, paired_callback callback, void *user_data) {
  char *sql = text_format(
      "SELECT a.class, count(*), sum(b.value - a.\"%s\"), sum((b.value - a.\"%s\") * (b.value - a.\"%s\"))"
      " FROM main.sample a JOIN temp.later_sample b ON b.image = a.image AND b.class = a.class"
      " WHERE a.\"%s\" IS NOT NULL GROUP BY a.class",
      name, name, name, name);
  sqlite3_stmt *select = NULL;
  checkrob_status status = sql_prepare(&select, s, sql, SQL_READ);
  int code = SQLITE_DONE;
  while (!status && (code = sqlite3_step(select)) == SQLITE_ROW) {
    const char *class_name = NULL;
    status = sql_read_text(&class_name, s, select, 0);
    const paired_change change = {class_name, sqlite3_column_double(select, 1),
                                  sqlite3_column_double(select, 2), sqlite3_column_double(select, 3)};
    if (!status) callback(&change, user_data);
  }
  if (!status && code != SQLITE_DONE) status = sql_error(s, SQL_READ);
  sqlite3_finalize(select);
  free(sql);
  return status;
}

/* Both stores may be in transactions, so that others' writes do not show. ATTACH would need the end of one,
 * and would open the other file anew. So the numbers are copied from one connection to the other. Neither
 * file has an index by image, and we must not change them. */
static checkrob_status copy_later(store *to, store *from, const char *name) {
  char *sql = text_format("SELECT image, class, \"%s\" FROM sample WHERE \"%s\" IS NOT NULL", name, name);
  sqlite3_stmt *select = NULL, *insert = NULL;
  checkrob_status status = sql_prepare(&select, from, sql, SQL_READ);
  free(sql);
  if (!status) status = sql_prepare(&insert, to, "INSERT INTO temp.later_sample VALUES (?, ?, ?)", SQL_READ);
  int code = SQLITE_DONE;
  while (!status && (code = sqlite3_step(select)) == SQLITE_ROW) {
    for (int i = 0; i < 3 && !status; i++) /* copies texts: without memory it would be NULL, and no pair */
      if (sqlite3_bind_value(insert, i + 1, sqlite3_column_value(select, i)) != SQLITE_OK)
        status = sql_error(to, SQL_READ);
    if (!status) status = sql_step(to, insert, SQL_READ);
  }
  if (!status && code != SQLITE_DONE) status = sql_error(from, SQL_READ);
  sqlite3_finalize(select);
  sqlite3_finalize(insert);
  return status;
}

static bool has_stored_number(const store *s, const char *name) {
  size_t index = row_layout_find(s->samples, name);
  const column *c = index == ROW_NO_COLUMN ? NULL : row_layout_column(s->samples, index);
  return c && c->type == CHECKROB_COLUMN_NUMBER && column_is_stored(c);
}

checkrob_status store_pair_samples(store *before, store *after, const char *name, paired_callback callback,
                                   void *user_data) {
  if (!has_stored_number(before, name) || !has_stored_number(after, name)) return CHECKROB_OK;
  checkrob_status status = sql_run(before, "CREATE TEMP TABLE later_sample (image, class, value)", SQL_READ);
  if (after->bytes > before->bytes) before->bytes = after->bytes;
  if (!status) status = copy_later(before, after, name);
  if (!status)
    status = sql_run(before, "CREATE INDEX temp.later_image ON later_sample (image, class)", SQL_READ);
  if (!status) status = find_pairs(before, name, callback, user_data);
  sqlite3_exec(before->db, "DROP TABLE IF EXISTS temp.later_sample", NULL, NULL, NULL);
  return status;
}
