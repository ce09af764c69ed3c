/* SPDX-License-Identifier: Apache-2.0 */
/* What class an image is taken for, how surely, by which of the class's features, and what remains of it when
 * that feature is switched off. Needs no annotation; an annotation says whether the image shows the class. */
#ifndef CHECKROB_LIB_TAKEN_FOR_H
#define CHECKROB_LIB_TAKEN_FOR_H

#include <checkrob/model.h>

#include "analysis/analysis.h"
#include "analysis/channel_set.h"

/* The columns of an image's child row. */
enum {
  TAKEN_INDEX,
  TAKEN_SHOWS,
  TAKEN_PROBABILITY,
  TAKEN_RELATIVE_LOGIT,
  TAKEN_FEATURE,
  TAKEN_CONTRIBUTION,
  TAKEN_X,
  TAKEN_Y,
  TAKEN_RANK_WITHOUT,
  TAKEN_PROBABILITY_WITHOUT,
  TAKEN_RELATIVE_LOGIT_WITHOUT,
  TAKEN_COLUMNS
};
extern const column_list taken_for_columns;

typedef struct taken_for_choice {
  const char *layer; /* one layer, as in checkrob_cut_new() */
  /* The features of each output index [classes of the model]. Borrowed. */
  const class_sets *classes;
} taken_for_choice;

/* The model is borrowed, the choice copied except for what it points to. Errors: those of checkrob_cut_new().
 * The caller destroys *out also after an error. */
checkrob_status taken_for_new(analysis *out, const checkrob_model *model, const taken_for_choice *choice);

#endif
