/* SPDX-License-Identifier: Apache-2.0 */
/* The inputs of the sub-commands, opened by the options of a command line. */
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

/* Each returns EXIT_OK, or the exit code after it printed an error message. */
int inputs_open_preprocess(inputs *in);
/* The class map and the dataset; prints how many images are omitted. */
int inputs_open_data(inputs *in);
/* The dataset, with images alone. */
int inputs_open_images(inputs *in);
/* The model, for the input size of the preprocessing. Prints the model's remark, and warns about a slow
 * installation. */
int inputs_open_model(inputs *in);
/* The same, of the run that has these options. */
int inputs_open_model_of(inputs *in, const checkrob_options *options);
/* The data and the preprocessing of the run that wrote these results, as summary.json beside them records,
 * with the options that the command line sets in their place; without that file those of the command line
 * alone. *options: all of them; the caller frees. */
int inputs_open_run(inputs *in, checkrob_options **options, const char *results);
/* Calls `take` for each sample of the dataset, in order. */
int inputs_each_sample(const inputs *in, void (*take)(const checkrob_sample *sample, void *data), void *data);
/* A cursor on the dataset, or on the shard of it that the command line names. The caller frees it. */
checkrob_status inputs_cursor(checkrob_cursor **out, const inputs *in);
/* Where a sample of results is in the dataset. It is found by its image and class: its numbers change when an
 * image is added. Starts as zeros. */
typedef struct sample_place {
  int is_found;
  size_t input, part;
} sample_place;
/* Notes the place if the sample is the wanted one, and the first such. `class_index` -1: of any class. */
void sample_place_offer(sample_place *place, const checkrob_sample *sample, const char *image,
                        int64_t class_index);
/* The sample at a place; NULL: it was not found, or is gone. The caller frees. */
checkrob_sample *inputs_sample(const inputs *in, const sample_place *place);
/* The limits of images that options set. */
checkrob_image_limits image_limits(const checkrob_options *options);
void inputs_free(inputs *in);

/* Prints the library's error message about a layer or a method, and how to list the layers if a layer was not
 * found. Returns EXIT_FAILED. */
int fail_about_layer(const command_line *line, checkrob_status status);

#endif
