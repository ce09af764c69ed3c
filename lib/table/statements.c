/* SPDX-License-Identifier: Apache-2.0 */
/* Makes statements from declarations. Names of columns and tables are identifiers (table/row.h). They are
 * quoted only because some are SQL keywords, such as "index". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "table/sql.h"

static const char *type_of(const column *c) {
  switch (c->type) {
    case CHECKROB_COLUMN_INTEGER:
      return "INTEGER";
    case CHECKROB_COLUMN_NUMBER:
      return "REAL";
    case CHECKROB_COLUMN_TEXT:
      return "TEXT";
    default:
      return "BLOB";
  }
}

char *sql_create_table(const row_layout *layout, const char *first, const char *last) {
  text_writer b;
  if (!text_writer_start(&b)) return NULL;
  fprintf(b.file, "CREATE TABLE \"%s\" (%s", row_layout_table(layout), first);
  for (size_t i = 0; i < row_layout_count(layout); i++) {
    const column *c = row_layout_column(layout, i);
    if (column_is_stored(c)) fprintf(b.file, "%s\"%s\" %s", i > 0 || *first ? ", " : "", c->name, type_of(c));
  }
  fprintf(b.file, "%s", last);
  return text_writer_finish(&b);
}

char *sql_columns(const row_layout *layout, const char *prefix) {
  text_writer b;
  if (!text_writer_start(&b)) return NULL;
  for (size_t i = 0; i < row_layout_count(layout); i++) {
    const column *c = row_layout_column(layout, i);
    if (column_is_stored(c)) fprintf(b.file, ", %s\"%s\"", prefix, c->name);
  }
  return text_writer_finish(&b);
}

char *sql_insert(const row_layout *layout, const char *first, int first_count) {
  char *columns = sql_columns(layout, "");
  text_writer b;
  if (!columns || !text_writer_start(&b)) {
    free(columns);
    return NULL;
  }
  int count = first_count;
  for (size_t i = 0; i < row_layout_count(layout); i++)
    count += column_is_stored(row_layout_column(layout, i));
  fprintf(b.file, "INSERT INTO \"%s\" (%s%s) VALUES (?", row_layout_table(layout), first,
          columns + (*first ? 0 : 2)); /* without the first comma, if nothing is before it */
  for (int i = 1; i < count; i++) fputs(", ?", b.file);
  fputs(")", b.file);
  free(columns);
  return text_writer_finish(&b);
}

/* ---- values ---- */

static void bind_value(sqlite3_stmt *statement, int position, const checkrob_row *row, size_t index) {
  size_t bytes = 0;
  const void *array = NULL;
  if (!row_has(row, index)) {
    sqlite3_bind_null(statement, position);
    return;
  }
  switch (row_layout_column(row_layout_of(row), index)->type) {
    case CHECKROB_COLUMN_INTEGER:
      sqlite3_bind_int64(statement, position, row_integer(row, index));
      return;
    case CHECKROB_COLUMN_NUMBER:
      sqlite3_bind_double(statement, position, row_number(row, index));
      return;
    case CHECKROB_COLUMN_TEXT:
      sqlite3_bind_text(statement, position, row_text(row, index), -1, SQLITE_STATIC);
      return;
    case CHECKROB_COLUMN_FLOATS:
    case CHECKROB_COLUMN_DOUBLES:
      array = row_array(&bytes, row, index);
      sqlite3_bind_blob64(statement, position, array, bytes, SQLITE_STATIC);
      return;
  }
}

void sql_bind_row(sqlite3_stmt *statement, int *position, const checkrob_row *row) {
  const row_layout *layout = row_layout_of(row);
  for (size_t i = 0; i < row_layout_count(layout); i++)
    if (column_is_stored(row_layout_column(layout, i))) bind_value(statement, (*position)++, row, i);
}

checkrob_status sql_read_text(const char **out, const store *s, sqlite3_stmt *row, int position) {
  bool is_text = sqlite3_column_type(row, position) == SQLITE_TEXT;
  const char *text = is_text ? (const char *)sqlite3_column_text(row, position) : NULL;
  if (is_text && !text) return error_memory("the results");
  *out = text;
  if (text && strlen(text) == (size_t)sqlite3_column_bytes(row, position)) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_BAD_INPUT,
                   "%s is damaged: a value of the column %s is not a text; restore it, or score again, into "
                   "another file",
                   s->path, sqlite3_column_name(row, position));
}

/* SQLite stores a value of any type in any column. It converts what can be converted when it is written. */
static const char *wrong_type(checkrob_column_type type, sqlite3_stmt *statement, int position) {
  int stored = sqlite3_column_type(statement, position);
  size_t item_bytes = type == CHECKROB_COLUMN_FLOATS ? sizeof(float) : sizeof(double);
  switch (type) {
    case CHECKROB_COLUMN_INTEGER:
      return stored == SQLITE_INTEGER ? NULL : "a whole number";
    case CHECKROB_COLUMN_NUMBER:
      return stored == SQLITE_FLOAT || stored == SQLITE_INTEGER ? NULL : "a number";
    case CHECKROB_COLUMN_TEXT:
      return stored == SQLITE_TEXT ? NULL : "a text";
    case CHECKROB_COLUMN_FLOATS:
    case CHECKROB_COLUMN_DOUBLES:
      return stored == SQLITE_BLOB && (size_t)sqlite3_column_bytes(statement, position) % item_bytes == 0
                 ? NULL
                 : "an array of numbers";
  }
  return "declared";
}

static checkrob_status type_error(const checkrob_row *row, size_t index, const store *s, const char *due) {
  const row_layout *layout = row_layout_of(row);
  return error_set(CHECKROB_ERROR_BAD_INPUT,
                   "%s is damaged: table %s, column %s: a value is not %s; restore the file, or score again, "
                   "into another file",
                   s->path, row_layout_table(layout), row_layout_column(layout, index)->name, due);
}

static checkrob_status read_value(checkrob_row *row, size_t index, const store *s, sqlite3_stmt *statement,
                                  int position) {
  checkrob_column_type type = row_layout_column(row_layout_of(row), index)->type;
  if (sqlite3_column_type(statement, position) == SQLITE_NULL) {
    row_unset(row, index);
    return CHECKROB_OK;
  }
  const char *due = wrong_type(type, statement, position), *text = NULL;
  if (due) return type_error(row, index, s, due);
  const void *array = NULL;
  switch (type) {
    case CHECKROB_COLUMN_INTEGER:
      row_set_integer(row, index, sqlite3_column_int64(statement, position));
      return CHECKROB_OK;
    case CHECKROB_COLUMN_NUMBER:
      row_set_number(row, index, sqlite3_column_double(statement, position));
      return CHECKROB_OK;
    case CHECKROB_COLUMN_TEXT:
      text = (const char *)sqlite3_column_text(statement, position);
      if (!text) return error_memory("the results");
      if (strlen(text) != (size_t)sqlite3_column_bytes(statement, position))
        return type_error(row, index, s, "a text");
      return row_set_text(row, index, text);
    case CHECKROB_COLUMN_FLOATS:
    case CHECKROB_COLUMN_DOUBLES:
      array = sqlite3_column_blob(statement, position); /* NULL for no bytes */
      return row_set_array(row, index, array, (size_t)sqlite3_column_bytes(statement, position));
  }
  return CHECKROB_OK;
}

checkrob_status sql_read_row(checkrob_row *row, const store *s, sqlite3_stmt *statement, int *position) {
  const row_layout *layout = row_layout_of(row);
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < row_layout_count(layout) && !status; i++)
    if (column_is_stored(row_layout_column(layout, i)))
      status = read_value(row, i, s, statement, (*position)++);
  return status;
}
