/* SPDX-License-Identifier: Apache-2.0 */
#include "run/features.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/contributions.h"
#include "analysis/switching.h"
#include "base/error.h"
#include "base/text.h"
#include "classes/features.h"
#include "engine/engine.h"
#include "image/recipe.h"
#include "model/model.h"
#include "options/options.h"
#include "run/settings.h"
#include "table/reader.h"

/* More samples of a class hardly change its features. */
#define SAMPLES_MOST 1024

typedef struct stage {
  checkrob_run *run;
  store *to;
  const class_tally *tally;
  const verdict_rule *rule;
  size_t threads;
  int64_t classes; /* of the model */
  row_list chosen;
  /* The sets of one pass. */
  feature (*features)[FEATURES_MOST + 2]; /* [classes of the tally] */
  channel_set (*sets)[FEATURES_MOST + 2];
  size_t (*together)[2 * FEATURE_SET];
  class_sets *of_index; /* [classes of the model] */
  /* Of the pass. */
  row_list uses;
  size_t inputs;
  size_t input, part; /* of the last sample that was emitted */
  bool emitted;
  size_t failed; /* samples that could not be asked */
  char *failure; /* the message of the first one */
  engine_totals *totals;
} stage;

const char *features_layer(const checkrob_run *run) {
  const char *layers = checkrob_run_layers(run);
  return strcmp(layers, CHECKROB_LAYER_INPUT) == 0 ? "auto" : layers;
}

/* ---- choosing ---- */

typedef struct reading {
  float *whole, *surroundings; /* [capacity, channels] */
  size_t count, channels, capacity;
} reading;

static bool all_finite(const float *values, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (!isfinite(values[i])) return false;
  return true;
}

/* A sample whose gradient overflows does not count. */
static checkrob_status add_sample(reading *r, const checkrob_row *contribution, size_t columns[2]) {
  size_t channels = 0, others = 0;
  const float *whole = row_floats(&channels, contribution, columns[0]),
              *surroundings = row_floats(&others, contribution, columns[1]);
  if (!whole || !surroundings || channels != others || channels == 0) return CHECKROB_OK;
  if (!all_finite(whole, channels) || !all_finite(surroundings, channels)) return CHECKROB_OK;
  if (!r->whole) {
    r->channels = channels;
    r->whole = malloc(r->capacity * channels * sizeof *whole);
    r->surroundings = malloc(r->capacity * channels * sizeof *whole);
    if (!r->whole || !r->surroundings) return error_memory("the contributions of channels");
  }
  if (channels != r->channels || r->count == r->capacity) return CHECKROB_OK;
  memcpy(r->whole + r->count * channels, whole, channels * sizeof *whole);
  memcpy(r->surroundings + r->count++ * channels, surroundings, channels * sizeof *whole);
  return CHECKROB_OK;
}

/* Reads the recognised samples of a class; of many, evenly spread ones. */
static checkrob_status read_class(reading *r, const stage *s, table_reader *reader, const class_count *of) {
  const row_layout *samples = store_samples(s->to);
  size_t child = row_layout_find_child(samples, CONTRIBUTION_TABLE), seen = 0,
         each = (of->hits + SAMPLES_MOST - 1) / SAMPLES_MOST;
  sample_columns columns;
  checkrob_row *sample = NULL;
  checkrob_status status = CHECKROB_OK;
  sample_columns_find(&columns, samples);
  const row_layout *contribution = row_layout_child(samples, child);
  size_t numbers[2] = {row_layout_find(contribution, "whole"), row_layout_find(contribution, "surroundings")};
  if (each == 0) return CHECKROB_OK; /* no sample of the class is recognised */
  r->capacity = of->hits / each + 1;
  sample_reader_select(reader, of->index);
  while (!status && !(status = table_reader_next(&sample, reader))) {
    const checkrob_row *found = row_child(sample, child, 0);
    if (found && sample_hit(sample, &columns, s->rule->top_k) == 1 && seen++ % each == 0)
      status = add_sample(r, found, numbers);
  }
  return status == CHECKROB_END ? CHECKROB_OK : status;
}

static checkrob_status choose_class(stage *s, table_reader *reader, const class_count *of) {
  reading r = {0};
  feature found[FEATURES_MOST];
  size_t count = 0;
  checkrob_status status = read_class(&r, s, reader, of);
  const class_contributions contributions = {r.count, r.channels, r.whole, r.surroundings};
  if (!status) status = feature_choose(found, &count, &contributions);
  for (size_t i = 0; i < count && !status; i++)
    status = features_add_chosen(&s->chosen, of->index, i + 1, &found[i], s->rule->top_k);
  free(r.whole);
  free(r.surroundings);
  return status;
}

static checkrob_status check_interrupted(const stage *s) {
  if (!atomic_load(&s->run->interrupted)) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_INTERRUPTED, "the choice of features was interrupted");
}

/* A resumed run uses the features that were chosen before, if the same samples are recognised. */
static checkrob_status choose(stage *s) {
  table_reader *reader = NULL;
  bool found = false;
  checkrob_status status = features_start_chosen(&s->chosen);
  if (!status) status = row_list_read(&found, &s->chosen, s->to, SIZE_MAX);
  if (status || (found && features_are_of(&s->chosen, s->rule->top_k))) return status;
  row_list_empty(&s->chosen);
  status = store_drop_appended(s->to); /* with another number of highest logits, others are recognised */
  if (status) return status;
  status = sample_reader_open_by_class(&reader, s->to, READ_HIDDEN_CHILDREN);
  for (size_t i = 0; i < s->tally->count && !status; i++) {
    status = check_interrupted(s);
    if (!status && s->tally->items[i].index >= 0) status = choose_class(s, reader, &s->tally->items[i]);
  }
  table_reader_close(reader);
  return status ? status
                : store_append(s->to, s->chosen.layout, (const checkrob_row *const *)s->chosen.rows,
                               s->chosen.count);
}

/* ---- the sets of a pass ---- */

static checkrob_status make_sets(stage *s) {
  s->classes = checkrob_model_class_count(s->run->model);
  s->features = calloc(s->tally->count + 1, sizeof *s->features);
  s->sets = calloc(s->tally->count + 1, sizeof *s->sets);
  s->together = calloc(s->tally->count + 1, sizeof *s->together);
  s->of_index = calloc((size_t)s->classes + 1, sizeof *s->of_index);
  return s->features && s->sets && s->together && s->of_index ? CHECKROB_OK
                                                              : error_memory("the features of the classes");
}

/* A results file from elsewhere may have any index. */
static bool is_known(const stage *s, int64_t index) {
  return index >= 0 && index < s->classes;
}

/* Each feature alone. */
static void set_single(stage *s) {
  for (size_t i = 0; i < s->tally->count; i++) {
    int64_t index = s->tally->items[i].index;
    if (!is_known(s, index)) continue;
    size_t count = features_read_chosen(s->features[i], &s->chosen, index);
    for (size_t f = 0; f < count; f++)
      s->sets[i][f] = (channel_set){f + 1, s->features[i][f].channels, s->features[i][f].count};
    s->of_index[index] = (class_sets){s->sets[i], count};
  }
}

/* The two strongest spurious ones. Returns the number of classes that have any. */
static size_t set_together(stage *s, const row_list *found) {
  size_t classes = 0;
  for (size_t i = 0; i < s->tally->count; i++) {
    int64_t index = s->tally->items[i].index;
    if (!is_known(s, index)) continue;
    size_t count = features_together(s->together[i], found, index);
    s->sets[i][0] = (channel_set){FEATURE_TOGETHER, s->together[i], count};
    s->of_index[index] = (class_sets){s->sets[i], count > 0 ? 1 : 0};
    classes += count > 0;
  }
  return classes;
}

/* ---- a pass ---- */

static checkrob_status emit(const engine_sample *sample, void *data) {
  stage *s = data;
  checkrob_status status = CHECKROB_OK;
  s->input = (size_t)row_integer(sample->row, SAMPLE_INPUT);
  s->part = (size_t)row_integer(sample->row, SAMPLE_PART);
  s->emitted = true;
  if (sample->status && s->failed++ == 0)
    s->failure =
        text_format("%s: %s", row_text(sample->row, SAMPLE_IMAGE), row_text(sample->row, SAMPLE_MESSAGE));
  for (size_t i = 0; i < row_child_count(sample->row, 0) && !status; i++)
    status = features_add_use(&s->uses, sample->row, row_child(sample->row, 0, i));
  return status;
}

static checkrob_status commit(void *data) {
  stage *s = data;
  checkrob_status status = s->emitted ? features_add_end(&s->uses, s->input, s->part) : CHECKROB_OK;
  s->emitted = false;
  if (status || s->uses.count == 0) return status;
  status = store_append(s->to, s->uses.layout, (const checkrob_row *const *)s->uses.rows, s->uses.count);
  row_list_empty(&s->uses);
  return status;
}

static checkrob_status report(size_t inputs_done, void *data) {
  const stage *s = data;
  const checkrob_run *run = s->run;
  if (!run->on_progress || run->on_progress(inputs_done, s->inputs, run->progress_data) == 0)
    return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_INTERRUPTED, "the progress callback interrupted the run");
}

static checkrob_status run_engine(stage *s, checkrob_cursor *cursor, analysis *switching) {
  checkrob_run *run = s->run;
  analysis *const analyses[] = {switching};
  row_layout *layout = NULL;
  size_t batch = (size_t)checkrob_options_integer(run->options, "batch");
  checkrob_status status = sample_layout_new(&layout, &switching->columns, 1, switching->children, 1);
  if (status) return status;
  engine_options options = {.cursor = cursor,
                            .preprocess = run->preprocess,
                            .limits = settings_limits(run->options),
                            .geometry = settings_geometry(run->options),
                            .batch = batch,
                            .workers = s->threads,
                            .lane_threads = settings_threads_on(run->model, s->threads),
                            .capacity = 2 * batch + s->threads,
                            .lanes = 1,
                            .model_worked = 1,
                            .analyses = analyses,
                            .analysis_count = 1,
                            .layout = layout,
                            .interrupted = &run->interrupted,
                            .on_sample = emit,
                            .on_batch = commit,
                            .on_progress = report,
                            .data = s};
  engine_totals totals = {0};
  model_begin_pass((int)s->threads);
  status = engine_run(&totals, &options);
  model_end_pass();
  s->totals->model_seconds += totals.model_seconds;
  s->totals->wait_seconds += totals.wait_seconds;
  if (!status) status = commit(s);
  row_layout_free(layout);
  return status;
}

static checkrob_status make_switching(analysis *out, const stage *s, const char *table) {
  const checkrob_run *run = s->run;
  switching_choice choice = {.layer = features_layer(run),
                             .classes = s->of_index,
                             .top_k = s->rule->top_k,
                             .batch = (size_t)checkrob_options_integer(run->options, "map_batch"),
                             .controls = strcmp(table, FEATURE_USE_TABLE) == 0,
                             .margin = checkrob_options_number(run->options, "probe_margin"),
                             .scale = settings_scale(run->preprocess)};
  return switching_new(out, run->model, &choice);
}

/* Images that could be read before, and can't any more, would be missing for good. */
static checkrob_status check_failed(stage *s) {
  if (s->failed <= s->tally->failed) return CHECKROB_OK;
  store_drop_appended(s->to); /* the next execution asks again */
  return error_set(
      CHECKROB_ERROR_BAD_INPUT,
      "%zu samples could not be asked about features, although only %zu failed before: %s; restore the "
      "images, and run again",
      s->failed, s->tally->failed, error_saved(s->failure));
}

/* Asks all samples that `table` lacks. */
static checkrob_status pass(stage *s, const char *table) {
  bool any = false;
  size_t input = 0, part = 0, inputs = checkrob_dataset_input_count(s->run->dataset);
  checkrob_cursor *cursor = NULL;
  analysis switching = {0};
  checkrob_status status = features_find_end(&any, &input, &part, s->to, table);
  if (status || (any && input == inputs)) return status;
  if (any && input > inputs)
    return error_set(
        CHECKROB_ERROR_BAD_INPUT,
        "%s is damaged: its table %s names an input that the data do not have; score again, into another "
        "file",
        store_path(s->to), table);
  s->inputs = inputs;
  s->failed = 0;
  free(s->failure);
  s->failure = NULL;
  status = features_start_use(&s->uses, table);
  if (!status) status = checkrob_cursor_new(&cursor, s->run->dataset, 0, 0);
  if (!status && any) status = checkrob_cursor_seek(cursor, input, part + 1);
  if (!status) status = make_switching(&switching, s, table);
  if (!status) status = run_engine(s, cursor, &switching);
  if (!status) status = check_failed(s);
  if (!status) status = features_add_end(&s->uses, inputs, 0);
  if (!status) status = commit(s);
  analysis_destroy(&switching);
  checkrob_cursor_free(cursor);
  row_list_clear(&s->uses);
  return status;
}

/* ---- both passes ---- */

static checkrob_status find_features(row_list *found, const stage *s) {
  class_list classes = {0};
  checkrob_status status = class_list_count(&classes, s->tally);
  if (!status) status = features_start(found);
  if (!status) status = features_assess(found, classes.classes.rows, classes.classes.count, s->to, s->rule);
  class_list_clear(&classes);
  return status;
}

checkrob_status features_run(checkrob_run *run, store *to, const class_tally *tally, const verdict_rule *rule,
                             size_t threads, engine_totals *totals) {
  stage s = {.run = run, .to = to, .tally = tally, .rule = rule, .threads = threads, .totals = totals};
  row_list found = {0};
  checkrob_status status = choose(&s);
  if (!status) status = make_sets(&s);
  if (!status) {
    set_single(&s);
    status = pass(&s, FEATURE_USE_TABLE);
  }
  if (!status) status = find_features(&found, &s);
  if (!status && set_together(&s, &found) > 0) status = pass(&s, TOGETHER_TABLE);
  row_list_clear(&found);
  row_list_clear(&s.chosen);
  free(s.failure);
  free(s.features);
  free(s.sets);
  free(s.together);
  free(s.of_index);
  return status;
}
