/* SPDX-License-Identifier: Apache-2.0 */
/* The class map in a results file. */
#include "table/titles.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/error.h"
#include "base/text.h"
#include "table/sql.h"

/* ---- writing ---- */

/* Several names may have one index. The first name and the first title are stored. */
checkrob_status sql_write_classes(store *s, const checkrob_class_map *classes) {
  sqlite3_stmt *insert = NULL;
  checkrob_status status =
      sql_prepare(&insert, s,
                  "INSERT INTO class_map (\"index\", name, title) VALUES (?, ?, ?)"
                  " ON CONFLICT (\"index\") DO UPDATE SET title = coalesce(title, excluded.title)",
                  SQL_WRITE);
  for (size_t i = 0; i < checkrob_class_map_count(classes) && !status; i++) {
    sqlite3_bind_int64(insert, 1, checkrob_class_map_index(classes, i));
    sqlite3_bind_text(insert, 2, checkrob_class_map_name(classes, i), -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 3, checkrob_class_map_title(classes, i), -1, SQLITE_STATIC); /* NULL: NULL */
    status = sql_step(s, insert, SQL_WRITE);
  }
  sqlite3_finalize(insert);
  return status;
}

/* Files of version 3 may be without titles. */
checkrob_status sql_has_titles(bool *out, store *s, const char *schema) {
  char *sql =
      text_format("SELECT count(*) FROM pragma_table_info('class_map', '%s') WHERE name = 'title'", schema);
  sqlite3_stmt *select = NULL;
  checkrob_status status = sql_prepare(&select, s, sql, SQL_READ);
  free(sql);
  if (status) return status;
  if (sqlite3_step(select) == SQLITE_ROW)
    *out = sqlite3_column_int(select, 0) > 0;
  else
    status = sql_error(s, SQL_READ);
  sqlite3_finalize(select);
  return status;
}

static checkrob_status add_column(store *s) {
  bool has = false;
  char mark[64];
  snprintf(mark, sizeof mark, "PRAGMA user_version = %d", STORE_VERSION);
  checkrob_status status = sql_has_titles(&has, s, "main");
  if (!status && !has) status = sql_run(s, "ALTER TABLE class_map ADD COLUMN title TEXT", SQL_WRITE);
  return status ? status : sql_run(s, mark, SQL_WRITE);
}

checkrob_status store_replace_titles(store *s, const checkrob_class_map *classes) {
  if (!classes) return CHECKROB_OK;
  checkrob_status status = sql_begin(s);
  if (status) return status;
  status = add_column(s);
  if (!status) status = sql_run(s, "UPDATE class_map SET title = NULL", SQL_WRITE);
  if (!status) status = sql_write_classes(s, classes);
  return sql_finish(s, status);
}

/* ---- reading ---- */

static checkrob_status add(titles *list, int64_t index, const char *text) {
  title *items = array_grow(list->items, &list->capacity, list->count, sizeof *items);
  if (!items) return error_memory("the titles of the classes");
  list->items = items;
  char *own = text_copy(text);
  if (!own) return error_memory("the titles of the classes");
  items[list->count++] = (title){index, own};
  return CHECKROB_OK;
}

static checkrob_status read_all(titles *list, store *s) {
  sqlite3_stmt *select = NULL;
  checkrob_status status = sql_prepare(
      &select, s, "SELECT \"index\", title FROM class_map WHERE title IS NOT NULL ORDER BY \"index\"",
      SQL_READ);
  int code = SQLITE_DONE;
  while (!status && (code = sqlite3_step(select)) == SQLITE_ROW) {
    const char *text = NULL;
    status = sql_read_text(&text, s, select, 1);
    if (!status) status = add(list, sqlite3_column_int64(select, 0), text);
  }
  if (!status && code != SQLITE_DONE) status = sql_error(s, SQL_READ);
  sqlite3_finalize(select);
  return status;
}

checkrob_status titles_read(titles *out, store *s) {
  titles list = {0};
  bool has = false;
  checkrob_status status = sql_has_titles(&has, s, "main");
  if (!status && has) status = read_all(&list, s);
  if (status)
    titles_clear(&list);
  else
    *out = list;
  return status;
}

void titles_clear(titles *list) {
  for (size_t i = 0; i < list->count; i++) free(list->items[i].text);
  free(list->items);
  *list = (titles){0};
}

static int compare_index(const void *key, const void *item) {
  int64_t index = *(const int64_t *)key, found = ((const title *)item)->index;
  return (index > found) - (index < found);
}

const char *titles_find(const titles *list, int64_t index) {
  const title *found = array_find(&index, list->items, list->count, sizeof *list->items, compare_index);
  return found ? found->text : NULL;
}

/* ---- in rows ---- */

bool titles_are_in(const row_layout *layout) {
  return row_layout_find(layout, "title") != ROW_NO_COLUMN;
}

static checkrob_status put(checkrob_row *row, const titles *list, const char *to, const char *from) {
  const row_layout *layout = row_layout_of(row);
  size_t at = row_layout_find(layout, to);
  if (at == ROW_NO_COLUMN) return CHECKROB_OK;
  return row_set_text(row, at, titles_find(list, row_integer(row, row_layout_find(layout, from))));
}

checkrob_status titles_put(checkrob_row *row, const titles *list) {
  checkrob_status status = put(row, list, "title", "index");
  return status ? status : put(row, list, "object_title", "object_index");
}
