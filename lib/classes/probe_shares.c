/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/probe_shares.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "classes/statistics.h"

#define NUMBER CHECKROB_COLUMN_NUMBER
#define SHARE "of these, the share in which the class is recognised "

static const column declared[] = {
    {"probed", CHECKROB_COLUMN_INTEGER, "samples", 0, INFINITY, 0, 0,
     "recognised samples that were probed; empty without probes"},
    {"recognised_without_hot_spot", NUMBER, "", 0, 1, 6, 0, SHARE "without the hot spot off the object"},
    {"recognised_without_object_spot", NUMBER, "", 0, 1, 6, 0, SHARE "without the hot spot on the object"},
    {"recognised_without_colour", NUMBER, "", 0, 1, 6, 0, SHARE "without colour off the object"},
    {"recognised_object_only", NUMBER, "", 0, 1, 6, 0, SHARE "by the object alone"},
    {"recognised_context_only", NUMBER, "", 0, 1, 6, 0, SHARE "by what is off the object alone"},
    {"dependence", NUMBER, "", -1, 1, 6, 0,
     "`recognised_without_object_spot` less the smaller one of `recognised_without_hot_spot` and "
     "`recognised_without_colour`: above 0, what is off the object is needed more than the object"},
    {"dependence_low", NUMBER, "", -1, 1, 6, 0,
     "lower end of the interval of `dependence`: bootstrap (BCa) at the option `verdict_level`"},
    {"dependence_high", NUMBER, "", -1, 1, 6, 0, "upper end of the interval of `dependence`"}};

const column_list class_probe_columns = {declared, sizeof declared / sizeof *declared};

void probe_shares_clear(probe_shares *s) {
  for (int k = 0; k < PROBES; k++) free(s->recognised[k]);
  *s = (probe_shares){0};
}

static bool grow(probe_shares *s) {
  size_t capacity = s->capacity ? 2 * s->capacity : 64;
  for (int k = 0; k < PROBES; k++) {
    double *grown = realloc(s->recognised[k], capacity * sizeof *grown);
    if (!grown) return false;
    s->recognised[k] = grown;
  }
  s->capacity = capacity;
  return true;
}

checkrob_status probe_shares_add(probe_shares *s, const int64_t ranks[PROBES], size_t top_k) {
  for (int k = 0; k < PROBES; k++)
    if (ranks[k] < 1) return CHECKROB_OK;
  if (s->count == s->capacity && !grow(s)) return error_memory("a class's probes");
  for (int k = 0; k < PROBES; k++) s->recognised[k][s->count] = (uint64_t)ranks[k] <= top_k ? 1.0 : 0.0;
  s->count++;
  return CHECKROB_OK;
}

static double mean(const double *values, size_t count) {
  double sum = 0.0;
  for (size_t i = 0; i < count; i++) sum += values[i];
  return sum / (double)count;
}

static double of_dependence(const double *shares) {
  return shares[PROBE_WITHOUT_OBJECT_SPOT] -
         fmin(shares[PROBE_WITHOUT_HOT_SPOT], shares[PROBE_WITHOUT_COLOUR]);
}

checkrob_status probe_shares_set(checkrob_row *out, const probe_shares *s, const verdict_rule *rule) {
  static const mean_statistic statistic = of_dependence;
  if (s->count == 0) return CHECKROB_OK;
  interval found;
  checkrob_status status =
      statistics_bootstrap(&found, NULL, &statistic, 1, (const double *const *)s->recognised,
                           PROBE_WITHOUT_COLOUR + 1, s->count, rule->resamples, rule->level, rule->seed);
  if (status) return status;
  double shares[PROBES];
  for (int k = 0; k < PROBES; k++) {
    char name[64];
    snprintf(name, sizeof name, "recognised_%s", probe_names[k]);
    shares[k] = mean(s->recognised[k], s->count);
    row_put_number(out, name, shares[k]);
  }
  row_put_integer(out, "probed", (int64_t)s->count);
  row_put_number(out, "dependence", of_dependence(shares));
  row_put_number(out, "dependence_low", found.low);
  row_put_number(out, "dependence_high", found.high);
  return CHECKROB_OK;
}
