/* SPDX-License-Identifier: Apache-2.0 */
/* One execution: it makes the analyses, runs the engine over the data, counts and stores the rows, and
 * assesses the classes. */
#include <stdlib.h>
#include <string.h>

#include "analysis/backgrounds.h"
#include "analysis/contributions.h"
#include "analysis/probes.h"
#include "analysis/properties.h"
#include "analysis/representation.h"
#include "analysis/saliency_score.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "classes/class_list.h"
#include "engine/engine.h"
#include "image/limits.h"
#include "image/recipe.h"
#include "model/model.h"
#include "options/options.h"
#include "run/features.h"
#include "run/image_pool.h"
#include "run/run.h"
#include "run/settings.h"
#include "run/storing.h"
#include "table/reader.h"
#include "table/sample.h"

#define NO_INPUT (-1)

/* The state of one execution, in addition to that of the run; freed at its end. */
typedef struct execution {
  checkrob_run *run;
  verdict_rule rule;
  checkrob_cursor *cursor;
  analysis scores[RUN_LANES], probes[RUN_LANES], contributions[RUN_LANES], properties[RUN_LANES],
      backgrounds[RUN_LANES];
  analysis reading;
  size_t threads, lanes, lane_threads;
  bool probing, featuring, cueing, advising;
  analysis *analyses[5 * RUN_LANES + RUN_ANALYSES]; /* [lanes, analysis_count] */
  size_t analysis_count;
  row_layout *layout;
  storing *stored;
  class_tally tally;
  int64_t last_input; /* input of the last row */
  bool stopped;       /* by the row callback; the batch is completed */
  size_t inputs_with_rows;
  size_t resumed;
  engine_totals engine;
  double setup_seconds;
} execution;

/* ---- the parts of the pass ---- */

/* Representations are read out in order, and other analyses exist once: these need one lane. */
static size_t count_lanes(const checkrob_run *run) {
  if (run->readout || run->added_count > 0) return 1;
  return settings_lanes(run->options, RUN_LANES);
}

static checkrob_status make_probes(execution *e, size_t lane, int threads) {
  probes_choice choice = {.all = strcmp(checkrob_options_text(e->run->options, "probe"), "all") == 0,
                          .margin = checkrob_options_number(e->run->options, "probe_margin"),
                          .threads = threads,
                          .scale = settings_scale(e->run->preprocess)};
  return probes_new(&e->probes[lane], e->run->model, &choice);
}

static checkrob_status make_contributions(execution *e, size_t lane, int threads) {
  contributions_choice choice = {.layer = features_layer(e->run),
                                 .margin = checkrob_options_number(e->run->options, "probe_margin"),
                                 .threads = threads,
                                 .scale = settings_scale(e->run->preprocess)};
  return contributions_new(&e->contributions[lane], e->run->model, &choice);
}

static checkrob_status make_backgrounds(execution *e, size_t lane, int threads) {
  backgrounds_choice choice = {.layer = features_layer(e->run),
                               .margin = checkrob_options_number(e->run->options, "probe_margin"),
                               .threads = threads,
                               .scale = settings_scale(e->run->preprocess)};
  return backgrounds_new(&e->backgrounds[lane], e->run->model, &choice);
}

static checkrob_status choose_analyses(execution *e) {
  checkrob_run *run = e->run;
  e->probing = strcmp(checkrob_options_text(run->options, "probe"), "none") != 0;
  e->featuring = checkrob_options_integer(run->options, "features") == 1;
  e->cueing = checkrob_options_integer(run->options, "cues") == 1;
  e->advising = checkrob_options_integer(run->options, "advice") == 1;
  e->threads = settings_compute_threads(run->options);
  e->lanes = count_lanes(run);
  size_t each = e->threads / e->lanes;
  e->lane_threads = settings_threads_on(run->model, each);
  int threads = e->lanes > 1 ? (int)each : 0;
  size_t count = 0;
  for (size_t i = 0; i < e->lanes; i++) {
    checkrob_status status = CHECKROB_OK;
    if (!run->explainers[i]) status = checkrob_explainer_new(&run->explainers[i], run->model, run->options);
    if (!status) status = saliency_score_new(&e->scores[i], run->explainers[i], e->rule.top_k, threads);
    if (!status && e->probing) status = make_probes(e, i, threads);
    if (!status && e->featuring) status = make_contributions(e, i, threads);
    if (!status && e->cueing) status = properties_new(&e->properties[i]);
    if (!status && e->advising) status = make_backgrounds(e, i, threads);
    if (status) return status;
    e->analyses[count++] = &e->scores[i];
    if (e->probing) e->analyses[count++] = &e->probes[i];
    if (e->featuring) e->analyses[count++] = &e->contributions[i];
    if (e->cueing) e->analyses[count++] = &e->properties[i];
    if (e->advising) e->analyses[count++] = &e->backgrounds[i];
  }
  if (run->readout) {
    checkrob_status status =
        representation_new(&e->reading, run->readout, run->pool, run->on_batch, run->batch_data);
    if (status) return status;
    e->analyses[count++] = &e->reading;
  }
  for (size_t i = 0; i < run->added_count; i++) e->analyses[count++] = &run->added[i];
  e->analysis_count = 1U + e->probing + e->featuring + e->cueing + e->advising + (run->readout ? 1U : 0U) +
                      run->added_count; /* of each lane */
  return CHECKROB_OK;
}

static checkrob_status lay_out(execution *e) {
  column_list parts[RUN_ANALYSES];
  size_t child_count = 0;
  for (size_t i = 0; i < e->analysis_count; i++) {
    parts[i] = e->analyses[i]->columns;
    child_count += e->analyses[i]->child_count;
  }
  const child_table **children = malloc((child_count + 1) * sizeof *children);
  if (!children) return error_memory("the columns of a run");
  size_t child = 0;
  for (size_t i = 0; i < e->analysis_count; i++)
    for (size_t k = 0; k < e->analyses[i]->child_count; k++) children[child++] = e->analyses[i]->children[k];
  checkrob_status status = sample_layout_new(&e->layout, parts, e->analysis_count, children, child_count);
  free(children);
  return status;
}

/* ---- the results file ---- */

static checkrob_status count_row(execution *e, const checkrob_row *row) {
  int64_t input = row_integer(row, SAMPLE_INPUT);
  if (input != e->last_input) e->inputs_with_rows++;
  e->last_input = input;
  return tally_add(&e->tally, row);
}

static checkrob_status count_stored(execution *e) {
  table_reader *reader = NULL;
  checkrob_status status = sample_reader_open(&reader, storing_store(e->stored), 0);
  checkrob_row *row = NULL;
  while (!status && (status = table_reader_next(&row, reader)) == CHECKROB_OK) {
    status = count_row(e, row);
    e->resumed++;
  }
  table_reader_close(reader);
  return status == CHECKROB_END ? CHECKROB_OK : status;
}

static checkrob_status open_store(execution *e) {
  checkrob_run *run = e->run;
  const storing_subject subject = {.model = run->model,
                                   .dataset = run->dataset,
                                   .cursor = e->cursor,
                                   .preprocess = run->preprocess,
                                   .options = run->options,
                                   .pool = run->attack_pool,
                                   .layers = checkrob_run_layers(run),
                                   .notes = &run->notes};
  store_end end = {0};
  checkrob_status status = storing_open(&e->stored, &end, run->store_path, &subject, e->layout);
  if (!status && end.any) status = checkrob_cursor_seek(e->cursor, end.input, end.part + 1);
  return status;
}

/* The tally of rows that are in the file already. It uses the stored columns, whose order may differ from
 * that of this run. */
static checkrob_status resume(execution *e) {
  const row_layout *stored = store_samples(storing_store(e->stored));
  tally_start(&e->tally, stored ? stored : e->layout, e->rule.top_k);
  checkrob_status status = count_stored(e);
  sample_columns_find(&e->tally.columns, e->layout);
  return status ? status : storing_start(e->stored);
}

/* ---- the pass ---- */

/* If the callback stops the run, the rest of the batch is still counted and stored: half a batch in the file
 * would make a resumed run form other batches. */
static checkrob_status emit(const engine_sample *s, void *data) {
  execution *e = data;
  const checkrob_class_map *classes = checkrob_dataset_classes(e->run->dataset);
  const char *title = checkrob_class_map_title_of(classes, row_integer(s->row, SAMPLE_INDEX));
  checkrob_status status = row_set_text(s->row, SAMPLE_TITLE, title);
  if (!status) status = storing_add(e->stored, s->row);
  if (!status) status = count_row(e, s->row);
  if (!status && e->run->on_row && !e->stopped) e->stopped = e->run->on_row(s->row, e->run->row_data) != 0;
  return status;
}

static checkrob_status commit(void *data) {
  const execution *e = data;
  checkrob_status status = storing_commit(e->stored);
  if (status || !e->stopped) return status;
  return error_set(CHECKROB_ERROR_INTERRUPTED, "the row callback interrupted the run");
}

static checkrob_status report(size_t inputs_done, void *data) {
  const execution *e = data;
  const checkrob_run *run = e->run;
  if (!run->on_progress ||
      run->on_progress(inputs_done, checkrob_cursor_input_count(e->cursor), run->progress_data) == 0)
    return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_INTERRUPTED, "the progress callback interrupted the run");
}

static checkrob_status pass(execution *e) {
  checkrob_run *run = e->run;
  size_t batch = (size_t)checkrob_options_integer(run->options, "batch");
  engine_options options = {.cursor = e->cursor,
                            .donors = run->dataset,
                            .donor_margin = checkrob_options_number(run->options, "probe_margin"),
                            .preprocess = run->preprocess,
                            .limits = image_limits_of(run->options),
                            .most_bytes = (uint64_t)checkrob_options_integer(run->options, "max_batch_bytes"),
                            .geometry = settings_geometry(run->options),
                            .batch = batch,
                            .workers = e->threads,
                            .lane_threads = e->lane_threads,
                            /* While each lane has one batch, the next one is filled. Each worker also needs
                             * a cell for its image. */
                            .capacity = (e->lanes + 1) * batch + e->threads,
                            .lanes = e->lanes,
                            .model_worked = e->tally.evaluated > 0,
                            .analyses = e->analyses,
                            .analysis_count = e->analysis_count,
                            .layout = e->layout,
                            .interrupted = &run->interrupted,
                            .on_sample = emit,
                            .on_batch = commit,
                            .on_progress = report,
                            .data = e};
  model_begin_pass((int)e->threads);
  checkrob_status status = engine_run(&e->engine, &options);
  model_end_pass();
  return status;
}

/* ---- finishing ---- */

static const char *outcome_of(checkrob_status status) {
  return status == CHECKROB_OK ? "complete" : status == CHECKROB_ERROR_INTERRUPTED ? "interrupted" : "failed";
}

/* An interrupt that stopped something is done with. One that came too late remains for the next execution. */
static void consume_interrupt(checkrob_run *run, checkrob_status status) {
  if (status == CHECKROB_ERROR_INTERRUPTED) atomic_store(&run->interrupted, 0);
}

static void count_classes(execution *e, store *s) {
  if (class_list_count(&e->run->classes, &e->tally) == CHECKROB_OK) class_list_title(&e->run->classes, s);
}

/* The classes that cannot be assessed are at least counted. */
static checkrob_status assess(execution *e, store *s, bool write) {
  checkrob_run *run = e->run;
  checkrob_status status = class_list_assess(&run->classes, &e->tally, s, &e->rule, &run->interrupted);
  if (!status && write) status = class_list_advise(&run->classes, s, &e->rule, &run->interrupted);
  consume_interrupt(run, status);
  if (status) {
    class_list_clear(&run->classes);
    count_classes(e, s);
  } else if (write)
    status = class_list_write(&run->classes, s);
  return status;
}

/* What depends on all samples. */
static checkrob_status examine_features(execution *e) {
  uint32_t shard = 0, shards = 0;
  options_shard(&shard, &shards, e->run->options);
  if (!e->featuring || shards > 1) return CHECKROB_OK;
  store *s = storing_store(e->stored);
  checkrob_status status = storing_drain(e->stored);
  if (!status) status = features_run(e->run, s, &e->tally, &e->rule, e->threads, &e->engine);
  if (!status && run_pool(e->run))
    status = image_pool_run(e->run, s, &e->tally, &e->rule, e->threads, &e->engine);
  return status;
}

/* However the pass stopped, its rows are written, assessed and ranked; a further interrupt stops this. The
 * error message of an earlier failure must remain. */
static checkrob_status finish(execution *e, checkrob_status status, double start) {
  consume_interrupt(e->run, status);
  char *message = text_copy(checkrob_last_error());
  store *s = storing_store(e->stored);
  checkrob_status written = storing_drain(e->stored);
  if (written)
    count_classes(e, s);
  else
    written = assess(e, s, status == CHECKROB_OK);
  if (!written || written == CHECKROB_ERROR_INTERRUPTED) {
    const char *outcome = outcome_of(status ? status : written);
    checkrob_status ended =
        store_end_session(s, outcome, e->tally.samples - e->resumed, clock_seconds() - start);
    if (ended) written = ended;
  }
  if (status && message) error_store("%s", message);
  free(message);
  return status ? status : written;
}

/* Nobody could read what it finds. */
static checkrob_status check_pool(const checkrob_run *run) {
  if (!run_pool(run) || run->store_path) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                   "the images of attack_images are ranked in a results file; name one by "
                   "checkrob_run_store()");
}

static checkrob_status execute(execution *e, double start) {
  checkrob_run *run = e->run;
  uint32_t shard = 0, shards = 0;
  options_shard(&shard, &shards, run->options);
  checkrob_status status = check_pool(run);
  if (!status) status = verdict_rule_from_options(&e->rule, run->options);
  if (!status) status = choose_analyses(e);
  if (!status) status = lay_out(e);
  if (!status) status = checkrob_cursor_new(&e->cursor, run->dataset, shard, shards);
  if (!status) status = open_store(e);
  if (status) return status;
  status = resume(e);
  e->setup_seconds = clock_seconds() - start;
  if (!status) status = pass(e);
  if (!status) status = examine_features(e);
  return finish(e, status, start);
}

static void total(execution *e, bool complete, double seconds) {
  checkrob_row *t = e->run->totals;
  size_t first = e->cursor ? checkrob_cursor_first_input(e->cursor) : 0;
  size_t count = e->cursor ? checkrob_cursor_input_count(e->cursor) : 0;
  size_t passed = complete ? count : e->last_input == NO_INPUT ? 0 : (size_t)e->last_input + 1 - first;
  row_put_integer(t, "inputs", (int64_t)count);
  row_put_integer(t, "skipped", (int64_t)(passed - e->inputs_with_rows));
  row_put_integer(t, "resumed", (int64_t)e->resumed);
  row_put_number(t, "seconds", seconds);
  row_put_number(t, "setup_seconds", e->setup_seconds);
  row_put_number(t, "model_seconds", e->engine.model_seconds);
  row_put_number(t, "wait_seconds", e->engine.wait_seconds);
  tally_total(t, &e->tally);
}

checkrob_status checkrob_run_execute(checkrob_run *run) {
  checkrob_status status = run_check_idle(run, "checkrob_run_execute");
  if (status) return status;
  double start = clock_seconds() - run->setup_seconds;
  run->setup_seconds = 0.0; /* counts for the first execution only */
  run->executing = 1;
  class_list_clear(&run->classes);
  row_clear(run->totals);
  execution e = {.run = run, .last_input = NO_INPUT};
  status = execute(&e, start);
  if (e.stored) total(&e, status == CHECKROB_OK, clock_seconds() - start);
  storing_close(e.stored);
  tally_clear(&e.tally);
  for (size_t i = 0; i < e.lanes; i++) {
    analysis_destroy(&e.scores[i]);
    analysis_destroy(&e.probes[i]);
    analysis_destroy(&e.contributions[i]);
    analysis_destroy(&e.properties[i]);
    analysis_destroy(&e.backgrounds[i]);
  }
  analysis_destroy(&e.reading);
  checkrob_cursor_free(e.cursor);
  row_layout_free(e.layout);
  run->executing = 0;
  return status;
}
