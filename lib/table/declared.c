/* SPDX-License-Identifier: Apache-2.0 */
/* Writes and reads the declarations of columns in the results file. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/text.h"
#include "table/sql.h"

static const char definitions[] =
    "CREATE TABLE declared_table ("
    "  name TEXT PRIMARY KEY, parent TEXT, position INTEGER NOT NULL, flags INTEGER NOT NULL,"
    "  description TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE declared_column ("
    "  in_table TEXT NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL,"
    "  unit TEXT NOT NULL, low REAL, high REAL, digits INTEGER NOT NULL, flags INTEGER NOT NULL,"
    "  description TEXT NOT NULL, PRIMARY KEY (in_table, position)) WITHOUT ROWID;";

checkrob_status declared_create(store *s) {
  return sql_run(s, definitions, SQL_WRITE);
}

/* ---- writing ---- */

static checkrob_status write_columns(store *s, const row_layout *layout) {
  sqlite3_stmt *insert = NULL;
  checkrob_status status =
      sql_prepare(&insert, s, "INSERT INTO declared_column VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", SQL_WRITE);
  for (size_t i = 0; i < row_layout_count(layout) && !status; i++) {
    const column *c = row_layout_column(layout, i);
    sqlite3_bind_text(insert, 1, row_layout_table(layout), -1, SQLITE_STATIC);
    sqlite3_bind_int64(insert, 2, (sqlite3_int64)i);
    sqlite3_bind_text(insert, 3, c->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 4, checkrob_column_type_name(c->type), -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 5, c->unit, -1, SQLITE_STATIC);
    sql_bind_real(insert, 6, c->low);
    sql_bind_real(insert, 7, c->high);
    sqlite3_bind_int(insert, 8, c->digits);
    sqlite3_bind_int64(insert, 9, c->flags);
    sqlite3_bind_text(insert, 10, c->description, -1, SQLITE_STATIC);
    status = sql_step(s, insert, SQL_WRITE);
  }
  sqlite3_finalize(insert);
  return status;
}

static checkrob_status write_table(store *s, const row_layout *layout, const char *parent, size_t position) {
  sqlite3_stmt *insert = NULL;
  checkrob_status status =
      sql_prepare(&insert, s, "INSERT INTO declared_table VALUES (?, ?, ?, ?, ?)", SQL_WRITE);
  if (status) return status;
  sqlite3_bind_text(insert, 1, row_layout_table(layout), -1, SQLITE_STATIC);
  sqlite3_bind_text(insert, 2, parent, -1, SQLITE_STATIC); /* NULL is bound as NULL */
  sqlite3_bind_int64(insert, 3, (sqlite3_int64)position);
  sqlite3_bind_int64(insert, 4, row_layout_flags(layout));
  sqlite3_bind_text(insert, 5, row_layout_description(layout), -1, SQLITE_STATIC);
  status = sql_step(s, insert, SQL_WRITE);
  sqlite3_finalize(insert);
  return status ? status : write_columns(s, layout);
}

checkrob_status declared_write(store *s, const row_layout *layout) {
  checkrob_status status = write_table(s, layout, NULL, 0);
  for (size_t i = 0; i < row_layout_child_count(layout) && !status; i++)
    status = write_table(s, row_layout_child(layout, i), row_layout_table(layout), i);
  return status;
}

checkrob_status declared_remove(store *s, const char *table) {
  static const char *const statements[] = {"DELETE FROM declared_column WHERE in_table = ?",
                                           "DELETE FROM declared_table WHERE name = ?"};
  checkrob_status status = CHECKROB_OK;
  for (int i = 0; i < 2 && !status; i++) {
    sqlite3_stmt *remove = NULL;
    status = sql_prepare(&remove, s, statements[i], SQL_WRITE);
    if (status) return status;
    sqlite3_bind_text(remove, 1, table, -1, SQLITE_STATIC);
    status = sql_step(s, remove, SQL_WRITE);
    sqlite3_finalize(remove);
  }
  return status;
}

/* ---- reading ---- */

/* Largest numbers of tables in one declaration, and of columns in one table, which is SQLite's own. */
#define TABLES 64
#define COLUMNS 2000

/* Declarations that own their strings. */
typedef struct declaration {
  char *name, *description;
  unsigned flags;
  column *columns;
  size_t count, capacity;
} declaration;

static void clear(declaration *d) {
  for (size_t i = 0; i < d->count; i++) {
    free((void *)d->columns[i].name); /* allocated by read_column() */
    free((void *)d->columns[i].unit);
    free((void *)d->columns[i].description);
  }
  free(d->columns);
  free(d->name);
  free(d->description);
}

/* A copy in *out, also after a failure NULL or a text that the caller frees. */
static checkrob_status copy_text(char **out, const store *s, sqlite3_stmt *row, int position) {
  const char *text = NULL;
  checkrob_status status = sql_read_text(&text, s, row, position);
  if (status) return status;
  *out = text_copy(text);
  return *out ? CHECKROB_OK : error_memory("the columns of a table");
}

static double real_or(sqlite3_stmt *row, int position, double otherwise) {
  return sqlite3_column_type(row, position) == SQLITE_NULL ? otherwise : sqlite3_column_double(row, position);
}

/* 0: there is no such type. */
static checkrob_column_type type_of(const char *name) {
  for (int type = CHECKROB_COLUMN_INTEGER; type <= CHECKROB_COLUMN_DOUBLES; type++)
    if (strcmp(checkrob_column_type_name((checkrob_column_type)type), name) == 0)
      return (checkrob_column_type)type;
  return (checkrob_column_type)0;
}

static checkrob_status damaged(const store *s) {
  return error_set(
      CHECKROB_ERROR_BAD_INPUT,
      "%s is damaged: the declarations of its columns cannot be read; restore it, or score again, "
      "into another file",
      s->path);
}

static checkrob_status read_column(declaration *d, const store *s, sqlite3_stmt *row) {
  const char *type = NULL;
  checkrob_status status = sql_read_text(&type, s, row, 1);
  if (status) return status;
  column c = {.type = type_of(type),
              .low = real_or(row, 3, -INFINITY),
              .high = real_or(row, 4, INFINITY),
              .digits = sqlite3_column_int(row, 5),
              .flags = (unsigned)sqlite3_column_int64(row, 6)};
  if (!c.type || c.digits < 0 || c.digits > 20 || d->count == COLUMNS) return damaged(s);
  column *columns = array_grow(d->columns, &d->capacity, d->count, sizeof *columns);
  if (!columns) return error_memory("the columns of a table");
  d->columns = columns;
  char *name = NULL, *unit = NULL, *description = NULL;
  status = copy_text(&name, s, row, 0);
  if (!status) status = copy_text(&unit, s, row, 2);
  if (!status) status = copy_text(&description, s, row, 7);
  c.name = name;
  c.unit = unit;
  c.description = description;
  columns[d->count++] = c;
  return status;
}

static checkrob_status read_columns(declaration *d, store *s) {
  sqlite3_stmt *select = NULL;
  checkrob_status status = sql_prepare(&select, s,
                                       "SELECT name, type, unit, low, high, digits, flags, description"
                                       " FROM declared_column WHERE in_table = ? ORDER BY position",
                                       SQL_READ);
  if (status) return status;
  sqlite3_bind_text(select, 1, d->name, -1, SQLITE_STATIC);
  int code = SQLITE_DONE;
  while (!status && (code = sqlite3_step(select)) == SQLITE_ROW) status = read_column(d, s, select);
  if (!status && code != SQLITE_DONE) status = sql_error(s, SQL_READ);
  sqlite3_finalize(select);
  return status;
}

/* Reads the table first, and then its child tables. */
static checkrob_status read_tables(declaration *tables, size_t *count, store *s, const char *table) {
  sqlite3_stmt *select = NULL;
  checkrob_status status =
      sql_prepare(&select, s,
                  "SELECT name, flags, description FROM declared_table"
                  " WHERE name = ?1 OR parent = ?1 ORDER BY parent IS NOT NULL, position",
                  SQL_READ);
  if (status) return status;
  sqlite3_bind_text(select, 1, table, -1, SQLITE_STATIC);
  int code = SQLITE_DONE;
  while (!status && (code = sqlite3_step(select)) == SQLITE_ROW) {
    if (*count == TABLES) status = damaged(s);
    if (status) break;
    declaration *d = &tables[(*count)++];
    *d = (declaration){.flags = (unsigned)sqlite3_column_int64(select, 1)};
    status = copy_text(&d->name, s, select, 0);
    if (!status) status = copy_text(&d->description, s, select, 2);
    if (!status) status = read_columns(d, s);
  }
  if (!status && code != SQLITE_DONE) status = sql_error(s, SQL_READ);
  sqlite3_finalize(select);
  return status;
}

static checkrob_status make_layout(row_layout **out, const store *s, const declaration *tables,
                                   size_t count) {
  child_table children[TABLES];
  const child_table *pointers[TABLES];
  for (size_t i = 1; i < count; i++) {
    const declaration *d = &tables[i];
    children[i] = (child_table){d->name, d->columns, d->count, d->flags, d->description};
    pointers[i - 1] = &children[i];
  }
  column_list part = {tables[0].columns, tables[0].count};
  checkrob_status status = row_layout_new(out, tables[0].name, &part, 1, pointers, count - 1);
  return status == CHECKROB_ERROR_INVALID_ARGUMENT ? damaged(s) : status;
}

checkrob_status declared_read(row_layout **out, store *s, const char *table) {
  declaration *tables = calloc(TABLES, sizeof *tables);
  if (!tables) return error_memory("the columns of a table");
  size_t count = 0;
  row_layout *layout = NULL;
  checkrob_status status = read_tables(tables, &count, s, table);
  if (!status && count > 0 && strcmp(tables[0].name, table) != 0)
    status = damaged(s); /* only child tables were found */
  if (!status && count > 0) status = make_layout(&layout, s, tables, count);
  for (size_t i = 0; i < count; i++) clear(&tables[i]);
  free(tables);
  if (!status) *out = layout;
  return status;
}
