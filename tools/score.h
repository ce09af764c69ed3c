/* checkrob score: the choices, and what is written of the results. */
#ifndef CHECKROB_TOOLS_SCORE_H
#define CHECKROB_TOOLS_SCORE_H

#include <stdio.h>

#include "model_options.h"

typedef struct score_choices {
  model_options model;
  const char *dataset, *images, *annotations, *classes, *out;
  checkrob_dataset_format format;
  int64_t batch;
  profile profile;
} score_choices;

#define FAILURES_SHOWN 5

/* The output folder. images.csv grows while the run goes on, so that nothing computed is lost; the other two
 * files are written at the end, each whole or not at all. */
typedef struct score_output {
  const char *folder;
  FILE *images;
  char *images_path;
  int write_error; /* errno of the first failed write; 0: none */
  size_t failures;
  char *shown[FAILURES_SHOWN]; /* the first failures, a line each */
} score_output;

/* Makes the folder where it is missing, and takes an earlier run's files away, but never one of this run's
 * inputs. EXIT_OK, or the code after the error is printed. */
int output_open(score_output *output, const score_choices *choices);
/* A row of images.csv. Non-zero when it could not be written. */
int output_image(score_output *output, const checkrob_image_result *result);
int output_flush(score_output *output);
/* classes.csv and summary.json; `complete` 0 when the run was cut short. */
int output_finish(score_output *output, const checkrob_run *run, const score_choices *choices,
                  const char *layer, const char *preprocess_json, int complete);
/* The table on standard output, the warnings on standard error. */
int output_print(const score_output *output, const checkrob_run *run, const score_choices *choices);
void output_close(score_output *output);

#endif
