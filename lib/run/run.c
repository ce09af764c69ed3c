/* The handle: what is to be run, and what came out. The work itself is in execute.c. */
#include "run/run.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/structure.h"
#include "base/text.h"
#include "score/verdict.h"

checkrob_status checkrob_run_new(checkrob_run **out, checkrob_model *model, const checkrob_dataset *dataset,
                                 const checkrob_preprocess *preprocess) {
  if (!out || !model || !dataset || !preprocess)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_run_new: NULL argument");
  if (!checkrob_dataset_classes(dataset))
    return error_set(
        CHECKROB_ERROR_INVALID_ARGUMENT,
        "checkrob_run_new: the dataset holds images alone; scoring needs classes and annotations");
  checkrob_run *run = calloc(1, sizeof *run);
  if (run) run->layer = text_copy("auto");
  checkrob_status status =
      run && run->layer ? checkrob_explainer_new(&run->explainer, model) : error_memory("a run");
  if (status == CHECKROB_OK) status = checkrob_cursor_new(&run->cursor, dataset, 0, 0);
  if (status != CHECKROB_OK) {
    checkrob_run_free(run);
    return status;
  }
  run->model = model;
  run->dataset = dataset;
  run->preprocess = preprocess;
  run->limits = (checkrob_image_limits)CHECKROB_IMAGE_LIMITS_INIT;
  run->rule = (checkrob_verdict_rule)CHECKROB_VERDICT_RULE_INIT;
  run->geometry = CHECKROB_GEOMETRY_STANDARD;
  run->batch = 16;
  /* What the verdicts' rule was made for: docs/score.md. */
  checkrob_explainer_set(run->explainer, CHECKROB_EXPLAINER_SCORE_FUNCTION, CHECKROB_SCORE_LOG_ODDS);
  checkrob_explainer_set(run->explainer, CHECKROB_EXPLAINER_REFERENCE, CHECKROB_REFERENCE_BLANK);
  run->top_k = 1;
  *out = run;
  return CHECKROB_OK;
}

void checkrob_run_free(checkrob_run *run) {
  if (!run) return;
  tally_clear(&run->tally);
  checkrob_explainer_free(run->explainer);
  checkrob_cursor_free(run->cursor);
  free(run->ranking);
  free(run->layer);
  free(run->store_path);
  store_options_clear(&run->notes);
  free(run);
}

checkrob_status run_check_idle(const checkrob_run *run, const char *function) {
  if (!run) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "%s: NULL argument", function);
  if (!run->executing) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                   "%s: the run is being executed; change it before, or after it ended", function);
}

static checkrob_status out_of_range(const char *option, int64_t value, const char *range) {
  return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "%s is %lld, but must be %s", option, (long long)value,
                   range);
}

checkrob_status checkrob_run_set(checkrob_run *run, checkrob_run_option option, int64_t value) {
  checkrob_status idle = run_check_idle(run, "checkrob_run_set");
  if (idle != CHECKROB_OK) return idle;
  switch (option) {
    case CHECKROB_RUN_METHOD:
      run->prepared = 0; /* the layer depends on it */
      return checkrob_explainer_set(run->explainer, CHECKROB_EXPLAINER_METHOD, value);
    case CHECKROB_RUN_SCORE_FUNCTION:
      return checkrob_explainer_set(run->explainer, CHECKROB_EXPLAINER_SCORE_FUNCTION, value);
    case CHECKROB_RUN_COMBINE:
      return checkrob_explainer_set(run->explainer, CHECKROB_EXPLAINER_COMBINE, value);
    case CHECKROB_RUN_SAMPLES:
      return checkrob_explainer_set(run->explainer, CHECKROB_EXPLAINER_SAMPLES, value);
    case CHECKROB_RUN_STEPS:
      return checkrob_explainer_set(run->explainer, CHECKROB_EXPLAINER_STEPS, value);
    case CHECKROB_RUN_REFERENCE:
      return checkrob_explainer_set(run->explainer, CHECKROB_EXPLAINER_REFERENCE, value);
    case CHECKROB_RUN_SEED:
      return checkrob_explainer_set(run->explainer, CHECKROB_EXPLAINER_SEED, value);
    case CHECKROB_RUN_GEOMETRY:
      if (value != CHECKROB_GEOMETRY_STANDARD && value != CHECKROB_GEOMETRY_PAPER)
        return out_of_range("the geometry", value, "one of checkrob_geometry");
      run->geometry = (checkrob_geometry)value;
      return CHECKROB_OK;
    case CHECKROB_RUN_BATCH:
      if (value < 1 || value > 4096) return out_of_range("the batch", value, "1 to 4096");
      run->batch = (size_t)value;
      return CHECKROB_OK;
    case CHECKROB_RUN_THREADS:
      if (value < 0 || value > 1024)
        return out_of_range("the number of threads", value, "0 (all cores) to 1024");
      run->threads = (int)value;
      return CHECKROB_OK;
    case CHECKROB_RUN_TOP_K:
      if (value < 1) return out_of_range("k", value, "at least 1");
      run->top_k = (size_t)value;
      return CHECKROB_OK;
  }
  return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_run_set: unknown option %d", (int)option);
}

checkrob_status checkrob_run_set_shard(checkrob_run *run, uint32_t shard, uint32_t shards) {
  checkrob_status status = run_check_idle(run, "checkrob_run_set_shard");
  checkrob_cursor *cursor = NULL;
  if (status == CHECKROB_OK) status = checkrob_cursor_new(&cursor, run->dataset, shard, shards);
  if (status != CHECKROB_OK) return status;
  checkrob_cursor_free(run->cursor);
  run->cursor = cursor;
  return CHECKROB_OK;
}

checkrob_status checkrob_run_set_layer(checkrob_run *run, const char *layer) {
  if (!layer) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_run_set_layer: NULL argument");
  checkrob_status idle = run_check_idle(run, "checkrob_run_set_layer");
  if (idle != CHECKROB_OK) return idle;
  char *copy = text_copy(layer);
  if (!copy) return error_memory("a layer's path");
  free(run->layer);
  run->layer = copy;
  run->prepared = 0;
  return CHECKROB_OK;
}

checkrob_status checkrob_run_set_image_limits(checkrob_run *run, const checkrob_image_limits *limits) {
  if (!limits)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_run_set_image_limits: NULL argument");
  checkrob_status idle = run_check_idle(run, "checkrob_run_set_image_limits");
  if (idle != CHECKROB_OK) return idle;
  checkrob_image_limits fresh = CHECKROB_IMAGE_LIMITS_INIT;
  checkrob_status status = structure_take(&fresh, sizeof fresh, limits);
  if (status == CHECKROB_OK) run->limits = fresh;
  return status;
}

checkrob_status checkrob_run_set_verdict_rule(checkrob_run *run, const checkrob_verdict_rule *rule) {
  if (!rule)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_run_set_verdict_rule: NULL argument");
  checkrob_status idle = run_check_idle(run, "checkrob_run_set_verdict_rule");
  if (idle != CHECKROB_OK) return idle;
  checkrob_verdict_rule fresh = CHECKROB_VERDICT_RULE_INIT;
  checkrob_status status = structure_take(&fresh, sizeof fresh, rule);
  if (status == CHECKROB_OK) status = verdict_rule_check(&fresh);
  if (status == CHECKROB_OK) run->rule = fresh;
  return status;
}

checkrob_status checkrob_run_keep(checkrob_run *run, const char *path) {
  checkrob_status idle = run_check_idle(run, "checkrob_run_keep");
  if (idle != CHECKROB_OK) return idle;
  char *copy = path ? text_copy(path) : NULL;
  if (path && !copy) return error_memory("a path");
  free(run->store_path);
  run->store_path = copy;
  return CHECKROB_OK;
}

checkrob_status checkrob_run_note(checkrob_run *run, const char *name, const char *value) {
  if (!name || !value) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_run_note: NULL argument");
  checkrob_status idle = run_check_idle(run, "checkrob_run_note");
  return idle != CHECKROB_OK ? idle : store_options_add(&run->notes, name, value, false);
}

void checkrob_run_on_result(checkrob_run *run, checkrob_result_callback callback, void *user_data) {
  run->on_result = callback;
  run->result_data = user_data;
}

void checkrob_run_on_progress(checkrob_run *run, checkrob_progress_callback callback, void *user_data) {
  run->on_progress = callback;
  run->progress_data = user_data;
}

void checkrob_run_cancel(checkrob_run *run) {
  atomic_store(&run->cancelled, 1);
}

size_t checkrob_run_class_count(const checkrob_run *run) {
  return run && run->ranking ? run->tally.count : 0;
}

checkrob_status checkrob_run_class(checkrob_class_result *out, const checkrob_run *run, size_t rank) {
  if (!out || rank >= checkrob_run_class_count(run))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_run_class: no class of rank %zu", rank);
  checkrob_class_result full = tally_result(run->ranking[rank]);
  return structure_give(out, &full, sizeof full);
}

checkrob_status checkrob_run_totals_get(checkrob_run_totals *out, const checkrob_run *run) {
  if (!out || !run)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_run_totals_get: NULL argument");
  return structure_give(out, &run->totals, sizeof run->totals);
}
