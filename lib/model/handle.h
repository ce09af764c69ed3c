/* What the files of this room share. */
#ifndef CHECKROB_LIB_MODEL_HANDLE_H
#define CHECKROB_LIB_MODEL_HANDLE_H

#include <checkrob/model.h>
#include <stdbool.h>

#include "shim/shim.h"

struct checkrob_model {
  shim_model *shim;
  char *path;
  uint32_t height, width; /* that it was opened for */
};

/* Stores the shim's error message; the status for its code. */
checkrob_status model_fail(int code, const shim_error *error);

/* Several paths with commas between: the pieces of `text`, which is cut at its commas. */
typedef struct layer_list {
  char *text;
  const char **paths; /* never "auto"; the model's strings, or pieces of `text` */
  size_t count;
} layer_list;

/* Errors: INVALID_ARGUMENT (an empty or repeated path), MODEL_UNSUPPORTED (nothing for "auto"). The list is
 * to be freed in any case. */
checkrob_status layer_list_split(layer_list *list, const checkrob_model *model, const char *layers);
void layer_list_free(layer_list *list);

/* The paths with commas between, to be freed; NULL: out of memory. */
char *layer_list_join(const layer_list *list);

/* The error for a list of which the model does not have every layer: names the first that is missing, and
 * those near it. */
checkrob_status layer_list_missing(const layer_list *list, const checkrob_model *model, bool maps);

#endif
