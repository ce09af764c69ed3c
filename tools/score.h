/* checkrob score: the choices, and what is written of the results. */
#ifndef CHECKROB_TOOLS_SCORE_H
#define CHECKROB_TOOLS_SCORE_H

#include <stdio.h>

#include "dataset_options.h"
#include "model_options.h"

typedef struct score_choices {
  model_options model;
  dataset_options data;
  const char *out;
  int strict, restart;
  int64_t batch;
  profile profile;
  checkrob_verdict_rule rule;
} score_choices;

#define FAILURES_SHOWN 5
#define REASONS_SHOWN 20

/* The output folder. results.sqlite grows while the run goes on, so that nothing computed is lost; the other
 * files are made of it at the end, each whole or not at all. */
typedef struct score_output {
  const char *folder;
  char *store_path;
  size_t failures;
  char *shown[FAILURES_SHOWN]; /* the first failures, a line each */
} score_output;

/* Makes the folder where it is missing; checks that no result would replace an input; with --restart takes an
 * earlier run's results away. EXIT_OK, or the code after the error is printed. */
int output_open(score_output *output, const score_choices *choices);
/* images.csv, classes.csv and summary.json, from what the store holds; `complete` 0 when the run was cut
 * short. */
int output_finish(score_output *output, const checkrob_run *run, const score_choices *choices,
                  const char *layer, const char *preprocess_json, int complete);
/* The table on standard output, the warnings on standard error. */
int output_print(const score_output *output, const checkrob_run *run, const score_choices *choices);
void output_close(score_output *output);

#endif
