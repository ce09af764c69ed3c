/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/assessment.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"
#include "classes/statistics.h"
#include "saliency/stored_map.h"

/* ---- columns ---- */

#define INTEGER CHECKROB_COLUMN_INTEGER
#define NUMBER CHECKROB_COLUMN_NUMBER
#define LOW "lower end of the interval of "
#define HIGH "upper end of the interval of "
#define MEAN "mean over the evaluated samples that have the number"

static const column declared[] = {
    {"crs_low", NUMBER, "", 0, 1, 6, 0,
     LOW "`crs`: bootstrap (BCa) at the option `verdict_level`; empty with fewer than two samples"},
    {"crs_high", NUMBER, "", 0, 1, 6, 0, HIGH "`crs`"},
    {"area", NUMBER, "", 0, 1, 6, 0, "mean of `region_share`: the score of a flat map"},
    {"rs0", NUMBER, "", 0, 1, 6, 0, "mean of `rs0`; empty without other classes"},
    {"ers", NUMBER, "", -INFINITY, 1, 6, 0, "excess robustness `(crs - rs0) / (1 - rs0)`"},
    {"ers_low", NUMBER, "", -INFINITY, 1, 6, 0, LOW "`ers`"},
    {"ers_high", NUMBER, "", -INFINITY, 1, 6, 0, HIGH "`ers`"},
    {"lift", NUMBER, "nats", -INFINITY, INFINITY, 6, 0, "`logit(crs) - logit(rs0)`"},
    {"contrast", NUMBER, "nats for the log-odds", -INFINITY, INFINITY, 6, 0,
     "mean of `contrast` over the recognised samples"},
    {"contrast_negative", INTEGER, "samples", 0, INFINITY, 0, 0,
     "of the recognised samples: with a negative `contrast`"},
    {"robustness", NUMBER, "nats", -INFINITY, INFINITY, 6, 0,
     "of the recognised samples: `logit(mean rs) - logit(mean region_share) + contrast / 2`"},
    {"robustness_low", NUMBER, "nats", -INFINITY, INFINITY, 6, 0, LOW "`robustness`"},
    {"robustness_high", NUMBER, "nats", -INFINITY, INFINITY, 6, 0, HIGH "`robustness`"},
    {"p", NUMBER, "", 0, 1, 6, 0,
     "share of permutations in which maps of other classes score as high on the recognised samples' regions; "
     "the verdict does not depend on it"},
    {"pointing_game", NUMBER, "", 0, 1, 6, 0, MEAN},
    {"rank_accuracy", NUMBER, "", 0, 1, 6, 0, MEAN},
    {"top_k_intersection", NUMBER, "", 0, 1, 6, 0, MEAN},
    {"attribution_localisation", NUMBER, "", 0, 1, 6, 0, MEAN},
    {"auc", NUMBER, "", 0, 1, 6, 0, MEAN},
    {"iou", NUMBER, "", 0, 1, 6, 0, MEAN},
    {"recognised", INTEGER, "samples", 0, INFINITY, 0, 0,
     "evaluated samples with `rank` at most `top_k`, and with a contrast if the method computes one"}};

const column_list class_score_columns = {declared, sizeof declared / sizeof *declared};

/* ---- samples ---- */

void class_samples_clear(class_samples *s) {
  free(s->rs);
  free(s->contrast);
  free(s->area);
  free(s->hit);
  free(s->regions);
  for (size_t i = 0; i < s->count; i++) free(s->counted[i]);
  free(s->counted);
  free(s->metrics);
  *s = (class_samples){0};
}

/* capacity > 0 */
static bool resize(void **array, size_t capacity, size_t item_bytes) {
  size_t bytes = item_bytes > 0 ? item_bytes : 1; /* maps without cells need memory too */
  void *grown = capacity <= SIZE_MAX / bytes ? realloc(*array, capacity * bytes) : NULL;
  if (grown) *array = grown;
  return grown != NULL;
}

checkrob_status class_samples_grow(class_samples *s) {
  if (s->count < s->capacity) return CHECKROB_OK;
  size_t capacity = s->capacity ? 2 * s->capacity : 64;
  size_t map_bytes = s->cells * sizeof(float);
  if (!resize((void **)&s->rs, capacity, sizeof *s->rs) ||
      !resize((void **)&s->contrast, capacity, sizeof *s->contrast) ||
      !resize((void **)&s->area, capacity, sizeof *s->area) ||
      !resize((void **)&s->hit, capacity, sizeof *s->hit) ||
      !resize((void **)&s->regions, capacity, map_bytes) ||
      !resize((void **)&s->counted, capacity, sizeof *s->counted) ||
      !resize((void **)&s->metrics, capacity, sizeof *s->metrics))
    return error_memory("a class's samples");
  s->capacity = capacity;
  return CHECKROB_OK;
}

/* ---- statistics of means: RS and RS0 ---- */

static double logit(double share) {
  return log(share / (1.0 - share));
}

/* A share of exactly 0 or 1 has no logit. A share this close to them is beyond the precision of a map. */
double assess_logit(double share) {
  return logit(fmin(fmax(share, 1e-3), 1.0 - 1e-3));
}

double assess_ers(double score, double blind) {
  /* Rounding alone would decide about the rest of a blind score of 1. */
  return 1.0 - blind > 1e-6 ? (score - blind) / (1.0 - blind) : NAN;
}

double assess_lift(double score, double blind) {
  return logit(score) - logit(blind);
}

static double of_crs(const double *means) {
  return means[0];
}

static double of_ers(const double *means) {
  return assess_ers(means[0], means[1]);
}

/* Of the recognised samples: RS, area and contrast. */
static double of_robustness(const double *means) {
  double contrast = isfinite(means[2]) ? means[2] : 0.0; /* methods without gradients have no contrast */
  return assess_logit(means[0]) - assess_logit(means[1]) + 0.5 * contrast;
}

/* ---- numbers of the samples ---- */

/* RS0 of all samples, and RS, area and contrast of the recognised ones. */
typedef struct score_table {
  double *rs0;       /* [count] */
  double *chosen[3]; /* [recognised] */
  size_t *chosen_of; /* [recognised]: their samples */
  size_t recognised;
} score_table;

static void table_clear(score_table *t) {
  free(t->rs0);
  for (int c = 0; c < 3; c++) free(t->chosen[c]);
  free(t->chosen_of);
}

/* Whether the samples have a contrast. Methods without gradients compute none. */
static bool has_contrast(const class_samples *s) {
  for (size_t i = 0; i < s->count; i++)
    if (s->hit[i] && isfinite(s->contrast[i])) return true;
  return false;
}

static checkrob_status table_fill(score_table *t, const class_samples *s, const foreign_maps *foreign) {
  *t = (score_table){.rs0 = malloc((s->count + 1) * sizeof *t->rs0),
                     .chosen_of = malloc((s->count + 1) * sizeof *t->chosen_of)};
  bool good = t->rs0 && t->chosen_of;
  for (int c = 0; c < 3; c++) {
    t->chosen[c] = malloc((s->count + 1) * sizeof **t->chosen);
    good = good && t->chosen[c];
  }
  if (!good) return error_memory("a class's scores");
  bool contrasts = has_contrast(s);
  for (size_t i = 0; i < s->count; i++) {
    t->rs0[i] = foreign->mean
                    ? stored_map_share(foreign->mean, s->regions + i * s->cells, s->counted[i], s->cells)
                    : NAN;
    /* If gradients overflow in one image, the other images still have a contrast. */
    if (!s->hit[i] || (contrasts && !isfinite(s->contrast[i]))) continue;
    t->chosen[0][t->recognised] = s->rs[i];
    t->chosen[1][t->recognised] = s->area[i];
    t->chosen[2][t->recognised] = s->contrast[i];
    t->chosen_of[t->recognised++] = i;
  }
  return CHECKROB_OK;
}

/* ---- a class's numbers ---- */

static checkrob_status assess_all(checkrob_row *out, const class_samples *s, const score_table *t,
                                  const verdict_rule *rule) {
  static const mean_statistic statistics[] = {of_crs, of_ers};
  interval found[2];
  const double *columns[] = {s->rs, t->rs0};
  checkrob_status status = statistics_bootstrap(found, NULL, statistics, 2, columns, 2, s->count,
                                                rule->resamples, rule->level, rule->seed);
  if (status) return status;
  double means[] = {statistics_mean(s->rs, s->count), statistics_mean(t->rs0, s->count)};
  row_put_number(out, "area", statistics_mean(s->area, s->count));
  row_put_number(out, "rs0", means[1]);
  row_put_number(out, "crs_low", found[0].low);
  row_put_number(out, "crs_high", found[0].high);
  row_put_number(out, "ers", of_ers(means));
  row_put_number(out, "ers_low", found[1].low);
  row_put_number(out, "ers_high", found[1].high);
  row_put_number(out, "lift", assess_lift(means[0], means[1]));
  return CHECKROB_OK;
}

/* More images than this hardly change p, and their scores would need much memory. */
#define EXCHANGED 1024

/* Scores the region of each recognised sample with each map of other classes. If there are many samples,
 * evenly spread ones are used. */
static checkrob_status exchange(checkrob_row *out, const class_samples *s, const score_table *t,
                                const foreign_maps *foreign, const verdict_rule *rule) {
  size_t count = t->recognised < EXCHANGED ? t->recognised : EXCHANGED;
  double *scores = malloc((count * foreign->count + 1) * sizeof *scores);
  double *map = malloc((s->cells + 1) * sizeof *map), observed = 0.0;
  for (size_t j = 0; scores && map && j < foreign->count; j++) {
    for (size_t k = 0; k < s->cells; k++) map[k] = (double)foreign->maps[j][k];
    for (size_t i = 0; i < count; i++) {
      size_t sample = t->chosen_of[i * t->recognised / count];
      scores[i * foreign->count + j] =
          stored_map_share(map, s->regions + sample * s->cells, s->counted[sample], s->cells);
    }
  }
  for (size_t i = 0; i < count; i++) observed += t->chosen[0][i * t->recognised / count] / (double)count;
  if (scores && map)
    row_put_number(
        out, "p",
        statistics_exchange(observed, scores, count, foreign->count, rule->permutations, rule->seed));
  checkrob_status status = scores && map ? CHECKROB_OK : error_memory("a class's permutations");
  free(map);
  free(scores);
  return status;
}

static int64_t count_negative(const score_table *t) {
  int64_t count = 0;
  for (size_t i = 0; i < t->recognised; i++) count += t->chosen[2][i] < 0.0;
  return count;
}

static checkrob_status assess_recognised(checkrob_row *out, const score_table *t, const verdict_rule *rule) {
  static const mean_statistic statistic = of_robustness;
  interval found;
  checkrob_status status = statistics_bootstrap(&found, NULL, &statistic, 1, (const double *const *)t->chosen,
                                                3, t->recognised, rule->resamples, rule->level, rule->seed);
  if (status) return status;
  double means[3];
  for (int c = 0; c < 3; c++) means[c] = statistics_mean(t->chosen[c], t->recognised);
  row_put_integer(out, "recognised", (int64_t)t->recognised);
  row_put_number(out, "contrast", means[2]);
  if (isfinite(means[2])) row_put_integer(out, "contrast_negative", count_negative(t));
  row_put_number(out, "robustness", t->recognised > 0 ? of_robustness(means) : NAN);
  row_put_number(out, "robustness_low", found.low);
  row_put_number(out, "robustness_high", found.high);
  return CHECKROB_OK;
}

/* The mean over the samples that have the number. */
static double mean_known(const class_samples *s, int metric) {
  double sum = 0.0;
  size_t known = 0;
  for (size_t i = 0; i < s->count; i++) {
    double value = s->metrics[i][metric];
    if (isnan(value)) continue;
    sum += value;
    known++;
  }
  return known > 0 ? sum / (double)known : NAN;
}

checkrob_status assess_class(checkrob_row *out, const class_samples *samples, const foreign_maps *foreign,
                             const verdict_rule *rule) {
  score_table table;
  checkrob_status status = table_fill(&table, samples, foreign);
  if (!status) status = assess_all(out, samples, &table, rule);
  if (!status) status = assess_recognised(out, &table, rule);
  if (!status) status = exchange(out, samples, &table, foreign, rule);
  for (int m = 0; m < SAMPLE_METRICS; m++)
    row_put_number(out, sample_metric_names[m], mean_known(samples, m));
  table_clear(&table);
  return status;
}
