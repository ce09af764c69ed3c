/* SPDX-License-Identifier: Apache-2.0 */
/* Whether what is read from a file are tables, and nothing that SQLite would execute: see guard.c. */
#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "table/sql.h"

/* Names of tables are the same in upper and lower case. A virtual table has no page of its own. A computed
 * column is marked as hidden. */
#define NO_PLAIN_TABLE                                                                                  \
  "SELECT name FROM \"%s\".sqlite_master m WHERE type IN ('table', 'view') AND"                         \
  " (name COLLATE NOCASE IN ('option', 'class_map', 'session', 'declared_table', 'declared_column')%s)" \
  " AND (type <> 'table' OR rootpage IS NULL OR rootpage < 2"                                           \
  " OR EXISTS (SELECT 1 FROM pragma_table_xinfo(m.name, '%s') WHERE hidden <> 0)) LIMIT 1"

static checkrob_status check_names(store *s, const char *schema, const char *more) {
  sqlite3_stmt *select = NULL;
  char *sql = text_format(NO_PLAIN_TABLE, schema, more, schema);
  checkrob_status status = sql_prepare(&select, s, sql, SQL_READ);
  free(sql);
  if (status) return status;
  int code = sqlite3_step(select);
  if (code == SQLITE_ROW) {
    const char *name = (const char *)sqlite3_column_text(select, 0);
    status = error_set(CHECKROB_ERROR_BAD_INPUT,
                       "%s is damaged: '%.80s' in it is a view, a virtual table or has computed columns, but "
                       "has to be a table; restore the file, or score again, into another file",
                       s->path, name ? name : "");
  } else if (code != SQLITE_DONE)
    status = sql_error(s, SQL_READ);
  sqlite3_finalize(select);
  return status;
}

checkrob_status sql_check_tables(store *s, const char *schema) {
  checkrob_status status = check_names(s, schema, "");
  if (status) return status;
  char *more = text_format(" OR name COLLATE NOCASE IN (SELECT name FROM \"%s\".declared_table)", schema);
  if (!more) return error_memory("the results");
  status = check_names(s, schema, more);
  free(more);
  return status;
}
