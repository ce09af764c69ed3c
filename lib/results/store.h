/* The database that a run's results are kept in: its schema, and how SQLite's failures become sentences. */
#ifndef CHECKROB_LIB_STORE_H
#define CHECKROB_LIB_STORE_H

#include <checkrob/dataset.h>
#include <sqlite3.h>
#include <stdbool.h>

#define STORE_APPLICATION 0x43524f42 /* "CROB" */
#define STORE_VERSION 2

/* A sample's columns but for its id. */
#define STORE_SAMPLE_COLUMNS                                                                                \
  "input, part, image, class, status, message, rs, contrast, region_share, empty_map, logit, probability, " \
  "rank, hit,"                                                                                              \
  " predicted, pointing_game, rank_accuracy, top_k_intersection, attribution_localisation, auc, iou,"       \
  " milliseconds"

/* One of a run's options. Those that decide have to be the same where a run is resumed or shards are merged.
 */
typedef struct store_option {
  char *name, *value;
  bool decides;
} store_option;

typedef struct store_options {
  store_option *items;
  size_t count, capacity;
} store_options;

/* Both are copied. */
checkrob_status store_options_add(store_options *options, const char *name, const char *value, bool decides);
/* Adds what files of before an option was kept don't have. */
checkrob_status store_options_complete(store_options *options);
void store_options_clear(store_options *options);

typedef struct store {
  sqlite3 *db;
  char *path;
} store;

/* Opens or makes the database for writing. *fresh: it has no run yet. Without a path (NULL) it is a temporary
 * one, which SQLite keeps in memory or in a file that nobody else sees, and which is gone when it is closed.
 * Errors: IO, BAD_INPUT (no store of ours, or of another version), OUT_OF_MEMORY. */
checkrob_status store_open(store *out, bool *fresh, const char *path);
/* For reading alone. NOT_FOUND too. */
checkrob_status store_open_to_read(store *out, const char *path);
/* Empty or closed stores are fine. */
void store_close(store *s);

/* Writes a new run's options and classes. */
checkrob_status store_begin(store *s, const store_options *options, const checkrob_class_map *classes);
/* Are the stored options the same? INVALID_ARGUMENT, with those that differ, where they are not. */
checkrob_status store_compare(store *s, const store_options *options);

/* This thread's sentence and a status for SQLite's last failure: "cannot ACTION PATH: ...". */
checkrob_status store_error(const store *s, const char *action);

/* Runs statements without results. */
checkrob_status store_run(store *s, const char *sql, const char *action);
/* Prepares one; the caller finalizes it. */
checkrob_status store_prepare(sqlite3_stmt **out, store *s, const char *sql);

/* NULL for what is no finite number. */
void store_bind_real(sqlite3_stmt *statement, int place, double value);
/* A row's number, NaN for NULL; and its array of so many floats, which lies at no place for floats in
 * SQLite's memory: copied, or false where it is none of that size. */
double store_real(sqlite3_stmt *row, int column);
bool store_floats(float *out, sqlite3_stmt *row, int column, size_t count);
/* Attaches another store under a schema name. */
checkrob_status store_attach(store *s, const char *path, const char *schema);

/* Copies a text of one row and column; NULL where there is none. The caller frees. */
checkrob_status store_text(char **out, store *s, const char *sql, const char *parameter);

#endif
