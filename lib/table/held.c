/* SPDX-License-Identifier: Apache-2.0 */
/* Whether somebody has a results file open. */
#include <stdlib.h>
#include <string.h>

#include "table/sql.h"
#include "table/store.h"

/* Who has a database with a write-ahead log open holds a lock on it, and only without other locks it can be
 * brought to another kind of log. */
bool store_is_held(const char *path) {
  sqlite3 *db = NULL;
  sqlite3_stmt *statement = NULL;
  char *name = sql_file_name(path);
  bool is_held = true;
  if (name && sqlite3_open_v2(name, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK &&
      sqlite3_busy_timeout(db, 0) == SQLITE_OK &&
      sqlite3_prepare_v2(db, "PRAGMA journal_mode = DELETE", -1, &statement, NULL) == SQLITE_OK &&
      sqlite3_step(statement) == SQLITE_ROW) {
    const char *mode = (const char *)sqlite3_column_text(statement, 0);
    is_held = !mode || strcmp(mode, "delete") != 0;
  }
  sqlite3_finalize(statement);
  sqlite3_close(db);
  free(name);
  return is_held;
}
