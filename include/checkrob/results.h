/* Results that stay: what a run found, in a file (SQLite, docs/results.md), sample by sample.
 *
 *   checkrob_run_keep(run, "results.sqlite");   // run.h: written while it goes on, resumed if it was stopped
 *   checkrob_run_execute(run);
 *
 *   checkrob_results_open(&results, "results.sqlite");
 *   checkrob_results_export(results, CHECKROB_EXPORT_CLASSES_CSV, "classes.csv");
 *
 * Reading never blocks a run that is writing. A handle shows what was written when it was opened.
 */
#ifndef CHECKROB_RESULTS_H
#define CHECKROB_RESULTS_H

#include <checkrob/run.h>

CHECKROB_BEGIN_DECLS

typedef struct checkrob_results checkrob_results;

/* Errors: NOT_FOUND, IO, BAD_INPUT (another kind of file, a newer version of ours), OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_results_open(checkrob_results **out, const char *path);
CHECKROB_API void checkrob_results_free(checkrob_results *results);

/* 1: all samples were scored (or, of a merged file, all shards were there and complete). */
CHECKROB_API int checkrob_results_complete(const checkrob_results *results);
/* An option of the run by its name, such as "method"; belongs to the results. NULL where it is not kept. */
CHECKROB_API const char *checkrob_results_option(const checkrob_results *results, const char *name);

/* Gives every sample, in the dataset's order, as the run did; the strings live until the callback returns.
 * Non-zero stops: CANCELLED. */
CHECKROB_API checkrob_status checkrob_results_each(checkrob_results *results,
                                                   checkrob_result_callback callback, void *user_data);

/* The classes, as checkrob_run_class gives them; strings belong to the results. */
CHECKROB_API size_t checkrob_results_class_count(const checkrob_results *results);
CHECKROB_API checkrob_status checkrob_results_class(checkrob_class_result *out,
                                                    const checkrob_results *results, size_t rank);
/* samples, evaluated, failed and empty_maps; the rest is 0. */
CHECKROB_API checkrob_status checkrob_results_totals(checkrob_run_totals *out,
                                                     const checkrob_results *results);

typedef enum checkrob_export {
  CHECKROB_EXPORT_IMAGES_CSV = 1, /* a row a sample: docs/files.md, images.csv */
  CHECKROB_EXPORT_CLASSES_CSV = 2,
  CHECKROB_EXPORT_IMAGES_JSONL = 3, /* an object a line, with all that is kept of a sample */
  CHECKROB_EXPORT_CLASSES_JSONL = 4,
  CHECKROB_EXPORT_AUTHORS_CSV = 5 /* the table of Szyc et al.: id;acc;crs;name, by id; classes without an
                                     evaluated image are left out */
} checkrob_export;

/* "images.csv", "classes.csv", "images.jsonl", "classes.jsonl", "authors.csv". NOT_FOUND for any other name.
 */
CHECKROB_API checkrob_status checkrob_export_find(checkrob_export *out, const char *name);

/* Writes a file, whole or not at all: it is put beside `path` first and renamed. Errors: IO, OUT_OF_MEMORY.
 */
CHECKROB_API checkrob_status checkrob_results_export(checkrob_results *results, checkrob_export what,
                                                     const char *path);

/* Joins shards of one run to a new file. Their options must be the same but for the shard, and no sample may
 * stand in two of them; samples that are missing make the result incomplete, not wrong. Errors:
 * INVALID_ARGUMENT (with what differs), IO (`out_path` exists too), BAD_INPUT, NOT_FOUND. */
CHECKROB_API checkrob_status checkrob_results_merge(const char *out_path, const char *const *paths,
                                                    size_t count);

/* A class in two results. */
typedef struct checkrob_class_comparison {
  size_t size;
  const char *name;
  int64_t index; /* in the first that has it */
  size_t images[2];
  double accuracy[2], crs[2];   /* NaN without images */
  size_t pairs;                 /* images that both evaluated */
  double rs_change;             /* mean over those of the second's rs less the first's; NaN without pairs */
  double rs_change_error;       /* its standard error; NaN with fewer than two */
  double ers[2], robustness[2]; /* as in checkrob_class_result; NaN where they can't be said */
  checkrob_verdict verdict[2];
} checkrob_class_comparison;

/* Non-zero stops: CANCELLED. */
typedef int (*checkrob_comparison_callback)(const checkrob_class_comparison *comparison, void *user_data);

/* Compares class by class, by the classes' names, images by theirs: from the largest fall of CRS to the
 * largest rise; classes that only one has come last. */
CHECKROB_API checkrob_status checkrob_results_compare(checkrob_results *before, checkrob_results *after,
                                                      checkrob_comparison_callback callback, void *user_data);

CHECKROB_END_DECLS
#endif
