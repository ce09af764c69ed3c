/* SPDX-License-Identifier: Apache-2.0 */
#include "analysis/taken_for.h"

#include <checkrob/cut.h>
#include <checkrob/score.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/failure.h"
#include "analysis/relative_logit.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "dataset/sample.h"
#include "model/model.h"

/* ---- declarations ---- */

#define INTEGER CHECKROB_COLUMN_INTEGER
#define NUMBER CHECKROB_COLUMN_NUMBER

static const column declared[TAKEN_COLUMNS] = {
    [TAKEN_INDEX] = {"index", INTEGER, "", 0, INFINITY, 0, 0,
                     "output index of the class with the highest logit"},
    [TAKEN_SHOWS] =
        {"shows", INTEGER, "", 0, 1, 0, 0,
         "whether the class is annotated in the image; empty: nobody said, it may show the class"},
    [TAKEN_PROBABILITY] = {"probability", NUMBER, "", 0, 1, 9, COLUMN_SIGNIFICANT,
                           "softmax probability of the class"},
    [TAKEN_RELATIVE_LOGIT] = {"relative_logit", NUMBER, "", -INFINITY, INFINITY, 6, COLUMN_SIGNIFICANT,
                              "logit of the class less the mean of all logits"},
    [TAKEN_FEATURE] =
        {"feature", INTEGER, "", 1, INFINITY, 0, 0,
         "number, in the table `feature`, of the class's spurious feature that contributes most; "
         "empty if none contributes"},
    [TAKEN_CONTRIBUTION] = {"contribution", NUMBER, "nats", 0, INFINITY, 6, COLUMN_SIGNIFICANT,
                            "of this feature to the log-odds of the class: gradient times activation"},
    [TAKEN_X] = {"x", NUMBER, "", 0, 1, 6, 0, "where it contributes most, as a share of the input's width"},
    [TAKEN_Y] = {"y", NUMBER, "", 0, 1, 6, 0, "the same, as a share of its height"},
    [TAKEN_RANK_WITHOUT] = {"rank_without", INTEGER, "", 1, INFINITY, 0, 0,
                            "rank of the class when the feature is switched off"},
    [TAKEN_PROBABILITY_WITHOUT] = {"probability_without", NUMBER, "", 0, 1, 9, COLUMN_SIGNIFICANT,
                                   "`probability` when the feature is switched off"},
    [TAKEN_RELATIVE_LOGIT_WITHOUT] = {"relative_logit_without", NUMBER, "", -INFINITY, INFINITY, 6,
                                      COLUMN_SIGNIFICANT,
                                      "`relative_logit` when the feature is switched off"}};

const column_list taken_for_columns = {declared, TAKEN_COLUMNS};
static const child_table table = {"taken_for", declared, TAKEN_COLUMNS, CHILD_ONE | CHILD_HIDDEN,
                                  "the class that an image is taken for"};
static const child_table *const children[1] = {&table};

/* ---- state ---- */

typedef struct taker {
  const checkrob_model *model;
  checkrob_cut *cut;
  taken_for_choice choice;
  analysis_setup setup;
  size_t classes; /* K */
  /* Of the images whose class has features: */
  float *input;     /* [batch, 3, H, W] */
  int64_t *targets; /* [batch] */
  size_t *samples;  /* [batch]: their numbers in the batch */
  size_t count;
  double *map;            /* [positions] of the layer */
  unsigned char *removed; /* [channels] */
  size_t positions, channels;
} taker;

static checkrob_status begin(void *self, const analysis_setup *setup) {
  taker *t = self;
  size_t numbers = (size_t)3 * setup->height * setup->width;
  t->setup = *setup;
  t->classes = (size_t)checkrob_model_class_count(t->model);
  t->input = malloc(setup->batch * numbers * sizeof *t->input);
  t->targets = malloc(setup->batch * sizeof *t->targets);
  t->samples = malloc(setup->batch * sizeof *t->samples);
  return t->input && t->targets && t->samples ? CHECKROB_OK : error_memory("a batch; use a smaller one");
}

static void end(void *self) {
  taker *t = self;
  free(t->input);
  free(t->targets);
  free(t->samples);
  free(t->map);
  free(t->removed);
  *t = (taker){.model = t->model, .cut = t->cut, .choice = t->choice};
}

static void destroy(void *self) {
  taker *t = self;
  checkrob_cut_free(t->cut);
  free(t);
}

/* ---- numbers ---- */

static double probability(const float *logits, size_t classes, int64_t index) {
  double sum = 0.0; /* of the odds against the class */
  for (size_t j = 0; j < classes; j++)
    if ((int64_t)j != index) sum += exp((double)logits[j] - (double)logits[index]);
  return 1.0 / (1.0 + sum);
}

/* ---- the class ---- */

/* The image has no answer, with the last error message. */
static checkrob_status fail(const taker *t, analysis_batch *batch, size_t n) {
  row_clear_children(batch->samples[n].row, t->setup.child);
  return analysis_batch_note(batch, n);
}

/* Images whose class has features are asked further. */
static void keep(taker *t, const analysis_batch *batch, size_t n, int64_t index) {
  size_t numbers = (size_t)3 * t->setup.height * t->setup.width;
  if (t->choice.classes[index].count == 0) return;
  memcpy(t->input + t->count * numbers, batch->input + n * numbers, numbers * sizeof *t->input);
  t->targets[t->count] = index;
  t->samples[t->count++] = n;
}

static checkrob_status set_class(taker *t, analysis_batch *batch, size_t n, const float *logits) {
  const analysis_sample *sample = &batch->samples[n];
  checkrob_row *row = NULL;
  int64_t index = -1;
  if (!floats_are_finite(logits, t->classes)) {
    error_store("the model returned NaN or infinite logits");
    return fail(t, batch, n);
  }
  checkrob_status status = checkrob_top_k(&index, logits, t->classes, 1);
  if (!status) status = row_add_child(&row, sample->row, t->setup.child);
  if (status) return status;
  row_set_integer(row, TAKEN_INDEX, index);
  row_set_integer(row, TAKEN_SHOWS, sample_shows(sample->sample, index)); /* -1: no value */
  row_set_number(row, TAKEN_PROBABILITY, probability(logits, t->classes, index));
  row_set_number(row, TAKEN_RELATIVE_LOGIT, relative_logit(logits, t->classes, index));
  keep(t, batch, n, index);
  return CHECKROB_OK;
}

static checkrob_status find_classes(taker *t, analysis_batch *batch, size_t first, size_t count) {
  size_t numbers = (size_t)3 * t->setup.height * t->setup.width;
  checkrob_capture *capture = NULL;
  double start = clock_seconds();
  checkrob_status status = cut_run_logits(&capture, t->cut, batch->input + first * numbers, count,
                                          t->setup.height, t->setup.width);
  batch->model_seconds += clock_seconds() - start;
  for (size_t n = 0; n < count && !status; n++)
    status = set_class(t, batch, first + n, checkrob_capture_logits(capture) + n * t->classes);
  checkrob_capture_free(capture);
  return status;
}

/* ---- its feature ---- */

/* One image at the layer. */
typedef struct view {
  size_t channels, width, height, positions;
  const float *activation, *gradient; /* [channels, positions] */
} view;

static checkrob_status make_room(taker *t, const view *v) {
  if (v->positions <= t->positions && v->channels <= t->channels) return CHECKROB_OK;
  free(t->map);
  free(t->removed);
  t->positions = v->positions;
  t->channels = v->channels;
  t->map = malloc(v->positions * sizeof *t->map);
  t->removed = malloc(v->channels);
  return t->map && t->removed ? CHECKROB_OK : error_memory("the channels of a layer");
}

static double sum_map(const double *map, size_t positions) {
  double sum = 0.0;
  for (size_t i = 0; i < positions; i++) sum += map[i];
  return sum;
}

/* The set that contributes most; NULL if none contributes to the class. */
static const channel_set *find_strongest(double *contribution, taker *t, const view *v,
                                         const class_sets *sets) {
  const channel_set *strongest = NULL;
  *contribution = 0.0;
  for (size_t f = 0; f < sets->count; f++) {
    channel_set_map(t->map, &sets->sets[f], v->activation, v->gradient, v->positions);
    double sum = sum_map(t->map, v->positions);
    if (!(sum > *contribution)) continue;
    *contribution = sum;
    strongest = &sets->sets[f];
  }
  return strongest;
}

static void locate(checkrob_row *row, const taker *t, const view *v) {
  size_t peak = 0;
  for (size_t i = 1; i < v->positions; i++)
    if (t->map[i] > t->map[peak]) peak = i;
  size_t line = peak / v->width;
  row_set_number(row, TAKEN_X, ((double)(peak % v->width) + 0.5) / (double)v->width);
  row_set_number(row, TAKEN_Y, ((double)line + 0.5) / (double)v->height);
}

static checkrob_status switch_off(checkrob_row *row, taker *t, analysis_batch *batch, size_t i,
                                  const channel_set *set, size_t channels) {
  size_t numbers = (size_t)3 * t->setup.height * t->setup.width;
  float *logits = NULL;
  channel_set_mark(t->removed, set, channels);
  const cut_removal removal = {0, t->removed, 1, channels, 1};
  double start = clock_seconds();
  checkrob_status status =
      cut_ablate(&logits, t->cut, t->input + i * numbers, t->setup.height, t->setup.width, &removal);
  batch->model_seconds += clock_seconds() - start;
  if (!status && floats_are_finite(logits, t->classes)) {
    row_set_integer(row, TAKEN_RANK_WITHOUT, checkrob_rank(logits, t->classes, t->targets[i]));
    row_set_number(row, TAKEN_PROBABILITY_WITHOUT, probability(logits, t->classes, t->targets[i]));
    row_set_number(row, TAKEN_RELATIVE_LOGIT_WITHOUT, relative_logit(logits, t->classes, t->targets[i]));
  }
  free(logits);
  return status;
}

/* `i`: the number among the images that were kept. */
static checkrob_status set_feature(taker *t, analysis_batch *batch, size_t i, const view *v) {
  const analysis_sample *sample = &batch->samples[t->samples[i]];
  const class_sets *sets = &t->choice.classes[t->targets[i]];
  checkrob_row *row = NULL;
  double contribution = 0.0;
  checkrob_status status = class_sets_check(sets, v->channels);
  if (!status) status = make_room(t, v);
  if (!status) status = row_add_child(&row, sample->row, t->setup.child); /* the same row again */
  if (status) return status;
  const channel_set *strongest = find_strongest(&contribution, t, v, sets);
  if (!strongest) return CHECKROB_OK;
  channel_set_map(t->map, strongest, v->activation, v->gradient, v->positions);
  row_set_integer(row, TAKEN_FEATURE, (int64_t)strongest->number);
  row_set_number(row, TAKEN_CONTRIBUTION, contribution);
  locate(row, t, v);
  return switch_off(row, t, batch, i, strongest, v->channels);
}

static checkrob_status find_features(taker *t, analysis_batch *batch, size_t first, size_t count) {
  size_t numbers = (size_t)3 * t->setup.height * t->setup.width, shape[4];
  checkrob_capture *capture = NULL;
  double start = clock_seconds();
  checkrob_status status = checkrob_cut_run(&capture, t->cut, t->input + first * numbers, count,
                                            t->setup.height, t->setup.width, t->targets + first);
  batch->model_seconds += clock_seconds() - start;
  if (status) return status;
  checkrob_capture_shape(shape, capture, 0);
  view v = {.channels = shape[1], .height = shape[2], .width = shape[3], .positions = shape[2] * shape[3]};
  for (size_t i = 0; i < count && !status; i++) {
    v.activation = checkrob_capture_activation(capture, 0) + i * v.channels * v.positions;
    v.gradient = checkrob_capture_gradient(capture, 0) + i * v.channels * v.positions;
    status = set_feature(t, batch, first + i, &v);
  }
  checkrob_capture_free(capture);
  return status;
}

/* ---- a batch ---- */

/* The model raised an error on the batch, or on one of its images. The latter has no answer. */
static checkrob_status find_classes_one_by_one(taker *t, analysis_batch *batch) {
  checkrob_status status = CHECKROB_OK;
  t->count = 0;
  for (size_t n = 0; n < batch->count && !status; n++) {
    row_clear_children(batch->samples[n].row, t->setup.child);
    status = find_classes(t, batch, n, 1);
    if (model_raised(status)) status = fail(t, batch, n);
  }
  return status;
}

static checkrob_status find_features_one_by_one(taker *t, analysis_batch *batch) {
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < t->count && !status; i++) {
    status = find_features(t, batch, i, 1);
    if (model_raised(status)) status = fail(t, batch, t->samples[i]);
  }
  return status;
}

static checkrob_status take_batch(void *self, analysis_batch *batch) {
  taker *t = self;
  t->count = 0;
  checkrob_status status = find_classes(t, batch, 0, batch->count);
  if (model_raised(status)) status = find_classes_one_by_one(t, batch);
  if (!status && t->count > 0) status = find_features(t, batch, 0, t->count);
  if (model_raised(status)) status = find_features_one_by_one(t, batch);
  return status ? error_set(status, "for the images of a pool: %s", checkrob_last_error()) : CHECKROB_OK;
}

checkrob_status taken_for_new(analysis *out, const checkrob_model *model, const taken_for_choice *choice) {
  taker *t = calloc(1, sizeof *t);
  if (!t) return error_memory("an analysis");
  t->model = model;
  t->choice = *choice;
  *out = (analysis){.name = "taken_for",
                    .children = children,
                    .child_count = 1,
                    .needs = ANALYSIS_TENSOR,
                    .self = t,
                    .begin = begin,
                    .batch = take_batch,
                    .end = end,
                    .destroy = destroy};
  return checkrob_cut_new(&t->cut, model, choice->layer, CHECKROB_SCORE_LOG_ODDS, CHECKROB_CUT_GRADIENTS);
}
