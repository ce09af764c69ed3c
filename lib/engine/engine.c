/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine.h"

#include <stdlib.h>

#include "base/error.h"
#include "dataset/cursor.h"
#include "engine/batch.h"
#include "engine/prepare.h"
#include "model/model.h"
#include "parallel/budget.h"
#include "parallel/pool.h"

typedef struct pass {
  const engine_options *options;
  batch_source source;
  budget *threads;     /* permits to decode and to compute; NULL: no limit */
  donor_maker *makers; /* [workers] */
  pool *lanes;         /* of batches; NULL: there is one lane, which is the calling thread */
  batch own;           /* the current batch of the calling thread */
  size_t batches_done, inputs_done;
  bool model_worked; /* on a sample that was emitted */
} pass;

/* ---- the pool of inputs ---- */

static checkrob_status draw_input(bool *drawn, void *context, void *item) {
  const pass *p = context;
  prepared_input *in = item;
  const engine_options *o = p->options;
  checkrob_status status = o->images_only ? cursor_next_image(&in->samples, o->cursor)
                                          : cursor_next_input(&in->samples, o->cursor);
  if (status != CHECKROB_OK || in->samples.count == 0) return status;
  status = prepare_room(in, o);
  in->inputs_done = checkrob_cursor_inputs_done(o->cursor);
  *drawn = status == CHECKROB_OK;
  return status;
}

static void work_on_input(void *context, void *item, size_t worker) {
  const pass *p = context;
  prepare_read(item, p->options); /* without a permit, because it waits for the disk */
  budget_take_spare(p->threads);
  prepare_compute(item, p->options, &p->makers[worker]);
  budget_return(p->threads, 1);
}

static void clear_input(void *context, void *item) {
  prepare_clear(item, ((const pass *)context)->options);
}

static void destroy_input(void *context, void *item) {
  prepare_destroy(item, ((const pass *)context)->options);
}

static checkrob_status start_inputs(pass *p) {
  const engine_options *o = p->options;
  pool_options options = {.workers = o->workers,
                          .capacity = o->capacity,
                          .item_size = sizeof(prepared_input),
                          .context = p,
                          .draw = draw_input,
                          .work = work_on_input,
                          .clear = clear_input,
                          .destroy = destroy_input};
  return pool_start(&p->source.inputs, &options, "a decoding thread");
}

/* ---- the pool of batches: its workers are the lanes ---- */

/* An interruption stops the pass here, so that batches that were formed before are emitted. */
static checkrob_status form_batch(bool *pending, batch *b, pass *p) {
  if (atomic_load(p->options->interrupted))
    return error_set(CHECKROB_ERROR_INTERRUPTED, "the run was interrupted");
  return batch_fill(pending, b, &p->source);
}

static checkrob_status draw_batch(bool *drawn, void *context, void *item) {
  bool pending = false;
  batch *b = item;
  checkrob_status status = form_batch(&pending, b, context);
  if (status || pending) return status;
  if (b->held_count == 0) return CHECKROB_END;
  *drawn = true;
  return CHECKROB_OK;
}

static void analyse(const pass *p, batch *b, size_t lane) {
  budget_take(p->threads, p->options->lane_threads);
  model_heed_interrupt(p->options->interrupted);
  batch_analyse(b, p->options, lane);
  model_heed_interrupt(NULL);
  budget_return(p->threads, p->options->lane_threads);
}

static void work_on_batch(void *context, void *item, size_t worker) {
  analyse(context, item, worker);
}

static void clear_batch(void *context, void *item) {
  (void)context;
  batch_clear(item);
}

static void destroy_batch(void *context, void *item) {
  (void)context;
  batch_destroy(item);
}

static checkrob_status start_lanes(pass *p) {
  pool_options options = {.workers = p->options->lanes,
                          .capacity = p->options->lanes + 1, /* one may wait to be emitted */
                          .item_size = sizeof(batch),
                          .context = p,
                          .draw = draw_batch,
                          .work = work_on_batch,
                          .clear = clear_batch,
                          .destroy = destroy_batch};
  return pool_start(&p->lanes, &options, "a computing thread");
}

/* ---- batch by batch ---- */

static checkrob_status report(const pass *p) {
  return p->options->on_progress ? p->options->on_progress(p->inputs_done, p->options->data) : CHECKROB_OK;
}

static checkrob_status peek_batch(batch **out, bool *pending, pass *p) {
  void *item = NULL;
  if (p->lanes) {
    checkrob_status status = pool_peek(&item, pending, p->lanes, p->batches_done, POLL_MILLISECONDS);
    *out = item;
    return status;
  }
  checkrob_status status = form_batch(pending, &p->own, p);
  if (status || *pending || p->own.held_count == 0) return status;
  analyse(p, &p->own, 0);
  *out = &p->own;
  return CHECKROB_OK;
}

/* Waits for the next analysed batch; NULL after the last sample. */
static checkrob_status next_batch(batch **out, pass *p) {
  *out = NULL;
  for (bool pending = true; pending;) {
    checkrob_status status = peek_batch(out, &pending, p);
    if (!status && pending) status = report(p);
    if (status) return status;
  }
  return CHECKROB_OK;
}

static void release(pass *p, batch *b) {
  size_t inputs = b->whole_inputs;
  p->inputs_done = b->inputs_done;
  p->batches_done++;
  if (p->lanes)
    pool_release(p->lanes, 1);
  else
    batch_clear(b);
  pool_release(p->source.inputs, inputs);
}

/* A model that has not run on any image yet is at fault itself, or the way in which images are prepared. */
static checkrob_status check_model(pass *p, const batch *b) {
  if (b->status || b->valid_count == 0 || p->model_worked) return CHECKROB_OK;
  p->model_worked = batch_count_run(b) > 0;
  if (p->model_worked) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR, "on a batch of %zu image%s: %s", b->valid_count,
                   b->valid_count == 1 ? "" : "s", b->failures[0]);
}

static checkrob_status run_batch(pass *p, engine_totals *totals, bool *over) {
  batch *b = NULL;
  checkrob_status status = next_batch(&b, p);
  *over = !b;
  if (status || !b) return status;
  totals->wait_seconds += b->wait_seconds / (double)p->options->lanes;
  totals->model_seconds += b->model_seconds / (double)p->options->lanes;
  status = check_model(p, b);
  if (!status) status = batch_emit(b, p->options);
  /* Rows are stored in whole batches, so a resumed run forms the same batches. */
  if (!status && p->options->on_batch) status = p->options->on_batch(p->options->data);
  release(p, b);
  return status ? status : report(p);
}

/* After the last sample there may be inputs that are skipped. */
static checkrob_status report_end(pass *p) {
  size_t all = checkrob_cursor_inputs_done(p->options->cursor);
  if (p->inputs_done == all) return CHECKROB_OK;
  p->inputs_done = all;
  return report(p);
}

/* ---- the pass ---- */

static checkrob_status begin_lane(const engine_options *o, size_t lane) {
  size_t child = 0;
  for (size_t i = 0; i < o->analysis_count; i++) {
    analysis *a = o->analyses[lane * o->analysis_count + i];
    analysis_setup setup = {.height = o->preprocess ? checkrob_preprocess_height(o->preprocess) : 0,
                            .width = o->preprocess ? checkrob_preprocess_width(o->preprocess) : 0,
                            .batch = o->batch,
                            .column = o->layout ? row_layout_base(o->layout, i + 1) : 0,
                            .child = child};
    child += a->child_count;
    checkrob_status status = a->begin ? a->begin(a->self, &setup) : CHECKROB_OK;
    if (status) return status;
  }
  return CHECKROB_OK;
}

/* With one permit more than threads compute, a worker decodes even while all lanes compute. Otherwise a pass
 * with one thread would decode and compute in turn. */
static checkrob_status start_budget(pass *p) {
  const engine_options *o = p->options;
  return o->lane_threads > 0 ? budget_new(&p->threads, o->workers + 1) : CHECKROB_OK;
}

/* Arrays of the size of the model's input. Analyses and the model need more: this is what is certain. */
static checkrob_status check_memory(const engine_options *o) {
  unsigned needs = engine_needs(o);
  if (!o->preprocess || o->most_bytes == 0) return CHECKROB_OK;
  uint32_t width = checkrob_preprocess_width(o->preprocess);
  uint32_t height = checkrob_preprocess_height(o->preprocess);
  bool tensor = needs & ANALYSIS_TENSOR, regions = needs & ANALYSIS_REGIONS, maps = needs & ANALYSIS_MAPS;
  double of_input = 3 * tensor + regions, of_batched = 3 * tensor + maps + 2 * regions;
  double planes = (double)o->capacity * of_input + (double)(o->lanes * o->batch) * of_batched;
  double bytes = planes * width * height * (double)sizeof(float);
  if (bytes <= (double)o->most_bytes) return CHECKROB_OK;
  return error_set(
      CHECKROB_ERROR_LIMIT,
      "the model's input of %u x %u pixels needs %.1f GB for the %zu images that are prepared at "
      "once, in batches of %zu, more than the limit of %.1f GB; use a smaller batch or fewer "
      "threads, or increase the option max_batch_bytes",
      width, height, bytes / 1e9, o->capacity, o->batch, (double)o->most_bytes / 1e9);
}

static checkrob_status begin(pass *p) {
  const engine_options *o = p->options;
  checkrob_status status = check_memory(o);
  for (size_t lane = 0; lane < o->lanes && !status; lane++) status = begin_lane(o, lane);
  p->inputs_done = checkrob_cursor_inputs_done(o->cursor);
  p->makers = calloc(o->workers, sizeof *p->makers);
  if (!status && !p->makers) status = error_memory("the decoding threads");
  if (!status) status = start_budget(p);
  if (!status) status = start_inputs(p);
  if (!status && o->lanes > 1) status = start_lanes(p);
  return status;
}

static void end(pass *p) {
  const engine_options *o = p->options;
  pool_free(p->lanes);
  pool_free(p->source.inputs);
  budget_free(p->threads);
  batch_destroy(&p->own);
  for (size_t i = 0; p->makers && i < o->workers; i++) donor_maker_clear(&p->makers[i]);
  free(p->makers);
  for (size_t i = 0; i < o->lanes * o->analysis_count; i++)
    if (o->analyses[i]->end) o->analyses[i]->end(o->analyses[i]->self);
}

checkrob_status engine_run(engine_totals *totals, const engine_options *options) {
  *totals = (engine_totals){0};
  /* The other lanes hold a batch each. */
  size_t most_inputs = options->capacity - (options->lanes - 1) * options->batch;
  pass p = {.options = options,
            .model_worked = options->model_worked,
            .source = {.options = options, .most_inputs = most_inputs}};
  checkrob_status status = begin(&p);
  bool over = false;
  while (!status && !over) status = run_batch(&p, totals, &over);
  if (!status) status = report_end(&p);
  end(&p);
  return status;
}
