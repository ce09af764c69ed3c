/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/probe_shares.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/error.h"
#include "classes/assessment.h"
#include "classes/statistics.h"

/* ---- columns ---- */

#define NUMBER CHECKROB_COLUMN_NUMBER
#define SHARE "share of the recognised samples in which the class is still recognised "
#define LOW "lower end of the interval of "
#define HIGH "upper end of the interval of "
#define EVIDENCE "exp(relative logit / its mean over all recognised samples)"
#define OF_SHARE(name_, text_) \
  { "recognised_" name_, NUMBER, "", 0, 1, 6, 0, SHARE text_ "; empty without this probe" }
#define IN_UNITS(name_, text_) \
  { name_, NUMBER, "", -INFINITY, INFINITY, 6, 0, text_ }

static const column declared[] = {
    {"probed", CHECKROB_COLUMN_INTEGER, "samples", 0, INFINITY, 0, 0,
     "recognised samples with an answer to each probe that `suspicion` needs; those without a finite "
     "contrast too; empty without probes"},
    OF_SHARE("without_hot_spot", "without the hot spot off the object"),
    OF_SHARE("without_object_spot", "without the hot spot on the object"),
    OF_SHARE("without_colour", "without colour off the object"),
    OF_SHARE("transplanted", "with another class's object in place of its own"),
    OF_SHARE("blurred", "with everything off the object blurred"),
    OF_SHARE("slightly_blurred", "with everything off the object slightly blurred"),
    OF_SHARE("object_only", "by the object alone"),
    {"recognised_object_only_low", NUMBER, "", 0, 1, 6, 0,
     LOW "`recognised_object_only`: Wilson's; empty without this probe"},
    {"recognised_object_only_high", NUMBER, "", 0, 1, 6, 0, HIGH "`recognised_object_only`"},
    OF_SHARE("context_only", "by what is off the object alone"),
    {"recognised_context_only_low", NUMBER, "", 0, 1, 6, 0,
     LOW "`recognised_context_only`: Wilson's; empty without this probe"},
    {"recognised_context_only_high", NUMBER, "", 0, 1, 6, 0, HIGH "`recognised_context_only`"},
    OF_SHARE("context_filled", "by what is off the object alone, with the object filled from around"),
    OF_SHARE("patched",
             "with the object's shape, moved off the object, in middle gray: to compare `context_only` with"),
    {"fills_disagree", NUMBER, "", 0, 1, 6, 0,
     "share of the recognised samples of which `context_only` and `context_filled` say different things: "
     "that much depends on what replaces the object"},
    {"dependence", NUMBER, "", -1, 1, 6, 0,
     "`recognised_without_object_spot` less the smaller one of `recognised_without_hot_spot` and "
     "`recognised_without_colour`: above 0, what is off the object is needed more than the object"},
    {"dependence_low", NUMBER, "", -1, 1, 6, 0,
     LOW "`dependence`: bootstrap (BCa) at the option `verdict_level`"},
    {"dependence_high", NUMBER, "", -1, 1, 6, 0, HIGH "`dependence`"},
    IN_UNITS("context_evidence",
             "what the class's surroundings say: mean evidence, " EVIDENCE ", of its probed "
             "samples with another class's object, less 1"),
    IN_UNITS("object_evidence",
             "what its object says in other surroundings: the same of samples with a donor of "
             "the class"),
    IN_UNITS("drawn_by_blur",
             "how much images of other classes resemble it when what is off the object is "
             "blurred: the larger mean gain of evidence, at least 0"),
    IN_UNITS("hot_spot_loss",
             "share of the evidence that its samples lose without the hot spot off the object, "
             "less that without the one on it"),
    IN_UNITS("colour_loss", "share of the evidence that its samples lose without colour off the object"),
    IN_UNITS("suspicion",
             "`context_evidence - object_evidence / 2 + drawn_by_blur + 1.5 hot_spot_loss + 0.75 "
             "colour_loss - suspicion_size`, less half of `lift`, which counts from -2 to 2: the more, "
             "the more the class depends on what is off the object"),
    IN_UNITS("suspicion_low",
             "lower end of the interval of `suspicion` at the option `verdict_level`: the "
             "variances of its parts added, Student's t; empty with fewer probed samples than "
             "`verdict_min_images`, or fewer than two donors' samples"),
    IN_UNITS("suspicion_high", "upper end of the interval of `suspicion`"),
    IN_UNITS("suspicion_size",
             "what follows from the object's size alone: a line through the suspicions of all "
             "classes over the logarithm of `area`; empty with fewer than 16 classes")};

const column_list class_probe_columns = {declared, sizeof declared / sizeof *declared};

/* ---- samples ---- */

void probe_shares_clear(probe_shares *s) {
  free(s->items);
  *s = (probe_shares){0};
}

checkrob_status probe_shares_add(probe_shares *s, const probe_answers *answers) {
  if (isnan(answers->relative_logit)) return CHECKROB_OK;
  probe_answers *grown = array_grow(s->items, &s->capacity, s->count, sizeof *grown);
  if (!grown) return error_memory("a class's probes");
  s->items = grown;
  grown[s->count++] = *answers;
  return CHECKROB_OK;
}

/* ---- shares ---- */

/* NaN if the probe has no answer. */
static double is_recognised(const probe_answers *a, int kind, const verdict_rule *rule) {
  return isnan(a->ranks[kind]) ? NAN : a->ranks[kind] <= (double)rule->top_k ? 1.0 : 0.0;
}

static void set_share_interval(checkrob_row *out, const char *name, const running *share, double level) {
  char low[64], high[64];
  interval found = statistics_share((size_t)share->sum, share->count, level);
  snprintf(low, sizeof low, "%s_low", name);
  snprintf(high, sizeof high, "%s_high", name);
  row_put_number(out, low, found.low);
  row_put_number(out, high, found.high);
}

static void set_shares(checkrob_row *out, const probe_shares *s, const verdict_rule *rule) {
  for (int kind = 0; kind < PROBES; kind++) {
    char name[48];
    running share = {0};
    for (size_t i = 0; i < s->count; i++) running_add(&share, is_recognised(&s->items[i], kind, rule));
    snprintf(name, sizeof name, "recognised_%s", probe_names[kind]);
    row_put_number(out, name, running_mean(&share));
    if (kind == PROBE_OBJECT_ONLY || kind == PROBE_CONTEXT_ONLY)
      set_share_interval(out, name, &share, rule->level);
  }
}

static void set_disagreement(checkrob_row *out, const probe_shares *s, const verdict_rule *rule) {
  running share = {0};
  for (size_t i = 0; i < s->count; i++)
    running_add(&share, fabs(is_recognised(&s->items[i], PROBE_CONTEXT_ONLY, rule) -
                             is_recognised(&s->items[i], PROBE_CONTEXT_FILLED, rule)));
  row_put_number(out, "fills_disagree", running_mean(&share));
}

#define COMPARED (PROBE_WITHOUT_COLOUR + 1)

static double of_dependence(const double *shares) {
  return shares[PROBE_WITHOUT_OBJECT_SPOT] -
         fmin(shares[PROBE_WITHOUT_HOT_SPOT], shares[PROBE_WITHOUT_COLOUR]);
}

/* Of the samples that have all three answers. */
static checkrob_status set_dependence(checkrob_row *out, const probe_shares *s, const verdict_rule *rule) {
  static const mean_statistic statistic = of_dependence;
  double *values = malloc(COMPARED * s->count * sizeof *values), means[COMPARED];
  if (!values) return error_memory("a class's probes");
  double *columns[COMPARED] = {values, values + s->count, values + 2 * s->count};
  size_t count = 0;
  for (size_t i = 0; i < s->count; i++) {
    bool known = true;
    for (int kind = 0; kind < COMPARED; kind++) {
      columns[kind][count] = is_recognised(&s->items[i], kind, rule);
      known = known && !isnan(columns[kind][count]);
    }
    count += known;
  }
  interval found;
  checkrob_status status = statistics_bootstrap(&found, NULL, &statistic, 1, (const double *const *)columns,
                                                COMPARED, count, rule->resamples, rule->level, rule->seed);
  for (int kind = 0; kind < COMPARED; kind++) means[kind] = statistics_mean(columns[kind], count);
  free(values);
  if (status || count == 0) return status;
  row_put_number(out, "dependence", of_dependence(means));
  row_put_number(out, "dependence_low", found.low);
  row_put_number(out, "dependence_high", found.high);
  return CHECKROB_OK;
}

/* ---- suspicion ---- */

/* The weights of the class's own parts; docs/method.md says how they were chosen. */
#define HOT_SPOT_WEIGHT 1.5
#define COLOUR_WEIGHT 0.75

/* The share of the evidence that a probe takes away. */
static double lost(const probe_answers *a, probe_kind kind, double unit) {
  return 1.0 - fmin(probe_evidence(a->logits[kind] - a->relative_logit, unit), 1.0);
}

static double or_zero(const running *r) {
  return r->count > 0 ? running_mean(r) : 0.0;
}

/* Sums over the class's own samples; `all` is their weighted sum, for its variance. */
typedef struct own_parts {
  running context, hot_spot, colour, all;
} own_parts;

static own_parts add_own(const probe_shares *s, double unit) {
  own_parts p = {0};
  for (size_t i = 0; i < s->count; i++) {
    const probe_answers *a = &s->items[i];
    bool known = true;
    for (int kind = 0; kind <= PROBE_TRANSPLANTED; kind++) known = known && !isnan(a->logits[kind]);
    if (!known) continue;
    double context = probe_evidence(a->logits[PROBE_TRANSPLANTED], unit);
    double colour = lost(a, PROBE_WITHOUT_COLOUR, unit);
    double hot_spot = lost(a, PROBE_WITHOUT_HOT_SPOT, unit) - lost(a, PROBE_WITHOUT_OBJECT_SPOT, unit);
    running_add(&p.context, context);
    running_add(&p.hot_spot, hot_spot);
    running_add(&p.colour, colour);
    running_add(&p.all, context + HOT_SPOT_WEIGHT * hot_spot + COLOUR_WEIGHT * colour);
  }
  return p;
}

/* The blur by which images of others resemble the class more. */
static int stronger_blur(const foreign_answers *foreign) {
  return or_zero(&foreign->blur[1]) > or_zero(&foreign->blur[0]);
}

static double blur_gain(const foreign_answers *foreign) {
  return fmax(or_zero(&foreign->blur[stronger_blur(foreign)]), 0.0);
}

static void set_parts(checkrob_row *out, const own_parts *own, const foreign_answers *foreign) {
  row_put_number(out, "context_evidence", running_mean(&own->context) - 1.0);
  row_put_number(out, "object_evidence", running_mean(&foreign->object) - 1.0);
  row_put_number(out, "drawn_by_blur", blur_gain(foreign));
  row_put_number(out, "hot_spot_loss", running_mean(&own->hot_spot));
  row_put_number(out, "colour_loss", running_mean(&own->colour));
}

/* The variance of a sum of independent means, and the divisor of Welch and Satterthwaite's degrees of
 * freedom. */
typedef struct spread {
  double variance, divisor;
} spread;

static void add_spread(spread *sum, const running *part) {
  double variance = running_variance(part);
  sum->variance += variance;
  sum->divisor += variance * variance / ((double)part->count - 1.0);
}

/* ---- what the saliency adds ---- */

#define LIFT_WEIGHT (-0.5)
#define LIFT_LIMIT 2.0

/* Where the network looks counts too, as far as it is no matter of size; within limits, because an extreme
 * lift shows no more than a high one. A class without one is judged by its probes alone. */
static double saliency_part(const checkrob_row *row) {
  double lift = checkrob_row_number(row, "lift");
  return isnan(lift) ? 0.0 : LIFT_WEIGHT * fmin(fmax(lift, -LIFT_LIMIT), LIFT_LIMIT);
}

/* Half of its interval, from that of `crs`; 0 at the limits, and without one. */
static double saliency_half(const checkrob_row *row) {
  double lift = checkrob_row_number(row, "lift"), low = checkrob_row_number(row, "crs_low");
  double half = 0.5 * (assess_logit(checkrob_row_number(row, "crs_high")) - assess_logit(low));
  return fabs(lift) < LIFT_LIMIT && isfinite(low) ? fabs(LIFT_WEIGHT) * half : 0.0;
}

/* The blur's gain is at least 0, but as uncertain as it would be without this limit. */
static void set_interval(checkrob_row *out, const own_parts *own, const foreign_answers *foreign,
                         double suspicion, const verdict_rule *rule) {
  const running *both = &foreign->both[stronger_blur(foreign)];
  if (own->all.count < rule->min_images || both->count < 2) return; /* one sample tells no variance */
  spread s = {0};
  add_spread(&s, &own->all);
  add_spread(&s, both);
  double freedom = s.divisor > 0.0 ? fmax(s.variance * s.variance / s.divisor, 1.0) : 1.0;
  double half = statistics_t_quantile(0.5 + 0.5 * rule->level, freedom) * sqrt(s.variance);
  half = hypot(half, saliency_half(out));
  row_put_number(out, "suspicion_low", suspicion - half);
  row_put_number(out, "suspicion_high", suspicion + half);
}

/* A class whose object was never put into other surroundings has no suspicion: one part would be missing. */
static void set_suspicion(checkrob_row *out, const probe_shares *s, const foreign_answers *foreign,
                          double unit, const verdict_rule *rule) {
  own_parts own = add_own(s, unit > 0.0 ? unit : NAN);
  row_put_integer(out, "probed", (int64_t)own.all.count);
  if (!foreign || own.all.count == 0 || foreign->object.count == 0) return;
  set_parts(out, &own, foreign);
  /* Of each part 1, the evidence of an image that says nothing, is not counted. */
  double suspicion = running_mean(&own.all) - 1.0 +
                     PROBE_OBJECT_WEIGHT * (running_mean(&foreign->object) - 1.0) +
                     PROBE_BLUR_WEIGHT * blur_gain(foreign) + saliency_part(out);
  row_put_number(out, "suspicion", suspicion);
  set_interval(out, &own, foreign, suspicion, rule);
}

checkrob_status probe_shares_set(checkrob_row *out, const probe_shares *s, const foreign_answers *foreign,
                                 double unit, const verdict_rule *rule) {
  if (s->count == 0) return CHECKROB_OK;
  set_shares(out, s, rule);
  set_disagreement(out, s, rule);
  set_suspicion(out, s, foreign, unit, rule);
  return set_dependence(out, s, rule);
}
