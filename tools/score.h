/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob score: writes the results to files, and prints them. */
#ifndef CHECKROB_TOOLS_SCORE_H
#define CHECKROB_TOOLS_SCORE_H

#include "inputs.h"

#define FAILURES_SHOWN 5

/* The folder of the results. results.sqlite grows during the run, so that no computed row is lost. The other
 * files are made from it after the run, each completely or not at all. */
typedef struct results_folder {
  const char *path;
  char *store_path; /* of results.sqlite */
  size_t failures;
  char *shown[FAILURES_SHOWN]; /* the first failures, one line each */
  size_t pool_images, pool_failures;
  char *pool_shown; /* the first failure of the pool */
} results_folder;

/* These return EXIT_OK, or the exit code after they printed an error message. */

/* Makes the folder if it is missing, and checks that no file of it would replace an input. */
int results_folder_open(results_folder *folder, const command_line *line);
/* Checks that another file to be written is none of them. */
int results_folder_spare(const results_folder *folder, const char *path);
/* Removes the results of an earlier run. */
int results_folder_clear(const results_folder *folder);
/* Writes images.csv and classes.csv from results.sqlite, and finds the failures, also those of the pool. */
int results_folder_export(results_folder *folder);
void results_folder_free(results_folder *folder);

/* Writes summary.json; `complete`: 0 if the run was interrupted or failed. */
int summary_write(const results_folder *folder, const checkrob_run *run, const inputs *in, int complete);
/* Samples computed in a second, without the time of setting up; 0 if there is no such number. */
double samples_per_second(const checkrob_row *totals);

/* --dry-run: opens everything, but no results, and prints what the run would do. */
int score_dry_run(const command_line *line);

/* Prints the table of classes to standard output, unless --quiet is given, and warnings to standard error. */
int score_print(const results_folder *folder, const checkrob_run *run);

#endif
