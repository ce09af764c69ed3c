/* SPDX-License-Identifier: Apache-2.0 */
#include "analysis/probes.h"

#include <checkrob/cut.h>
#include <checkrob/score.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/failure.h"
#include "base/clock.h"
#include "base/error.h"
#include "explain/explain.h"
#include "model/model.h"
#include "table/sample.h"

/* ---- declarations ---- */

/* For each probe the rank, then for each the log-odds. */
enum { RANKS = 0, LOG_ODDS = PROBES, COLUMNS = 2 * PROBES };

#define RANK(name_, what_) \
  { "rank_" name_, CHECKROB_COLUMN_INTEGER, "", 1, INFINITY, 0, 0, "`rank` " what_ "; empty unless probed" }
#define ODDS(name_, what_)                                                                         \
  {                                                                                                \
    "log_odds_" name_, CHECKROB_COLUMN_NUMBER, "nats", -INFINITY, INFINITY, 6, COLUMN_SIGNIFICANT, \
        "log-odds of the class against all others " what_ "; empty unless probed"                  \
  }
#define HOT_SPOT "with the strongest 12 % of the pixels off the object filled from around"
#define OBJECT_SPOT "with the strongest 12 % of the pixels on the object filled from around"
#define COLOUR "with everything off the object in gray"
#define OBJECT "with everything off the object in middle gray"
#define CONTEXT "with the object in middle gray"

static const column columns[COLUMNS] = {
    [RANKS + PROBE_WITHOUT_HOT_SPOT] = RANK("without_hot_spot", HOT_SPOT),
    [RANKS + PROBE_WITHOUT_OBJECT_SPOT] = RANK("without_object_spot", OBJECT_SPOT),
    [RANKS + PROBE_WITHOUT_COLOUR] = RANK("without_colour", COLOUR),
    [RANKS + PROBE_OBJECT_ONLY] = RANK("object_only", OBJECT),
    [RANKS + PROBE_CONTEXT_ONLY] = RANK("context_only", CONTEXT),
    [LOG_ODDS + PROBE_WITHOUT_HOT_SPOT] = ODDS("without_hot_spot", HOT_SPOT),
    [LOG_ODDS + PROBE_WITHOUT_OBJECT_SPOT] = ODDS("without_object_spot", OBJECT_SPOT),
    [LOG_ODDS + PROBE_WITHOUT_COLOUR] = ODDS("without_colour", COLOUR),
    [LOG_ODDS + PROBE_OBJECT_ONLY] = ODDS("object_only", OBJECT),
    [LOG_ODDS + PROBE_CONTEXT_ONLY] = ODDS("context_only", CONTEXT)};

const column_list probe_columns = {columns, COLUMNS};

/* ---- state ---- */

typedef struct prober {
  const checkrob_model *model;
  checkrob_cut *cut; /* the logits alone */
  channel_scale scale;
  int threads; /* of the model on the thread of `batch`; 0: as set for the process */
  analysis_setup setup;
  size_t classes;  /* K */
  float *input;    /* [batch, 3, H, W] */
  size_t *samples; /* [batch]: the numbers of those that are probed */
  probe_maker *maker;
} prober;

static checkrob_status begin(void *self, const analysis_setup *setup) {
  prober *p = self;
  size_t numbers = (size_t)3 * setup->height * setup->width;
  p->setup = *setup;
  p->classes = (size_t)checkrob_model_class_count(p->model);
  p->input = malloc(setup->batch * numbers * sizeof *p->input);
  p->samples = malloc(setup->batch * sizeof *p->samples);
  if (!p->input || !p->samples) return error_memory("a batch; use a smaller one");
  return probe_maker_new(&p->maker, setup->height, setup->width);
}

static void end(void *self) {
  prober *p = self;
  free(p->input);
  free(p->samples);
  probe_maker_free(p->maker);
  p->input = NULL;
  p->samples = NULL;
  p->maker = NULL;
}

static void destroy(void *self) {
  prober *p = self;
  checkrob_cut_free(p->cut);
  free(p);
}

/* ---- a batch ---- */

/* A sample that was not evaluated has no map. */
static size_t choose_samples(prober *p, const analysis_batch *batch) {
  size_t count = 0;
  for (size_t n = 0; n < batch->count; n++)
    if (sample_is_evaluated(batch->samples[n].row)) p->samples[count++] = n;
  return count;
}

static void alter(prober *p, const analysis_batch *batch, size_t count, probe_kind kind) {
  size_t pixels = (size_t)p->setup.height * p->setup.width;
  for (size_t i = 0; i < count; i++) {
    size_t n = p->samples[i];
    const probe_subject subject = {.height = p->setup.height,
                                   .width = p->setup.width,
                                   .input = batch->input + 3 * n * pixels,
                                   .coverage = batch->samples[n].coverage,
                                   .map = batch->maps + n * pixels,
                                   .scale = p->scale};
    probe_make(p->input + 3 * i * pixels, p->maker, &subject, kind);
  }
}

/* Of the chosen samples [first, first + count). */
static void set_answers(prober *p, const analysis_batch *batch, size_t first, size_t count, probe_kind kind,
                        const checkrob_capture *capture) {
  const float *logits = checkrob_capture_logits(capture);
  for (size_t i = first; i < first + count; i++, logits += p->classes) {
    const analysis_sample *sample = &batch->samples[p->samples[i]];
    int64_t target = checkrob_sample_class_index(sample->sample);
    double log_odds = score_of(p->model, CHECKROB_SCORE_LOG_ODDS, logits, p->classes, target);
    if (!isfinite(logits[target])) continue; /* not recognised by a model, but broken */
    row_set_integer(sample->row, p->setup.column + RANKS + kind, checkrob_rank(logits, p->classes, target));
    row_set_number(sample->row, p->setup.column + LOG_ODDS + kind, log_odds);
  }
}

static checkrob_status ask(prober *p, analysis_batch *batch, size_t first, size_t count, probe_kind kind) {
  size_t numbers = (size_t)3 * p->setup.height * p->setup.width;
  checkrob_capture *capture = NULL;
  double start = clock_seconds();
  checkrob_status status = checkrob_cut_run(&capture, p->cut, p->input + first * numbers, count,
                                            p->setup.height, p->setup.width, NULL);
  batch->model_seconds += clock_seconds() - start;
  if (!status) set_answers(p, batch, first, count, kind, capture);
  checkrob_capture_free(capture);
  return status;
}

/* The model raised an error on the batch. A copy on which it does so alone has no answer. */
static checkrob_status ask_one_by_one(prober *p, analysis_batch *batch, size_t count, probe_kind kind) {
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < count && count > 1 && !status; i++) {
    status = ask(p, batch, i, 1, kind);
    if (model_raised(status)) status = CHECKROB_OK;
  }
  return status;
}

static checkrob_status probe_batch(void *self, analysis_batch *batch) {
  prober *p = self;
  size_t count = choose_samples(p, batch);
  checkrob_status status = CHECKROB_OK;
  if (p->threads > 0) model_limit_threads(p->threads);
  for (int kind = 0; kind < PROBES && count > 0 && !status; kind++) {
    alter(p, batch, count, (probe_kind)kind);
    status = ask(p, batch, 0, count, (probe_kind)kind);
    if (model_raised(status)) status = ask_one_by_one(p, batch, count, (probe_kind)kind);
  }
  return status ? error_set(status, "on altered copies of %zu images: %s", count, checkrob_last_error())
                : CHECKROB_OK;
}

checkrob_status probes_new(analysis *out, const checkrob_model *model, const channel_scale *scale,
                           int threads) {
  prober *p = calloc(1, sizeof *p);
  if (!p) return error_memory("an analysis");
  p->model = model;
  p->scale = *scale;
  p->threads = threads;
  *out = (analysis){.name = "probes",
                    .columns = probe_columns,
                    .needs = ANALYSIS_TENSOR | ANALYSIS_REGIONS | ANALYSIS_MAPS,
                    .self = p,
                    .begin = begin,
                    .batch = probe_batch,
                    .end = end,
                    .destroy = destroy};
  return checkrob_cut_new(&p->cut, model, NULL, CHECKROB_SCORE_LOGIT, 0);
}
