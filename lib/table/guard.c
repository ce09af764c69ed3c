/* SPDX-License-Identifier: Apache-2.0 */
/* A results file may come from anybody. SQLite runs the code that a file contains: views, triggers, computed
 * columns, the modules of virtual tables. checkrob's own files contain none, so all of it is switched off,
 * and a file that has it where checkrob reads is refused. What is left is damage: SQLite finds most of it,
 * and what it does not find may only cost the time that a sound file of the same size could cost. */
#include <stdlib.h>

#include "base/text.h"
#include "table/sql.h"

/* ---- what SQLite may do ---- */

static void set_limits(sqlite3 *db) {
  static const struct {
    int id, limit;
  } limits[] = {
      {SQLITE_LIMIT_LENGTH, 1 << 29}, /* bytes: a map of the largest input has half of that */
      {SQLITE_LIMIT_EXPR_DEPTH, 100},          {SQLITE_LIMIT_COMPOUND_SELECT, 8},
      {SQLITE_LIMIT_VDBE_OP, 1000000},         {SQLITE_LIMIT_ATTACHED, 1}, /* a shard that is merged */
      {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 256}, {SQLITE_LIMIT_TRIGGER_DEPTH, 1}};
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
    sqlite3_limit(db, limits[i].id, limits[i].limit);
}

/* An SQLite that does not know one of these leaves it as it is: check_tables.c does not depend on them. */
static void switch_off(sqlite3 *db, bool is_temporary) {
  /* Without these two, SQLite would read a quoted name of a missing column as a text. */
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
#ifdef SQLITE_DBCONFIG_DEFENSIVE
  /* It forbids a database without a journal, which is what a temporary one is. */
  if (!is_temporary) sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
#endif
#ifdef SQLITE_DBCONFIG_ENABLE_VIEW
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
#endif
#ifdef SQLITE_DBCONFIG_TRUSTED_SCHEMA
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
#endif
  sqlite3_exec(db, "PRAGMA cell_size_check = ON", NULL, NULL, NULL);
}

/* ---- how long a statement may take ---- */

#define STEPS_AT_ONCE 100000
/* Steps of SQLite's machine. To read a row takes about one for each byte. */
#define STEPS_BEFORE 50000000
#define STEPS_FOR_BYTE 200

/* Called by SQLite; a value other than 0 ends the statement. */
static int count_steps(void *data) {
  store *s = data;
  s->steps += STEPS_AT_ONCE;
  return s->steps > STEPS_BEFORE + STEPS_FOR_BYTE * s->bytes;
}

void guard_restart(store *s) {
  s->steps = 0;
}

/* The bytes of a database, as this connection sees it; 0 if that cannot be read. */
static int64_t database_bytes(sqlite3 *db, const char *schema) {
  static const char *const names[] = {"page_count", "page_size"};
  int64_t bytes = 1;
  for (int i = 0; i < 2; i++) {
    sqlite3_stmt *select = NULL;
    char *sql = text_format("PRAGMA \"%s\".%s", schema, names[i]);
    int64_t value = 0;
    if (sql && sqlite3_prepare_v2(db, sql, -1, &select, NULL) == SQLITE_OK &&
        sqlite3_step(select) == SQLITE_ROW)
      value = sqlite3_column_int64(select, 0);
    sqlite3_finalize(select);
    free(sql);
    bytes *= value;
  }
  return bytes;
}

void guard_measure(store *s, const char *schema) {
  int64_t bytes = database_bytes(s->db, schema);
  if (bytes > s->bytes) s->bytes = bytes;
}

void guard_connection(store *s, bool is_temporary) {
  set_limits(s->db);
  switch_off(s->db, is_temporary);
  sqlite3_progress_handler(s->db, STEPS_AT_ONCE, count_steps, s);
}
