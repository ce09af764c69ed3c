/* SPDX-License-Identifier: Apache-2.0 */
/* Results files: the rows of a run in a file (SQLite, docs/results.md), one for each sample.
 *
 *    checkrob_results_open(&results, "results.sqlite", NULL);
 *    for (size_t i = 0; i < checkrob_results_class_count(results); i++) {
 *      const checkrob_row *row = checkrob_results_class(results, i);
 *      printf("%s: %s\n", checkrob_row_text(row, "class"), checkrob_row_text(row, "verdict"));
 *    }
 *    checkrob_results_export(results, CHECKROB_EXPORT_CLASSES_CSV, "classes.csv");
 *
 * A handle shows what the file contained when it was opened. It does not block a run that is writing the
 * file. But it holds a finished file: a run that is to resume that file waits for ten seconds until the
 * handle is freed, and then fails with IO. */
#ifndef CHECKROB_RESULTS_H
#define CHECKROB_RESULTS_H

#include <checkrob/options.h>
#include <checkrob/row.h>

CHECKROB_BEGIN_DECLS

typedef struct checkrob_results checkrob_results;

/* Opens a results file. options: NULL, for the class results as the run computed them. If top_k or one of
 * verdict_* is set in the options, that value replaces the run's value: accuracies, intervals and verdicts
 * are computed anew from the stored samples. Other options are ignored. Errors: NOT_FOUND, IO, BAD_INPUT
 * (another kind of file, a damaged file, another version), INVALID_ARGUMENT (options that are not
 * consistent), OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_results_open(checkrob_results **out, const char *path,
                                                   const checkrob_options *options);
CHECKROB_API void checkrob_results_free(checkrob_results *results);

/* 1: the file has a row for every sample, and for every image of its pool if it has one. For a merged file:
 * all shards were present and complete. */
CHECKROB_API int checkrob_results_complete(const checkrob_results *results);
/* The value of a recorded option of the run, such as "method". It belongs to the results. NULL if the option
 * is not recorded. Options that were passed to checkrob_results_open() replace those of the run. */
CHECKROB_API const char *checkrob_results_option(const checkrob_results *results, const char *name);

/* Calls `callback` for each sample, with a row of the table "sample", in the dataset's order. Errors:
 * INTERRUPTED (the callback returned a value other than 0), IO, BAD_INPUT, OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_results_each(checkrob_results *results, checkrob_row_callback callback,
                                                   void *user_data);

/* The classes: rows of the table "class", which belong to the results. First those with an interval of their
 * suspicion, by falling suspicion; then by rising robustness; then classes without a robustness by rising
 * CRS; then classes without an evaluated image; equal ones by index. NULL past the end. */
CHECKROB_API size_t checkrob_results_class_count(const checkrob_results *results);
CHECKROB_API const checkrob_row *checkrob_results_class(const checkrob_results *results, size_t rank);

/* Calls `callback` for each row of a table that is computed from the samples: "class" (in the order above);
 * "looked_at", where else the model looks in images of each class, "feature", its features, "pasted", the
 * pairs of attacks, "cue", the cues of the data, and "duplicate", images with the same surroundings (all by
 * class); "advice", what images to add or drop (non-robust classes first, then doubtful ones, then those with
 * too few images); what samples say about the features,
 * "feature_use" and "feature_together" (in the dataset's order; the last row has no class); and "pool", the
 * images of a pool (by class, then by feature, those that show the class last, the surest first; failed ones
 * at the end). docs/files.md and
 * docs/results.md list the columns. Errors: NOT_FOUND (no such table), INTERRUPTED (the callback returned a
 * value other than 0), INVALID_ARGUMENT, IO, BAD_INPUT, OUT_OF_MEMORY.
 */
CHECKROB_API checkrob_status checkrob_results_table(checkrob_results *results, const char *name,
                                                    checkrob_row_callback callback, void *user_data);

/* A row of the table "totals": samples, evaluated, failed, empty_maps, remarks. Columns that only the run
 * itself knows, such as its time, have no value. The row belongs to the results. */
CHECKROB_API const checkrob_row *checkrob_results_totals(const checkrob_results *results);

typedef enum checkrob_export {
  /* A line for each sample: docs/files.md, images.csv. */
  CHECKROB_EXPORT_IMAGES_CSV = 1,
  CHECKROB_EXPORT_CLASSES_CSV = 2,
  /* An object in each line, with all exported columns of a sample. */
  CHECKROB_EXPORT_IMAGES_JSONL = 3,
  CHECKROB_EXPORT_CLASSES_JSONL = 4,
  /* The table of Szyc et al.: id;acc;crs;name, by id. Classes without an evaluated image are omitted. */
  CHECKROB_EXPORT_AUTHORS_CSV = 5,
  /* Where else the model looks in images of each class: a line for each other class and each place. */
  CHECKROB_EXPORT_LOOKED_AT_CSV = 6,
  CHECKROB_EXPORT_LOOKED_AT_JSONL = 7,
  /* The features of each class, of a run with the option `features`. */
  CHECKROB_EXPORT_FEATURES_CSV = 8,
  CHECKROB_EXPORT_FEATURES_JSONL = 9,
  /* Of a run with probes: for each pair of classes, how often one is seen in its surroundings although they
   * show the other's object. */
  CHECKROB_EXPORT_PASTED_CSV = 10,
  CHECKROB_EXPORT_PASTED_JSONL = 11,
  /* Of a run with the option `cues`: what in the data goes with each class, and whether the model follows it.
   */
  CHECKROB_EXPORT_CUES_CSV = 12,
  CHECKROB_EXPORT_CUES_JSONL = 13,
  /* Of a run with the option `attack_images`: the images of the pool, by class and feature, the surest first.
   */
  CHECKROB_EXPORT_POOL_CSV = 14,
  CHECKROB_EXPORT_POOL_JSONL = 15,
  /* Of a run with the option `advice`: images of a class with almost the same surroundings; and for each
   * class that is not to be trusted, what images to add or drop, and what it gains. */
  CHECKROB_EXPORT_DUPLICATES_CSV = 16,
  CHECKROB_EXPORT_DUPLICATES_JSONL = 17,
  CHECKROB_EXPORT_ADVICE_CSV = 18,
  CHECKROB_EXPORT_ADVICE_JSONL = 19,
  /* Of two results files: checkrob_results_export_comparison(). */
  CHECKROB_EXPORT_COMPARISON_CSV = 20,
  CHECKROB_EXPORT_COMPARISON_JSONL = 21
} checkrob_export;

/* "images.csv", "classes.csv", "looked_at.csv", "features.csv", "pasted.csv", "cues.csv", "pool.csv",
 * "duplicates.csv", "advice.csv", the same with .jsonl, "authors.csv", "comparison.csv" and
 * "comparison.jsonl". Errors: NOT_FOUND for any other name. */
CHECKROB_API checkrob_status checkrob_export_find(checkrob_export *out, const char *name);

/* Writes a file, completely or not at all: a temporary file in its folder is written first, and then renamed.
 * A link is followed, and remains. A FIFO, a character device and a name of a descriptor, such as
 * /dev/stdout, are written through: a FIFO waits for its reader, and if the reader leaves, this is IO in a
 * program that ignores SIGPIPE. Errors: IO (also if `path` is a folder, a block device or a socket),
 * NOT_FOUND (no such folder; or a table for which the run lacks the option), INVALID_ARGUMENT (`path` is the
 * results file itself), BAD_INPUT, OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_results_export(checkrob_results *results, checkrob_export what,
                                                     const char *path);

/* Merges the results files of shards of one run, or files merged from some of them, into a new file. No input
 * may be in two of them. If inputs are missing, or a shard was interrupted, the new file is incomplete, but
 * not wrong. Errors: OTHER_OPTIONS (options other than the shard, columns, or the verdict rule differ; the
 * error message names them), INVALID_ARGUMENT (an input is in two files, NULL, an empty path), IO (also if
 * `out_path` exists), BAD_INPUT, NOT_FOUND. The new file appears complete or not at all; until then its name
 * ends in ".part". Such a file that a killed merge left an hour ago is removed. */
CHECKROB_API checkrob_status checkrob_results_merge(const char *out_path, const char *const *paths,
                                                    size_t count);

/* Compares two results files: classes by name, and images by path. Calls `callback` with rows of the table
 * "comparison", from the largest fall of CRS to the largest rise. Classes that only one of the files has
 * follow last. Errors: INTERRUPTED (the callback returned a value other than 0), IO, BAD_INPUT,
 * OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_results_compare(checkrob_results *before, checkrob_results *after,
                                                      checkrob_row_callback callback, void *user_data);

/* Writes the rows of checkrob_results_compare() to a file, as CHECKROB_EXPORT_COMPARISON_CSV or _JSONL.
 * Errors: as there, and those of checkrob_results_export(). */
CHECKROB_API checkrob_status checkrob_results_export_comparison(checkrob_results *before,
                                                                checkrob_results *after, checkrob_export what,
                                                                const char *path);

CHECKROB_END_DECLS
#endif
