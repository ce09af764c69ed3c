/* SPDX-License-Identifier: Apache-2.0 */
#include "analysis/contributions.h"

#include <checkrob/cut.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/copies.h"
#include "base/error.h"
#include "probe/margin.h"

enum { WHOLE, SURROUNDINGS, COLUMNS };

#define FLOATS CHECKROB_COLUMN_FLOATS
static const column declared[COLUMNS] = {
    [WHOLE] =
        {"whole", FLOATS, "nats", -INFINITY, INFINITY, 0, COLUMN_HIDDEN,
         "of each channel of the layer: its contribution to the log-odds of the class, the sum over the "
         "positions of gradient times activation"},
    [SURROUNDINGS] = {"surroundings", FLOATS, "nats", -INFINITY, INFINITY, 0, COLUMN_HIDDEN,
                      "the same with the object in middle gray"}};
static const child_table table = {CONTRIBUTION_TABLE, declared, COLUMNS, CHILD_ONE | CHILD_HIDDEN,
                                  "what each channel contributes to the class of an evaluated sample"};
const child_table *const contribution_children[1] = {&table};

typedef struct reader {
  copies copies;
  contributions_choice choice;
  analysis_setup setup;
  float *object; /* [H, W] */
  void *work;    /* of margin_add() */
} reader;

static checkrob_status begin(void *self, const analysis_setup *setup) {
  reader *r = self;
  size_t pixels = (size_t)setup->height * setup->width;
  r->setup = *setup;
  r->object = malloc(pixels * sizeof *r->object);
  r->work = malloc(margin_work(setup->height, setup->width));
  checkrob_status status = copies_begin(&r->copies, setup, 0); /* the logits do not matter */
  return status || (r->object && r->work) ? status : error_memory("a batch; use a smaller one");
}

static void end(void *self) {
  reader *r = self;
  copies_end(&r->copies);
  free(r->object);
  free(r->work);
  r->object = NULL;
  r->work = NULL;
}

static void destroy(void *self) {
  reader *r = self;
  checkrob_cut_free(r->copies.cut);
  free(r);
}

void contributions_of(float *out, const float *activation, const float *gradient, size_t channels,
                      size_t positions) {
  for (size_t k = 0; k < channels; k++) {
    double sum = 0.0;
    for (size_t i = k * positions; i < (k + 1) * positions; i++)
      sum += (double)gradient[i] * (double)activation[i];
    out[k] = (float)sum;
  }
}

/* One kind is the image as it is, the other has no object. */
static bool alter(void *self, float *image, const analysis_sample *sample, int which) {
  reader *r = self;
  if (which == SURROUNDINGS)
    margin_fill_middle(image, r->object, sample->coverage, r->setup.height, r->setup.width, r->choice.margin,
                       &r->choice.scale, r->work);
  return true;
}

static checkrob_status store(void *self, const analysis_sample *sample, const copy_answer *answer,
                             int which) {
  const reader *r = self;
  checkrob_row *row = NULL;
  float *values = malloc((answer->channels + 1) * sizeof *values);
  if (!values) return error_memory("the contributions of channels");
  contributions_of(values, answer->activation, answer->gradient, answer->channels,
                   answer->height * answer->width);
  checkrob_status status = row_add_child(&row, sample->row, r->setup.child);
  if (!status) status = row_set_floats(row, (size_t)which, values, answer->channels);
  free(values);
  return status;
}

static checkrob_status read_batch(void *self, analysis_batch *batch) {
  reader *r = self;
  checkrob_status status = copies_ask(&r->copies, batch);
  return status ? error_set(status, "for the contributions of channels: %s", checkrob_last_error())
                : CHECKROB_OK;
}

checkrob_status contributions_new(analysis *out, const checkrob_model *model,
                                  const contributions_choice *choice) {
  reader *r = calloc(1, sizeof *r);
  if (!r) return error_memory("an analysis");
  r->choice = *choice;
  r->copies = (copies){.has_targets = true,
                       .threads = choice->threads,
                       .kinds = COLUMNS,
                       .alter = alter,
                       .store = store,
                       .self = r};
  *out = (analysis){.name = "contributions",
                    .children = contribution_children,
                    .child_count = 1,
                    .needs = ANALYSIS_TENSOR | ANALYSIS_REGIONS,
                    .self = r,
                    .begin = begin,
                    .batch = read_batch,
                    .end = end,
                    .destroy = destroy};
  if (strchr(choice->layer, ','))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "features are those of one layer, but there are several: '%s'", choice->layer);
  return checkrob_cut_new(&r->copies.cut, model, choice->layer, CHECKROB_SCORE_LOG_ODDS,
                          CHECKROB_CUT_GRADIENTS);
}
