/* SPDX-License-Identifier: Apache-2.0 */
#include "run/image_pool.h"

#include <stdlib.h>

#include "analysis/taken_for.h"
#include "base/error.h"
#include "classes/features.h"
#include "classes/image_pool.h"
#include "run/appending.h"
#include "run/features.h"

typedef struct pool_stage {
  checkrob_run *run;
  class_sets *of_index; /* [classes of the model] */
  /* [classes of the tally]: the spurious features */
  feature (*features)[FEATURES_MOST];
  channel_set (*sets)[FEATURES_MOST];
} pool_stage;

static checkrob_status make_sets(pool_stage *s, const class_tally *tally, const row_list *features) {
  int64_t classes = checkrob_model_class_count(s->run->model);
  s->of_index = calloc((size_t)classes + 1, sizeof *s->of_index);
  s->features = calloc(tally->count + 1, sizeof *s->features);
  s->sets = calloc(tally->count + 1, sizeof *s->sets);
  if (!s->of_index || !s->features || !s->sets) return error_memory("the features of the classes");
  for (size_t i = 0; i < tally->count; i++) {
    int64_t index = tally->items[i].index;
    size_t numbers[FEATURES_MOST];
    if (index < 0 || index >= classes) continue; /* a results file from elsewhere */
    size_t count = features_read_spurious(s->features[i], numbers, features, index);
    for (size_t f = 0; f < count; f++)
      s->sets[i][f] = (channel_set){numbers[f], s->features[i][f].channels, s->features[i][f].count};
    s->of_index[index] = (class_sets){s->sets[i], count};
  }
  return CHECKROB_OK;
}

static checkrob_status make(analysis *out, void *data) {
  const pool_stage *s = data;
  const taken_for_choice choice = {.layer = features_layer(s->run), .classes = s->of_index};
  return taken_for_new(out, s->run->model, &choice);
}

static checkrob_status add(row_list *rows, const engine_sample *sample, void *data) {
  const pool_stage *s = data;
  const checkrob_row *taken = sample->status ? NULL : row_child(sample->row, 0, 0);
  const checkrob_class_map *classes = checkrob_dataset_classes(s->run->dataset);
  int64_t index = taken ? row_integer(taken, TAKEN_INDEX) : -1;
  return image_pool_add(rows, sample->row, taken, checkrob_class_map_name_of(classes, index), sample->status,
                        sample->message);
}

checkrob_status image_pool_run(checkrob_run *run, store *s, const class_tally *tally,
                               const verdict_rule *rule, size_t threads, engine_totals *totals) {
  pool_stage stage = {.run = run};
  row_list features = {0}, rows = {0};
  const appending a = {.run = run,
                       .to = s,
                       .threads = threads,
                       .dataset = run_pool(run),
                       .images_only = 1,
                       .make = make,
                       .add = add,
                       .data = &stage,
                       .totals = totals};
  checkrob_status status = features_find(&features, s, tally, rule);
  if (!status) status = make_sets(&stage, tally, &features);
  if (!status) status = image_pool_start(&rows);
  if (!status) status = appending_run(&a, &rows);
  row_list_clear(&rows);
  row_list_clear(&features);
  free(stage.of_index);
  free(stage.features);
  free(stage.sets);
  return status;
}
