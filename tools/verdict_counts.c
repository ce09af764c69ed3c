/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict_counts.h"

#include <stdio.h>

static const checkrob_verdict order[VERDICT_KINDS] = {
    CHECKROB_VERDICT_ROBUST,   CHECKROB_VERDICT_NO_DEPENDENCE_FOUND, CHECKROB_VERDICT_NOT_SUSPICIOUS,
    CHECKROB_VERDICT_DOUBTFUL, CHECKROB_VERDICT_NON_ROBUST,          CHECKROB_VERDICT_NOT_ENOUGH_DATA};

checkrob_verdict verdict_counts_kind(size_t i) {
  return order[i < VERDICT_KINDS ? i : VERDICT_KINDS - 1];
}

void verdict_counts_add(verdict_counts *counts, const checkrob_row *class_row) {
  checkrob_verdict verdict = CHECKROB_VERDICT_NOT_ENOUGH_DATA;
  if (checkrob_verdict_find(&verdict, checkrob_row_text(class_row, "verdict")) == CHECKROB_OK &&
      (size_t)verdict < VERDICT_KINDS)
    counts->of[verdict]++;
}

void verdict_counts_write(char out[VERDICT_COUNTS_BYTES], const verdict_counts *counts) {
  size_t used = 0;
  snprintf(out, VERDICT_COUNTS_BYTES, "no class");
  for (size_t i = 0; i < VERDICT_KINDS && used < VERDICT_COUNTS_BYTES; i++)
    if (counts->of[order[i]] > 0)
      used += (size_t)snprintf(out + used, VERDICT_COUNTS_BYTES - used, "%s%zu %s", used ? ", " : "",
                               counts->of[order[i]], checkrob_verdict_name(order[i]));
}
