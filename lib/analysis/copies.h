/* SPDX-License-Identifier: Apache-2.0 */
/* Altered copies of the evaluated samples of a batch: several kinds, one after the other, through one cut. */
#ifndef CHECKROB_LIB_COPIES_H
#define CHECKROB_LIB_COPIES_H

#include <checkrob/cut.h>
#include <stdbool.h>

#include "analysis/analysis.h"

/* What the cut says about one copy. */
typedef struct copy_answer {
  size_t channels, height, width;     /* of the layer */
  const float *activation, *gradient; /* [channels, height, width]; NULL if the cut does not capture it */
  const float *logits;                /* [classes of the model] */
} copy_answer;

typedef struct copies {
  checkrob_cut *cut; /* owned; of one layer */
  bool has_targets;  /* the cut differentiates the score of the sample's class */
  int threads;       /* as for saliency_score_new() */
  int kinds;
  /* Alters a copy of the sample's image, [3, H, W]. False: there is no such copy of this sample. */
  bool (*alter)(void *self, float *image, const analysis_sample *sample, int kind);
  checkrob_status (*store)(void *self, const analysis_sample *sample, const copy_answer *answer, int kind);
  void *self; /* of both */
  /* Of the current pass. */
  size_t height, width, classes;
  float *input;     /* [batch, 3, H, W] */
  int64_t *targets; /* [batch] */
  size_t *samples;  /* [batch]: the number of the sample of each copy */
} copies;

/* `classes`: of the model. OUT_OF_MEMORY; copies_end() is due in any case. */
checkrob_status copies_begin(copies *c, const analysis_setup *setup, size_t classes);
void copies_end(copies *c);

/* Asks about all copies of a batch. If the model raises an error on copies of one kind, they are asked one by
 * one, and a sample on which it does so alone gets a remark instead of an answer. Errors: those of `store`,
 * OUT_OF_MEMORY. */
checkrob_status copies_ask(copies *c, analysis_batch *batch);

#endif
