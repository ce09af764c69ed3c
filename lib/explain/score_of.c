/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "explain/explain.h"
#include "model/model.h"

static double softmax(const float *logits, size_t classes, int64_t target) {
  double largest = -INFINITY, sum = 0.0;
  for (size_t i = 0; i < classes; i++) largest = fmax(largest, (double)logits[i]);
  for (size_t i = 0; i < classes; i++) sum += exp((double)logits[i] - largest);
  return exp((double)logits[target] - largest) / sum;
}

static double log_odds(const checkrob_model *model, const float *logits, size_t classes, int64_t target) {
  double logit = (double)logits[target], largest = -INFINITY, sum = 0.0;
  if (checkrob_model_ending(model) == CHECKROB_ENDING_PROBABILITIES) return model_log_odds(logit);
  if (checkrob_model_ending(model) == CHECKROB_ENDING_SIGMOID || classes == 1) return logit;
  for (size_t i = 0; i < classes; i++)
    if ((int64_t)i != target) largest = fmax(largest, (double)logits[i]);
  for (size_t i = 0; i < classes; i++)
    if ((int64_t)i != target) sum += exp((double)logits[i] - largest);
  return logit - largest - log(sum);
}

double score_of(const checkrob_model *model, checkrob_score_function function, const float *logits,
                size_t classes, int64_t target) {
  double logit = (double)logits[target];
  if (function == CHECKROB_SCORE_PROBABILITY) {
    checkrob_ending ending = checkrob_model_ending(model);
    if (ending == CHECKROB_ENDING_PROBABILITIES) return logit;
    if (ending == CHECKROB_ENDING_SIGMOID) return 1.0 / (1.0 + exp(-logit));
    return softmax(logits, classes, target);
  }
  if (function == CHECKROB_SCORE_LOG_ODDS) return log_odds(model, logits, classes, target);
  if (function != CHECKROB_SCORE_MARGIN) return logit;
  double rival = -INFINITY;
  for (size_t i = 0; i < classes; i++)
    if ((int64_t)i != target) rival = fmax(rival, (double)logits[i]);
  return logit - rival;
}
