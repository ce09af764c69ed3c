/* The results file: an SQLite database that describes itself. It holds its samples' rows, the declarations of
 * their columns, the run's options, the class map, the classes' rows and the sessions in which it was
 * written. docs/results.md describes it; SQL and SQLite are known in this room alone.
 *
 *   store_open(&s, path);
 *   if (store_is_fresh(s)) store_begin(s, layout, &options, class_map); else store_resume(s, layout,
 * &options); store_begin_session(s, &judging); table_writer_open(&w, s, layout); table_writer_write(w, rows,
 * count); ... table_writer_close(w); store_replace(s, class_layout, class_rows, count); store_end_session(s,
 * "complete", samples, seconds); store_close(s);
 *
 * A store is used by one thread at a time. */
#ifndef CHECKROB_LIB_STORE_H
#define CHECKROB_LIB_STORE_H

#include <checkrob/dataset.h>

#include "table/row.h"
#include "table/store_options.h"

#define STORE_VERSION 3

typedef struct store store;

/* Opens or makes the file for writing. Without a path (NULL) it is a temporary one, which SQLite keeps in
 * memory or in a file that nobody else sees, and which is gone when it is closed. Errors: IO, BAD_INPUT
 * (another kind of file, or another version), OUT_OF_MEMORY. */
checkrob_status store_open(store **out, const char *path);
/* For reading alone. NOT_FOUND too. All that is read after it belongs together, whatever is written
 * meanwhile. */
checkrob_status store_open_to_read(store **out, const char *path);
void store_close(store *s); /* NULL is fine */

const char *store_path(const store *s);
/* No run was begun in it yet. */
bool store_is_fresh(const store *s);
/* The columns of the samples, as the file declares them; NULL while it is fresh. It belongs to the store. */
const row_layout *store_samples(const store *s);

/* ---- beginning and resuming ---- */

/* Begins a run in a fresh file. `classes` may be NULL. */
checkrob_status store_begin(store *s, const row_layout *samples, const store_options *options,
                            const checkrob_class_map *classes);

/* Checks that a run with these options and columns may resume this file: OTHER_OPTIONS, with what differs;
 * INVALID_ARGUMENT for a file that was merged from some of its shards, whose gaps no run would fill. */
checkrob_status store_resume(store *s, const row_layout *samples, const store_options *options);

/* Checks that rows of this layout can be written: OTHER_OPTIONS. */
checkrob_status store_check_columns(const store *s, const row_layout *samples);

/* Where the rows end, in the dataset's order. */
typedef struct store_end {
  bool any;           /* there are rows */
  size_t input, part; /* of the last one */
  size_t inputs;      /* that have a row */
} store_end;

checkrob_status store_find_end(store_end *out, store *s);

/* ---- options ---- */

/* Adds all that are stored to `out`, by name. */
checkrob_status store_read_options(store_options *out, store *s);

/* ---- sessions ---- */

/* Writes down that a run writes from now on. The classes' rows of before are removed, and the options
 * replaced by `judging`, which say how the classes are judged from now on. */
checkrob_status store_begin_session(store *s, const store_options *judging);
/* `outcome`: "complete", "interrupted", "failed" or "merged"; `samples` were written in it. Then the file
 * stands alone: without a log beside it, unless somebody reads it at this moment. */
checkrob_status store_end_session(store *s, const char *outcome, size_t samples, double seconds);
/* A session was complete: all samples are there. */
checkrob_status store_is_complete(bool *out, store *s);

/* ---- other tables ---- */

/* Writes a table anew, its declaration too, with these rows, which have no children; all or nothing. */
checkrob_status store_replace(store *s, const row_layout *layout, const checkrob_row *const *rows,
                              size_t count);
/* The columns of such a table as the file declares them; the caller frees. NULL in *out: there is none. */
checkrob_status store_layout(row_layout **out, store *s, const char *table);

/* ---- several files ---- */

/* Copies the samples of another file with the same columns, in one transaction, and the classes of its class
 * map. INVALID_ARGUMENT where a sample is there already. Nobody in this process may be reading that file. */
checkrob_status store_merge_samples(store *s, const char *path);

/* Of the samples that two files share, by image and class name: for each class, how a number changed from the
 * one to the other. */
typedef struct paired_change {
  const char *class_name; /* valid until the callback returns */
  double count, sum, squares;
} paired_change;

typedef void (*paired_callback)(const paired_change *change, void *user_data);

/* `name` is a number that the samples of both have; where one has none, there is no pair. */
checkrob_status store_pair_samples(store *before, store *after, const char *name, paired_callback callback,
                                   void *user_data);

#endif
