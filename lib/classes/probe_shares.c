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
    {"dependence_high", NUMBER, "", -1, 1, 6, 0, "upper end of the interval of `dependence`"},
    {"context_advantage", NUMBER, "", -1, 1, 6, 0,
     "mean over the probed samples of the share of the class's probability that the context alone keeps, at "
     "most "
     "1, less the share that the object alone keeps"},
    {"context_advantage_low", NUMBER, "", -1, 1, 6, 0, "lower end of the interval of `context_advantage`"},
    {"context_advantage_high", NUMBER, "", -1, 1, 6, 0, "upper end of the interval of `context_advantage`"}};

const column_list class_probe_columns = {declared, sizeof declared / sizeof *declared};

void probe_shares_clear(probe_shares *s) {
  for (int k = 0; k < PROBES; k++) free(s->recognised[k]);
  free(s->advantage);
  *s = (probe_shares){0};
}

static bool grow(probe_shares *s) {
  size_t capacity = s->capacity ? 2 * s->capacity : 64;
  for (int k = 0; k < PROBES; k++) {
    double *grown = realloc(s->recognised[k], capacity * sizeof *grown);
    if (!grown) return false;
    s->recognised[k] = grown;
  }
  double *grown = realloc(s->advantage, capacity * sizeof *grown);
  if (!grown) return false;
  s->advantage = grown;
  s->capacity = capacity;
  return true;
}

/* The share of the class's probability that remains with the probe, at most 1. */
static double remaining(const probe_answers *a, probe_kind kind) {
  double probability = 1.0 / (1.0 + exp(-a->log_odds[kind]));
  return a->probability > 0.0 ? fmin(probability / a->probability, 1.0) : 1.0;
}

checkrob_status probe_shares_add(probe_shares *s, const probe_answers *a, size_t top_k) {
  for (int k = 0; k < PROBES; k++)
    if (a->ranks[k] < 1 || isnan(a->log_odds[k])) return CHECKROB_OK;
  if (isnan(a->probability)) return CHECKROB_OK;
  if (s->count == s->capacity && !grow(s)) return error_memory("a class's probes");
  for (int k = 0; k < PROBES; k++) s->recognised[k][s->count] = (uint64_t)a->ranks[k] <= top_k ? 1.0 : 0.0;
  s->advantage[s->count++] = remaining(a, PROBE_CONTEXT_ONLY) - remaining(a, PROBE_OBJECT_ONLY);
  return CHECKROB_OK;
}

static double of_dependence(const double *shares) {
  return shares[PROBE_WITHOUT_OBJECT_SPOT] -
         fmin(shares[PROBE_WITHOUT_HOT_SPOT], shares[PROBE_WITHOUT_COLOUR]);
}

static double of_advantage(const double *means) {
  return means[0];
}

/* Sets NAME, NAME_low and NAME_high. */
static checkrob_status set_with_interval(checkrob_row *out, const char *name, mean_statistic statistic,
                                         const double *const *columns, size_t column_count, size_t count,
                                         const verdict_rule *rule) {
  interval found;
  double means[PROBES];
  char low[64], high[64];
  checkrob_status status = statistics_bootstrap(&found, NULL, &statistic, 1, columns, column_count, count,
                                                rule->resamples, rule->level, rule->seed);
  if (status) return status;
  for (size_t c = 0; c < column_count; c++) means[c] = statistics_mean(columns[c], count);
  snprintf(low, sizeof low, "%s_low", name);
  snprintf(high, sizeof high, "%s_high", name);
  row_put_number(out, name, statistic(means));
  row_put_number(out, low, found.low);
  row_put_number(out, high, found.high);
  return CHECKROB_OK;
}

checkrob_status probe_shares_set(checkrob_row *out, const probe_shares *s, const verdict_rule *rule) {
  const double *const *recognised = (const double *const *)s->recognised;
  if (s->count == 0) return CHECKROB_OK;
  row_put_integer(out, "probed", (int64_t)s->count);
  for (int k = 0; k < PROBES; k++) {
    char name[64];
    snprintf(name, sizeof name, "recognised_%s", probe_names[k]);
    row_put_number(out, name, statistics_mean(recognised[k], s->count));
  }
  checkrob_status status = set_with_interval(out, "dependence", of_dependence, recognised,
                                             PROBE_WITHOUT_COLOUR + 1, s->count, rule);
  const double *advantage = s->advantage;
  return status ? status
                : set_with_interval(out, "context_advantage", of_advantage, &advantage, 1, s->count, rule);
}
