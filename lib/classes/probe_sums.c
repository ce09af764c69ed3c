/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/probe_sums.h"

#include <math.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/error.h"

double probe_evidence(double relative_logit, double unit) {
  double units = relative_logit / unit;
  return isnan(units) ? NAN : exp(fmin(units, 10.0));
}

void probe_sums_clear(probe_sums *sums) {
  free(sums->items);
  *sums = (probe_sums){0};
}

static int compare_index(const void *key, const void *item) {
  int64_t index = *(const int64_t *)key, found = ((const foreign_answers *)item)->index;
  return (index > found) - (index < found);
}

const foreign_answers *probe_sums_find(const probe_sums *sums, int64_t index) {
  return array_find(&index, sums->items, sums->count, sizeof *sums->items, compare_index);
}

static checkrob_status find_or_insert(foreign_answers **out, probe_sums *sums, int64_t index) {
  size_t at = array_lower_bound(&index, sums->items, sums->count, sizeof *sums->items, compare_index);
  if (at == sums->count || sums->items[at].index != index) {
    foreign_answers *grown = array_insert(sums->items, &sums->capacity, &sums->count, at, sizeof *grown);
    if (!grown) return error_memory("the classes' probes");
    sums->items = grown;
    grown[at].index = index;
  }
  *out = &sums->items[at];
  return CHECKROB_OK;
}

checkrob_status probe_sums_add(probe_sums *sums, const checkrob_row *sample, const sample_columns *columns,
                               double unit) {
  foreign_answers *of = NULL;
  int64_t index = row_integer(sample, columns->donor_index);
  checkrob_status status = index >= 0 && unit > 0.0 ? find_or_insert(&of, sums, index) : CHECKROB_OK;
  if (!of) return status;
  double plain = probe_evidence(row_number(sample, columns->donor_logit), unit);
  double object = probe_evidence(row_number(sample, columns->donor_transplanted), unit);
  running_add(&of->object, object);
  for (int b = 0; b < BLURS; b++) {
    double gain = probe_evidence(row_number(sample, columns->donor_blurred[b]), unit) - plain;
    running_add(&of->blur[b], gain);
    running_add(&of->both[b], PROBE_OBJECT_WEIGHT * object + PROBE_BLUR_WEIGHT * gain);
  }
  return CHECKROB_OK;
}
