/* SPDX-License-Identifier: Apache-2.0 */
#include "run/features.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/contributions.h"
#include "analysis/switching.h"
#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "classes/features.h"
#include "engine/engine.h"
#include "image/recipe.h"
#include "model/model.h"
#include "options/options.h"
#include "run/appending.h"
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
  bool controls; /* other classes are asked too */
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

/* A sample whose gradient overflows does not count. */
static checkrob_status add_sample(reading *r, const checkrob_row *contribution, size_t columns[2]) {
  size_t channels = 0, others = 0;
  const float *whole = row_floats(&channels, contribution, columns[0]),
              *surroundings = row_floats(&others, contribution, columns[1]);
  if (!whole || !surroundings || channels != others || channels == 0) return CHECKROB_OK;
  if (!floats_are_finite(whole, channels) || !floats_are_finite(surroundings, channels)) return CHECKROB_OK;
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

static checkrob_status add_uses(row_list *uses, const engine_sample *sample, void *data) {
  stage *s = data;
  checkrob_status status = CHECKROB_OK;
  if (sample->status && s->failed++ == 0)
    s->failure =
        text_format("%s: %s", row_text(sample->row, SAMPLE_IMAGE), row_text(sample->row, SAMPLE_MESSAGE));
  for (size_t i = 0; i < row_child_count(sample->row, 0) && !status; i++)
    status = features_add_use(uses, sample->row, row_child(sample->row, 0, i));
  return status;
}

static checkrob_status make_switching(analysis *out, void *data) {
  const stage *s = data;
  const checkrob_run *run = s->run;
  switching_choice choice = {.layer = features_layer(run),
                             .classes = s->of_index,
                             .top_k = s->rule->top_k,
                             .batch = (size_t)checkrob_options_integer(run->options, "map_batch"),
                             .controls = s->controls,
                             .margin = checkrob_options_number(run->options, "probe_margin"),
                             .scale = settings_scale(run->preprocess)};
  return switching_new(out, run->model, &choice);
}

/* Images that could be read before, and can't any more, would be missing for good. */
static checkrob_status check_failed(void *data) {
  const stage *s = data;
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
  row_list uses;
  const appending a = {.run = s->run,
                       .to = s->to,
                       .threads = s->threads,
                       .dataset = s->run->dataset,
                       .make = make_switching,
                       .add = add_uses,
                       .end = check_failed,
                       .data = s,
                       .totals = s->totals};
  s->failed = 0;
  s->controls = strcmp(table, FEATURE_USE_TABLE) == 0;
  free(s->failure);
  s->failure = NULL;
  checkrob_status status = features_start_use(&uses, table);
  if (!status) status = appending_run(&a, &uses);
  row_list_clear(&uses);
  return status;
}

/* ---- both passes ---- */

checkrob_status features_find(row_list *found, store *s, const class_tally *tally, const verdict_rule *rule) {
  class_list classes = {0};
  checkrob_status status = class_list_count(&classes, tally);
  if (!status) status = features_start(found);
  if (!status) status = features_assess(found, classes.classes.rows, classes.classes.count, s, rule);
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
  if (!status) status = features_find(&found, to, tally, rule);
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
