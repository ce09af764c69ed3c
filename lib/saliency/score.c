/* SPDX-License-Identifier: Apache-2.0 */
#include <checkrob/score.h>
#include <math.h>

#include "base/error.h"

double checkrob_robustness_score(const float *map, const float *coverage, size_t count) {
  return checkrob_robustness_score_ignoring(map, coverage, NULL, count);
}

double checkrob_robustness_score_ignoring(const float *map, const float *coverage, const float *ignored,
                                          size_t count) {
  double inside = 0.0, total = 0.0;
  if (!map || !coverage) return NAN;
  for (size_t i = 0; i < count; i++) {
    double counted = ignored ? 1.0 - (double)ignored[i] * (1.0 - (double)coverage[i]) : 1.0;
    inside += (double)map[i] * (double)coverage[i];
    total += (double)map[i] * counted;
  }
  return total > 0.0 && isfinite(total) ? inside / total : 0.0;
}

/* Whether logit i is before logit j. A total order: by value, NaN last, equal ones by index. */
static int goes_before(const float *logits, size_t i, size_t j) {
  int i_nan = isnan(logits[i]), j_nan = isnan(logits[j]);
  if (i_nan || j_nan) return i_nan == j_nan ? i < j : j_nan;
  return logits[i] > logits[j] || (!(logits[i] < logits[j]) && i < j);
}

int64_t checkrob_rank(const float *logits, size_t classes, int64_t target) {
  if (!logits || target < 0 || (uint64_t)target >= classes) return 0;
  int64_t rank = 1;
  for (size_t i = 0; i < classes; i++)
    if (i != (size_t)target) rank += goes_before(logits, i, (size_t)target);
  return rank;
}

int checkrob_top_k_hit(const float *logits, size_t classes, int64_t target, size_t k) {
  int64_t rank = checkrob_rank(logits, classes, target);
  return rank > 0 && (uint64_t)rank <= k;
}

checkrob_status checkrob_top_k(int64_t *indices, const float *logits, size_t classes, size_t k) {
  if (!indices || !logits || k > classes)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_top_k: NULL argument, or k of %zu above %zu classes", k, classes);
  /* Insertion into a short sorted list: k is small. */
  size_t kept = 0;
  for (size_t i = 0; i < classes; i++) {
    size_t place = kept;
    while (place > 0 && goes_before(logits, i, (size_t)indices[place - 1])) place--;
    if (place == k) continue;
    if (kept < k) kept++;
    for (size_t j = kept - 1; j > place; j--) indices[j] = indices[j - 1];
    indices[place] = (int64_t)i;
  }
  return CHECKROB_OK;
}
