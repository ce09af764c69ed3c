/* SPDX-License-Identifier: Apache-2.0 */
#include "analysis/backgrounds.h"

#include <checkrob/cut.h>
#include <checkrob/score.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/copies.h"
#include "analysis/relative_logit.h"
#include "analysis/sample_row.h"
#include "base/error.h"
#include "base/number.h"
#include "model/model.h"
#include "probe/margin.h"
#include "saliency/method.h"

/* ---- declarations ---- */

enum {
  SURROUNDINGS_RANK,
  PASTED_IMAGE,
  PASTED_INDEX,
  PASTED_RANK,
  PASTED_LOGIT,
  PASTED_OBJECT_RANK,
  COLUMNS
};

#define RANK(name_, text_) \
  { name_, CHECKROB_COLUMN_INTEGER, "", 1, INFINITY, 0, 0, text_ "; empty without the option `advice`" }

static const column columns[COLUMNS] = {
    [SURROUNDINGS_RANK] = RANK("surroundings_rank", "`rank` with the object in middle gray"),
    [PASTED_IMAGE] = {"pasted_image", CHECKROB_COLUMN_TEXT, "", 0, 0, 0, 0,
                      "the image whose object is pasted over this one's, at its own size; empty without the "
                      "option `advice`, and if there is none"},
    [PASTED_INDEX] = {"pasted_index", CHECKROB_COLUMN_INTEGER, "", 0, INFINITY, 0, 0,
                      "output index of the class of that object; empty without one"},
    [PASTED_RANK] = RANK("pasted_rank", "`rank` of this sample's class in the pasted image"),
    [PASTED_LOGIT] = {"pasted_relative_logit", CHECKROB_COLUMN_NUMBER, "", -INFINITY, INFINITY, 6,
                      COLUMN_SIGNIFICANT,
                      "logit of this sample's class in the pasted image, less the mean of all logits; empty "
                      "without the option `advice`"},
    [PASTED_OBJECT_RANK] = RANK("pasted_object_rank", "the same of the class of the pasted object")};

const column_list background_columns = {columns, COLUMNS};

#define FLOATS CHECKROB_COLUMN_FLOATS
static const column declared[BACKGROUND_COLUMNS] = {
    [BACKGROUND_WHOLE] = {"whole", FLOATS, "", -INFINITY, INFINITY, 0, COLUMN_HIDDEN,
                          "mean of each channel of the layer over the positions"},
    [BACKGROUND_SURROUNDINGS] = {"surroundings", FLOATS, "", -INFINITY, INFINITY, 0, COLUMN_HIDDEN,
                                 "the same with the object in middle gray, over the positions off it"},
    [BACKGROUND_PASTED] = {"pasted", FLOATS, "", -INFINITY, INFINITY, 0, COLUMN_HIDDEN,
                           "the same as `whole` of the pasted image"}};
static const child_table table = {BACKGROUND_TABLE, declared, BACKGROUND_COLUMNS, CHILD_ONE | CHILD_HIDDEN,
                                  "what the layer says about an evaluated sample and its surroundings"};
static const child_table *const children[1] = {&table};

/* ---- state ---- */

typedef struct reader {
  const checkrob_model *model;
  copies copies;
  backgrounds_choice choice;
  analysis_setup setup;
  size_t classes;
  float *object;  /* [H, W]: its coverage with the margin */
  float *removed; /* [H, W] */
  void *work;     /* of margin_add() and transplant_at_own_size() */
  /* [positions of the layer]; NULL before the first batch */
  float *whole, *covered;
} reader;

static checkrob_status begin(void *self, const analysis_setup *setup) {
  reader *r = self;
  size_t pixels = (size_t)setup->height * setup->width, work = margin_work(setup->height, setup->width),
         other = transplant_work(setup->height, setup->width);
  r->setup = *setup;
  r->classes = (size_t)checkrob_model_class_count(r->model);
  r->object = malloc(pixels * sizeof *r->object);
  r->removed = malloc(pixels * sizeof *r->removed);
  r->work = malloc(work > other ? work : other);
  checkrob_status status = copies_begin(&r->copies, setup, r->classes);
  bool good = r->object && r->removed && r->work;
  return status || good ? status : error_memory("a batch; use a smaller one");
}

static void end(void *self) {
  reader *r = self;
  copies_end(&r->copies);
  free(r->object);
  free(r->removed);
  free(r->work);
  free(r->whole);
  free(r->covered);
  *r = (reader){.model = r->model, .copies = r->copies, .choice = r->choice};
}

static void destroy(void *self) {
  reader *r = self;
  checkrob_cut_free(r->copies.cut);
  free(r);
}

/* ---- copies of the images ---- */

static void find_object(reader *r, const analysis_sample *sample) {
  size_t height = r->setup.height, width = r->setup.width;
  memcpy(r->object, sample->coverage, height * width * sizeof *r->object);
  margin_add(r->object, height, width, r->choice.margin, r->work);
}

/* Objects that are ignored may be of the sample's own class, a crowd of it. */
static bool paste(float *image, reader *r, const analysis_sample *sample) {
  size_t height = r->setup.height, width = r->setup.width;
  if (!sample->donor) return false;
  find_object(r, sample);
  for (size_t i = 0; i < height * width; i++)
    r->removed[i] = sample->ignored ? fmaxf(r->object[i], sample->ignored[i]) : r->object[i];
  return transplant_at_own_size(image, r->object, r->removed, height, width, &sample->donor->object, r->work);
}

static bool alter(void *self, float *image, const analysis_sample *sample, int which) {
  reader *r = self;
  if (which == BACKGROUND_PASTED) return paste(image, r, sample);
  if (which == BACKGROUND_SURROUNDINGS)
    margin_fill_middle(image, r->object, sample->coverage, r->setup.height, r->setup.width, r->choice.margin,
                       &r->choice.scale, r->work);
  return true;
}

/* ---- what the layer says ---- */

static checkrob_status prepare_positions(reader *r, const copy_answer *answer) {
  size_t positions = answer->height * answer->width, pixels = (size_t)r->setup.height * r->setup.width;
  if (r->whole) return CHECKROB_OK;
  r->whole = malloc(positions * sizeof *r->whole);
  r->covered = malloc(positions * sizeof *r->covered);
  if (!r->whole || !r->covered) return error_memory("the positions of a layer");
  for (size_t i = 0; i < pixels; i++) r->removed[i] = 1.0F;
  return saliency_gather(r->whole, answer->height, answer->width, r->removed, r->setup.height,
                         r->setup.width);
}

/* The share of position i that is off the object. */
static double share_off(const reader *r, size_t i) {
  return r->whole[i] > 0.0F ? fmax(1.0 - (double)r->covered[i] / (double)r->whole[i], 0.0) : 0.0;
}

/* The mean of a channel: over all positions, or over those off the object. NaN if there are none. */
static double pool(const reader *r, const float *channel, size_t positions, bool off_object) {
  double sum = 0.0, weights = 0.0;
  for (size_t i = 0; i < positions; i++) {
    double weight = off_object ? share_off(r, i) : 1.0;
    sum += weight * (double)channel[i];
    weights += weight;
  }
  return weights > 1e-6 ? sum / weights : NAN;
}

/* Stores nothing if the object covers all positions, or a number is not finite. */
static checkrob_status store_layer(reader *r, const analysis_sample *sample, const copy_answer *answer,
                                   int which) {
  size_t positions = answer->height * answer->width;
  bool off_object = which == BACKGROUND_SURROUNDINGS;
  checkrob_row *row = NULL;
  checkrob_status status = prepare_positions(r, answer);
  float *values = status ? NULL : malloc((answer->channels + 1) * sizeof *values);
  if (!status && !values) status = error_memory("a representation");
  if (!status && off_object) {
    find_object(r, sample);
    status = saliency_gather(r->covered, answer->height, answer->width, r->object, r->setup.height,
                             r->setup.width);
  }
  for (size_t k = 0; k < answer->channels && !status; k++)
    values[k] = (float)pool(r, answer->activation + k * positions, positions, off_object);
  if (!status && floats_are_finite(values, answer->channels)) {
    status = row_add_child(&row, sample->row, r->setup.child);
    if (!status) status = row_set_floats(row, (size_t)which, values, answer->channels);
  }
  free(values);
  return status;
}

/* A donor's class may be one that the model does not have. */
static int64_t rank_of(const reader *r, const float *logits, int64_t index) {
  return index >= 0 && (size_t)index < r->classes ? checkrob_rank(logits, r->classes, index) : -1;
}

static void set_rank(const reader *r, const analysis_sample *sample, size_t at, int64_t rank) {
  if (rank >= 1) row_set_integer(sample->row, r->setup.column + at, rank);
}

static checkrob_status store_ranks(const reader *r, const analysis_sample *sample, const float *logits,
                                   int which) {
  int64_t target = checkrob_sample_class_index(sample->sample);
  if (!floats_are_finite(logits, r->classes))
    return sample_row_remark(sample->row, "without advice: the model returned NaN or infinite logits");
  if (which == BACKGROUND_SURROUNDINGS) set_rank(r, sample, SURROUNDINGS_RANK, rank_of(r, logits, target));
  if (which != BACKGROUND_PASTED) return CHECKROB_OK;
  set_rank(r, sample, PASTED_RANK, rank_of(r, logits, target));
  row_set_number(sample->row, r->setup.column + PASTED_LOGIT, relative_logit(logits, r->classes, target));
  set_rank(r, sample, PASTED_OBJECT_RANK, rank_of(r, logits, sample->donor->class_index));
  row_set_integer(sample->row, r->setup.column + PASTED_INDEX, sample->donor->class_index);
  return row_set_text(sample->row, r->setup.column + PASTED_IMAGE, sample->donor->image);
}

/* ---- a batch ---- */

static checkrob_status store(void *self, const analysis_sample *sample, const copy_answer *answer,
                             int which) {
  checkrob_status status = store_layer(self, sample, answer, which);
  return status ? status : store_ranks(self, sample, answer->logits, which);
}

static checkrob_status read_batch(void *self, analysis_batch *batch) {
  reader *r = self;
  checkrob_status status = copies_ask(&r->copies, batch);
  return status ? error_set(status, "for the samples' representations: %s", checkrob_last_error())
                : CHECKROB_OK;
}

checkrob_status backgrounds_new(analysis *out, const checkrob_model *model,
                                const backgrounds_choice *choice) {
  reader *r = calloc(1, sizeof *r);
  if (!r) return error_memory("an analysis");
  r->model = model;
  r->choice = *choice;
  r->copies = (copies){
      .threads = choice->threads, .kinds = BACKGROUND_COLUMNS, .alter = alter, .store = store, .self = r};
  *out = (analysis){.name = "backgrounds",
                    .columns = background_columns,
                    .children = children,
                    .child_count = 1,
                    .needs = ANALYSIS_TENSOR | ANALYSIS_REGIONS | ANALYSIS_DONORS,
                    .self = r,
                    .begin = begin,
                    .batch = read_batch,
                    .end = end,
                    .destroy = destroy};
  if (strchr(choice->layer, ','))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "advice looks at one layer, but there are several: '%s'", choice->layer);
  return checkrob_cut_new(&r->copies.cut, model, choice->layer, CHECKROB_SCORE_LOGIT,
                          CHECKROB_CUT_ACTIVATIONS);
}
