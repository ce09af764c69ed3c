/* SQLite, for this room alone. */
#ifndef CHECKROB_LIB_SQL_H
#define CHECKROB_LIB_SQL_H

#include <sqlite3.h>

#include "table/row.h"

typedef struct store store;

struct store {
  sqlite3 *db;
  char *path;
  bool fresh, reading;
  row_layout *samples; /* NULL while it is fresh */
};

#define SQL_WRITE "write the results to"
#define SQL_READ "read"

/* This thread's message and a status for SQLite's last failure: "cannot ACTION PATH: ...". */
checkrob_status sql_error(const store *s, const char *action);

/* Runs statements without results. */
checkrob_status sql_run(store *s, const char *sql, const char *action);
/* Prepares a statement, which the caller finalizes. */
checkrob_status sql_prepare(sqlite3_stmt **out, store *s, const char *sql, const char *action);
/* Runs a prepared statement that has no results. */
checkrob_status sql_step(store *s, sqlite3_stmt *statement, const char *action);
/* One transaction: COMMIT, or ROLLBACK where `status` is a failure, whose message stays. */
checkrob_status sql_begin(store *s);
checkrob_status sql_finish(store *s, checkrob_status status);

/* The first value of the first row as text; NULL where there is none. The caller frees. */
checkrob_status sql_text(char **out, store *s, const char *sql);

checkrob_status sql_attach(store *s, const char *path, const char *schema);
void sql_detach(store *s, const char *schema);

/* NULL for what is no finite number. */
void sql_bind_real(sqlite3_stmt *statement, int place, double value);

/* ---- statements made from declarations ---- */

/* `CREATE TABLE "name" (FIRST, "column" TYPE, ..., LAST)`; the caller frees, as below. NULL: no memory. */
char *sql_create_table(const row_layout *layout, const char *first, const char *last);
/* `INSERT INTO "name" (FIRST, "column", ...) VALUES (?, ...)`; `first` names `first_count` columns. */
char *sql_insert(const row_layout *layout, const char *first, int first_count);
/* `, PREFIX"column", ...`: all that are stored, each with a comma before it. */
char *sql_columns(const row_layout *layout, const char *prefix);

/* The stored columns of a row, from the statement's `place` (from 1; from 0 for reading) on; *place moves
 * behind them. */
void sql_bind_row(sqlite3_stmt *statement, int *place, const checkrob_row *row);
checkrob_status sql_read_row(checkrob_row *row, sqlite3_stmt *statement, int *place);

/* ---- declarations ---- */

/* Creates the tables that hold declarations. */
checkrob_status declared_create(store *s);
/* Writes the declaration of a table and of its child tables. */
checkrob_status declared_write(store *s, const row_layout *layout);
checkrob_status declared_remove(store *s, const char *table);
/* NULL in *out: the table is not declared. BAD_INPUT where the declaration is damaged. */
checkrob_status declared_read(row_layout **out, store *s, const char *table);

#endif
