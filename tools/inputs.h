/* SPDX-License-Identifier: Apache-2.0 */
/* What the sub-commands read, opened by the options of a command line. */
#ifndef CHECKROB_TOOLS_INPUTS_H
#define CHECKROB_TOOLS_INPUTS_H

#include "options_cli.h"

/* NULL: not opened. */
typedef struct inputs {
  const command_line *line;
  checkrob_preprocess *preprocess;
  checkrob_class_map *classes;
  checkrob_dataset *dataset;
  checkrob_model *model;
} inputs;

/* Each gives EXIT_OK, or the exit code after an error message was printed. */
int inputs_open_preprocess(inputs *in);
/* The class map and the dataset; notes how many images are left out. */
int inputs_open_data(inputs *in);
/* The dataset, of images alone. */
int inputs_open_images(inputs *in);
/* The model, for the preprocessing's input size; notes what is special about it, and warns of a slow
 * installation. */
int inputs_open_model(inputs *in);
void inputs_free(inputs *in);

/* The library's error message about a layer or a method; where a layer was not found, also how to list them.
 * Returns EXIT_FAILED. */
int fail_about_layer(const command_line *line, checkrob_status status);

#endif
