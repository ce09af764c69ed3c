/* The run itself: collect a batch of finished samples, run the model, score, hand out; in the dataset's
 * order. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "explain/explain.h"
#include "model/model.h"
#include "results/results.h"
#include "run/evidence.h"
#include "run/gather.h"
#include "run/keep.h"
#include "run/run.h"
#include "score/localisation.h"

/* What one execution needs beside the run: freed when it ends. */
typedef struct execution {
  checkrob_run *run;
  gatherer gatherer;
  uint32_t height, width; /* H, W */
  size_t classes;         /* K */
  int64_t *targets;       /* [batch] */
  float *upsampled;       /* [H, W] */
  uint32_t *sorting;      /* [2, H, W] */
  evidence_maker evidence;
  checkrob_other_class *others;
  size_t other_capacity;
} execution;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static checkrob_status check_class_map(const checkrob_run *run, int64_t classes) {
  const checkrob_class_map *map = checkrob_dataset_classes(run->dataset);
  for (size_t i = 0; i < checkrob_class_map_count(map); i++) {
    int64_t index = checkrob_class_map_index(map, i);
    if (index >= classes)
      return error_set(
          CHECKROB_ERROR_INVALID_ARGUMENT,
          "class map, line %zu: class '%s' has index %" PRId64 ", but the model has %" PRId64
          " outputs, 0 to %" PRId64 "; correct the index, or take the map that belongs to this model",
          checkrob_class_map_line(map, i), checkrob_class_map_name(map, i), index, classes, classes - 1);
  }
  return CHECKROB_OK;
}

/* ---- handing out ---- */

static checkrob_status give(checkrob_run *run, const checkrob_image_result *result, const evidence *kept) {
  checkrob_status status = results_count(&run->tally, &run->totals, result);
  if (run->on_result && run->on_result(result, run->result_data) != 0)
    return error_set(CHECKROB_ERROR_CANCELLED, "stopped by the result callback");
  if (status == CHECKROB_OK && run->writer) status = writer_add(run->writer, result, kept);
  return status;
}

/* The sample's other classes, their shares not known yet. */
static checkrob_status list_others(execution *e, checkrob_image_result *result, const slot *s) {
  size_t count = checkrob_sample_other_count(s->sample);
  if (count > e->other_capacity) {
    checkrob_other_class *grown = realloc(e->others, count * sizeof *grown);
    if (!grown) return error_memory("an image's other classes");
    e->others = grown;
    e->other_capacity = count;
  }
  for (size_t i = 0; i < count; i++)
    e->others[i] = (checkrob_other_class){checkrob_sample_other_name(s->sample, i),
                                          checkrob_sample_other_index(s->sample, i), NAN};
  result->others = e->others;
  result->other_count = count;
  return CHECKROB_OK;
}

#define NO_LOCALISATION ((checkrob_localisation){sizeof(checkrob_localisation), NAN, NAN, NAN, NAN, NAN, NAN})

static checkrob_image_result describe(const slot *s) {
  checkrob_image_result result = {.size = sizeof result,
                                  .image = checkrob_sample_image(s->sample),
                                  .class_name = checkrob_sample_class_name(s->sample),
                                  .class_index = checkrob_sample_class_index(s->sample),
                                  .status = s->status,
                                  .message = checkrob_sample_message(s->sample),
                                  .rs = NAN,
                                  .logit = NAN,
                                  .hit = -1,
                                  .input = checkrob_sample_input(s->sample),
                                  .part = checkrob_sample_part(s->sample),
                                  .region_share = NAN,
                                  .probability = NAN,
                                  .predicted = -1,
                                  .milliseconds = s->milliseconds,
                                  .localisation = NO_LOCALISATION,
                                  .contrast = NAN,
                                  .rs0 = NAN};
  if (s->status != CHECKROB_OK) result.message = s->message ? s->message : "out of memory";
  return result;
}

/* ---- scoring one image of a batch ---- */

static int has_nan(const float *values, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (isnan(values[i])) return 1;
  return 0;
}

static double mean(const float *values, size_t count) {
  double sum = 0.0;
  for (size_t i = 0; i < count; i++) sum += (double)values[i];
  return sum / (double)count;
}

/* From the upsampled map; the sample's region share of it, and of the other classes' regions. */
static void score_map(checkrob_image_result *result, execution *e, const slot *s) {
  size_t pixels = (size_t)e->height * e->width;
  const float *ignored = s->has_ignored ? s->ignored : NULL;
  result->rs = checkrob_robustness_score_ignoring(e->upsampled, s->coverage, ignored, pixels);
  for (size_t i = 0; i < result->other_count; i++)
    e->others[i].share =
        checkrob_robustness_score_ignoring(e->upsampled, s->others + i * pixels, ignored, pixels);
  result->region_share = mean(s->coverage, pixels);
  result->empty_map = 1;
  for (size_t i = 0; i < pixels && result->empty_map; i++) result->empty_map = !(e->upsampled[i] > 0.0F);
  localise(&result->localisation, e->upsampled, s->coverage, ignored, pixels, e->sorting);
}

static checkrob_status score(checkrob_image_result *result, evidence *kept, execution *e, const slot *s,
                             const checkrob_explanation *explanation, size_t n) {
  const float *logits = checkrob_explanation_logits(explanation) + n * e->classes;
  result->logit = (double)logits[result->class_index];
  if (has_nan(logits, e->classes) || !isfinite(result->logit)) {
    result->status = CHECKROB_ERROR_NUMERIC;
    result->message =
        "the model gave NaN or infinite logits for this image; check the model's weights and the "
        "preprocessing";
    return CHECKROB_OK;
  }
  size_t shape[2];
  const float *map = checkrob_explanation_map(explanation, n, shape);
  checkrob_status status =
      checkrob_saliency_upsample(e->upsampled, e->height, e->width, map, shape[0], shape[1]);
  if (status != CHECKROB_OK) return status;
  score_map(result, e, s);
  result->probability =
      score_of(e->run->model, CHECKROB_SCORE_PROBABILITY, logits, e->classes, result->class_index);
  result->rank = checkrob_rank(logits, e->classes, result->class_index);
  result->hit = (uint64_t)result->rank <= e->run->top_k;
  status = checkrob_top_k(&result->predicted, logits, e->classes, 1);
  if (status != CHECKROB_OK) return status;
  const float *ignored = s->has_ignored ? s->ignored : NULL;
  status = evidence_make(kept, &e->evidence, map, shape[0], shape[1], e->upsampled, s->coverage, ignored);
  const float *values = checkrob_explanation_evidence(explanation, n, shape);
  if (status != CHECKROB_OK || !values) return status;
  return evidence_contrast(&result->contrast, &e->evidence, kept, values, shape[0], shape[1], s->coverage,
                           ignored);
}

/* ---- a batch ---- */

static checkrob_status name_targets(execution *e, size_t held) {
  size_t good = 0;
  for (size_t i = 0; i < held; i++) {
    slot *s = NULL;
    checkrob_status status = gather_slot(&s, &e->gatherer, i);
    if (status != CHECKROB_OK) return status;
    if (s->status == CHECKROB_OK) e->targets[good++] = checkrob_sample_class_index(s->sample);
  }
  return CHECKROB_OK;
}

static checkrob_status run_model(checkrob_explanation **out, execution *e, size_t good) {
  double start = now();
  checkrob_status status = checkrob_explainer_run(out, e->run->explainer, e->gatherer.input, good, e->height,
                                                  e->width, e->targets);
  e->run->totals.model_seconds += now() - start;
  if (status == CHECKROB_OK) return CHECKROB_OK;
  /* A device's own lack of memory is an ERROR. */
  int may_be_memory = status == CHECKROB_ERROR_OUT_OF_MEMORY || status == CHECKROB_ERROR;
  return error_set(status, "on a batch of %zu images: %s%s", good, checkrob_last_error(),
                   may_be_memory ? " (where memory is short, take a smaller batch)" : "");
}

static checkrob_status hand_out(execution *e, const checkrob_explanation *explanation, size_t held,
                                double milliseconds, size_t *done) {
  size_t n = 0;
  for (size_t i = 0; i < held; i++) {
    slot *s = NULL;
    checkrob_status status = gather_slot(&s, &e->gatherer, i);
    if (status != CHECKROB_OK) return status;
    checkrob_image_result result = describe(s);
    evidence kept = {0};
    status = list_others(e, &result, s);
    if (status == CHECKROB_OK && s->status == CHECKROB_OK) {
      result.milliseconds += milliseconds;
      status = score(&result, &kept, e, s, explanation, n++);
    }
    e->run->totals.skipped = e->run->skipped_before + s->skipped;
    if (status == CHECKROB_OK) status = give(e->run, &result, result.status == CHECKROB_OK ? &kept : NULL);
    if (status != CHECKROB_OK) return status;
    *done = s->inputs_done;
  }
  return CHECKROB_OK;
}

static checkrob_status worst(checkrob_status first, checkrob_status second) {
  return first == CHECKROB_OK ? second : first;
}

/* One turn; *held is 0 after the last. */

static checkrob_status turn(execution *e, size_t *held, size_t *done) {
  size_t good = 0;
  double start = now();
  checkrob_status status = gather_batch(held, &good, &e->gatherer, *done);
  e->run->totals.wait_seconds += now() - start;
  if (status != CHECKROB_OK || *held == 0) return status;
  checkrob_explanation *explanation = NULL;
  double before = e->run->totals.model_seconds;
  if (good > 0) status = name_targets(e, *held);
  if (status == CHECKROB_OK && good > 0) status = run_model(&explanation, e, good);
  double milliseconds = good > 0 ? 1e3 * (e->run->totals.model_seconds - before) / (double)good : 0.0;
  if (status == CHECKROB_OK) status = hand_out(e, explanation, *held, milliseconds, done);
  /* Whole batches: where a run is resumed, the same images then go through the model together. */
  if (e->run->writer) status = worst(status, writer_commit(e->run->writer));
  checkrob_explanation_free(explanation);
  pipeline_release(e->gatherer.line, *held);
  if (status == CHECKROB_OK) status = gather_report(&e->gatherer, *done);
  return status;
}

/* ---- the whole ---- */

static checkrob_status prepare(checkrob_run *run) {
  double start = now();
  checkrob_model_set_threads(run->threads);
  checkrob_status status = checkrob_model_probe(run->model, checkrob_preprocess_height(run->preprocess),
                                                checkrob_preprocess_width(run->preprocess));
  if (status == CHECKROB_OK) status = check_class_map(run, checkrob_model_class_count(run->model));
  if (status == CHECKROB_OK) status = checkrob_explainer_select_layer(run->explainer, run->layer);
  run->prepared = status == CHECKROB_OK ? model_selection(run->model) : 0;
  run->prepare_seconds = now() - start;
  return status;
}

checkrob_status checkrob_run_prepare(checkrob_run *run) {
  checkrob_status status = run_check_idle(run, "checkrob_run_prepare");
  return status == CHECKROB_OK ? prepare(run) : status;
}

static checkrob_status prepare_buffers(execution *e) {
  checkrob_run *run = e->run;
  size_t pixels = (size_t)e->height * e->width;
  e->gatherer = (gatherer){.cursor = run->cursor,
                           .batch = run->batch,
                           .stride = 3 * pixels,
                           .input = calloc(run->batch, 3 * pixels * sizeof(float)),
                           .cancelled = &run->cancelled,
                           .on_progress = run->on_progress,
                           .progress_data = run->progress_data};
  e->targets = calloc(run->batch, sizeof *e->targets);
  e->upsampled = malloc(pixels * sizeof *e->upsampled);
  e->sorting = malloc(2 * pixels * sizeof *e->sorting);
  if (!e->gatherer.input || !e->targets || !e->upsampled || !e->sorting)
    return error_memory("a batch; use a smaller one");
  return evidence_maker_init(&e->evidence, e->height, e->width);
}

/* Behind the last sample there may be inputs that are skipped. */
static checkrob_status pass_the_end(execution *e, size_t done) {
  checkrob_run *run = e->run;
  run->totals.skipped = run->skipped_before + checkrob_cursor_skipped(run->cursor);
  size_t all = checkrob_cursor_inputs_done(run->cursor);
  return done < all ? gather_report(&e->gatherer, all) : CHECKROB_OK;
}

static checkrob_status execute(execution *e, double run_start) {
  checkrob_run *run = e->run;
  size_t threads = (size_t)checkrob_model_set_threads(run->threads);
  /* Meanwhile the model may have forgotten its probe, by another layout or device, or have other layers. */
  int prepared = run->prepared && run->prepared == model_selection(run->model);
  checkrob_status status = prepared ? CHECKROB_OK : prepare(run);
  run->prepared = 0; /* its time is this execution's alone */
  e->classes = (size_t)checkrob_model_class_count(run->model);
  if (status == CHECKROB_OK) status = prepare_buffers(e);
  /* While one batch is with the model the next is filled; each worker needs a place to put its image. */
  pipeline_options options = {.cursor = run->cursor,
                              .preprocess = run->preprocess,
                              .limits = run->limits,
                              .geometry = run->geometry,
                              .slots = 2 * run->batch + threads,
                              .workers = threads};
  if (status == CHECKROB_OK) status = keep_start(run);
  run->totals.skipped = run->skipped_before;
  size_t held = 1, done = checkrob_cursor_inputs_done(run->cursor);
  if (status == CHECKROB_OK) status = pipeline_start(&e->gatherer.line, &options);
  run->totals.setup_seconds = now() - run_start;
  while (status == CHECKROB_OK && held > 0) status = turn(e, &held, &done);
  return status == CHECKROB_OK ? pass_the_end(e, done) : status;
}

/* Whatever ended the run, what it computed is ranked; the sentence of an earlier failure must not be lost
 * over it. */
static checkrob_status rank_classes(checkrob_run *run, checkrob_status status) {
  /* One place more than needed: "no classes" must not look like "no memory". */
  run->ranking = malloc((run->tally.count + 1) * sizeof *run->ranking);
  if (run->ranking)
    tally_rank(run->ranking, &run->tally);
  else if (status == CHECKROB_OK)
    return error_memory("the classes' ranking");
  return status;
}

checkrob_status checkrob_run_execute(checkrob_run *run) {
  checkrob_status status = run_check_idle(run, "checkrob_run_execute");
  if (status != CHECKROB_OK) return status;
  run->executing = 1;
  tally_clear(&run->tally);
  free(run->ranking);
  run->ranking = NULL;
  run->totals = (checkrob_run_totals)CHECKROB_RUN_TOTALS_INIT;
  run->skipped_before = 0;
  run->totals.inputs = checkrob_cursor_input_count(run->cursor);

  double start = now() - (run->prepared ? run->prepare_seconds : 0.0); /* as if it had been done here */
  execution e = {.run = run,
                 .height = checkrob_preprocess_height(run->preprocess),
                 .width = checkrob_preprocess_width(run->preprocess)};
  status = execute(&e, start);
  pipeline_free(e.gatherer.line);
  free(e.gatherer.input);
  free(e.targets);
  free(e.upsampled);
  free(e.sorting);
  evidence_maker_clear(&e.evidence);
  free(e.others);
  atomic_store(&run->cancelled, 0);
  run->totals.seconds = now() - start;
  status = keep_finish(run, status);
  run->executing = 0;
  return rank_classes(run, status);
}
