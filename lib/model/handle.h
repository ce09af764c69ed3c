/* SPDX-License-Identifier: Apache-2.0 */
/* Declarations that the files of this room share. */
#ifndef CHECKROB_LIB_MODEL_HANDLE_H
#define CHECKROB_LIB_MODEL_HANDLE_H

#include <checkrob/model.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "shim/shim.h"

struct checkrob_model {
  shim_model *shim;
  char *path;
  /* in force: the options' values, or the defaults */
  char *device, *layout;
  char *output;           /* the option's value, or the name of the output that was chosen */
  uint32_t height, width; /* that the model was opened for */
};

/* Sets the number of computing threads to all cores, unless any number was set before. */
void model_threads_default(void);

/* Sets the error message of the shim, and returns the status for its code. */
checkrob_status model_fail(int code, const shim_error *error);

/* Around a run of a cut, whose *of_cut is not 0 once it is interrupted. The first returns the code to end
 * with, if it is not SHIM_OK. The second returns the status for a code, or INTERRUPTED, and clears *of_cut.
 */
int model_begin_run(const atomic_int *of_cut);
checkrob_status model_end_run(atomic_int *of_cut, int code, const shim_error *error);

/* Several paths with commas between: the parts of `text`, which is split at its commas. */
typedef struct layer_list {
  char *text;
  const char **paths; /* never "auto"; strings of the model, or parts of `text` */
  size_t count;
} layer_list;

/* Errors: INVALID_ARGUMENT (an empty or repeated path), MODEL_UNSUPPORTED (nothing fits "auto"). The caller
 * must free the list even after an error. */
checkrob_status layer_list_split(layer_list *list, const checkrob_model *model, const char *layers);
void layer_list_free(layer_list *list);

/* The paths with commas between; the caller frees them. NULL: out of memory. */
char *layer_list_join(const layer_list *list);

/* Sets the error for a list with a layer that the model does not have. The message names the first missing
 * layer, and the nearest paths. */
checkrob_status layer_list_missing(const layer_list *list, const checkrob_model *model, bool maps);

#endif
