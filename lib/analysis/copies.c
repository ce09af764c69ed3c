/* SPDX-License-Identifier: Apache-2.0 */
#include "analysis/copies.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/failure.h"
#include "analysis/sample_row.h"
#include "base/clock.h"
#include "base/error.h"
#include "model/model.h"
#include "table/sample.h"

checkrob_status copies_begin(copies *c, const analysis_setup *setup, size_t classes) {
  c->height = setup->height;
  c->width = setup->width;
  c->classes = classes;
  c->input = malloc(setup->batch * 3 * c->height * c->width * sizeof *c->input);
  c->targets = malloc(setup->batch * sizeof *c->targets);
  c->samples = malloc(setup->batch * sizeof *c->samples);
  return c->input && c->targets && c->samples ? CHECKROB_OK : error_memory("a batch; use a smaller one");
}

void copies_end(copies *c) {
  free(c->input);
  free(c->targets);
  free(c->samples);
  c->input = NULL;
  c->targets = NULL;
  c->samples = NULL;
}

/* Returns the number of copies. */
static size_t make(copies *c, const analysis_batch *batch, int kind) {
  size_t numbers = 3 * c->height * c->width, count = 0;
  for (size_t n = 0; n < batch->count; n++) {
    const analysis_sample *sample = &batch->samples[n];
    if (!sample_is_evaluated(sample->row)) continue;
    float *image = c->input + count * numbers;
    memcpy(image, batch->input + n * numbers, numbers * sizeof *image);
    if (!c->alter(c->self, image, sample, kind)) continue;
    c->targets[count] = checkrob_sample_class_index(sample->sample);
    c->samples[count++] = n;
  }
  return count;
}

static checkrob_status store(const copies *c, const analysis_batch *batch, const checkrob_capture *capture,
                             size_t first, size_t count, int kind) {
  size_t shape[4];
  checkrob_capture_shape(shape, capture, 0);
  size_t stride = shape[1] * shape[2] * shape[3];
  const float *activation = checkrob_capture_activation(capture, 0),
              *gradient = checkrob_capture_gradient(capture, 0), *logits = checkrob_capture_logits(capture);
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < count && !status; i++) {
    const copy_answer answer = {.channels = shape[1],
                                .height = shape[2],
                                .width = shape[3],
                                .activation = activation ? activation + i * stride : NULL,
                                .gradient = gradient ? gradient + i * stride : NULL,
                                .logits = logits + i * c->classes};
    status = c->store(c->self, &batch->samples[c->samples[first + i]], &answer, kind);
  }
  return status;
}

/* Of the copies [first, first + count). */
static checkrob_status ask(copies *c, analysis_batch *batch, size_t first, size_t count, int kind) {
  checkrob_capture *capture = NULL;
  double start = clock_seconds();
  checkrob_status status =
      checkrob_cut_run(&capture, c->cut, c->input + first * 3 * c->height * c->width, count,
                       (uint32_t)c->height, (uint32_t)c->width, c->has_targets ? c->targets + first : NULL);
  batch->model_seconds += clock_seconds() - start;
  if (!status) status = store(c, batch, capture, first, count, kind);
  checkrob_capture_free(capture);
  return status;
}

static checkrob_status ask_one_by_one(copies *c, analysis_batch *batch, size_t count, int kind) {
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < count && !status; i++) {
    status = ask(c, batch, i, 1, kind);
    if (model_raised(status))
      status = sample_row_remark(batch->samples[c->samples[i]].row, checkrob_last_error());
  }
  return status;
}

checkrob_status copies_ask(copies *c, analysis_batch *batch) {
  checkrob_status status = CHECKROB_OK;
  if (c->threads > 0) model_limit_threads(c->threads);
  for (int kind = 0; kind < c->kinds && !status; kind++) {
    size_t count = make(c, batch, kind);
    if (count > 0) status = ask(c, batch, 0, count, kind);
    if (model_raised(status)) status = ask_one_by_one(c, batch, count, kind);
  }
  return status;
}
