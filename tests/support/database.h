/* SPDX-License-Identifier: Apache-2.0 */
/* Changes results files behind the library's back. */
#ifndef SUPPORT_DATABASE_H
#define SUPPORT_DATABASE_H

#include <sqlite3.h>

#include "support/test.h"

static inline void database_change(const char *path, const char *sql) {
  sqlite3 *db = NULL;
  char *message = NULL;
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) fail_msg("%s: %s", sql, message);
  sqlite3_close(db);
}

#endif
