/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob score: what is written of the results, to files and for people. */
#ifndef CHECKROB_TOOLS_SCORE_H
#define CHECKROB_TOOLS_SCORE_H

#include "inputs.h"

#define FAILURES_SHOWN 5

/* The folder of the results. results.sqlite grows while the run executes, so that nothing computed is lost;
 * the other files are made of it at the end, each whole or not at all. */
typedef struct results_folder {
  const char *path;
  char *store_path; /* of results.sqlite */
  size_t failures;
  char *shown[FAILURES_SHOWN]; /* the first failures, a line each */
} results_folder;

/* These give EXIT_OK, or the exit code after an error message was printed. */

/* Makes the folder if it is missing, and checks that no file of it would replace an input. */
int results_folder_open(results_folder *folder, const command_line *line);
/* Removes the results of an earlier run. */
int results_folder_clear(const results_folder *folder);
/* images.csv and classes.csv, from what results.sqlite holds; finds the failures. */
int results_folder_export(results_folder *folder);
void results_folder_free(results_folder *folder);

/* summary.json; `complete`: 0 where the run was cut short. */
int summary_write(const results_folder *folder, const checkrob_run *run, const inputs *in, int complete);
/* Samples that were computed in a second, once the run was set up; 0 where there is no such number. */
double samples_per_second(const checkrob_row *totals);

/* Was the sample scored? */
int is_evaluated(const checkrob_row *sample);

/* The table of classes on standard output, warnings on standard error. */
void score_print(const results_folder *folder, const checkrob_run *run);

#endif
