/* SPDX-License-Identifier: Apache-2.0 */
/* What the layer before the pooling says about each sample: in the image, in its surroundings alone, and with
 * another class's object in these surroundings. From these, images with almost the same background are found
 * (classes/duplicates.h), and last layers are fitted again (classes/advice.h). */
#ifndef CHECKROB_LIB_BACKGROUNDS_H
#define CHECKROB_LIB_BACKGROUNDS_H

#include <checkrob/model.h>

#include "analysis/analysis.h"
#include "probe/fill.h"

#define BACKGROUND_TABLE "background"

/* The columns of the child table: one representation each. */
enum { BACKGROUND_WHOLE, BACKGROUND_SURROUNDINGS, BACKGROUND_PASTED, BACKGROUND_COLUMNS };

extern const column_list background_columns;

typedef struct backgrounds_choice {
  const char *layer; /* one layer, as in checkrob_cut_new() */
  double margin;     /* around the object: margin_add() */
  int threads;       /* as for saliency_score_new() */
  channel_scale scale;
} backgrounds_choice;

/* It needs to know whether a sample was evaluated: the saliency score must run before it. The model is
 * borrowed, the choice copied except for the layer's name. Errors: those of checkrob_cut_new(),
 * INVALID_ARGUMENT (several layers). */
checkrob_status backgrounds_new(analysis *out, const checkrob_model *model, const backgrounds_choice *choice);

#endif
