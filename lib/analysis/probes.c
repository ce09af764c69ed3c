/* SPDX-License-Identifier: Apache-2.0 */
#include "analysis/probes.h"

#include <checkrob/cut.h>
#include <checkrob/score.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/failure.h"
#include "analysis/relative_logit.h"
#include "analysis/sample_row.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "explain/explain.h"
#include "model/model.h"
#include "probe/margin.h"
#include "table/sample.h"

/* ---- declarations ---- */

/* Columns of the sample itself and of its donor; then, for each probe, the rank and the relative logit. */
enum {
  RELATIVE_LOGIT,
  DONOR,
  DONOR_INDEX,
  DONOR_RELATIVE_LOGIT,
  DONOR_TRANSPLANTED,
  DONOR_BLURRED,
  DONOR_SLIGHTLY_BLURRED,
  FIRST_PROBE,
  COLUMNS = FIRST_PROBE + 2 * PROBES
};

#define INTEGER(name_, text_) \
  { name_, CHECKROB_COLUMN_INTEGER, "", 0, INFINITY, 0, 0, text_ "; empty unless probed" }
#define LOGIT(name_, text_)                                                        \
  {                                                                                \
    name_, CHECKROB_COLUMN_NUMBER, "", -INFINITY, INFINITY, 6, COLUMN_SIGNIFICANT, \
        text_ "; empty unless probed"                                              \
  }
#define OF_PROBE(kind_, name_, what_)                                            \
  [FIRST_PROBE + 2 * PROBE_##kind_] = {"rank_" name_,                            \
                                       CHECKROB_COLUMN_INTEGER,                  \
                                       "",                                       \
                                       1,                                        \
                                       INFINITY,                                 \
                                       0,                                        \
                                       0,                                        \
                                       "`rank` " what_ "; empty unless probed"}, \
                     [FIRST_PROBE + 2 * PROBE_##kind_ + 1] =                     \
                         LOGIT("relative_logit_" name_, "`relative_logit` " what_)
#define TRANSPLANTED "with the donor's object in place of the image's own"
#define BLURRED "with everything off the object blurred, sigma 1/16 of the shorter side"
#define SLIGHTLY "with everything off the object blurred, sigma 1/80 of the shorter side"

static const column columns[COLUMNS] = {
    [RELATIVE_LOGIT] = LOGIT("relative_logit", "logit of the class less the mean of all logits"),
    [DONOR] = {"donor", CHECKROB_COLUMN_TEXT, "", 0, 0, 0, 0,
               "the donor: an image of another class; empty unless probed, and if there is none"},
    [DONOR_INDEX] = INTEGER("donor_index", "output index of the donor's class; empty without one"),
    [DONOR_RELATIVE_LOGIT] =
        LOGIT("donor_relative_logit", "`relative_logit` of the donor's class in this image"),
    [DONOR_TRANSPLANTED] = LOGIT("donor_relative_logit_transplanted", "the same " TRANSPLANTED),
    [DONOR_BLURRED] = LOGIT("donor_relative_logit_blurred", "the same " BLURRED),
    [DONOR_SLIGHTLY_BLURRED] = LOGIT("donor_relative_logit_slightly_blurred", "the same " SLIGHTLY),
    OF_PROBE(WITHOUT_HOT_SPOT, "without_hot_spot",
             "with the strongest 12 % of the pixels off the object filled from around"),
    OF_PROBE(WITHOUT_OBJECT_SPOT, "without_object_spot",
             "with the strongest 12 % of the pixels on the object filled from around"),
    OF_PROBE(WITHOUT_COLOUR, "without_colour", "with everything off the object in gray"),
    OF_PROBE(TRANSPLANTED, "transplanted", TRANSPLANTED),
    OF_PROBE(BLURRED, "blurred", BLURRED),
    OF_PROBE(SLIGHTLY_BLURRED, "slightly_blurred", SLIGHTLY),
    OF_PROBE(OBJECT_ONLY, "object_only", "with everything off the object in middle gray"),
    OF_PROBE(CONTEXT_ONLY, "context_only", "with the object in middle gray"),
    OF_PROBE(CONTEXT_FILLED, "context_filled", "with the object filled from around"),
    OF_PROBE(PATCHED, "patched", "with the object's shape, moved off the object, in middle gray")};

const column_list probe_columns = {columns, COLUMNS};

/* The column of the donor's class for a probe; COLUMNS if there is none. */
static size_t donor_column(probe_kind kind) {
  return kind == PROBE_TRANSPLANTED       ? DONOR_TRANSPLANTED
         : kind == PROBE_BLURRED          ? DONOR_BLURRED
         : kind == PROBE_SLIGHTLY_BLURRED ? DONOR_SLIGHTLY_BLURRED
                                          : COLUMNS;
}

/* ---- state ---- */

typedef struct prober {
  const checkrob_model *model;
  checkrob_cut *cut; /* the logits alone */
  probes_choice choice;
  int probes; /* the first ones of probe_kind */
  analysis_setup setup;
  size_t classes;  /* K */
  float *input;    /* [batch, 3, H, W] */
  float *objects;  /* [batch, H, W]: their coverage with the margin */
  size_t *samples; /* [batch]: the numbers of those that are probed */
  probe_maker *maker;
  void *work; /* of margin_add() */
} prober;

static checkrob_status begin(void *self, const analysis_setup *setup) {
  prober *p = self;
  size_t numbers = (size_t)3 * setup->height * setup->width;
  p->setup = *setup;
  p->classes = (size_t)checkrob_model_class_count(p->model);
  p->input = malloc(setup->batch * numbers * sizeof *p->input);
  p->objects = malloc(setup->batch * numbers / 3 * sizeof *p->objects);
  p->samples = malloc(setup->batch * sizeof *p->samples);
  p->work = malloc(margin_work(setup->height, setup->width));
  if (!p->input || !p->objects || !p->samples || !p->work) return error_memory("a batch; use a smaller one");
  return probe_maker_new(&p->maker, setup->height, setup->width);
}

static void end(void *self) {
  prober *p = self;
  free(p->input);
  free(p->objects);
  free(p->samples);
  free(p->work);
  probe_maker_free(p->maker);
  p->input = p->objects = NULL;
  p->samples = NULL;
  p->work = NULL;
  p->maker = NULL;
}

static void destroy(void *self) {
  prober *p = self;
  checkrob_cut_free(p->cut);
  free(p);
}

/* ---- one sample ---- */

/* The sample is then judged without the probe. */
static checkrob_status note_silence(const analysis_sample *sample, const char *probe, const char *why) {
  char message[512];
  snprintf(message, sizeof message, "%s%s: %s", *probe ? "no answer to the probe " : "not probed", probe,
           why);
  return sample_row_remark(sample->row, message);
}

#define NOT_FINITE "the model returned NaN or infinite logits, which have no mean"

static void set_logit(prober *p, const analysis_sample *sample, size_t at, const float *logits,
                      int64_t index) {
  if (index >= 0 && (size_t)index < p->classes)
    row_set_number(sample->row, p->setup.column + at, relative_logit(logits, p->classes, index));
}

/* What the unaltered image says. */
static checkrob_status set_plain(prober *p, const analysis_sample *sample, const float *logits) {
  const analysis_donor *donor = sample->donor;
  if (!floats_are_finite(logits, p->classes)) return note_silence(sample, "", NOT_FINITE);
  set_logit(p, sample, RELATIVE_LOGIT, logits, checkrob_sample_class_index(sample->sample));
  if (!donor) return CHECKROB_OK;
  row_set_integer(sample->row, p->setup.column + DONOR_INDEX, donor->class_index);
  set_logit(p, sample, DONOR_RELATIVE_LOGIT, logits, donor->class_index);
  return row_set_text(sample->row, p->setup.column + DONOR, donor->image);
}

static checkrob_status set_answer(prober *p, const analysis_sample *sample, probe_kind kind,
                                  const float *logits) {
  int64_t target = checkrob_sample_class_index(sample->sample);
  size_t at = FIRST_PROBE + 2 * (size_t)kind;
  if (!floats_are_finite(logits, p->classes)) return note_silence(sample, probe_names[kind], NOT_FINITE);
  row_set_integer(sample->row, p->setup.column + at, checkrob_rank(logits, p->classes, target));
  set_logit(p, sample, at + 1, logits, target);
  if (sample->donor && donor_column(kind) != COLUMNS)
    set_logit(p, sample, donor_column(kind), logits, sample->donor->class_index);
  return CHECKROB_OK;
}

/* ---- a batch ---- */

/* What counts as the objects of the batch's samples. */
static void find_objects(prober *p, const analysis_batch *batch) {
  size_t height = p->setup.height, width = p->setup.width, pixels = height * width;
  for (size_t n = 0; n < batch->count; n++) {
    if (!sample_is_evaluated(batch->samples[n].row)) continue;
    memcpy(p->objects + n * pixels, batch->samples[n].coverage, pixels * sizeof *p->objects);
    margin_add(p->objects + n * pixels, height, width, p->choice.margin, p->work);
  }
}

/* Makes the altered copies. A sample that was not evaluated has no map, and not every one has a donor. */
static size_t alter(prober *p, const analysis_batch *batch, probe_kind kind) {
  size_t pixels = (size_t)p->setup.height * p->setup.width, count = 0;
  for (size_t n = 0; n < batch->count; n++) {
    const analysis_sample *sample = &batch->samples[n];
    const probe_subject subject = {.height = p->setup.height,
                                   .width = p->setup.width,
                                   .input = batch->input + 3 * n * pixels,
                                   .coverage = p->objects + n * pixels,
                                   .ignored = sample->ignored,
                                   .map = batch->maps + n * pixels,
                                   .scale = p->choice.scale,
                                   .donor = sample->donor ? &sample->donor->object : NULL};
    if (sample_is_evaluated(sample->row) &&
        probe_make(p->input + 3 * count * pixels, p->maker, &subject, kind))
      p->samples[count++] = n;
  }
  return count;
}

/* Of the altered copies [first, first + count). */
static checkrob_status ask(prober *p, analysis_batch *batch, size_t first, size_t count, probe_kind kind) {
  size_t numbers = (size_t)3 * p->setup.height * p->setup.width;
  checkrob_capture *capture = NULL;
  double start = clock_seconds();
  checkrob_status status = checkrob_cut_run(&capture, p->cut, p->input + first * numbers, count,
                                            p->setup.height, p->setup.width, NULL);
  batch->model_seconds += clock_seconds() - start;
  const float *logits = status ? NULL : checkrob_capture_logits(capture);
  for (size_t i = 0; i < count && !status; i++)
    status = set_answer(p, &batch->samples[p->samples[first + i]], kind, logits + i * p->classes);
  checkrob_capture_free(capture);
  return status;
}

/* The model raised an error on copy i alone: its message is the last one. */
static checkrob_status note_refusal(const prober *p, const analysis_batch *batch, size_t i, probe_kind kind) {
  return note_silence(&batch->samples[p->samples[i]], probe_names[kind], checkrob_last_error());
}

/* The model raised an error on the batch. A copy on which it does so alone has no answer. */
static checkrob_status ask_one_by_one(prober *p, analysis_batch *batch, size_t count, probe_kind kind) {
  if (count == 1) return note_refusal(p, batch, 0, kind);
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < count && !status; i++) {
    status = ask(p, batch, i, 1, kind);
    if (model_raised(status)) status = note_refusal(p, batch, i, kind);
  }
  return status;
}

static checkrob_status ask_all(prober *p, analysis_batch *batch, probe_kind kind) {
  size_t count = alter(p, batch, kind);
  checkrob_status status = count > 0 ? ask(p, batch, 0, count, kind) : CHECKROB_OK;
  if (model_raised(status)) status = ask_one_by_one(p, batch, count, kind);
  return status ? error_set(status, "on altered copies of %zu images: %s", count, checkrob_last_error())
                : CHECKROB_OK;
}

static checkrob_status probe_batch(void *self, analysis_batch *batch) {
  prober *p = self;
  checkrob_status status = CHECKROB_OK;
  if (p->choice.threads > 0) model_limit_threads(p->choice.threads);
  find_objects(p, batch);
  for (size_t n = 0; n < batch->count && !status; n++)
    if (sample_is_evaluated(batch->samples[n].row))
      status = set_plain(p, &batch->samples[n], batch->logits + n * p->classes);
  for (int kind = 0; kind < p->probes && !status; kind++) status = ask_all(p, batch, (probe_kind)kind);
  return status;
}

checkrob_status probes_new(analysis *out, const checkrob_model *model, const probes_choice *choice) {
  prober *p = calloc(1, sizeof *p);
  if (!p) return error_memory("an analysis");
  p->model = model;
  p->choice = *choice;
  p->probes = choice->all ? PROBES : PROBES_OF_VERDICT;
  *out = (analysis){.name = "probes",
                    .columns = {columns, FIRST_PROBE + 2 * (size_t)p->probes},
                    .needs = ANALYSIS_TENSOR | ANALYSIS_REGIONS | ANALYSIS_MAPS | ANALYSIS_DONORS,
                    .self = p,
                    .begin = begin,
                    .batch = probe_batch,
                    .end = end,
                    .destroy = destroy};
  return checkrob_cut_new(&p->cut, model, NULL, CHECKROB_SCORE_LOGIT, 0);
}
