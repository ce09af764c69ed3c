/* SPDX-License-Identifier: Apache-2.0 */
#include "analysis/saliency_score.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <checkrob/score.h>

#include "analysis/failure.h"
#include "analysis/sample_row.h"
#include "analysis/stored_map.h"
#include "base/clock.h"
#include "base/error.h"
#include "explain/explain.h"
#include "model/model.h"
#include "saliency/localisation.h"

/* ---- declarations ---- */

enum {
  RS,
  REGION_SHARE,
  LOGIT,
  PROBABILITY,
  RANK,
  HIT,
  PREDICTED,
  RS0,
  ERS,
  LIFT,
  CONTRAST,
  EMPTY_MAP,
  POINTING_GAME,
  RANK_ACCURACY,
  TOP_K_INTERSECTION,
  ATTRIBUTION_LOCALISATION,
  AUC,
  IOU,
  COLUMNS
};

enum { OTHER_CLASS, OTHER_INDEX, OTHER_SHARE, OTHER_REGION, OTHER_COLUMNS };
enum { EVIDENCE_HEIGHT, EVIDENCE_MAP, EVIDENCE_REGION, EVIDENCE_COUNTED, EVIDENCE_COLUMNS };
enum { OTHER, EVIDENCE, CHILDREN };

#define INTEGER CHECKROB_COLUMN_INTEGER
#define NUMBER CHECKROB_COLUMN_NUMBER
#define FLOATS CHECKROB_COLUMN_FLOATS

static const column columns[] = {
    [RS] = {"rs", NUMBER, "", 0, 1, 6, 0, "robustness score; empty unless evaluated"},
    [REGION_SHARE] = {"region_share", NUMBER, "", 0, 1, 6, 0,
                      "share of the model's input that the object's regions cover: the score of a "
                      "flat map; empty unless evaluated"},
    [LOGIT] = {"logit", NUMBER, "", -INFINITY, INFINITY, 9, COLUMN_SIGNIFICANT,
               "logit of the class; empty if the model did not run, or its number is not finite"},
    [PROBABILITY] =
        {"probability", NUMBER, "", 0, 1, 6, COLUMN_SIGNIFICANT,
         "probability of the class: softmax of the logits, or the model's own last operation; empty "
         "unless evaluated"},
    [RANK] = {"rank", INTEGER, "", 1, INFINITY, 0, 0,
              "position of the class among the logits, from 1; empty unless evaluated"},
    [HIT] = {"hit", INTEGER, "", 0, 1, 0, COLUMN_DERIVED,
             "1: `rank` is at most the option `top_k`; 0: it is not; empty unless evaluated"},
    [PREDICTED] = {"predicted", INTEGER, "", 0, INFINITY, 0, 0,
                   "index of the highest logit; empty unless evaluated"},
    [RS0] = {"rs0", NUMBER, "", 0, 1, 6, COLUMN_DERIVED,
             "object-blind score: the score of the same region with the mean map of the images of "
             "other classes; empty without other classes"},
    [ERS] = {"ers", NUMBER, "", -INFINITY, 1, 6, COLUMN_DERIVED, "`(rs - rs0) / (1 - rs0)`"},
    [LIFT] = {"lift", NUMBER, "nats", -INFINITY, INFINITY, 6, COLUMN_DERIVED, "`logit(rs) - logit(rs0)`"},
    [CONTRAST] = {"contrast", NUMBER, "nats for the log-odds", -INFINITY, INFINITY, 6, 0,
                  "positive attribution on the object less that elsewhere, in units of the score function; "
                  "empty for methods without gradients and for several layers"},
    [EMPTY_MAP] = {"empty_map", INTEGER, "", 0, 1, 0, COLUMN_HIDDEN,
                   "1: the map is zero everywhere, so `rs` is 0, and `status` is `empty_map`"},
    [POINTING_GAME] = {"pointing_game", NUMBER, "", 0, 1, 6, 0,
                       "1: a pixel of the highest value is on the object; 0: none is"},
    [RANK_ACCURACY] = {"rank_accuracy", NUMBER, "", 0, 1, 6, 0,
                       "of the K highest pixels, K the size of the region, the share on the object"},
    [TOP_K_INTERSECTION] = {"top_k_intersection", NUMBER, "", 0, 1, 6, 0, "the same for K = 1000"},
    [ATTRIBUTION_LOCALISATION] = {"attribution_localisation", NUMBER, "", 0, 1, 6, 0,
                                  "share of the map on the object: `rs` with a region of whole pixels"},
    [AUC] = {"auc", NUMBER, "", 0, 1, 6, 0,
             "area under the ROC curve of the map as a score for being on the object"},
    [IOU] = {"iou", NUMBER, "", 0, 1, 6, 0,
             "highest intersection over union of the object with the pixels above a threshold"}};

const column_list saliency_columns = {columns, COLUMNS};

static const column other_columns[] = {
    [OTHER_CLASS] = {"class", CHECKROB_COLUMN_TEXT, "", 0, 0, 0, 0, "name of the class"},
    [OTHER_INDEX] = {"index", INTEGER, "", 0, INFINITY, 0, 0,
                     "its output index; empty if it is not in the class map"},
    [OTHER_SHARE] = {"share", NUMBER, "", 0, 1, 6, 0,
                     "share of the saliency on that class's regions; regions of two classes may overlap"},
    [OTHER_REGION] = {"region", FLOATS, "", 0, INFINITY, 0, COLUMN_HIDDEN,
                      "weight of that class's regions in each cell of the grid of the table `evidence`"}};

static const child_table other_table = {"other", other_columns, OTHER_COLUMNS, 0,
                                        "the other classes that are annotated in the sample's image"};

static const column evidence_columns[] = {
    [EVIDENCE_HEIGHT] = {"height", INTEGER, "cells", 1, 16, 0, 0, "height of the grid"},
    [EVIDENCE_MAP] = {"map", FLOATS, "", 0, 1, 0, COLUMN_HIDDEN,
                      "the map, with the sum 1 over the image; all zeros for an empty map"},
    [EVIDENCE_REGION] = {"region", FLOATS, "", 0, INFINITY, 0, COLUMN_HIDDEN,
                         "weight of the object's regions in each cell"},
    [EVIDENCE_COUNTED] = {"counted", FLOATS, "", 0, INFINITY, 0, COLUMN_HIDDEN,
                          "weight of what counts in each cell; empty if all of the image counts"}};

static const child_table evidence_table = {
    "evidence", evidence_columns, EVIDENCE_COLUMNS, CHILD_ONE | CHILD_HIDDEN,
    "what is stored of an evaluated sample's map and region, to score each "
    "region with other maps"};

const child_table *const saliency_children[CHILDREN] = {[OTHER] = &other_table, [EVIDENCE] = &evidence_table};

/* ---- state ---- */

typedef struct scorer {
  checkrob_explainer *explainer;
  size_t top_k;
  int threads; /* of the model on the thread of `batch`; 0: as set for the process */
  analysis_setup setup;
  size_t classes;    /* K */
  int64_t *targets;  /* [batch] */
  float *logits;     /* [batch, K] */
  float *upsampled;  /* [H, W] */
  float *other;      /* [H, W]: coverage of another class */
  uint32_t *sorting; /* [2, H, W] */
  stored_map_maker maker;
} scorer;

static checkrob_status begin(void *self, const analysis_setup *setup) {
  scorer *s = self;
  size_t pixels = (size_t)setup->height * setup->width;
  s->setup = *setup;
  s->classes = (size_t)checkrob_model_class_count(s->explainer->model);
  s->targets = calloc(setup->batch, sizeof *s->targets);
  s->logits = malloc(setup->batch * s->classes * sizeof *s->logits);
  s->upsampled = malloc(pixels * sizeof *s->upsampled);
  s->other = malloc(pixels * sizeof *s->other);
  s->sorting = malloc(2 * pixels * sizeof *s->sorting);
  if (!s->targets || !s->logits || !s->upsampled || !s->other || !s->sorting)
    return error_memory("a batch; use a smaller one");
  return stored_map_maker_init(&s->maker, setup->height, setup->width);
}

static void end(void *self) {
  scorer *s = self;
  stored_map_maker_clear(&s->maker);
  free(s->targets);
  free(s->logits);
  free(s->upsampled);
  free(s->other);
  free(s->sorting);
  s->targets = NULL;
  s->logits = NULL;
  s->upsampled = NULL;
  s->other = NULL;
  s->sorting = NULL;
}

/* ---- one sample ---- */

static bool has_nan(const float *values, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (isnan(values[i])) return true;
  return false;
}

static double mean(const float *values, size_t count) {
  double sum = 0.0;
  for (size_t i = 0; i < count; i++) sum += (double)values[i];
  return sum / (double)count;
}

static void set_localisation(checkrob_row *row, size_t base, const checkrob_localisation *l) {
  row_set_number(row, base + POINTING_GAME, l->pointing_game);
  row_set_number(row, base + RANK_ACCURACY, l->rank_accuracy);
  row_set_number(row, base + TOP_K_INTERSECTION, l->top_k_intersection);
  row_set_number(row, base + ATTRIBUTION_LOCALISATION, l->attribution_localisation);
  row_set_number(row, base + AUC, l->auc);
  row_set_number(row, base + IOU, l->iou);
}

/* Scores the upsampled map on the sample's own regions. */
static checkrob_status score_map(scorer *s, const analysis_sample *sample) {
  size_t base = s->setup.column, pixels = (size_t)s->setup.height * s->setup.width;
  checkrob_localisation localisation = CHECKROB_LOCALISATION_INIT;
  bool empty = true;
  for (size_t i = 0; i < pixels && empty; i++) empty = !(s->upsampled[i] > 0.0F);
  row_set_number(sample->row, base + RS,
                 checkrob_robustness_score_ignoring(s->upsampled, sample->coverage, sample->ignored, pixels));
  row_set_number(sample->row, base + REGION_SHARE, mean(sample->coverage, pixels));
  row_set_integer(sample->row, base + EMPTY_MAP, empty);
  localise(&localisation, s->upsampled, sample->coverage, sample->ignored, pixels, s->sorting);
  set_localisation(sample->row, base, &localisation);
  return empty ? sample_row_set_empty_map(sample->row) : CHECKROB_OK;
}

/* A map as it is stored, and the shape of the layer's own one. */
typedef struct scored_map {
  stored_map made;
  size_t shape[2];
} scored_map;

static checkrob_status set_other(scorer *s, checkrob_row *row, const analysis_sample *sample, size_t i,
                                 const scored_map *map) {
  float region[STORED_MAP_SIDE * STORED_MAP_SIDE];
  size_t pixels = (size_t)s->setup.height * s->setup.width;
  packed_write(s->other, &sample->others[i]);
  row_set_number(row, OTHER_SHARE,
                 checkrob_robustness_score_ignoring(s->upsampled, s->other, sample->ignored, pixels));
  checkrob_status status =
      stored_map_region(region, &s->maker, &map->made, map->shape[0], map->shape[1], s->other);
  return status ? status : row_set_floats(row, OTHER_REGION, region, map->made.height * map->made.width);
}

/* Adds a row for each other annotated class; without shares if there is no map (NULL). */
static checkrob_status add_others(scorer *s, const analysis_sample *sample, const scored_map *map) {
  for (size_t i = 0; i < checkrob_sample_other_count(sample->sample); i++) {
    checkrob_row *row = NULL;
    checkrob_status status = row_add_child(&row, sample->row, s->setup.child + OTHER);
    if (!status) status = row_set_text(row, OTHER_CLASS, checkrob_sample_other_name(sample->sample, i));
    if (status) return status;
    row_set_integer(row, OTHER_INDEX, checkrob_sample_other_index(sample->sample, i));
    if (map) status = set_other(s, row, sample, i, map);
    if (status) return status;
  }
  return CHECKROB_OK;
}

static checkrob_status store_map(scorer *s, const analysis_sample *sample, const stored_map *made) {
  checkrob_row *row = NULL;
  size_t cells = made->height * made->width;
  checkrob_status status = row_add_child(&row, sample->row, s->setup.child + EVIDENCE);
  if (status) return status;
  row_set_integer(row, EVIDENCE_HEIGHT, (int64_t)made->height);
  status = row_set_floats(row, EVIDENCE_MAP, made->map, cells);
  if (!status) status = row_set_floats(row, EVIDENCE_REGION, made->region, cells);
  if (!status && made->counted) status = row_set_floats(row, EVIDENCE_COUNTED, made->counted, cells);
  return status;
}

/* Stores the map, and computes the contrast from the attribution. */
static checkrob_status store_and_weigh(scored_map *map, scorer *s, const analysis_sample *sample,
                                       const checkrob_explanation *explanation, size_t n,
                                       const float *values) {
  stored_map *made = &map->made;
  checkrob_status status = stored_map_make(made, &s->maker, values, map->shape[0], map->shape[1],
                                           s->upsampled, sample->coverage, sample->ignored);
  if (!status) status = store_map(s, sample, made);
  size_t shape[2];
  const float *attribution = checkrob_explanation_attribution(shape, explanation, n);
  if (status || !attribution) return status;
  double contrast = NAN;
  status = stored_map_contrast(&contrast, &s->maker, made, attribution, shape[0], shape[1], sample->coverage,
                               sample->ignored);
  row_set_number(sample->row, s->setup.column + CONTRAST, contrast);
  return status;
}

static checkrob_status score_logits(scorer *s, const analysis_sample *sample, const float *logits,
                                    int64_t target) {
  size_t base = s->setup.column;
  int64_t rank = checkrob_rank(logits, s->classes, target), predicted = 0;
  checkrob_status status = checkrob_top_k(&predicted, logits, s->classes, 1);
  row_set_number(sample->row, base + PROBABILITY,
                 score_of(s->explainer->model, CHECKROB_SCORE_PROBABILITY, logits, s->classes, target));
  row_set_integer(sample->row, base + RANK, rank);
  row_set_integer(sample->row, base + HIT, (uint64_t)rank <= s->top_k);
  row_set_integer(sample->row, base + PREDICTED, predicted);
  return status;
}

static checkrob_status score(scorer *s, const analysis_sample *sample,
                             const checkrob_explanation *explanation, size_t n) {
  int64_t target = checkrob_sample_class_index(sample->sample);
  const float *logits = checkrob_explanation_logits(explanation) + n * s->classes;
  row_set_number(sample->row, s->setup.column + LOGIT, (double)logits[target]);
  if (has_nan(logits, s->classes) || !isfinite(logits[target])) {
    checkrob_status status =
        sample_row_fail(sample->row, CHECKROB_ERROR_NUMERIC,
                        "the model returned NaN or infinite logits for this image; check "
                        "the model's weights and the preprocessing");
    return status ? status : add_others(s, sample, NULL);
  }
  scored_map map = {0};
  const float *values = checkrob_explanation_map(map.shape, explanation, n);
  checkrob_status status = checkrob_saliency_upsample(s->upsampled, s->setup.height, s->setup.width, values,
                                                      map.shape[0], map.shape[1]);
  if (!status) status = score_map(s, sample);
  if (!status) status = score_logits(s, sample, logits, target);
  if (!status) status = store_and_weigh(&map, s, sample, explanation, n, values);
  return status ? status : add_others(s, sample, &map);
}

/* ---- a batch ---- */

/* The samples [first, first + count). */
static checkrob_status explain(checkrob_explanation **out, scorer *s, analysis_batch *batch, size_t first,
                               size_t count) {
  size_t numbers = (size_t)3 * s->setup.height * s->setup.width;
  for (size_t n = 0; n < count; n++)
    s->targets[n] = checkrob_sample_class_index(batch->samples[first + n].sample);
  if (s->threads > 0) model_limit_threads(s->threads);
  double start = clock_seconds();
  checkrob_status status = checkrob_explainer_run(out, s->explainer, batch->input + first * numbers, count,
                                                  s->setup.height, s->setup.width, s->targets);
  batch->model_seconds += clock_seconds() - start;
  return status;
}

static checkrob_status score_samples(scorer *s, analysis_batch *batch, size_t first, size_t count,
                                     const checkrob_explanation *explanation) {
  size_t pixels = (size_t)s->setup.height * s->setup.width;
  checkrob_status status = CHECKROB_OK;
  memcpy(s->logits + first * s->classes, checkrob_explanation_logits(explanation),
         count * s->classes * sizeof *s->logits);
  batch->logits = s->logits;
  for (size_t n = 0; n < count && !status; n++) {
    status = score(s, &batch->samples[first + n], explanation, n);
    if (batch->maps) memcpy(batch->maps + (first + n) * pixels, s->upsampled, pixels * sizeof *s->upsampled);
  }
  return status;
}

/* The model raised an error on this sample alone: its message is the last one. */
static checkrob_status fail_sample(scorer *s, analysis_batch *batch, size_t n) {
  const analysis_sample *sample = &batch->samples[n];
  checkrob_status status = analysis_batch_note(batch, n);
  if (!status) status = sample_row_fail(sample->row, CHECKROB_ERROR, checkrob_last_error());
  return status ? status : add_others(s, sample, NULL);
}

/* The model raised an error on the batch. One image may have caused it, so the others are run without it. */
static checkrob_status score_one_by_one(scorer *s, analysis_batch *batch) {
  if (batch->count == 1) return fail_sample(s, batch, 0);
  checkrob_status status = CHECKROB_OK;
  for (size_t n = 0; n < batch->count && !status; n++) {
    checkrob_explanation *explanation = NULL;
    status = explain(&explanation, s, batch, n, 1);
    if (model_raised(status))
      status = fail_sample(s, batch, n);
    else if (!status)
      status = score_samples(s, batch, n, 1, explanation);
    checkrob_explanation_free(explanation);
  }
  return status;
}

static checkrob_status score_batch(void *self, analysis_batch *batch) {
  scorer *s = self;
  checkrob_explanation *explanation = NULL;
  checkrob_status status = explain(&explanation, s, batch, 0, batch->count);
  if (model_raised(status)) return score_one_by_one(s, batch);
  if (status == CHECKROB_ERROR_INTERRUPTED) return status;
  bool is_large = status == CHECKROB_ERROR_OUT_OF_MEMORY && batch->count > 1;
  status = status ? error_set(status, "on a batch of %zu image%s: %s%s", batch->count,
                              batch->count == 1 ? "" : "s", checkrob_last_error(),
                              is_large ? " (if memory is short, use a smaller batch)" : "")
                  : score_samples(s, batch, 0, batch->count, explanation);
  checkrob_explanation_free(explanation);
  return status;
}

checkrob_status saliency_score_new(analysis *out, checkrob_explainer *explainer, size_t top_k, int threads) {
  scorer *s = calloc(1, sizeof *s);
  if (!s) return error_memory("an analysis");
  s->explainer = explainer;
  s->top_k = top_k;
  s->threads = threads;
  *out = (analysis){.name = "saliency_score",
                    .columns = saliency_columns,
                    .children = saliency_children,
                    .child_count = CHILDREN,
                    .needs = ANALYSIS_TENSOR | ANALYSIS_REGIONS,
                    .self = s,
                    .begin = begin,
                    .batch = score_batch,
                    .end = end,
                    .destroy = free};
  return CHECKROB_OK;
}
