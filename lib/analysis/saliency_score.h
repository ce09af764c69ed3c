/* The main analysis: where does the evidence for the sample's class lie? A saliency map for each sample, and
 * from it the robustness score and its relatives. */
#ifndef CHECKROB_LIB_SALIENCY_SCORE_H
#define CHECKROB_LIB_SALIENCY_SCORE_H

#include <checkrob/explain.h>

#include "analysis/analysis.h"

/* The explainer is borrowed. `classes` is the model's number of outputs; a class among the `top_k` highest
 * logits is recognised. OUT_OF_MEMORY. */
checkrob_status saliency_score_new(analysis *out, checkrob_explainer *explainer, size_t top_k);

#endif
