/* SPDX-License-Identifier: Apache-2.0 */
#include "run/appending.h"

#include "base/error.h"
#include "image/limits.h"
#include "image/recipe.h"
#include "model/model.h"
#include "run/settings.h"
#include "table/sample.h"

typedef struct appending_pass {
  const appending *of;
  row_list *rows;    /* of the current batch */
  size_t columns[2]; /* `input` and `part` */
  size_t inputs;
  size_t input, part; /* of the last sample that was emitted */
  bool emitted;
} appending_pass;

/* ---- marks ---- */

static checkrob_status add_mark(appending_pass *p, size_t input, size_t part) {
  checkrob_row *row = NULL;
  checkrob_status status = row_list_add(&row, p->rows);
  if (status) return status;
  row_set_integer(row, p->columns[0], (int64_t)input);
  row_set_integer(row, p->columns[1], (int64_t)part);
  return CHECKROB_OK;
}

typedef struct last_mark {
  const appending_pass *of;
  bool any;
  size_t input, part;
} last_mark;

/* A table without `part` is of one sample for each input. */
static checkrob_status take_last(const checkrob_row *row, void *data) {
  last_mark *m = data;
  int64_t part = row_integer(row, m->of->columns[1]);
  m->any = true;
  m->input = (size_t)row_integer(row, m->of->columns[0]);
  m->part = part > 0 ? (size_t)part : 0;
  return CHECKROB_OK;
}

static checkrob_status find_last(last_mark *out, const appending_pass *p) {
  *out = (last_mark){.of = p};
  checkrob_status status = row_list_each(p->rows->layout, p->of->to, take_last, out);
  if (status || !out->any || out->input <= p->inputs) return status;
  return error_set(
      CHECKROB_ERROR_BAD_INPUT,
      "%s is damaged: its table %s names an input that the data do not have; score again, into another file",
      store_path(p->of->to), row_layout_table(p->rows->layout));
}

/* ---- callbacks of the engine ---- */

static checkrob_status emit(const engine_sample *sample, void *data) {
  appending_pass *p = data;
  p->input = (size_t)row_integer(sample->row, SAMPLE_INPUT);
  p->part = (size_t)row_integer(sample->row, SAMPLE_PART);
  p->emitted = true;
  return p->of->add(p->rows, sample, p->of->data);
}

static checkrob_status commit(void *data) {
  appending_pass *p = data;
  checkrob_status status = p->emitted ? add_mark(p, p->input, p->part) : CHECKROB_OK;
  p->emitted = false;
  if (status || p->rows->count == 0) return status;
  status =
      store_append(p->of->to, p->rows->layout, (const checkrob_row *const *)p->rows->rows, p->rows->count);
  row_list_empty(p->rows);
  return status;
}

static checkrob_status report(size_t inputs_done, void *data) {
  const appending_pass *p = data;
  const checkrob_run *run = p->of->run;
  if (!run->on_progress || run->on_progress(inputs_done, p->inputs, run->progress_data) == 0)
    return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_INTERRUPTED, "the progress callback interrupted the run");
}

/* ---- the pass ---- */

static checkrob_status run_engine(appending_pass *p, checkrob_cursor *cursor, analysis *of) {
  checkrob_run *run = p->of->run;
  analysis *const analyses[] = {of};
  row_layout *layout = NULL;
  size_t batch = (size_t)checkrob_options_integer(run->options, "batch"), threads = p->of->threads;
  checkrob_status status = sample_layout_new(&layout, &of->columns, 1, of->children, of->child_count);
  if (status) return status;
  engine_options options = {.cursor = cursor,
                            .preprocess = run->preprocess,
                            .limits = image_limits_of(run->options),
                            .most_bytes = (uint64_t)checkrob_options_integer(run->options, "max_batch_bytes"),
                            .geometry = settings_geometry(run->options),
                            .batch = batch,
                            .workers = threads,
                            .lane_threads = settings_threads_on(run->model, threads),
                            .capacity = 2 * batch + threads,
                            .images_only = p->of->images_only,
                            .lanes = 1,
                            .model_worked = 1,
                            .analyses = analyses,
                            .analysis_count = 1,
                            .layout = layout,
                            .interrupted = &run->interrupted,
                            .on_sample = emit,
                            .on_batch = commit,
                            .on_progress = report,
                            .data = p};
  engine_totals totals = {0};
  model_begin_pass((int)threads);
  status = engine_run(&totals, &options);
  model_end_pass();
  p->of->totals->model_seconds += totals.model_seconds;
  p->of->totals->wait_seconds += totals.wait_seconds;
  row_layout_free(layout);
  return status ? status : commit(p);
}

/* A cursor that returns images alone would return the image again whose first sample it has passed. */
static checkrob_status seek(checkrob_cursor *cursor, const appending_pass *p, const last_mark *last) {
  if (!last->any) return CHECKROB_OK;
  return p->of->images_only ? checkrob_cursor_seek(cursor, last->input + 1, 0)
                            : checkrob_cursor_seek(cursor, last->input, last->part + 1);
}

static checkrob_status fill(appending_pass *p, const last_mark *last) {
  const appending *a = p->of;
  checkrob_cursor *cursor = NULL;
  analysis of = {0};
  checkrob_status status = checkrob_cursor_new(&cursor, a->dataset, 0, 0);
  if (!status) status = seek(cursor, p, last);
  if (!status) status = a->make(&of, a->data);
  if (!status) status = run_engine(p, cursor, &of);
  if (!status && a->end) status = a->end(a->data);
  if (!status) status = add_mark(p, p->inputs, 0);
  if (!status) status = commit(p);
  analysis_destroy(&of);
  checkrob_cursor_free(cursor);
  return status;
}

checkrob_status appending_run(const appending *a, row_list *rows) {
  last_mark last;
  appending_pass p = {
      .of = a,
      .rows = rows,
      .columns = {row_layout_find(rows->layout, "input"), row_layout_find(rows->layout, "part")},
      .inputs = checkrob_dataset_input_count(a->dataset)};
  checkrob_status status = find_last(&last, &p);
  bool is_complete = !status && last.any && last.input == p.inputs;
  if (!status && !is_complete) status = fill(&p, &last);
  row_list_empty(rows);
  return status;
}
