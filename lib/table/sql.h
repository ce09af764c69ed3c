/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite. Only this room includes this header. */
#ifndef CHECKROB_LIB_SQL_H
#define CHECKROB_LIB_SQL_H

#include <checkrob/dataset.h>
#include <sqlite3.h>

#include "table/row.h"

typedef struct store store;

struct store {
  sqlite3 *db;
  char *path;
  bool fresh;
  bool is_part;        /* the file has another name until it is complete */
  row_layout *samples; /* NULL if the file is fresh */
  int64_t bytes;       /* of all that is read: see guard.c */
  int64_t steps;       /* of SQLite, since guard_restart() */
};

#define SQL_WRITE "write the results to"
#define SQL_READ "read"

/* Sets the error message for SQLite's last failure, "cannot ACTION PATH: ...", and returns a status. */
checkrob_status sql_error(const store *s, const char *action);

/* Runs statements without results. */
checkrob_status sql_run(store *s, const char *sql, const char *action);
/* Prepares a statement, which the caller finalizes. */
checkrob_status sql_prepare(sqlite3_stmt **out, store *s, const char *sql, const char *action);
/* Runs a prepared statement that has no results. */
checkrob_status sql_step(store *s, sqlite3_stmt *statement, const char *action);
/* One transaction. If `status` is a failure, ROLLBACK, and the error message is preserved; else COMMIT. */
checkrob_status sql_begin(store *s);
checkrob_status sql_finish(store *s, checkrob_status status);

/* SQLite's name of a file; it has a meaning of its own for names such as ":memory:". The caller frees it;
 * NULL: out of memory. */
char *sql_file_name(const char *path);
/* Attaches another file, for reading alone. Error messages name that file. */
checkrob_status sql_attach(store *s, const char *path, const char *schema);
void sql_detach(store *s, const char *schema);

/* Binds NULL for a number that is not finite. */
void sql_bind_real(sqlite3_stmt *statement, int position, double value);

/* ---- files from elsewhere: guard.c ---- */

/* Switches off what a file could make SQLite do, and bounds the time of each statement. */
void guard_connection(store *s, bool is_temporary);
/* A statement ends with an error message if it takes much longer than it could with so many bytes: those of
 * the larger one, if this is called for several databases. */
void guard_measure(store *s, const char *schema);
/* The time of a statement, or of several that belong together, begins. */
void guard_restart(store *s);
/* check_tables.c: checks that the tables which are read are tables. BAD_INPUT if not. */
checkrob_status sql_check_tables(store *s, const char *schema);

/* ---- statements made from declarations ---- */

/* `CREATE TABLE "name" (FIRST, "column" TYPE, ..., LAST)`. The caller frees the text, and those below. NULL:
 * out of memory. */
char *sql_create_table(const row_layout *layout, const char *first, const char *last);
/* `INSERT INTO "name" (FIRST, "column", ...) VALUES (?, ...)`; `first` names `first_count` columns. */
char *sql_insert(const row_layout *layout, const char *first, int first_count);
/* `, PREFIX"column", ...`: all stored columns, each with a comma before it. */
char *sql_columns(const row_layout *layout, const char *prefix);

/* Binds or reads the stored columns of a row, from *position on (from 1 for binding, from 0 for reading).
 * *position is then after them. BAD_INPUT for a value of another type than the declared one. */
void sql_bind_row(sqlite3_stmt *statement, int *position, const checkrob_row *row);
checkrob_status sql_read_row(checkrob_row *row, const store *s, sqlite3_stmt *statement, int *position);

/* Drops the tables of store_append(): they depend on all samples. Must be called within a transaction. */
checkrob_status sql_drop_appended(store *s);

/* titles.c: the class map. The first name and the first title of each index are written. */
checkrob_status sql_write_classes(store *s, const checkrob_class_map *classes);
/* Whether the class map of this schema has titles. */
checkrob_status sql_has_titles(bool *out, store *s, const char *schema);

/* A text of a result's row, valid until the next step. BAD_INPUT for anything else, and for a text with a
 * zero byte in it. */
checkrob_status sql_read_text(const char **out, const store *s, sqlite3_stmt *row, int position);

/* ---- declarations ---- */

/* Creates the tables for declarations. */
checkrob_status declared_create(store *s);
/* Writes the declaration of a table and of its child tables. */
checkrob_status declared_write(store *s, const row_layout *layout);
checkrob_status declared_remove(store *s, const char *table);
/* NULL in *out: the table is not declared. BAD_INPUT if the declaration is damaged. */
checkrob_status declared_read(row_layout **out, store *s, const char *table);

#endif
