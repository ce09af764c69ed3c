/* SPDX-License-Identifier: Apache-2.0 */
/* Asks the model again with altered copies of each image (probe/probe.h), and records whether it still
 * recognises the class. It needs the saliency map of each sample: the saliency score must run before it. */
#ifndef CHECKROB_LIB_PROBES_H
#define CHECKROB_LIB_PROBES_H

#include <checkrob/model.h>

#include "analysis/analysis.h"
#include "probe/probe.h"

extern const column_list probe_columns;

typedef struct probes_choice {
  bool all;      /* also those that the verdict does not need */
  double margin; /* around the object, which then belongs to it: margin_add() */
  int threads;   /* as for saliency_score_new() */
  channel_scale scale;
} probes_choice;

/* The model is borrowed, the choice copied. Errors: those of checkrob_cut_new(). */
checkrob_status probes_new(analysis *out, const checkrob_model *model, const probes_choice *choice);

#endif
