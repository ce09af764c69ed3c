/* SPDX-License-Identifier: Apache-2.0 */
#include "table/writer.h"

#include <stdlib.h>

#include "base/error.h"
#include "table/sql.h"

struct table_writer {
  store *to;
  const row_layout *layout;
  sqlite3_stmt *insert;
  sqlite3_stmt **insert_child; /* [child count of the layout] */
  bool wrote;
};

static checkrob_status prepare_insert(sqlite3_stmt **out, store *s, const row_layout *layout,
                                      const char *first, int first_count) {
  char *sql = sql_insert(layout, first, first_count);
  checkrob_status status = sql_prepare(out, s, sql, SQL_WRITE);
  free(sql);
  return status;
}

static bool has_one(const row_layout *child) {
  return (row_layout_flags(child) & CHILD_ONE) != 0;
}

static checkrob_status prepare(table_writer *w) {
  size_t count = row_layout_child_count(w->layout);
  w->insert_child = calloc(count + 1, sizeof *w->insert_child);
  if (!w->insert_child) return error_memory("the results");
  checkrob_status status = prepare_insert(&w->insert, w->to, w->layout, "", 0);
  for (size_t i = 0; i < count && !status; i++) {
    const row_layout *child = row_layout_child(w->layout, i);
    status = has_one(child) ? prepare_insert(&w->insert_child[i], w->to, child, "sample", 1)
                            : prepare_insert(&w->insert_child[i], w->to, child, "sample, position", 2);
  }
  return status;
}

checkrob_status table_writer_open(table_writer **out, store *s, const row_layout *samples) {
  table_writer *w = calloc(1, sizeof *w);
  if (!w) return error_memory("the results");
  w->to = s;
  w->layout = samples;
  checkrob_status status = prepare(w);
  if (status)
    table_writer_close(w);
  else
    *out = w;
  return status;
}

void table_writer_close(table_writer *w) {
  if (!w) return;
  sqlite3_finalize(w->insert);
  for (size_t i = 0; w->insert_child && i < row_layout_child_count(w->layout); i++)
    sqlite3_finalize(w->insert_child[i]);
  free(w->insert_child);
  free(w);
}

static checkrob_status insert(table_writer *w, sqlite3_stmt *statement) {
  int code = sqlite3_step(statement) & 0xff;
  checkrob_status status = code == SQLITE_DONE ? CHECKROB_OK
                           : code == SQLITE_CONSTRAINT
                               ? error_set(CHECKROB_ERROR_IO,
                                           "cannot write the results to %s: it has this row already; check "
                                           "that no other run writes to it",
                                           store_path(w->to))
                               : sql_error(w->to, SQL_WRITE);
  sqlite3_reset(statement);
  return status;
}

static checkrob_status write_children(table_writer *w, const checkrob_row *row, size_t child,
                                      sqlite3_int64 sample) {
  sqlite3_stmt *statement = w->insert_child[child];
  bool one = has_one(row_layout_child(w->layout, child));
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < row_child_count(row, child) && !status; i++) {
    int position = 1;
    sqlite3_bind_int64(statement, position++, sample);
    if (!one) sqlite3_bind_int64(statement, position++, (sqlite3_int64)i);
    sql_bind_row(statement, &position, row_child(row, child, i));
    status = insert(w, statement);
  }
  return status;
}

static checkrob_status write_row(table_writer *w, const checkrob_row *row) {
  int position = 1;
  sql_bind_row(w->insert, &position, row);
  checkrob_status status = insert(w, w->insert);
  sqlite3_int64 sample = sqlite3_last_insert_rowid(w->to->db);
  for (size_t c = 0; c < row_layout_child_count(w->layout) && !status; c++)
    status = write_children(w, row, c, sample);
  return status;
}

checkrob_status table_writer_write(table_writer *w, const checkrob_row *const *rows, size_t count) {
  if (count == 0) return CHECKROB_OK;
  checkrob_status status = sql_begin(w->to);
  if (status) return status;
  if (!w->wrote) status = sql_drop_appended(w->to);
  w->wrote = true;
  for (size_t i = 0; i < count && !status; i++) status = write_row(w, rows[i]);
  return sql_finish(w->to, status);
}
