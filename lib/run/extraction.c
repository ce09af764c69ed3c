/* SPDX-License-Identifier: Apache-2.0 */
/* Reads representations out: a pass with one analysis, which passes what it reads to the caller. */
#include <checkrob/extract.h>
#include <stdlib.h>

#include "analysis/representation.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "engine/engine.h"
#include "image/limits.h"
#include "model/model.h"
#include "options/options.h"
#include "run/settings.h"

struct checkrob_extraction {
  const checkrob_model *model;
  const checkrob_dataset *dataset;
  const checkrob_preprocess *preprocess;
  checkrob_options *options;
  checkrob_cut *cut;
  /* A callback of the execution must not start another one. */
  int executing;
  atomic_int interrupted;

  checkrob_batch_callback on_batch;
  void *batch_data;
  checkrob_failure_callback on_failure;
  void *failure_data;
  checkrob_progress_callback on_progress;
  void *progress_data;

  size_t rows, failed, turned; /* of the last execution */
  size_t inputs;
};

checkrob_status checkrob_extraction_new(checkrob_extraction **out, const checkrob_model *model,
                                        const checkrob_dataset *dataset,
                                        const checkrob_preprocess *preprocess,
                                        const checkrob_options *options) {
  if (!out || !model || !dataset || !preprocess)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_extraction_new: NULL argument");
  checkrob_status status = settings_check_size(model, preprocess);
  if (status) return status;
  checkrob_extraction *e = calloc(1, sizeof *e);
  if (!e) return error_memory("an extraction");
  e->model = model;
  e->dataset = dataset;
  e->preprocess = preprocess;
  status = checkrob_options_copy(&e->options, options);
  if (!status)
    status = checkrob_cut_new(&e->cut, model, checkrob_options_text(options, "layer"), CHECKROB_SCORE_LOGIT,
                              CHECKROB_CUT_ACTIVATIONS);
  if (status)
    checkrob_extraction_free(e);
  else
    *out = e;
  return status;
}

void checkrob_extraction_free(checkrob_extraction *extraction) {
  if (!extraction) return;
  checkrob_cut_free(extraction->cut);
  checkrob_options_free(extraction->options);
  free(extraction);
}

const char *checkrob_extraction_layers(const checkrob_extraction *extraction) {
  return extraction ? checkrob_cut_layers(extraction->cut) : "";
}

/* INVALID_ARGUMENT for NULL, and during a callback of the execution. */
static checkrob_status check_idle(const checkrob_extraction *extraction, const char *function) {
  if (!extraction) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "%s: NULL argument", function);
  if (!extraction->executing) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                   "%s: the extraction is executing; change it before or after", function);
}

checkrob_status checkrob_extraction_on_batch(checkrob_extraction *extraction,
                                             checkrob_batch_callback callback, void *user_data) {
  checkrob_status status = check_idle(extraction, "checkrob_extraction_on_batch");
  if (status) return status;
  extraction->on_batch = callback;
  extraction->batch_data = user_data;
  return CHECKROB_OK;
}

checkrob_status checkrob_extraction_on_failure(checkrob_extraction *extraction,
                                               checkrob_failure_callback callback, void *user_data) {
  checkrob_status status = check_idle(extraction, "checkrob_extraction_on_failure");
  if (status) return status;
  extraction->on_failure = callback;
  extraction->failure_data = user_data;
  return CHECKROB_OK;
}

checkrob_status checkrob_extraction_on_progress(checkrob_extraction *extraction,
                                                checkrob_progress_callback callback, void *user_data) {
  checkrob_status status = check_idle(extraction, "checkrob_extraction_on_progress");
  if (status) return status;
  extraction->on_progress = callback;
  extraction->progress_data = user_data;
  return CHECKROB_OK;
}

void checkrob_extraction_interrupt(checkrob_extraction *extraction) {
  if (extraction) interrupt_ask(&extraction->interrupted);
}

size_t checkrob_extraction_rows(const checkrob_extraction *extraction) {
  return extraction ? extraction->rows : 0;
}

size_t checkrob_extraction_failed(const checkrob_extraction *extraction) {
  return extraction ? extraction->failed : 0;
}

size_t checkrob_extraction_turned(const checkrob_extraction *extraction) {
  return extraction ? extraction->turned : 0;
}

/* ---- one execution ---- */

static checkrob_status emit(const engine_sample *s, void *data) {
  checkrob_extraction *e = data;
  if (s->turned) e->turned++;
  if (s->status == CHECKROB_OK) return CHECKROB_OK;
  e->failed++;
  if (!e->on_failure) return CHECKROB_OK;
  if (e->on_failure(checkrob_sample_image(s->sample), s->status, s->message, e->failure_data) == 0)
    return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_INTERRUPTED, "the failure callback interrupted the extraction");
}

static checkrob_status report(size_t inputs_done, void *data) {
  const checkrob_extraction *e = data;
  if (!e->on_progress || e->on_progress(inputs_done, e->inputs, e->progress_data) == 0) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_INTERRUPTED, "the progress callback interrupted the extraction");
}

static checkrob_status read_all(checkrob_extraction *e, checkrob_cursor *cursor, analysis *reading) {
  analysis *const analyses[] = {reading};
  size_t threads = settings_compute_threads(e->options);
  size_t batch = (size_t)checkrob_options_integer(e->options, "batch");
  e->inputs = checkrob_cursor_input_count(cursor);
  engine_options pass = {.cursor = cursor,
                         .preprocess = e->preprocess,
                         .limits = image_limits_of(e->options),
                         .most_bytes = (uint64_t)checkrob_options_integer(e->options, "max_batch_bytes"),
                         .geometry = CHECKROB_GEOMETRY_STANDARD,
                         .batch = batch,
                         .workers = threads,
                         .lane_threads = settings_threads_on(e->model, threads),
                         .capacity = 2 * batch + threads,
                         .images_only = 1,
                         .lanes = 1,
                         .analyses = analyses,
                         .analysis_count = 1,
                         .interrupted = &e->interrupted,
                         .on_sample = emit,
                         .on_progress = report,
                         .data = e};
  engine_totals totals;
  model_begin_pass((int)threads);
  checkrob_status status = engine_run(&totals, &pass);
  model_end_pass();
  return status;
}

static checkrob_status execute(checkrob_extraction *e) {
  uint32_t shard = 0, shards = 0;
  options_shard(&shard, &shards, e->options);
  checkrob_pooling pool = CHECKROB_POOLING_NONE;
  checkrob_status status = checkrob_pooling_find(&pool, checkrob_options_text(e->options, "pool"));
  analysis reading = {0};
  if (!status) status = representation_new(&reading, e->cut, pool, e->on_batch, e->batch_data);
  if (status) return status;
  checkrob_cursor *cursor = NULL;
  status = checkrob_cursor_new(&cursor, e->dataset, shard, shards);
  if (!status) status = read_all(e, cursor, &reading);
  e->rows = representation_rows(&reading);
  checkrob_cursor_free(cursor);
  analysis_destroy(&reading);
  return status;
}

checkrob_status checkrob_extraction_execute(checkrob_extraction *extraction) {
  checkrob_status status = check_idle(extraction, "checkrob_extraction_execute");
  if (status) return status;
  extraction->executing = 1;
  extraction->rows = extraction->failed = extraction->turned = 0;
  status = execute(extraction);
  if (status == CHECKROB_ERROR_INTERRUPTED) atomic_store(&extraction->interrupted, 0);
  extraction->executing = 0;
  return status;
}
