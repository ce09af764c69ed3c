/* SPDX-License-Identifier: Apache-2.0 */
#include "table/sql.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/text.h"

static bool has_folder(const char *path) {
  const char *slash = strrchr(path, '/');
  if (!slash || slash == path) return true;
  char *folder = text_format("%.*s", (int)(slash - path), path);
  struct stat info;
  bool has = !folder || (stat(folder, &info) == 0 && S_ISDIR(info.st_mode));
  free(folder);
  return has;
}

static checkrob_status full_error(const store *s, const char *action) {
  bool is_run = strcmp(action, SQL_WRITE) == 0 && !s->is_part;
  return error_set(CHECKROB_ERROR_IO, "cannot %s %s: the disk is full; %s", action, s->path,
                   is_run ? "earlier rows are safe: free some space, and start the same run again"
                          : "free some space, and try again");
}

/* SQLite says only that it cannot open or write the file; the system may have said more. */
static checkrob_status access_error(const store *s, const char *action) {
  struct stat info;
  int number = sqlite3_system_errno(s->db);
  if (number == ENOSPC || number == EDQUOT) return full_error(s, action);
  if (number == EMFILE || number == ENFILE)
    return error_set(CHECKROB_ERROR_IO,
                     "cannot %s %s: too many open files; raise the limit of open files (ulimit -n)", action,
                     s->path);
  if (!has_folder(s->path))
    return error_set(CHECKROB_ERROR_NOT_FOUND,
                     "cannot %s %s: its folder does not exist; make it, or choose another path", action,
                     s->path);
  if (stat(s->path, &info) == 0 && S_ISDIR(info.st_mode))
    return error_set(CHECKROB_ERROR_IO, "cannot %s %s: it is a folder; choose another path", action, s->path);
  return error_set(CHECKROB_ERROR_IO,
                   "cannot %s %s: it or its folder is not writable; check the permissions, or choose "
                   "another path",
                   action, s->path);
}

checkrob_status sql_error(const store *s, const char *action) {
  int code = s->db ? sqlite3_errcode(s->db) & 0xff : SQLITE_NOMEM;
  switch (code) {
    case SQLITE_NOMEM:
      return error_memory("the results");
    case SQLITE_FULL:
      return full_error(s, action);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      return access_error(s, action);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return error_set(
          CHECKROB_ERROR_IO,
          "cannot %s %s: it is open for reading or writing elsewhere; wait until it is closed there", action,
          s->path);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return error_set(CHECKROB_ERROR_BAD_INPUT,
                       "cannot %s %s: it is not a database, or is damaged; restore it, or remove it", action,
                       s->path);
    case SQLITE_INTERRUPT:
      return error_set(CHECKROB_ERROR_BAD_INPUT,
                       "cannot %s %s: it is damaged (reading it takes far longer than its size allows); "
                       "restore it, or score again, into another file",
                       action, s->path);
    case SQLITE_ERROR: /* a statement that does not match the tables */
      return error_set(CHECKROB_ERROR_BAD_INPUT,
                       "cannot %s %s: it is damaged (%s); restore it, or score again, into another file",
                       action, s->path, sqlite3_errmsg(s->db));
    default:
      return error_set(CHECKROB_ERROR_IO, "cannot %s %s: %s", action, s->path, sqlite3_errmsg(s->db));
  }
}

checkrob_status sql_run(store *s, const char *sql, const char *action) {
  if (!sql) return error_memory("the results");
  guard_restart(s);
  return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? CHECKROB_OK : sql_error(s, action);
}

checkrob_status sql_prepare(sqlite3_stmt **out, store *s, const char *sql, const char *action) {
  if (!sql) return error_memory("the results");
  guard_restart(s);
  return sqlite3_prepare_v2(s->db, sql, -1, out, NULL) == SQLITE_OK ? CHECKROB_OK : sql_error(s, action);
}

checkrob_status sql_step(store *s, sqlite3_stmt *statement, const char *action) {
  checkrob_status status = sqlite3_step(statement) == SQLITE_DONE ? CHECKROB_OK : sql_error(s, action);
  sqlite3_reset(statement);
  return status;
}

checkrob_status sql_begin(store *s) {
  return sql_run(s, "BEGIN IMMEDIATE", SQL_WRITE);
}

checkrob_status sql_finish(store *s, checkrob_status status) {
  if (!status) status = sql_run(s, "COMMIT", SQL_WRITE);
  guard_measure(s, "main");
  if (status) sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
  return status;
}

char *sql_file_name(const char *path) {
  return path[0] == '/' ? text_copy(path) : text_format("./%s", path);
}

/* "file:NAME?mode=ro", in which every byte that could mean something in a URI is escaped. */
static char *read_only_uri(const char *path) {
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-";
  char *name = sql_file_name(path), *uri = NULL;
  text_writer w;
  if (name && text_writer_start(&w)) {
    fputs(name[0] == '/' ? "file://" : "file:", w.file);
    for (const char *c = name; *c; c++)
      if (strchr(plain, *c))
        fputc(*c, w.file);
      else
        fprintf(w.file, "%%%02X", (unsigned)(unsigned char)*c);
    fputs("?mode=ro", w.file);
    uri = text_writer_finish(&w);
  }
  free(name);
  return uri;
}

checkrob_status sql_attach(store *s, const char *path, const char *schema) {
  const store attached = {.db = s->db, .path = (char *)path}; /* for error messages; only read */
  sqlite3_stmt *statement = NULL;
  char *uri = read_only_uri(path);
  if (!uri) return error_memory("the results");
  checkrob_status status = sql_prepare(&statement, s, "ATTACH ? AS ?", SQL_READ);
  if (!status) {
    sqlite3_bind_text(statement, 1, uri, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, schema, -1, SQLITE_STATIC);
    if (sqlite3_step(statement) != SQLITE_DONE) status = sql_error(&attached, SQL_READ);
  }
  sqlite3_finalize(statement);
  free(uri);
  return status;
}

void sql_detach(store *s, const char *schema) {
  char *sql = text_format("DETACH %s", schema);
  if (sql) sqlite3_exec(s->db, sql, NULL, NULL, NULL);
  free(sql);
}

void sql_bind_real(sqlite3_stmt *statement, int position, double value) {
  if (isfinite(value))
    sqlite3_bind_double(statement, position, value);
  else
    sqlite3_bind_null(statement, position);
}
