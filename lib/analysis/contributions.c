/* SPDX-License-Identifier: Apache-2.0 */
#include "analysis/contributions.h"

#include <checkrob/cut.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/failure.h"
#include "analysis/sample_row.h"
#include "base/clock.h"
#include "base/error.h"
#include "model/model.h"
#include "probe/margin.h"
#include "table/sample.h"

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
  checkrob_cut *cut;
  contributions_choice choice;
  analysis_setup setup;
  float *input;     /* [batch, 3, H, W] */
  float *object;    /* [H, W] */
  int64_t *targets; /* [batch] */
  size_t *samples;  /* [batch]: the numbers of those that were evaluated */
  void *work;       /* of margin_add() */
} reader;

static checkrob_status begin(void *self, const analysis_setup *setup) {
  reader *r = self;
  size_t pixels = (size_t)setup->height * setup->width;
  r->setup = *setup;
  r->input = malloc(setup->batch * 3 * pixels * sizeof *r->input);
  r->object = malloc(pixels * sizeof *r->object);
  r->targets = malloc(setup->batch * sizeof *r->targets);
  r->samples = malloc(setup->batch * sizeof *r->samples);
  r->work = malloc(margin_work(setup->height, setup->width));
  bool good = r->input && r->object && r->targets && r->samples && r->work;
  return good ? CHECKROB_OK : error_memory("a batch; use a smaller one");
}

static void end(void *self) {
  reader *r = self;
  free(r->input);
  free(r->object);
  free(r->targets);
  free(r->samples);
  free(r->work);
  r->input = r->object = NULL;
  r->targets = NULL;
  r->samples = NULL;
  r->work = NULL;
}

static void destroy(void *self) {
  reader *r = self;
  checkrob_cut_free(r->cut);
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

/* Copies the evaluated samples of a batch, without their objects if `which` says so. Returns their number.
 */
static size_t copy_samples(reader *r, const analysis_batch *batch, int which) {
  size_t height = r->setup.height, width = r->setup.width, pixels = height * width, count = 0;
  for (size_t n = 0; n < batch->count; n++) {
    const analysis_sample *sample = &batch->samples[n];
    if (!sample_is_evaluated(sample->row)) continue;
    float *image = r->input + 3 * count * pixels;
    memcpy(image, batch->input + 3 * n * pixels, 3 * pixels * sizeof *image);
    if (which == SURROUNDINGS)
      margin_fill_middle(image, r->object, sample->coverage, height, width, r->choice.margin,
                         &r->choice.scale, r->work);
    r->targets[count] = checkrob_sample_class_index(sample->sample);
    r->samples[count++] = n;
  }
  return count;
}

static checkrob_status store(const reader *r, const analysis_batch *batch, size_t first, size_t count,
                             const checkrob_capture *capture, int which) {
  size_t shape[4];
  checkrob_capture_shape(shape, capture, 0);
  size_t positions = shape[2] * shape[3], stride = shape[1] * positions;
  float *values = malloc((shape[1] + 1) * sizeof *values);
  checkrob_status status = values ? CHECKROB_OK : error_memory("the contributions of channels");
  for (size_t i = 0; i < count && !status; i++) {
    checkrob_row *row = NULL;
    contributions_of(values, checkrob_capture_activation(capture, 0) + i * stride,
                     checkrob_capture_gradient(capture, 0) + i * stride, shape[1], positions);
    status = row_add_child(&row, batch->samples[r->samples[first + i]].row, r->setup.child);
    if (!status) status = row_set_floats(row, (size_t)which, values, shape[1]);
  }
  free(values);
  return status;
}

/* Of the copies [first, first + count). */
static checkrob_status run(reader *r, analysis_batch *batch, size_t first, size_t count, int which) {
  size_t numbers = (size_t)3 * r->setup.height * r->setup.width;
  checkrob_capture *capture = NULL;
  double start = clock_seconds();
  checkrob_status status = checkrob_cut_run(&capture, r->cut, r->input + first * numbers, count,
                                            r->setup.height, r->setup.width, r->targets + first);
  batch->model_seconds += clock_seconds() - start;
  if (!status) status = store(r, batch, first, count, capture, which);
  checkrob_capture_free(capture);
  return status;
}

/* The model raised an error on the copies. A sample on which it does so alone has no contributions. */
static checkrob_status run_one_by_one(reader *r, analysis_batch *batch, size_t count, int which) {
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < count && !status; i++) {
    status = run(r, batch, i, 1, which);
    if (model_raised(status))
      status = sample_row_remark(batch->samples[r->samples[i]].row, checkrob_last_error());
  }
  return status;
}

static checkrob_status read_batch(void *self, analysis_batch *batch) {
  reader *r = self;
  checkrob_status status = CHECKROB_OK;
  if (r->choice.threads > 0) model_limit_threads(r->choice.threads);
  for (int which = 0; which < COLUMNS && !status; which++) {
    size_t count = copy_samples(r, batch, which);
    if (count > 0) status = run(r, batch, 0, count, which);
    if (model_raised(status)) status = run_one_by_one(r, batch, count, which);
  }
  return status ? error_set(status, "for the contributions of channels: %s", checkrob_last_error())
                : CHECKROB_OK;
}

checkrob_status contributions_new(analysis *out, const checkrob_model *model,
                                  const contributions_choice *choice) {
  reader *r = calloc(1, sizeof *r);
  if (!r) return error_memory("an analysis");
  r->choice = *choice;
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
  return checkrob_cut_new(&r->cut, model, choice->layer, CHECKROB_SCORE_LOG_ODDS, CHECKROB_CUT_GRADIENTS);
}
