/* SPDX-License-Identifier: Apache-2.0 */
/* The handle: the settings and the results of a run. The work is in execute.c. */
#include "run/run.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "classes/class_columns.h"
#include "options/options.h"
#include "run/settings.h"
#include "run/storing.h"

static checkrob_status check_class_map(const checkrob_model *model, const checkrob_class_map *map) {
  int64_t classes = checkrob_model_class_count(model);
  for (size_t i = 0; i < checkrob_class_map_count(map); i++) {
    int64_t index = checkrob_class_map_index(map, i);
    if (index >= classes)
      return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                       "class map, line %zu: class '%s' has index %" PRId64 ", but the model has %" PRId64
                       " outputs, 0 to %" PRId64 "; correct the index, or use the map of this model",
                       checkrob_class_map_line(map, i), checkrob_class_map_name(map, i), index, classes,
                       classes - 1);
  }
  return CHECKROB_OK;
}

/* A shard does not rank the pool: the run on the merged file does. */
static checkrob_status open_pool(checkrob_run *run) {
  uint32_t shard = 0, shards = 0;
  options_shard(&shard, &shards, run->options);
  if (!checkrob_options_is_set(run->options, "attack_images")) return CHECKROB_OK;
  if (checkrob_options_integer(run->options, "features") != 1)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "attack_images needs features: images are ranked by the spurious features of the "
                     "classes; set the option features");
  if (shards > 1 || options_is(run->options, "attack_images", "own")) return CHECKROB_OK;
  return checkrob_dataset_open_pool(&run->attack_pool, run->options, checkrob_dataset_classes(run->dataset));
}

const checkrob_dataset *run_pool(const checkrob_run *run) {
  if (!checkrob_options_is_set(run->options, "attack_images")) return NULL;
  return run->attack_pool ? run->attack_pool : run->dataset;
}

static checkrob_status set_up(checkrob_run *run, const checkrob_options *options) {
  verdict_rule rule;
  double start = clock_seconds();
  checkrob_status status = checkrob_options_copy(&run->options, options);
  if (!status) status = verdict_rule_from_options(&rule, run->options);
  if (!status) status = open_pool(run);
  if (!status) status = totals_layout_new(&run->totals_layout);
  if (!status) status = row_new(&run->totals, run->totals_layout);
  if (!status) status = checkrob_explainer_new(&run->explainers[0], run->model, run->options);
  run->setup_seconds = clock_seconds() - start;
  return status;
}

checkrob_status checkrob_run_new(checkrob_run **out, const checkrob_model *model,
                                 const checkrob_dataset *dataset, const checkrob_preprocess *preprocess,
                                 const checkrob_options *options) {
  if (!out || !model || !dataset || !preprocess)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_run_new: NULL argument");
  if (!checkrob_dataset_classes(dataset))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_run_new: the dataset has only images; scoring needs classes and annotations");
  checkrob_status status = settings_check_size(model, preprocess);
  if (!status) status = check_class_map(model, checkrob_dataset_classes(dataset));
  if (status) return status;
  checkrob_run *run = calloc(1, sizeof *run);
  if (!run) return error_memory("a run");
  run->model = model;
  run->dataset = dataset;
  run->preprocess = preprocess;
  status = set_up(run, options);
  if (status)
    checkrob_run_free(run);
  else
    *out = run;
  return status;
}

void checkrob_run_free(checkrob_run *run) {
  if (!run) return;
  class_list_clear(&run->classes);
  for (size_t i = 0; i < run->added_count; i++) analysis_destroy(&run->added[i]);
  row_free(run->totals);
  row_layout_free(run->totals_layout);
  checkrob_cut_free(run->readout);
  for (size_t i = 0; i < RUN_LANES; i++) checkrob_explainer_free(run->explainers[i]);
  checkrob_dataset_free(run->attack_pool);
  checkrob_options_free(run->options);
  store_options_clear(&run->notes);
  free(run->store_path);
  free(run);
}

const checkrob_options *checkrob_run_options(const checkrob_run *run) {
  return run ? run->options : NULL;
}

const char *checkrob_run_layers(const checkrob_run *run) {
  return run ? checkrob_explainer_layers(run->explainers[0]) : "";
}

/* ---- before executing ---- */

checkrob_status run_check_idle(const checkrob_run *run, const char *function) {
  if (!run) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "%s: NULL argument", function);
  if (!run->executing) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "%s: the run is executing; change it before or after",
                   function);
}

checkrob_status run_add_analysis(checkrob_run *run, const analysis *a) {
  checkrob_status status = run_check_idle(run, "run_add_analysis");
  if (status) return status;
  if (run->added_count == RUN_ANALYSES - RUN_OWN_ANALYSES)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "a run can have at most %d analyses beside its own",
                     RUN_ANALYSES - RUN_OWN_ANALYSES);
  run->added[run->added_count++] = *a;
  return CHECKROB_OK;
}

checkrob_status checkrob_run_store(checkrob_run *run, const char *path) {
  checkrob_status status = run_check_idle(run, "checkrob_run_store");
  if (status) return status;
  if (path && !path[0])
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_run_store: the path is empty; NULL means that nothing is stored");
  char *copy = path ? text_copy(path) : NULL;
  if (path && !copy) return error_memory("a path");
  free(run->store_path);
  run->store_path = copy;
  return CHECKROB_OK;
}

static checkrob_status check_note(const checkrob_run *run, const char *name) {
  if (!name[0]) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "a note needs a name");
  if (storing_is_reserved(name))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "'%s' is stored by the library; choose another name for the note", name);
  if (store_options_find(&run->notes, name))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "'%s' is already the name of a note; choose another name", name);
  return CHECKROB_OK;
}

checkrob_status checkrob_run_note(checkrob_run *run, const char *name, const char *value) {
  if (!name || !value) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_run_note: NULL argument");
  checkrob_status status = run_check_idle(run, "checkrob_run_note");
  if (!status) status = check_note(run, name);
  return status ? status : store_options_add(&run->notes, name, value, false);
}

checkrob_status checkrob_run_read_out(checkrob_run *run, const char *layers, checkrob_pooling pool,
                                      checkrob_batch_callback callback, void *user_data) {
  checkrob_status status = run_check_idle(run, "checkrob_run_read_out");
  if (status) return status;
  if (!layers || !callback || !checkrob_pooling_name(pool))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_run_read_out: the layers or the callback are NULL, or the pool is unknown");
  checkrob_cut *cut = NULL;
  status = checkrob_cut_new(&cut, run->model, layers, CHECKROB_SCORE_LOGIT, CHECKROB_CUT_ACTIVATIONS);
  if (status) return status;
  checkrob_cut_free(run->readout);
  run->readout = cut;
  run->pool = pool;
  run->on_batch = callback;
  run->batch_data = user_data;
  return CHECKROB_OK;
}

const char *checkrob_run_read_out_layers(const checkrob_run *run) {
  return run && run->readout ? checkrob_cut_layers(run->readout) : "";
}

checkrob_status checkrob_run_on_row(checkrob_run *run, checkrob_row_callback callback, void *user_data) {
  checkrob_status status = run_check_idle(run, "checkrob_run_on_row");
  if (status) return status;
  run->on_row = callback;
  run->row_data = user_data;
  return CHECKROB_OK;
}

checkrob_status checkrob_run_on_progress(checkrob_run *run, checkrob_progress_callback callback,
                                         void *user_data) {
  checkrob_status status = run_check_idle(run, "checkrob_run_on_progress");
  if (status) return status;
  run->on_progress = callback;
  run->progress_data = user_data;
  return CHECKROB_OK;
}

void checkrob_run_interrupt(checkrob_run *run) {
  if (run) interrupt_ask(&run->interrupted);
}

/* ---- results ---- */

size_t checkrob_run_class_count(const checkrob_run *run) {
  return run && run->classes.ranking ? run->classes.classes.count : 0;
}

const checkrob_row *checkrob_run_class(const checkrob_run *run, size_t rank) {
  return rank < checkrob_run_class_count(run) ? run->classes.ranking[rank] : NULL;
}

const checkrob_row *checkrob_run_totals(const checkrob_run *run) {
  return run ? run->totals : NULL;
}
