/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/probe_sums.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"

void running_add(running *r, double value) {
  if (isnan(value)) return;
  r->count++;
  r->sum += value;
  r->squares += value * value;
}

double running_mean(const running *r) {
  return r->count > 0 ? r->sum / (double)r->count : NAN;
}

double running_variance(const running *r) {
  if (r->count < 2) return NAN;
  double n = (double)r->count, spread = r->squares - r->sum * (r->sum / n);
  return fmax(spread, 0.0) / (n * (n - 1.0)); /* rounding may leave less than nothing */
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
    foreign_answers *grown = array_grow(sums->items, &sums->capacity, sums->count, sizeof *grown);
    if (!grown) return error_memory("the classes' probes");
    sums->items = grown;
    memmove(grown + at + 1, grown + at, (sums->count++ - at) * sizeof *grown);
    grown[at] = (foreign_answers){.index = index};
  }
  *out = &sums->items[at];
  return CHECKROB_OK;
}

static checkrob_status add_donor(probe_sums *sums, const checkrob_row *sample,
                                 const sample_columns *columns) {
  foreign_answers *of = NULL;
  int64_t index = row_integer(sample, columns->donor_index);
  checkrob_status status = index >= 0 ? find_or_insert(&of, sums, index) : CHECKROB_OK;
  if (!of) return status;
  double plain = row_number(sample, columns->donor_logit);
  double object = row_number(sample, columns->donor_transplanted);
  running_add(&of->object, object);
  for (int b = 0; b < BLURS; b++) {
    double gain = row_number(sample, columns->donor_blurred[b]) - plain;
    running_add(&of->blur[b], gain);
    running_add(&of->both[b], PROBE_OBJECT_WEIGHT * object + PROBE_BLUR_WEIGHT * gain);
  }
  return CHECKROB_OK;
}

/* The control stands beside recognised samples, as the class that it is compared with does. */
static checkrob_status add_control(probe_sums *sums, const checkrob_row *sample,
                                   const sample_columns *columns) {
  foreign_answers *of = NULL;
  int64_t index = row_integer(sample, columns->control_index);
  checkrob_status status = index >= 0 ? find_or_insert(&of, sums, index) : CHECKROB_OK;
  if (of) running_add(&of->control, row_number(sample, columns->control_transplanted));
  return status;
}

checkrob_status probe_sums_add(probe_sums *sums, const checkrob_row *sample, const sample_columns *columns,
                               bool recognised) {
  checkrob_status status = add_donor(sums, sample, columns);
  if (recognised) running_add(&sums->unit, row_number(sample, columns->relative_logit));
  if (recognised && !status) status = add_control(sums, sample, columns);
  return status;
}
