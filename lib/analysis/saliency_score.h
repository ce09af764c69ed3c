/* SPDX-License-Identifier: Apache-2.0 */
/* The main analysis: a saliency map for each sample, and from it the robustness score and other measures of
 * where the saliency is. */
#ifndef CHECKROB_LIB_SALIENCY_SCORE_H
#define CHECKROB_LIB_SALIENCY_SCORE_H

#include <checkrob/explain.h>

#include "analysis/analysis.h"

/* Its columns and its child tables: "other", the other annotated classes of the image, and "evidence", what
 * is stored of the map and the region, to score each region with other maps (saliency/stored_map.h). */
extern const column_list saliency_columns;
#define SALIENCY_CHILD_COUNT 2
extern const child_table *const saliency_children[SALIENCY_CHILD_COUNT];

/* The explainer is borrowed. A sample is recognised if its class is among the `top_k` highest logits.
 * `threads`: computing threads of the model, if its batches run on a thread of their own; else 0.
 * OUT_OF_MEMORY. */
checkrob_status saliency_score_new(analysis *out, checkrob_explainer *explainer, size_t top_k, int threads);

#endif
