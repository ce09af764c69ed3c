/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analysis/sample_row.h"
#include "base/array.h"
#include "base/error.h"
#include "dataset/cursor.h"
#include "engine/prepare.h"
#include "parallel/pool.h"

/* The longest wait before interruption and progress are checked again. */
#define POLL_MILLISECONDS 100

/* A sample of the current batch: its location, and its row. */
typedef struct held_sample {
  prepared_input *input;
  size_t part; /* its number in input->samples */
  checkrob_row *row;
} held_sample;

typedef struct pass {
  const engine_options *options;
  engine_totals *totals;
  size_t pixels; /* H W; 0 without preprocessing */
  pool *line;

  /* The current batch. */
  float *input;           /* [batch, 3, H, W] */
  analysis_sample *valid; /* [batch] */
  size_t valid_count;
  held_sample *held;
  size_t held_count, held_capacity;
  /* Rows made so far: held[i].row for i below it. They are reused for each batch. */
  size_t row_count;
  /* Inputs of the pool from which the batch has samples. */
  size_t inputs;
  /* Of the oldest of them, the samples that earlier batches contained. */
  size_t first_part;
  /* Of the youngest of them, the samples that are in this batch or earlier ones; 0: all. */
  size_t next_part;
  size_t inputs_done;
} pass;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* ---- functions of the pool ---- */

static checkrob_status draw(bool *drawn, void *context, void *item) {
  const pass *p = context;
  prepared_input *in = item;
  checkrob_status status = cursor_next_input(&in->samples, p->options->cursor);
  if (status != CHECKROB_OK || in->samples.count == 0) return status;
  status = prepare_room(in, p->options);
  in->inputs_done = checkrob_cursor_inputs_done(p->options->cursor);
  *drawn = status == CHECKROB_OK;
  return status;
}

static void work(void *context, void *item) {
  prepare_input(item, ((const pass *)context)->options);
}

static void clear(void *context, void *item) {
  prepare_clear(item, ((const pass *)context)->options);
}

static void destroy(void *context, void *item) {
  prepare_destroy(item, ((const pass *)context)->options);
}

static checkrob_status start_pool(pass *p) {
  const engine_options *o = p->options;
  pool_options options = {.workers = o->workers,
                          .capacity = o->capacity,
                          .item_size = sizeof(prepared_input),
                          .context = p,
                          .draw = draw,
                          .work = work,
                          .clear = clear,
                          .destroy = destroy};
  return pool_start(&p->line, &options, "a decoding thread");
}

/* ---- forming a batch ---- */

static checkrob_status report(const pass *p) {
  return p->options->on_progress ? p->options->on_progress(p->inputs_done, p->options->data) : CHECKROB_OK;
}

static checkrob_status make_row(pass *p, held_sample *h) {
  if (!p->options->layout) return CHECKROB_OK;
  if (!h->row) {
    checkrob_status status = row_new(&h->row, p->options->layout);
    if (status) return status;
  }
  row_clear(h->row);
  const prepared_sample *prepared = &h->input->prepared[h->part];
  checkrob_status status = sample_row_begin(h->row, h->input->samples.items[h->part]);
  if (!status && prepared->status)
    status =
        sample_row_fail(h->row, prepared->status, prepared->message ? prepared->message : "out of memory");
  return status;
}

static void add_sound(pass *p, const held_sample *h) {
  const prepared_sample *prepared = &h->input->prepared[h->part];
  size_t numbers = 3 * p->pixels;
  if (p->input && h->input->tensor)
    memcpy(p->input + p->valid_count * numbers, h->input->tensor, numbers * sizeof *p->input);
  p->valid[p->valid_count++] = (analysis_sample){.sample = h->input->samples.items[h->part],
                                                 .coverage = prepared->coverage,
                                                 .ignored = prepared->ignored,
                                                 .others = prepared->others,
                                                 .row = h->row};
}

static checkrob_status hold(pass *p, prepared_input *in, size_t part) {
  size_t before = p->held_capacity;
  held_sample *grown = array_grow(p->held, &p->held_capacity, p->held_count, sizeof *grown);
  if (!grown) return error_memory("a batch");
  p->held = grown;
  for (size_t i = before; i < p->held_capacity; i++) grown[i] = (held_sample){0};
  held_sample *h = &grown[p->held_count++];
  h->input = in;
  h->part = part;
  checkrob_status status = make_row(p, h);
  if (!status && in->prepared[part].status == CHECKROB_OK) add_sound(p, h);
  return status;
}

/* Adds samples of the input until the batch is full. */
static checkrob_status take_samples(pass *p, prepared_input *in) {
  size_t part = p->inputs == 1 ? p->first_part : 0;
  checkrob_status status = CHECKROB_OK;
  for (; part < in->samples.count && p->valid_count < p->options->batch && !status; part++)
    status = hold(p, in, part);
  p->next_part = part < in->samples.count ? part : 0;
  return status;
}

/* Waits for processed inputs until the batch is full. After the last sample it stays empty. */
static checkrob_status form_batch(pass *p) {
  p->held_count = p->valid_count = p->inputs = 0;
  p->next_part = 0;
  while (p->valid_count < p->options->batch) {
    if (atomic_load(p->options->interrupted))
      return error_set(CHECKROB_ERROR_INTERRUPTED, "the run was interrupted");
    void *item = NULL;
    bool pending = false;
    checkrob_status status = pool_peek(&item, &pending, p->line, p->inputs, POLL_MILLISECONDS);
    if (status && p->held_count > 0) break; /* earlier samples are emitted; then the pool fails again */
    if (!status && pending) status = report(p);
    if (status) return status;
    if (pending) continue;
    if (!item) break;
    p->inputs++;
    status = take_samples(p, item);
    if (status) return status;
  }
  return CHECKROB_OK;
}

/* ---- emitting a batch ---- */

static checkrob_status analyse(pass *p) {
  double before = p->totals->model_seconds;
  for (size_t i = 0; i < p->options->analysis_count && p->valid_count > 0; i++) {
    analysis *a = p->options->analyses[i];
    for (size_t n = 0, h = 0; a->observe && n < p->valid_count; h++)
      if (p->held[h].input->prepared[p->held[h].part].status == CHECKROB_OK)
        p->valid[n++].observed = p->held[h].input->observed[i];
    analysis_batch batch = {.input = p->input, .samples = p->valid, .count = p->valid_count};
    checkrob_status status = a->batch(a->self, &batch);
    p->totals->model_seconds += batch.model_seconds;
    if (status) return status;
  }
  double seconds = p->totals->model_seconds - before;
  for (size_t h = 0; h < p->held_count && p->options->layout; h++) {
    bool valid = p->held[h].input->prepared[p->held[h].part].status == CHECKROB_OK;
    double share = valid ? 1e3 * seconds / (double)p->valid_count : 0.0;
    sample_row_set_milliseconds(p->held[h].row, p->held[h].input->milliseconds + share);
  }
  return CHECKROB_OK;
}

static checkrob_status emit(pass *p) {
  for (size_t h = 0; h < p->held_count; h++) {
    const prepared_input *in = p->held[h].input;
    const prepared_sample *prepared = &in->prepared[p->held[h].part];
    const char *message = prepared->message ? prepared->message : "out of memory";
    const char *image_message = in->image_message ? in->image_message : "out of memory";
    const engine_sample sample = {.sample = in->samples.items[p->held[h].part],
                                  .status = prepared->status,
                                  .message = prepared->status ? message : "",
                                  .row = p->held[h].row,
                                  .image_status = in->image_status,
                                  .image_message = in->image_status ? image_message : "",
                                  .width = in->width,
                                  .height = in->height,
                                  .observed = in->observed};
    checkrob_status status = p->options->on_sample(&sample, p->options->data);
    if (status) return status;
  }
  return CHECKROB_OK;
}

static void release(pass *p) {
  size_t whole = p->inputs;
  if (p->next_part > 0) whole--;
  if (p->inputs > 0) {
    const held_sample *last = &p->held[p->held_count - 1];
    /* If an input continues in the next batch, not all of its samples are done. */
    p->inputs_done = last->input->inputs_done - (p->next_part > 0);
  }
  p->first_part = p->next_part;
  pool_release(p->line, whole);
}

static checkrob_status run_batch(pass *p, bool *over) {
  double start = now();
  checkrob_status status = form_batch(p);
  p->totals->wait_seconds += now() - start;
  *over = p->held_count == 0;
  if (status || *over) return status;
  status = analyse(p);
  if (!status) status = emit(p);
  /* Rows are stored batch by batch, so a resumed run forms the same batches. */
  checkrob_status stored = p->options->on_batch ? p->options->on_batch(p->options->data) : CHECKROB_OK;
  if (!status) status = stored;
  release(p);
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

static checkrob_status begin(pass *p) {
  const engine_options *o = p->options;
  unsigned needs = 0;
  for (size_t i = 0; i < o->analysis_count; i++) needs |= o->analyses[i]->needs;
  p->valid = calloc(o->batch, sizeof *p->valid);
  if (needs & ANALYSIS_TENSOR) p->input = calloc(o->batch, 3 * p->pixels * sizeof *p->input);
  if (!p->valid || ((needs & ANALYSIS_TENSOR) && !p->input))
    return error_memory("a batch; use a smaller one");
  size_t child = 0;
  for (size_t i = 0; i < o->analysis_count; i++) {
    analysis *a = o->analyses[i];
    analysis_setup setup = {.height = o->preprocess ? checkrob_preprocess_height(o->preprocess) : 0,
                            .width = o->preprocess ? checkrob_preprocess_width(o->preprocess) : 0,
                            .batch = o->batch,
                            .column = o->layout ? row_layout_base(o->layout, i + 1) : 0,
                            .child = child};
    child += a->child_count;
    checkrob_status status = a->begin ? a->begin(a->self, &setup) : CHECKROB_OK;
    if (status) return status;
  }
  p->inputs_done = checkrob_cursor_inputs_done(o->cursor);
  return start_pool(p);
}

static void end(pass *p) {
  pool_free(p->line);
  for (size_t i = 0; i < p->options->analysis_count; i++)
    if (p->options->analyses[i]->end) p->options->analyses[i]->end(p->options->analyses[i]->self);
  for (size_t i = 0; i < p->held_capacity; i++) row_free(p->held[i].row);
  free(p->held);
  free(p->valid);
  free(p->input);
}

checkrob_status engine_run(engine_totals *totals, const engine_options *options) {
  *totals = (engine_totals){0};
  pass p = {.options = options, .totals = totals};
  if (options->preprocess)
    p.pixels = (size_t)checkrob_preprocess_height(options->preprocess) *
               checkrob_preprocess_width(options->preprocess);
  checkrob_status status = begin(&p);
  bool over = false;
  while (!status && !over) status = run_batch(&p, &over);
  if (!status) status = report_end(&p);
  end(&p);
  return status;
}
