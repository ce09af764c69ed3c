/* Results that were stored: what a run found, in a file (SQLite, docs/results.md), sample by sample.
 *
 *   checkrob_results_open(&results, "results.sqlite", NULL);
 *   for (size_t i = 0; i < checkrob_results_class_count(results); i++) {
 *     const checkrob_row *row = checkrob_results_class(results, i);
 *     printf("%s: %s\n", checkrob_row_text(row, "class"), checkrob_row_text(row, "verdict"));
 *   }
 *   checkrob_results_export(results, CHECKROB_EXPORT_CLASSES_CSV, "classes.csv");
 *
 * Reading never blocks a run that is writing. A handle shows what was written when it was opened.
 */
#ifndef CHECKROB_RESULTS_H
#define CHECKROB_RESULTS_H

#include <checkrob/options.h>
#include <checkrob/row.h>

CHECKROB_BEGIN_DECLS

typedef struct checkrob_results checkrob_results;

/* `options`: NULL, for the results as the run judged them. Or, where top_k or one of verdict_* is set in it,
 * that value instead of the run's: accuracies, intervals and verdicts are computed anew from the stored
 * samples. Other options are ignored. Errors: NOT_FOUND, IO, BAD_INPUT (another kind of file, or a damaged
 * one; another version), INVALID_ARGUMENT (options that do not fit together), OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_results_open(checkrob_results **out, const char *path,
                                                   const checkrob_options *options);
CHECKROB_API void checkrob_results_free(checkrob_results *results);

/* 1: all samples were scored (of a merged file: all shards were there and complete). */
CHECKROB_API int checkrob_results_complete(const checkrob_results *results);
/* A recorded option of the run by its name, such as "method"; belongs to the results. NULL where it is not
 * recorded. Options that were given to checkrob_results_open() count. */
CHECKROB_API const char *checkrob_results_option(const checkrob_results *results, const char *name);

/* Calls `callback` for every sample, a row of the table "sample", in the dataset's order. Errors: INTERRUPTED
 * (the callback returned another value than 0), IO, BAD_INPUT, OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_results_each(checkrob_results *results, checkrob_row_callback callback,
                                                   void *user_data);

/* The classes: rows of the table "class", which belong to the results. The least robust comes first: by
 * rising robustness, then those without one by rising CRS, then those without an evaluated image; equal ones
 * by index. NULL from the count on. */
CHECKROB_API size_t checkrob_results_class_count(const checkrob_results *results);
CHECKROB_API const checkrob_row *checkrob_results_class(const checkrob_results *results, size_t rank);

/* A row of the table "totals": samples, evaluated, failed, empty_maps. What only the run itself knows, such
 * as its time, does not hold. It belongs to the results. */
CHECKROB_API const checkrob_row *checkrob_results_totals(const checkrob_results *results);

typedef enum checkrob_export {
  CHECKROB_EXPORT_IMAGES_CSV = 1, /* a row a sample: docs/files.md, images.csv */
  CHECKROB_EXPORT_CLASSES_CSV = 2,
  CHECKROB_EXPORT_IMAGES_JSONL = 3, /* an object a line, with all exported columns of a sample */
  CHECKROB_EXPORT_CLASSES_JSONL = 4,
  CHECKROB_EXPORT_AUTHORS_CSV = 5 /* the table of Szyc et al.: id;acc;crs;name, by id; classes without an
                                     evaluated image are left out */
} checkrob_export;

/* "images.csv", "classes.csv", "images.jsonl", "classes.jsonl", "authors.csv". Errors: NOT_FOUND for any
 * other name. */
CHECKROB_API checkrob_status checkrob_export_find(checkrob_export *out, const char *name);

/* Writes a file, whole or not at all: it is written beside `path` first and renamed. Errors: IO, NOT_FOUND
 * (no such folder), BAD_INPUT, OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_results_export(checkrob_results *results, checkrob_export what,
                                                     const char *path);

/* Joins shards of one run to a new file. No sample may be in two of them; samples that are missing make the
 * result incomplete, not wrong. Errors: OTHER_OPTIONS (options but for the shard, columns, or how classes are
 * judged differ; the message says which), INVALID_ARGUMENT (a sample is in two files), IO (`out_path` exists
 * too), BAD_INPUT, NOT_FOUND. */
CHECKROB_API checkrob_status checkrob_results_merge(const char *out_path, const char *const *paths,
                                                    size_t count);

/* Compares two results class by class, by the classes' names, and image by image, by their paths. Calls
 * `callback` with rows of the table "comparison", from the largest fall of CRS to the largest rise; classes
 * that only one of the results has come last. Errors: INTERRUPTED (the callback returned another value than
 * 0), IO, BAD_INPUT, OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_results_compare(checkrob_results *before, checkrob_results *after,
                                                      checkrob_row_callback callback, void *user_data);

CHECKROB_END_DECLS
#endif
