/* SPDX-License-Identifier: Apache-2.0 */
/* The input is SQL that changes a good results file, which is then read: what a hostile file can say, without
 * damage to SQLite's own format. */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "fuzz/results.h"

#define MOST_STEPS 100
#define STEP 1000
#define MOST_BYTES (4 << 20)

static int stop(void *steps) {
  return ++*(int *)steps > MOST_STEPS;
}

/* The input writes no other file. */
static int permit(void *data, int action, const char *a, const char *b, const char *c, const char *d) {
  (void)data, (void)a, (void)b, (void)c, (void)d;
  return action == SQLITE_ATTACH ? SQLITE_DENY : SQLITE_OK;
}

static void change(const char *path, const char *sql) {
  sqlite3 *db = NULL;
  int steps = 0;
  FUZZ_CHECK(sqlite3_open(path, &db) == SQLITE_OK, "the harness cannot open its file");
  sqlite3_progress_handler(db, STEP, stop, &steps);
  sqlite3_set_authorizer(db, permit, NULL);
  sqlite3_limit(db, SQLITE_LIMIT_LENGTH, MOST_BYTES / 4);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL); /* `PRAGMA writable_schema` is welcome */
  sqlite3_exec(db, sql, NULL, NULL, NULL);
  sqlite3_close(db);
}

void fuzz_input(const uint8_t *data, size_t bytes) {
  size_t size = 0;
  const uint8_t *base = fuzz_results_base(&size);
  char *sql = calloc(1, bytes + 1), *path = fuzz_path("shard.sqlite");
  FUZZ_CHECK(sql, "the harness found no memory");
  if (bytes) memcpy(sql, data, bytes);
  fuzz_results_write(base, size);
  change(path, sql);
  fuzz_results_read();
  free(path);
  free(sql);
}
