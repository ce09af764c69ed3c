/* SPDX-License-Identifier: Apache-2.0 */
#include "analysis/switching.h"

#include <checkrob/cut.h>
#include <checkrob/score.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/failure.h"
#include "base/clock.h"
#include "base/error.h"
#include "dataset/sample.h"
#include "model/model.h"
#include "probe/margin.h"
#include "saliency/method.h"
#include "table/sample.h"

/* ---- declarations ---- */

#define INTEGER CHECKROB_COLUMN_INTEGER
#define NUMBER CHECKROB_COLUMN_NUMBER

static const column declared[USE_COLUMNS] = {
    [USE_FEATURE] = {"feature", INTEGER, "", 0, INFINITY, 0, 0,
                     "number of the feature in the table `feature`; 0: nothing is switched off"},
    [USE_CONTRIBUTION] = {"contribution", NUMBER, "nats", -INFINITY, INFINITY, 6, COLUMN_SIGNIFICANT,
                          "of its channels to the log-odds of the class: gradient times activation"},
    [USE_ON_OBJECT] =
        {"on_object", NUMBER, "", 0, 1, 6, 0,
         "share of its positive contributions at positions of the object; empty if there are none"},
    [USE_AREA] = {"area", NUMBER, "", 0, 1, 6, 0, "share of the positions that the object covers"},
    [USE_X] = {"x", NUMBER, "", 0, 1, 6, 0,
               "where it contributes most off the object, as a share of the input's width"},
    [USE_Y] = {"y", NUMBER, "", 0, 1, 6, 0, "the same, as a share of its height"},
    [USE_RANK] = {"rank", INTEGER, "", 1, INFINITY, 0, 0,
                  "rank of the class when the feature is switched off"},
    [USE_SURROUNDINGS_RANK] = {"surroundings_rank", INTEGER, "", 1, INFINITY, 0, 0,
                               "the same in the image with the object in middle gray"},
    [USE_SURROUNDINGS_CONTRIBUTION] = {"surroundings_contribution", NUMBER, "nats", -INFINITY, INFINITY, 6,
                                       COLUMN_SIGNIFICANT,
                                       "as `contribution`, in the image with the object in middle gray"},
    [USE_CONTROL] = {"control", INTEGER, "", 0, INFINITY, 0, 0,
                     "output index of the other class of which this is a feature; empty for the sample's own "
                     "features"}};

const column_list feature_use_columns = {declared, USE_COLUMNS};
static const child_table table = {FEATURE_USE_TABLE, declared, USE_COLUMNS, CHILD_HIDDEN,
                                  "the features of the class in a recognised sample"};
const child_table *const switching_children[1] = {&table};

/* ---- state ---- */

typedef struct switcher {
  const checkrob_model *model;
  checkrob_cut *cut;
  switching_choice choice;
  analysis_setup setup;
  size_t classes;  /* K */
  int64_t *listed; /* [listed_count]: the classes that have features */
  size_t listed_count;
  float *copies;         /* [1 + SWITCHING_CONTROLS, 3, H, W]: the surroundings once for each class */
  int64_t *targets;      /* [batch] */
  float *image, *object; /* [3, H, W] and [H, W]: the surroundings of one sample */
  float *covered,
      *whole;  /* [positions]: weights of the object and of the image; NULL before the first batch */
  double *map; /* [positions] */
  unsigned char *removed; /* [sets + 1, channels] */
  size_t removed_bytes;
  void *work; /* of margin_add() */
} switcher;

static checkrob_status begin(void *self, const analysis_setup *setup) {
  switcher *s = self;
  size_t pixels = (size_t)setup->height * setup->width;
  s->setup = *setup;
  s->classes = (size_t)checkrob_model_class_count(s->model);
  s->targets = malloc(setup->batch * sizeof *s->targets);
  s->image = malloc(3 * pixels * sizeof *s->image);
  s->object = malloc(pixels * sizeof *s->object);
  s->work = malloc(margin_work(setup->height, setup->width));
  if (s->choice.controls)
    s->copies = malloc((size_t)3 * (1 + SWITCHING_CONTROLS) * pixels * sizeof *s->copies);
  s->listed = malloc((s->classes + 1) * sizeof *s->listed);
  if (!s->targets || !s->image || !s->object || !s->work || (s->choice.controls && !s->copies) || !s->listed)
    return error_memory("a batch; use a smaller one");
  for (size_t k = 0; k < s->classes; k++)
    if (s->choice.classes[k].count > 0) s->listed[s->listed_count++] = (int64_t)k;
  return CHECKROB_OK;
}

static void end(void *self) {
  switcher *s = self;
  free(s->targets);
  free(s->image);
  free(s->object);
  free(s->covered);
  free(s->whole);
  free(s->map);
  free(s->removed);
  free(s->work);
  free(s->copies);
  free(s->listed);
  *s = (switcher){.model = s->model, .cut = s->cut, .choice = s->choice};
}

static void destroy(void *self) {
  switcher *s = self;
  checkrob_cut_free(s->cut);
  free(s);
}

/* ---- where a feature is ---- */

/* One sample at the layer. */
typedef struct view {
  size_t channels, height, width, positions;
  const float *activation, *gradient; /* [channels, positions] */
} view;

static checkrob_status prepare_positions(switcher *s, const view *v) {
  if (s->whole) return CHECKROB_OK;
  size_t pixels = (size_t)s->setup.height * s->setup.width;
  s->covered = malloc(v->positions * sizeof *s->covered);
  s->whole = malloc(v->positions * sizeof *s->whole);
  s->map = malloc(v->positions * sizeof *s->map);
  if (!s->covered || !s->whole || !s->map) return error_memory("the positions of a layer");
  for (size_t i = 0; i < pixels; i++) s->object[i] = 1.0F;
  return saliency_gather(s->whole, v->height, v->width, s->object, s->setup.height, s->setup.width);
}

/* The object's share of position i. */
static double share_at(const switcher *s, size_t i) {
  return s->whole[i] > 0.0F ? fmin((double)s->covered[i] / (double)s->whole[i], 1.0) : 0.0;
}

static void locate(checkrob_row *row, const switcher *s, const view *v) {
  double sum = 0.0, positive = 0.0, on = 0.0, most = 0.0;
  size_t peak = SIZE_MAX;
  for (size_t i = 0; i < v->positions; i++) {
    double value = fmax(s->map[i], 0.0), share = share_at(s, i), off = value * (1.0 - share);
    sum += s->map[i];
    positive += value;
    on += value * share;
    if (off > most) {
      most = off;
      peak = i;
    }
  }
  row_set_number(row, USE_CONTRIBUTION, sum);
  row_set_number(row, USE_ON_OBJECT, positive > 0.0 ? on / positive : NAN);
  if (peak == SIZE_MAX) return;
  row_set_number(row, USE_X, ((double)(peak % v->width) + 0.5) / (double)v->width);
  size_t line = peak / v->width;
  row_set_number(row, USE_Y, ((double)line + 0.5) / (double)v->height);
}

static double mean_share(const switcher *s, size_t positions) {
  double sum = 0.0;
  for (size_t i = 0; i < positions; i++) sum += share_at(s, i);
  return sum / (double)positions;
}

/* ---- without it ---- */

/* The first row removes nothing. */
static checkrob_status mark_removed(switcher *s, const class_sets *sets, size_t channels) {
  size_t bytes = (sets->count + 1) * channels;
  if (bytes > s->removed_bytes) {
    free(s->removed);
    s->removed = malloc(bytes);
    s->removed_bytes = s->removed ? bytes : 0;
    if (!s->removed) return error_memory("a layer's channels");
  }
  memset(s->removed, 0, channels);
  for (size_t f = 0; f < sets->count; f++)
    channel_set_mark(s->removed + (f + 1) * channels, &sets->sets[f], channels);
  return CHECKROB_OK;
}

static checkrob_status ask(switcher *s, analysis_batch *batch, const analysis_sample *sample,
                           const float *image, const class_sets *sets, size_t channels, size_t which) {
  float *logits = NULL;
  const cut_removal removal = {0, s->removed, sets->count + 1, channels, s->choice.batch};
  int64_t target = checkrob_sample_class_index(sample->sample);
  double start = clock_seconds();
  checkrob_status status = cut_ablate(&logits, s->cut, image, s->setup.height, s->setup.width, &removal);
  batch->model_seconds += clock_seconds() - start;
  for (size_t f = 0; f <= sets->count && !status; f++) {
    checkrob_row *use = (checkrob_row *)row_child(sample->row, s->setup.child, f);
    row_set_integer(use, which, checkrob_rank(logits + f * s->classes, s->classes, target));
  }
  free(logits);
  return status;
}

/* ---- one sample ---- */

static checkrob_status add_rows(switcher *s, const analysis_sample *sample, const view *v,
                                const class_sets *sets) {
  checkrob_status status =
      saliency_gather(s->covered, v->height, v->width, sample->coverage, s->setup.height, s->setup.width);
  double area = mean_share(s, v->positions);
  for (size_t f = 0; f <= sets->count && !status; f++) {
    checkrob_row *row = NULL;
    status = row_add_child(&row, sample->row, s->setup.child);
    if (status) break;
    row_set_integer(row, USE_FEATURE, f > 0 ? (int64_t)sets->sets[f - 1].number : 0);
    row_set_number(row, USE_AREA, area);
    if (f == 0) continue;
    channel_set_map(s->map, &sets->sets[f - 1], v->activation, v->gradient, v->positions);
    locate(row, s, v);
  }
  return status;
}

/* ---- other classes ---- */

/* Writes the sample's class and some others, which differ from sample to sample: none that the image shows
 * too, for only the sample's own object is gray. Returns the number of the others. */
static size_t choose_controls(int64_t targets[1 + SWITCHING_CONTROLS], const switcher *s,
                              const analysis_sample *sample) {
  size_t others = s->listed_count - 1, own = 0, count = 0;
  size_t most = others < SWITCHING_CONTROLS ? others : SWITCHING_CONTROLS;
  size_t input = (size_t)row_integer(sample->row, SAMPLE_INPUT);
  targets[0] = checkrob_sample_class_index(sample->sample);
  while (s->listed[own] != targets[0]) own++;
  for (size_t i = 0; i < most; i++) {
    size_t ahead = 1 + (input + i * (others / most)) % others;
    int64_t other = s->listed[(own + ahead) % s->listed_count];
    if (sample_shows(sample->sample, other) != 1) targets[++count] = other;
  }
  return count;
}

static double sum_of(const switcher *s, const view *v) {
  double sum = 0.0;
  for (size_t i = 0; i < v->positions; i++) sum += s->map[i];
  return sum;
}

/* Of the sample's own class, whose rows are there. */
static void set_own(switcher *s, const analysis_sample *sample, const view *v, const class_sets *sets) {
  for (size_t f = 0; f < sets->count; f++) {
    checkrob_row *use = (checkrob_row *)row_child(sample->row, s->setup.child, f + 1);
    channel_set_map(s->map, &sets->sets[f], v->activation, v->gradient, v->positions);
    row_set_number(use, USE_SURROUNDINGS_CONTRIBUTION, sum_of(s, v));
  }
}

static checkrob_status add_control(switcher *s, const analysis_sample *sample, const view *v, int64_t of) {
  const class_sets *sets = &s->choice.classes[of];
  checkrob_status status = class_sets_check(sets, v->channels);
  for (size_t f = 0; f < sets->count && !status; f++) {
    checkrob_row *row = NULL;
    status = row_add_child(&row, sample->row, s->setup.child);
    if (status) break;
    channel_set_map(s->map, &sets->sets[f], v->activation, v->gradient, v->positions);
    row_set_integer(row, USE_FEATURE, (int64_t)sets->sets[f].number);
    row_set_integer(row, USE_CONTROL, of);
    row_set_number(row, USE_SURROUNDINGS_CONTRIBUTION, sum_of(s, v));
  }
  return status;
}

/* What the sample's surroundings, in s->image, say about its class and about others. */
static checkrob_status compare(switcher *s, analysis_batch *batch, const analysis_sample *sample,
                               const view *whole, const class_sets *sets) {
  int64_t targets[1 + SWITCHING_CONTROLS];
  size_t count = 1 + choose_controls(targets, s, sample);
  size_t numbers = (size_t)3 * s->setup.height * s->setup.width;
  checkrob_capture *capture = NULL;
  for (size_t i = 0; i < count; i++) memcpy(s->copies + i * numbers, s->image, numbers * sizeof *s->image);
  double start = clock_seconds();
  checkrob_status status =
      checkrob_cut_run(&capture, s->cut, s->copies, count, s->setup.height, s->setup.width, targets);
  batch->model_seconds += clock_seconds() - start;
  view v = *whole;
  for (size_t i = 0; i < count && !status; i++) {
    v.activation = checkrob_capture_activation(capture, 0) + i * v.channels * v.positions;
    v.gradient = checkrob_capture_gradient(capture, 0) + i * v.channels * v.positions;
    if (i == 0)
      set_own(s, sample, &v, sets);
    else
      status = add_control(s, sample, &v, targets[i]);
  }
  checkrob_capture_free(capture);
  return status;
}

static checkrob_status switch_off(switcher *s, analysis_batch *batch, size_t n, const view *v,
                                  const class_sets *sets) {
  const analysis_sample *sample = &batch->samples[n];
  size_t height = s->setup.height, width = s->setup.width, pixels = height * width;
  const float *image = batch->input + 3 * n * pixels;
  checkrob_status status = class_sets_check(sets, v->channels);
  if (!status) status = add_rows(s, sample, v, sets);
  if (!status) status = mark_removed(s, sets, v->channels);
  if (!status) status = ask(s, batch, sample, image, sets, v->channels, USE_RANK);
  if (status) return status;
  memcpy(s->image, image, 3 * pixels * sizeof *image);
  margin_fill_middle(s->image, s->object, sample->coverage, height, width, s->choice.margin, &s->choice.scale,
                     s->work);
  status = ask(s, batch, sample, s->image, sets, v->channels, USE_SURROUNDINGS_RANK);
  if (!status && s->choice.controls) status = compare(s, batch, sample, v, sets);
  return status;
}

/* ---- a batch ---- */

static const class_sets *sets_of(const switcher *s, const analysis_sample *sample) {
  return &s->choice.classes[checkrob_sample_class_index(sample->sample)];
}

/* The capture is of the samples [first, first + count). */
static checkrob_status switch_samples(switcher *s, analysis_batch *batch, const checkrob_capture *capture,
                                      size_t first, size_t count) {
  size_t shape[4];
  checkrob_capture_shape(shape, capture, 0);
  view v = {.channels = shape[1], .height = shape[2], .width = shape[3], .positions = shape[2] * shape[3]};
  checkrob_status status = prepare_positions(s, &v);
  for (size_t n = 0; n < count && !status; n++) {
    const class_sets *sets = sets_of(s, &batch->samples[first + n]);
    const float *logits = checkrob_capture_logits(capture) + n * s->classes;
    if (sets->count == 0 ||
        checkrob_rank(logits, s->classes, s->targets[first + n]) > (int64_t)s->choice.top_k)
      continue;
    v.activation = checkrob_capture_activation(capture, 0) + n * v.channels * v.positions;
    v.gradient = checkrob_capture_gradient(capture, 0) + n * v.channels * v.positions;
    status = switch_off(s, batch, first + n, &v, sets);
  }
  return status;
}

static checkrob_status run(switcher *s, analysis_batch *batch, size_t first, size_t count) {
  size_t numbers = (size_t)3 * s->setup.height * s->setup.width;
  checkrob_capture *capture = NULL;
  double start = clock_seconds();
  checkrob_status status = checkrob_cut_run(&capture, s->cut, batch->input + first * numbers, count,
                                            s->setup.height, s->setup.width, s->targets + first);
  batch->model_seconds += clock_seconds() - start;
  if (!status) status = switch_samples(s, batch, capture, first, count);
  checkrob_capture_free(capture);
  return status;
}

/* The model raised an error on the batch, or on one of its samples. The latter has no rows. */
static checkrob_status run_one_by_one(switcher *s, analysis_batch *batch) {
  checkrob_status status = CHECKROB_OK;
  for (size_t n = 0; n < batch->count && !status; n++) {
    row_clear_children(batch->samples[n].row, s->setup.child);
    status = run(s, batch, n, 1);
    if (!model_raised(status)) continue;
    row_clear_children(batch->samples[n].row, s->setup.child);
    status = CHECKROB_OK;
  }
  return status;
}

static bool has_any(const switcher *s, const analysis_batch *batch) {
  for (size_t n = 0; n < batch->count; n++)
    if (sets_of(s, &batch->samples[n])->count > 0) return true;
  return false;
}

static checkrob_status switch_batch(void *self, analysis_batch *batch) {
  switcher *s = self;
  if (!has_any(s, batch)) return CHECKROB_OK;
  for (size_t n = 0; n < batch->count; n++)
    s->targets[n] = checkrob_sample_class_index(batch->samples[n].sample);
  checkrob_status status = run(s, batch, 0, batch->count);
  if (model_raised(status)) status = run_one_by_one(s, batch);
  return status ? error_set(status, "with features switched off: %s", checkrob_last_error()) : CHECKROB_OK;
}

checkrob_status switching_new(analysis *out, const checkrob_model *model, const switching_choice *choice) {
  switcher *s = calloc(1, sizeof *s);
  if (!s) return error_memory("an analysis");
  s->model = model;
  s->choice = *choice;
  *out = (analysis){.name = "switching",
                    .children = switching_children,
                    .child_count = 1,
                    .needs = ANALYSIS_TENSOR | ANALYSIS_REGIONS,
                    .self = s,
                    .begin = begin,
                    .batch = switch_batch,
                    .end = end,
                    .destroy = destroy};
  return checkrob_cut_new(&s->cut, model, choice->layer, CHECKROB_SCORE_LOG_ODDS, CHECKROB_CUT_GRADIENTS);
}
