#include "results/store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/error.h"
#include "base/text.h"

/* docs/results.md describes it. */
static const char table_definitions[] =
    "CREATE TABLE option (name TEXT PRIMARY KEY, value TEXT NOT NULL, decides INTEGER NOT NULL) WITHOUT "
    "ROWID;"
    "CREATE TABLE class (id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
    "CREATE TABLE sample ("
    "  id INTEGER PRIMARY KEY,"
    "  input INTEGER NOT NULL, part INTEGER NOT NULL,"
    "  image TEXT NOT NULL, class INTEGER REFERENCES class (id),"
    "  status TEXT NOT NULL, message TEXT NOT NULL,"
    "  rs REAL, contrast REAL, region_share REAL, empty_map INTEGER NOT NULL,"
    "  logit REAL, probability REAL, rank INTEGER, hit INTEGER, predicted INTEGER,"
    "  pointing_game REAL, rank_accuracy REAL, top_k_intersection REAL, attribution_localisation REAL,"
    "  auc REAL, iou REAL,"
    "  milliseconds REAL NOT NULL,"
    "  UNIQUE (input, part));"
    "CREATE INDEX sample_class ON sample (class, input, part);"
    "CREATE TABLE evidence ("
    "  sample INTEGER PRIMARY KEY REFERENCES sample (id), height INTEGER NOT NULL,"
    "  map BLOB NOT NULL, region BLOB NOT NULL, counted BLOB);"
    "CREATE TABLE other ("
    "  sample INTEGER NOT NULL REFERENCES sample (id), name TEXT NOT NULL,"
    "  class INTEGER REFERENCES class (id), share REAL,"
    "  PRIMARY KEY (sample, name)) WITHOUT ROWID;"
    "CREATE TABLE class_result ("
    "  class INTEGER PRIMARY KEY REFERENCES class (id),"
    "  images INTEGER NOT NULL, failed INTEGER NOT NULL, acc REAL, crs REAL, crs_low REAL, crs_high REAL,"
    "  area REAL, rs0 REAL, ers REAL, ers_low REAL, ers_high REAL, lift REAL, recognised INTEGER,"
    "  contrast REAL, robustness REAL, robustness_low REAL, robustness_high REAL, p REAL, q REAL, needed "
    "REAL,"
    "  pointing_game REAL, rank_accuracy REAL, top_k_intersection REAL, attribution_localisation REAL,"
    "  auc REAL, iou REAL, verdict TEXT NOT NULL, reason TEXT NOT NULL, blind_map BLOB);"
    "CREATE TABLE session ("
    "  id INTEGER PRIMARY KEY, started TEXT NOT NULL, ended TEXT, samples INTEGER NOT NULL, seconds REAL,"
    "  outcome TEXT NOT NULL);";

/* ---- options ---- */

checkrob_status store_options_add(store_options *options, const char *name, const char *value, bool decides) {
  store_option *items = array_grow(options->items, &options->capacity, options->count, sizeof *items);
  if (!items) return error_memory("a run's options");
  options->items = items;
  store_option fresh = {text_copy(name), text_copy(value), decides};
  if (!fresh.name || !fresh.value) {
    free(fresh.name);
    free(fresh.value);
    return error_memory("a run's options");
  }
  items[options->count++] = fresh;
  return CHECKROB_OK;
}

/* Options that decide and came later than files that are still around, with what those did. */
static const struct { const char *name, *value; } later_options[] = {{"skip_unmapped", "0"}};

#define LATER_COUNT (sizeof later_options / sizeof *later_options)

checkrob_status store_options_complete(store_options *options) {
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < LATER_COUNT && !status; i++) {
    size_t k = 0;
    while (k < options->count && strcmp(options->items[k].name, later_options[i].name) != 0) k++;
    if (k == options->count)
      status = store_options_add(options, later_options[i].name, later_options[i].value, true);
  }
  return status;
}

void store_options_clear(store_options *options) {
  for (size_t i = 0; i < options->count; i++) {
    free(options->items[i].name);
    free(options->items[i].value);
  }
  free(options->items);
  *options = (store_options){0};
}

/* ---- SQLite ---- */

checkrob_status store_error(const store *s, const char *action) {
  int code = s->db ? sqlite3_errcode(s->db) & 0xff : SQLITE_NOMEM;
  switch (code) {
    case SQLITE_NOMEM:
      return error_memory("the results");
    case SQLITE_FULL:
      return error_set(
          CHECKROB_ERROR_IO,
          "cannot %s %s: the disk is full; what was written before is kept: make room and start the "
          "same run again",
          action, s->path);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      return error_set(CHECKROB_ERROR_IO,
                       "cannot %s %s: it, or its folder, can't be written to; check its permissions, or give "
                       "another place",
                       action, s->path);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return error_set(CHECKROB_ERROR_IO,
                       "cannot %s %s: another program is writing to it; wait for it to end", action, s->path);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return error_set(CHECKROB_ERROR_BAD_INPUT,
                       "cannot %s %s: it is no database, or a damaged one; restore it, or remove it", action,
                       s->path);
    default:
      return error_set(CHECKROB_ERROR_IO, "cannot %s %s: %s", action, s->path, sqlite3_errmsg(s->db));
  }
}

checkrob_status store_run(store *s, const char *sql, const char *action) {
  return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? CHECKROB_OK : store_error(s, action);
}

checkrob_status store_prepare(sqlite3_stmt **out, store *s, const char *sql) {
  return sqlite3_prepare_v2(s->db, sql, -1, out, NULL) == SQLITE_OK ? CHECKROB_OK : store_error(s, "read");
}

void store_bind_real(sqlite3_stmt *statement, int place, double value) {
  if (isfinite(value))
    sqlite3_bind_double(statement, place, value);
  else
    sqlite3_bind_null(statement, place);
}

checkrob_status store_attach(store *s, const char *path, const char *schema) {
  sqlite3_stmt *statement = NULL;
  checkrob_status status = store_prepare(&statement, s, "ATTACH ? AS ?");
  if (status) return status;
  sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
  sqlite3_bind_text(statement, 2, schema, -1, SQLITE_STATIC);
  if (sqlite3_step(statement) != SQLITE_DONE) status = store_error(s, "read");
  sqlite3_finalize(statement);
  return status;
}

checkrob_status store_text(char **out, store *s, const char *sql, const char *parameter) {
  sqlite3_stmt *statement = NULL;
  checkrob_status status = store_prepare(&statement, s, sql);
  *out = NULL;
  if (status) return status;
  if (parameter) sqlite3_bind_text(statement, 1, parameter, -1, SQLITE_STATIC);
  int code = sqlite3_step(statement);
  const unsigned char *text = code == SQLITE_ROW ? sqlite3_column_text(statement, 0) : NULL;
  if (text) *out = text_copy((const char *)text);
  if (text && !*out)
    status = error_memory("the results");
  else if (code != SQLITE_ROW && code != SQLITE_DONE)
    status = store_error(s, "read");
  sqlite3_finalize(statement);
  return status;
}

static checkrob_status read_number(int64_t *out, store *s, const char *sql) {
  sqlite3_stmt *statement = NULL;
  checkrob_status status = store_prepare(&statement, s, sql);
  if (status) return status;
  if (sqlite3_step(statement) == SQLITE_ROW)
    *out = sqlite3_column_int64(statement, 0);
  else
    status = store_error(s, "read");
  sqlite3_finalize(statement);
  return status;
}

/* ---- opening ---- */

static bool is_folder_for_files(const char *path) {
  return path && access(path, W_OK | X_OK) == 0;
}

/* SQLite's name for a database that nobody else sees: in a file once it is large, or, where none of the
 * folders that SQLite would take can be written to, in memory. */
static const char *temporary_name(void) {
  const char *const folders[] = {
      getenv("SQLITE_TMPDIR"), getenv("TMPDIR"), "/var/tmp", "/usr/tmp", "/tmp", "."};
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
    if (is_folder_for_files(folders[i])) return "";
  return ":memory:";
}

static checkrob_status open_database(store *out, const char *path, int flags, const char *action) {
  *out = (store){.path = text_copy(path ? path : "a temporary file")};
  if (!out->path) return error_memory("the results");
  const char *name = path ? path : temporary_name();
  if (sqlite3_open_v2(name, &out->db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
    return store_error(out, action);
  /* Another process may be exporting while we write: wait for its short locks. */
  sqlite3_busy_timeout(out->db, 10000);
  sqlite3_extended_result_codes(out->db, 0);
  return CHECKROB_OK;
}

/* *fresh: nothing is in it. */
static checkrob_status check_kind(store *s, bool *fresh) {
  int64_t application = 0, version = 0, tables = 0;
  checkrob_status status = read_number(&application, s, "PRAGMA application_id");
  if (!status) status = read_number(&version, s, "PRAGMA user_version");
  if (!status) status = read_number(&tables, s, "SELECT count(*) FROM sqlite_master");
  *fresh = tables == 0;
  if (status || *fresh) return status;
  if (application != STORE_APPLICATION)
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "%s is a database of another program; give a file of checkrob's results", s->path);
  if (version > STORE_VERSION)
    return error_set(
        CHECKROB_ERROR_BAD_INPUT,
        "%s has results of version %lld, and this checkrob knows up to %d; take a newer checkrob", s->path,
        (long long)version, STORE_VERSION);
  if (version < STORE_VERSION)
    return error_set(
        CHECKROB_ERROR_BAD_INPUT,
        "%s has results of version %lld, from before checkrob's first release, and this checkrob "
        "writes and reads version %d; score again, into another file",
        s->path, (long long)version, STORE_VERSION);
  return CHECKROB_OK;
}

checkrob_status store_open(store *out, bool *fresh, const char *path) {
  checkrob_status status =
      open_database(out, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "write the results to");
  if (!status) status = check_kind(out, fresh);
  /* The write-ahead log lets others read meanwhile, and survives a process that is killed. */
  const char *const mode =
      path ? "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON"
           : "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON";
  if (!status) status = store_run(out, mode, "write the results to");
  if (status) store_close(out);
  return status;
}

checkrob_status store_open_to_read(store *out, const char *path) {
  bool fresh = false;
  FILE *file = fopen(path, "rbe");
  if (!file) return error_errno("open", path);
  struct stat info;
  bool folder = fstat(fileno(file), &info) == 0 && S_ISDIR(info.st_mode);
  fclose(file);
  if (folder)
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "%s is a folder; give a file of results, such as the results.sqlite in it", path);
  checkrob_status status = open_database(out, path, SQLITE_OPEN_READWRITE, "read");
  if (status == CHECKROB_ERROR_IO) { /* on a read-only file system */
    store_close(out);
    status = open_database(out, path, SQLITE_OPEN_READONLY, "read");
  }
  if (!status) status = check_kind(out, &fresh);
  if (!status && fresh)
    status = error_set(CHECKROB_ERROR_BAD_INPUT, "%s is empty; give a file of checkrob's results", path);
  if (status) store_close(out);
  return status;
}

void store_close(store *s) {
  sqlite3_close(s->db);
  free(s->path);
  *s = (store){0};
}

/* ---- a run's beginning ---- */

static checkrob_status write_options(store *s, const store_options *options) {
  sqlite3_stmt *insert = NULL;
  checkrob_status status = store_prepare(&insert, s, "INSERT INTO option VALUES (?, ?, ?)");
  for (size_t i = 0; i < options->count && !status; i++) {
    sqlite3_bind_text(insert, 1, options->items[i].name, -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 2, options->items[i].value, -1, SQLITE_STATIC);
    sqlite3_bind_int(insert, 3, options->items[i].decides);
    if (sqlite3_step(insert) != SQLITE_DONE) status = store_error(s, "write the results to");
    sqlite3_reset(insert);
  }
  sqlite3_finalize(insert);
  return status;
}

static checkrob_status write_classes(store *s, const checkrob_class_map *classes) {
  sqlite3_stmt *insert = NULL;
  checkrob_status status = store_prepare(&insert, s, "INSERT OR IGNORE INTO class VALUES (?, ?)");
  for (size_t i = 0; i < checkrob_class_map_count(classes) && !status; i++) {
    sqlite3_bind_int64(insert, 1, checkrob_class_map_index(classes, i));
    sqlite3_bind_text(insert, 2, checkrob_class_map_name(classes, i), -1, SQLITE_STATIC);
    if (sqlite3_step(insert) != SQLITE_DONE) status = store_error(s, "write the results to");
    sqlite3_reset(insert);
  }
  sqlite3_finalize(insert);
  return status;
}

checkrob_status store_begin(store *s, const store_options *options, const checkrob_class_map *classes) {
  char mark[96];
  snprintf(mark, sizeof mark, "PRAGMA application_id = %d; PRAGMA user_version = %d", STORE_APPLICATION,
           STORE_VERSION);
  checkrob_status status = store_run(s, "BEGIN IMMEDIATE", "write the results to");
  if (!status) status = store_run(s, table_definitions, "write the results to");
  if (!status) status = store_run(s, mark, "write the results to");
  if (!status) status = write_options(s, options);
  if (!status && classes) status = write_classes(s, classes);
  if (!status) return store_run(s, "COMMIT", "write the results to");
  sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
  return status;
}

bool store_floats(float *out, sqlite3_stmt *row, int column, size_t count) {
  const void *found = sqlite3_column_blob(row, column);
  if (!found || (size_t)sqlite3_column_bytes(row, column) != count * sizeof *out) return false;
  memcpy(out, found, count * sizeof *out);
  return true;
}

double store_real(sqlite3_stmt *row, int column) {
  return sqlite3_column_type(row, column) == SQLITE_NULL ? NAN : sqlite3_column_double(row, column);
}

/* What a difference means where the values themselves tell nothing, or too much. */
static const char *meaning_of(const char *name) {
  static const struct {
    const char *name, *meaning;
  } all[] = {{"model_contents", "the model's file is another"},
             {"class_map", "the class map is another"},
             {"dataset_names", "the images are others: more, fewer, under other names, or in another format"},
             {"preprocess", "the preprocessing is another"}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (strcmp(name, all[i].name) == 0) return all[i].meaning;
  return NULL;
}

/* Appends "; NAME was OLD, and is NEW", or the difference's meaning, as far as there is room. */
static void tell_difference(char *text, size_t bytes, const char *name, const char *old, const char *new) {
  size_t used = strlen(text);
  const char *between = used ? "; " : "", *meaning = meaning_of(name);
  if (meaning)
    snprintf(text + used, bytes - used, "%s%s (%s)", between, meaning, name);
  else
    snprintf(text + used, bytes - used, "%s%s was %.80s, and is %.80s", between, name, old, new);
}

/* NULL: every file has it. */
static const char *value_before_it_was_kept(const char *name) {
  for (size_t i = 0; i < LATER_COUNT; i++)
    if (strcmp(name, later_options[i].name) == 0) return later_options[i].value;
  return NULL;
}

checkrob_status store_compare(store *s, const store_options *options) {
  char differences[1024] = "";
  for (size_t i = 0; i < options->count; i++) {
    const store_option *o = &options->items[i];
    char *stored = NULL;
    checkrob_status status =
        o->decides ? store_text(&stored, s, "SELECT value FROM option WHERE name = ?", o->name) : CHECKROB_OK;
    if (status) return status;
    const char *old = stored ? stored : value_before_it_was_kept(o->name);
    if (o->decides && (!old || strcmp(old, o->value) != 0))
      tell_difference(differences, sizeof differences, o->name, old ? old : "not set", o->value);
    free(stored);
  }
  if (!differences[0]) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "%s holds results of other options: %s", s->path,
                   differences);
}
