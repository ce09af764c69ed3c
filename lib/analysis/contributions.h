/* SPDX-License-Identifier: Apache-2.0 */
/* What each channel of a layer contributes to the class of a sample: to its log-odds in the image, and in the
 * image without the object. From these, features are chosen (classes/feature_choice.h). */
#ifndef CHECKROB_LIB_CONTRIBUTIONS_H
#define CHECKROB_LIB_CONTRIBUTIONS_H

#include <checkrob/model.h>

#include "analysis/analysis.h"
#include "probe/fill.h"

#define CONTRIBUTION_TABLE "contribution"

extern const child_table *const contribution_children[1];

typedef struct contributions_choice {
  const char *layer; /* one layer, as in checkrob_cut_new() */
  double margin;     /* around the object: margin_add() */
  int threads;       /* as for saliency_score_new() */
  channel_scale scale;
} contributions_choice;

/* It needs to know whether a sample was evaluated: the saliency score must run before it. The model is
 * borrowed, the choice copied except for the layer's name. Errors: those of checkrob_cut_new(),
 * INVALID_ARGUMENT (several layers). */
checkrob_status contributions_new(analysis *out, const checkrob_model *model,
                                  const contributions_choice *choice);

/* The contribution of each channel: the sum over the positions of gradient times activation [channels,
 * positions]. Writes [channels]. */
void contributions_of(float *out, const float *activation, const float *gradient, size_t channels,
                      size_t positions);

#endif
