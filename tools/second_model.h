/* SPDX-License-Identifier: Apache-2.0 */
/* A second model, which is asked about the images that fool the first one. */
#ifndef CHECKROB_TOOLS_SECOND_MODEL_H
#define CHECKROB_TOOLS_SECOND_MODEL_H

#include "options_cli.h"

/* Starts as zeros. */
typedef struct second_model {
  checkrob_model *model; /* NULL: there is none */
  checkrob_cut *forward;
  uint32_t height, width;
  size_t failed; /* images on which it raised an error */
} second_model;

/* Opens the one that --second names, if any, for the same input. EXIT_OK, or the exit code after it printed
 * an error message. */
int second_model_open(second_model *m, const command_line *line, const checkrob_preprocess *preprocess);
void second_model_free(second_model *m);

/* The class that it sees in an input [3, H, W]; -1: there is no second model, or it raised an error, of which
 * the first is a warning. */
int64_t second_model_ask(second_model *m, const float *input);

/* Prints how many of `written` images fool it too, if there is one. EXIT_OK or EXIT_FAILED. */
int second_model_report(const second_model *m, size_t fooled, size_t written);

#endif
