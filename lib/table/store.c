/* SPDX-License-Identifier: Apache-2.0 */
#include "table/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "table/sample.h"
#include "table/sql.h"

#define APPLICATION 0x43524f42 /* "CROB" */

/* ---- opening ---- */

static bool is_folder_for_files(const char *path) {
  return path && access(path, W_OK | X_OK) == 0;
}

/* SQLite's name for a private database. It is in a file once it is large, or in memory if SQLite can write to
 * none of its folders. */
static const char *temporary_name(void) {
  const char *const folders[] = {
      getenv("SQLITE_TMPDIR"), getenv("TMPDIR"), "/var/tmp", "/usr/tmp", "/tmp", "."};
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
    if (is_folder_for_files(folders[i])) return "";
  return ":memory:";
}

static checkrob_status open_database(store *s, const char *path, int flags, const char *action) {
  char *name = path ? sql_file_name(path) : text_copy(temporary_name());
  if (!name) return error_memory("the results");
  /* URIs are for sql_attach(): no name of ours begins with "file:". */
  int code = sqlite3_open_v2(name, &s->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, NULL);
  free(name);
  if (code != SQLITE_OK) return sql_error(s, action);
  /* Another process may be exporting while we write: wait for its short locks. */
  sqlite3_busy_timeout(s->db, 10000);
  sqlite3_extended_result_codes(s->db, 0);
  guard_connection(s, path == NULL);
  return CHECKROB_OK;
}

static checkrob_status read_number(int64_t *out, store *s, const char *sql) {
  sqlite3_stmt *statement = NULL;
  checkrob_status status = sql_prepare(&statement, s, sql, SQL_READ);
  if (status) return status;
  if (sqlite3_step(statement) == SQLITE_ROW)
    *out = sqlite3_column_int64(statement, 0);
  else
    status = sql_error(s, SQL_READ);
  sqlite3_finalize(statement);
  return status;
}

static checkrob_status check_kind(store *s) {
  int64_t application = 0, version = 0, tables = 0;
  checkrob_status status = read_number(&application, s, "PRAGMA application_id");
  if (!status) status = read_number(&version, s, "PRAGMA user_version");
  if (!status) status = read_number(&tables, s, "SELECT EXISTS (SELECT 1 FROM sqlite_master)");
  s->fresh = tables == 0;
  if (status || s->fresh) return status;
  if (application != APPLICATION)
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "%s is a database of another program; choose a results file of checkrob", s->path);
  if (version > STORE_VERSION)
    return error_set(
        CHECKROB_ERROR_BAD_INPUT,
        "%s has the version %lld, but this checkrob reads versions up to %d; use a newer checkrob", s->path,
        (long long)version, STORE_VERSION);
  if (version < STORE_OLDEST_VERSION)
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "%s has the version %lld, from before checkrob's first release, but this checkrob "
                     "reads versions from %d; score again, into another file",
                     s->path, (long long)version, STORE_OLDEST_VERSION);
  return CHECKROB_OK;
}

static checkrob_status read_samples(store *s) {
  guard_measure(s, "main");
  checkrob_status status = sql_check_tables(s, "main");
  if (!status) status = declared_read(&s->samples, s, SAMPLE_TABLE);
  if (status || (s->samples && sample_layout_is_sound(s->samples))) return status;
  return error_set(CHECKROB_ERROR_BAD_INPUT,
                   "%s is damaged: the columns of its samples are not declared; restore it, or score again, "
                   "into another file",
                   s->path);
}

static checkrob_status allocate(store **out, const char *path) {
  store *s = calloc(1, sizeof *s);
  if (s) s->path = text_copy(path ? path : "a temporary file");
  if (!s || !s->path) {
    free(s);
    return error_memory("the results");
  }
  *out = s;
  return CHECKROB_OK;
}

/* The write-ahead log lets others read during writing, and survives a process that is killed. */
static const char *mode_of(const char *path) {
  return path ? "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON"
              : "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON";
}

checkrob_status store_open(store **out, const char *path) {
  return store_open_as(out, path, path);
}

/* SQLite would wait for the other end of a FIFO, for ever. */
static checkrob_status check_kind_of_file(const char *path) {
  struct stat info;
  if (!path || stat(path, &info) != 0 || S_ISREG(info.st_mode) || S_ISDIR(info.st_mode)) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_IO,
                   "cannot " SQL_WRITE
                   " %s: it is not a file, and a results file is read while it is written; "
                   "choose another path",
                   path);
}

checkrob_status store_open_as(store **out, const char *path, const char *shown) {
  store *s = NULL;
  if (path && !path[0])
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "the path of the results file is empty");
  checkrob_status status = check_kind_of_file(path);
  if (!status) status = allocate(&s, shown);
  if (status) return status;
  s->is_part = path && strcmp(path, shown) != 0;
  status = open_database(s, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, SQL_WRITE);
  if (!status) status = check_kind(s);
  if (!status) status = sql_run(s, mode_of(path), SQL_WRITE);
  if (!status && !s->fresh) status = read_samples(s);
  if (status)
    store_close(s);
  else
    *out = s;
  return status;
}

static checkrob_status check_file(const char *path) {
  struct stat info;
  FILE *file = NULL;
  if (!path[0]) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "the path of the results file is empty");
  if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "%s is a folder; choose a results file, such as the results.sqlite in it", path);
  checkrob_status status = file_open(&file, path);
  if (!status) fclose(file);
  return status;
}

static checkrob_status open_reading(store *s, const char *path) {
  checkrob_status status = open_database(s, path, SQLITE_OPEN_READWRITE, SQL_READ);
  if (status == CHECKROB_ERROR_IO) { /* on a read-only file system */
    sqlite3_close(s->db);
    s->db = NULL;
    status = open_database(s, path, SQLITE_OPEN_READONLY, SQL_READ);
  }
  if (!status) status = check_kind(s);
  if (!status && s->fresh)
    status = error_set(CHECKROB_ERROR_BAD_INPUT, "%s is empty; choose a results file of checkrob", s->path);
  if (!status) status = sql_run(s, "BEGIN", SQL_READ);
  return status ? status : read_samples(s);
}

checkrob_status store_open_to_read(store **out, const char *path) {
  store *s = NULL;
  checkrob_status status = check_file(path);
  if (!status) status = allocate(&s, path);
  if (!status) status = open_reading(s, path);
  if (status)
    store_close(s);
  else
    *out = s;
  return status;
}

void store_close(store *s) {
  if (!s) return;
  sqlite3_close(s->db);
  row_layout_free(s->samples);
  free(s->path);
  free(s);
}

const char *store_path(const store *s) {
  return s->path;
}

bool store_is_fresh(const store *s) {
  return s->fresh;
}

const row_layout *store_samples(const store *s) {
  return s->samples;
}

/* ---- beginning a run ---- */

static const char definitions[] =
    "CREATE TABLE option (name TEXT PRIMARY KEY, value TEXT NOT NULL, decides INTEGER NOT NULL) WITHOUT "
    "ROWID;"
    "CREATE TABLE class_map (\"index\" INTEGER PRIMARY KEY, name TEXT NOT NULL, title TEXT);"
    "CREATE TABLE session ("
    "  id INTEGER PRIMARY KEY, started TEXT NOT NULL, ended TEXT, samples INTEGER NOT NULL, seconds REAL,"
    "  outcome TEXT NOT NULL);";

static checkrob_status create_table(store *s, const row_layout *layout, const char *first, const char *last) {
  char *sql = sql_create_table(layout, first, last);
  checkrob_status status = sql_run(s, sql, SQL_WRITE);
  free(sql);
  return status;
}

static checkrob_status create_samples(store *s, const row_layout *samples) {
  checkrob_status status = create_table(s, samples, "id INTEGER PRIMARY KEY", ", UNIQUE (input, part))");
  if (!status) status = sql_run(s, "CREATE INDEX sample_class ON sample (\"index\", input, part)", SQL_WRITE);
  for (size_t i = 0; i < row_layout_child_count(samples) && !status; i++) {
    const row_layout *child = row_layout_child(samples, i);
    status = row_layout_flags(child) & CHILD_ONE
                 ? create_table(s, child, "sample INTEGER PRIMARY KEY REFERENCES sample (id)", ")")
                 : create_table(s, child,
                                "sample INTEGER NOT NULL REFERENCES sample (id), position INTEGER NOT NULL",
                                ", PRIMARY KEY (sample, position)) WITHOUT ROWID");
  }
  return status;
}

static checkrob_status write_options(store *s, const store_options *options) {
  sqlite3_stmt *insert = NULL;
  checkrob_status status =
      sql_prepare(&insert, s, "INSERT OR REPLACE INTO option VALUES (?, ?, ?)", SQL_WRITE);
  for (size_t i = 0; i < options->count && !status; i++) {
    sqlite3_bind_text(insert, 1, options->items[i].name, -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 2, options->items[i].value, -1, SQLITE_STATIC);
    sqlite3_bind_int(insert, 3, options->items[i].decides);
    status = sql_step(s, insert, SQL_WRITE);
  }
  sqlite3_finalize(insert);
  return status;
}

checkrob_status store_begin(store *s, const row_layout *samples, const store_options *options,
                            const checkrob_class_map *classes) {
  char mark[96];
  snprintf(mark, sizeof mark, "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION,
           STORE_VERSION);
  checkrob_status status = sql_begin(s);
  if (status) return status;
  status = sql_run(s, definitions, SQL_WRITE);
  if (!status) status = declared_create(s);
  if (!status) status = declared_write(s, samples);
  if (!status) status = create_samples(s, samples);
  if (!status) status = sql_run(s, mark, SQL_WRITE);
  if (!status) status = write_options(s, options);
  if (!status && classes) status = sql_write_classes(s, classes);
  status = sql_finish(s, status);
  if (!status) status = read_samples(s);
  if (!status) s->fresh = false;
  return status;
}

/* ---- resuming ---- */

checkrob_status store_read_options(store_options *out, store *s) {
  sqlite3_stmt *select = NULL;
  checkrob_status status =
      sql_prepare(&select, s, "SELECT name, value, decides FROM option ORDER BY name", SQL_READ);
  int code = SQLITE_DONE;
  while (!status && (code = sqlite3_step(select)) == SQLITE_ROW) {
    const char *name = NULL, *value = NULL;
    status = sql_read_text(&name, s, select, 0);
    if (!status) status = sql_read_text(&value, s, select, 1);
    if (!status) status = store_options_add(out, name, value, sqlite3_column_int(select, 2) != 0);
  }
  if (!status && code != SQLITE_DONE) status = sql_error(s, SQL_READ);
  sqlite3_finalize(select);
  return status;
}

static checkrob_status compare_options(store *s, const store_options *options) {
  store_options stored = {0};
  checkrob_status status = store_read_options(&stored, s);
  if (!status) status = store_options_compare(&stored, options, s->path, NULL);
  store_options_clear(&stored);
  return status;
}

/* If some shards were missing when a file was merged, it has gaps. */
static checkrob_status check_whole(store *s) {
  int64_t merged = 0;
  checkrob_status status = read_number(&merged, s, "SELECT count(*) FROM session WHERE outcome = 'merged'");
  if (!status && merged > 0)
    status =
        error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                  "%s was merged from some of the shards of a run and cannot be resumed; score the missing "
                  "shards, and merge all",
                  s->path);
  return status;
}

checkrob_status store_check_columns(const store *s, const row_layout *samples) {
  if (row_layout_fits(samples, s->samples)) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_OTHER_OPTIONS,
                   "%s has results of other analyses or of another version of checkrob: its columns differ; "
                   "score again, into another file",
                   s->path);
}

checkrob_status store_resume(store *s, const row_layout *samples, const store_options *options) {
  checkrob_status status = compare_options(s, options);
  if (!status) status = store_check_columns(s, samples);
  return status ? status : check_whole(s);
}

checkrob_status store_find_end(store_end *out, store *s) {
  sqlite3_stmt *select = NULL;
  checkrob_status status = sql_prepare(
      &select, s, "SELECT input, part FROM sample ORDER BY input DESC, part DESC LIMIT 1", SQL_READ);
  if (status) return status;
  *out = (store_end){0};
  int code = sqlite3_step(select);
  if (code == SQLITE_ROW)
    *out =
        (store_end){true, (size_t)sqlite3_column_int64(select, 0), (size_t)sqlite3_column_int64(select, 1)};
  else if (code != SQLITE_DONE)
    status = sql_error(s, SQL_READ);
  sqlite3_finalize(select);
  return status;
}

/* ---- sessions ---- */

/* Must be called within a transaction. */
static checkrob_status drop(store *s, const char *table) {
  char *sql = sqlite3_mprintf("DROP TABLE IF EXISTS main.\"%w\"", table); /* a name of the file: any text */
  checkrob_status status = sql_run(s, sql, SQL_WRITE);
  sqlite3_free(sql);
  return status ? status : declared_remove(s, table);
}

/* In declared_table.flags: of a table of store_append(). */
#define APPENDED 4

static checkrob_status damaged_declarations(const store *s) {
  return error_set(CHECKROB_ERROR_BAD_INPUT,
                   "%s is damaged: a declared table cannot be removed; restore it, or score again, into "
                   "another file",
                   s->path);
}

/* Drops the tables of store_replace(), or of store_append(). Must be called within a transaction. */
static checkrob_status drop_computed(store *s, bool appended) {
  checkrob_status status = CHECKROB_OK;
  for (bool any = true; any && !status;) {
    sqlite3_stmt *select = NULL;
    status = sql_prepare(&select, s,
                         "SELECT name FROM declared_table WHERE parent IS NULL AND name <> 'sample'"
                         " AND flags = ? LIMIT 1",
                         SQL_READ);
    if (status) return status;
    sqlite3_bind_int(select, 1, appended ? APPENDED : 0);
    int code = sqlite3_step(select);
    any = code == SQLITE_ROW;
    const char *name = NULL;
    if (any) status = sql_read_text(&name, s, select, 0);
    char *table = name ? text_copy(name) : NULL;
    if (!any && code != SQLITE_DONE) status = sql_error(s, SQL_READ);
    sqlite3_finalize(select);
    if (any && !status) status = table ? drop(s, table) : error_memory("the name of a table");
    /* In a damaged index a row is found by its place, but not by its name: the next turn would be the same.
     */
    if (any && !status && sqlite3_changes(s->db) == 0) status = damaged_declarations(s);
    free(table);
  }
  return status;
}

checkrob_status sql_drop_appended(store *s) {
  return drop_computed(s, true);
}

checkrob_status store_begin_session(store *s, const store_options *judging) {
  checkrob_status status = sql_begin(s);
  if (status) return status;
  status = drop_computed(s, false);
  if (!status) status = write_options(s, judging);
  if (!status)
    status = sql_run(s,
                     "INSERT INTO session (started, samples, outcome)"
                     " VALUES (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), 0, 'running')",
                     SQL_WRITE);
  return sql_finish(s, status);
}

checkrob_status store_end_session(store *s, const char *outcome, size_t samples, double seconds) {
  sqlite3_stmt *update = NULL;
  checkrob_status status =
      sql_prepare(&update, s,
                  "UPDATE session SET ended = strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), samples = ?,"
                  " seconds = ?, outcome = ? WHERE id = (SELECT max(id) FROM session)",
                  SQL_WRITE);
  if (status) return status;
  sqlite3_bind_int64(update, 1, (sqlite3_int64)samples);
  sql_bind_real(update, 2, seconds);
  sqlite3_bind_text(update, 3, outcome, -1, SQLITE_STATIC);
  status = sql_step(s, update, SQL_WRITE);
  sqlite3_finalize(update);
  /* If another process is reading, the log stays beside the file. This is not a failure. */
  if (!status) sqlite3_exec(s->db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
  return status;
}

checkrob_status store_is_complete(bool *out, store *s) {
  int64_t complete = 0;
  checkrob_status status =
      read_number(&complete, s, "SELECT count(*) FROM session WHERE outcome = 'complete'");
  *out = complete > 0;
  return status;
}

/* ---- other tables ---- */

static checkrob_status insert_rows(store *s, const row_layout *layout, const checkrob_row *const *rows,
                                   size_t count) {
  char *sql = sql_insert(layout, "", 0);
  sqlite3_stmt *insert = NULL;
  checkrob_status status = sql_prepare(&insert, s, sql, SQL_WRITE);
  for (size_t i = 0; i < count && !status; i++) {
    int position = 1;
    sql_bind_row(insert, &position, rows[i]);
    status = sql_step(s, insert, SQL_WRITE);
  }
  sqlite3_finalize(insert);
  free(sql);
  return status;
}

/* Drops a table of this name, and makes it anew. Must be called within a transaction. */
static checkrob_status make_table(store *s, const row_layout *layout) {
  checkrob_status status = drop(s, row_layout_table(layout));
  if (!status) status = declared_write(s, layout);
  return status ? status : create_table(s, layout, "", ")");
}

checkrob_status store_replace(store *s, const row_layout *layout, const checkrob_row *const *rows,
                              size_t count) {
  checkrob_status status = sql_begin(s);
  if (status) return status;
  status = make_table(s, layout);
  if (!status) status = insert_rows(s, layout, rows, count);
  return sql_finish(s, status);
}

/* A table of another version is replaced. */
static checkrob_status make_appended(store *s, const row_layout *layout) {
  row_layout *stored = NULL;
  checkrob_status status = store_layout(&stored, s, row_layout_table(layout));
  bool fits = stored && row_layout_fits(layout, stored);
  row_layout_free(stored);
  if (status || fits) return status;
  status = make_table(s, layout);
  char *sql = text_format("UPDATE declared_table SET flags = %d WHERE name = '%s'", APPENDED,
                          row_layout_table(layout));
  if (!status) status = sql ? sql_run(s, sql, SQL_WRITE) : error_memory("a statement");
  free(sql);
  return status;
}

checkrob_status store_append(store *s, const row_layout *layout, const checkrob_row *const *rows,
                             size_t count) {
  checkrob_status status = sql_begin(s);
  if (status) return status;
  status = make_appended(s, layout);
  if (!status) status = insert_rows(s, layout, rows, count);
  return sql_finish(s, status);
}

checkrob_status store_drop_appended(store *s) {
  checkrob_status status = sql_begin(s);
  return status ? status : sql_finish(s, drop_computed(s, true));
}

checkrob_status store_drop(store *s, const char *table) {
  checkrob_status status = sql_begin(s);
  return status ? status : sql_finish(s, drop(s, table));
}

checkrob_status store_layout(row_layout **out, store *s, const char *table) {
  *out = NULL;
  return declared_read(out, s, table);
}
