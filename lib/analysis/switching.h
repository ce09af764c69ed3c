/* SPDX-License-Identifier: Apache-2.0 */
/* Switches the features of a class off, one after the other, and asks whether the class is still recognised:
 * in the image, and in its surroundings, where the object is middle gray. Says also where in the image each
 * feature is. */
#ifndef CHECKROB_LIB_SWITCHING_H
#define CHECKROB_LIB_SWITCHING_H

#include <checkrob/model.h>
#include <stdbool.h>

#include "analysis/analysis.h"
#include "analysis/channel_set.h"
#include "probe/fill.h"

#define FEATURE_USE_TABLE "feature_use"

/* The columns of a sample's child rows: one for each feature, after one with the number 0, of nothing that is
 * switched off. Then, of some other classes, one for each of their features: what it says about that class in
 * this sample's surroundings. */
enum {
  USE_FEATURE,
  USE_CONTRIBUTION,
  USE_ON_OBJECT,
  USE_AREA,
  USE_X,
  USE_Y,
  USE_RANK,
  USE_SURROUNDINGS_RANK,
  USE_SURROUNDINGS_CONTRIBUTION,
  USE_CONTROL,
  USE_COLUMNS
};
extern const column_list feature_use_columns;
extern const child_table *const switching_children[1];

/* Other classes whose features are measured in a sample's surroundings, if there are as many. */
#define SWITCHING_CONTROLS 4

typedef struct switching_choice {
  const char *layer; /* one layer, as in checkrob_cut_new() */
  /* Of each output index [classes of the model]. Borrowed. */
  const class_sets *classes;
  size_t top_k;  /* only recognised samples have rows */
  size_t batch;  /* sets that are computed at once */
  bool controls; /* whether other classes' features are measured */
  double margin; /* around the object: margin_add() */
  channel_scale scale;
} switching_choice;

/* The model is borrowed, the choice copied except for what it points to. Errors: those of checkrob_cut_new().
 */
checkrob_status switching_new(analysis *out, const checkrob_model *model, const switching_choice *choice);

#endif
