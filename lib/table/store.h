/* SPDX-License-Identifier: Apache-2.0 */
/* The results file: an SQLite database that describes itself. It contains the rows of the samples, the
 * declarations of their columns, the options of the run, the class map, the rows of the classes, and the
 * sessions in which it was written. docs/results.md describes it. Only this room knows SQL and SQLite.
 *
 *    store_open(&s, path);
 *    if (store_is_fresh(s))
 *      store_begin(s, layout, &options, class_map);
 *    else
 *      store_resume(s, layout, &options);
 *    store_begin_session(s, &judging);
 *    table_writer_open(&w, s, layout);
 *    table_writer_write(w, rows, count); ...
 *    table_writer_close(w);
 *    store_replace(s, class_layout, class_rows, count);
 *    store_end_session(s, "complete", samples, seconds);
 *    store_close(s);
 *
 * Only one thread may use a store at a time. */
#ifndef CHECKROB_LIB_STORE_H
#define CHECKROB_LIB_STORE_H

#include <checkrob/dataset.h>

#include "table/row.h"
#include "table/store_options.h"

/* Version 4 added the titles of classes. A file of version 3 is read as one without titles; a run that
 * resumes it makes it one of version 4. */
#define STORE_VERSION 4
#define STORE_OLDEST_VERSION 3

typedef struct store store;

/* Opens or creates the file for writing. Without a path (NULL) it is temporary: SQLite holds it in memory or
 * in a private file, which disappears when it is closed. Errors: IO, BAD_INPUT (another kind of file, or
 * another version), INVALID_ARGUMENT (an empty path), OUT_OF_MEMORY. */
checkrob_status store_open(store **out, const char *path);
/* The same for a file that has another name later, which error messages show. */
checkrob_status store_open_as(store **out, const char *path, const char *shown);
/* Opens the file for reading only. Errors: also NOT_FOUND. All reads see the same state of the file, whatever
 * others write. */
checkrob_status store_open_to_read(store **out, const char *path);
void store_close(store *s); /* NULL is allowed */

const char *store_path(const store *s);
/* Whether no run was begun in it yet. */
bool store_is_fresh(const store *s);
/* The columns of the samples, as the file declares them; NULL if it is fresh. They belong to the store. */
const row_layout *store_samples(const store *s);

/* ---- beginning and resuming ---- */

/* Begins a run in a fresh file. `classes` may be NULL. */
checkrob_status store_begin(store *s, const row_layout *samples, const store_options *options,
                            const checkrob_class_map *classes);

/* Checks that a run with these options and columns may resume this file. OTHER_OPTIONS: the error message
 * names the differences. INVALID_ARGUMENT: the file was merged from only some of its shards, and has gaps
 * that no run would fill. */
checkrob_status store_resume(store *s, const row_layout *samples, const store_options *options);

/* Replaces the titles of the classes by those of the map; NULL: they remain. Titles may differ between
 * executions. */
checkrob_status store_replace_titles(store *s, const checkrob_class_map *classes);

/* Checks that rows of this layout can be written. OTHER_OPTIONS if not. */
checkrob_status store_check_columns(const store *s, const row_layout *samples);

/* The last row, in the dataset's order. */
typedef struct store_end {
  bool any;           /* there are rows */
  size_t input, part; /* of the last row */
} store_end;

checkrob_status store_find_end(store_end *out, store *s);

/* ---- options ---- */

/* Appends all stored options to `out`, by name. */
checkrob_status store_read_options(store_options *out, store *s);

/* ---- sessions ---- */

/* Records that a run starts to write. The tables of store_replace() are removed. The options `judging`, which
 * define the verdict rule, replace the stored ones. */
checkrob_status store_begin_session(store *s, const store_options *judging);
/* `outcome`: "complete", "interrupted", "failed" or "merged". `samples` were written in this session. The
 * file then has no log beside it, unless another process is reading it. */
checkrob_status store_end_session(store *s, const char *outcome, size_t samples, double seconds);
/* Whether a session was complete: all samples are in the file. */
checkrob_status store_is_complete(bool *out, store *s);

/* ---- other tables ---- */

/* Replaces a table and its declaration by these rows, which have no children; completely or not at all. */
checkrob_status store_replace(store *s, const row_layout *layout, const checkrob_row *const *rows,
                              size_t count);
/* Appends rows without children to a table, which is made with its declaration if the file does not have it;
 * all rows or none. Such a table is dropped when samples are written. */
checkrob_status store_append(store *s, const row_layout *layout, const checkrob_row *const *rows,
                             size_t count);
/* Drops all tables of store_append(). */
checkrob_status store_drop_appended(store *s);
/* Drops one table, if the file has it. */
checkrob_status store_drop(store *s, const char *table);
/* The columns of such a table, as the file declares them; the caller frees them. NULL in *out: there is no
 * such table. */
checkrob_status store_layout(row_layout **out, store *s, const char *table);

/* ---- several files ---- */

/* Whether another connection, of any process, has the file open; true also if that cannot be found out. Of a
 * file without a connection its log is closed. */
bool store_is_held(const char *path);

/* Copies the samples of another file with the same columns, and the classes of its class map, in one
 * transaction. INVALID_ARGUMENT if a sample exists already. Nobody in this process may be reading that
 * file. */
checkrob_status store_merge_samples(store *s, const char *path);

/* For the samples that two files share, by image and class name: for each class, how a number changed from
 * one file to the other. */
typedef struct paired_change {
  const char *class_name; /* valid until the callback returns */
  double count, sum, squares;
} paired_change;

typedef void (*paired_callback)(const paired_change *change, void *user_data);

/* `name` is a number that the samples of both files have. A sample without a value in one file makes no
 * pair. */
checkrob_status store_pair_samples(store *before, store *after, const char *name, paired_callback callback,
                                   void *user_data);

#endif
