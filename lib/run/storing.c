/* SPDX-License-Identifier: Apache-2.0 */
#include "run/storing.h"

#include <checkrob/version.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "classes/image_pool.h"
#include "classes/rule.h"
#include "dataset/dataset.h"
#include "model/model.h"
#include "options/options.h"
#include "parallel/pool.h"
#include "table/writer.h"

/* Number of batches that may wait to be written. */
#define BATCHES_WAITING 8

typedef struct row_batch {
  checkrob_row **rows;
  size_t count, capacity;
} row_batch;

struct storing {
  store *to;
  const row_layout *layout;
  table_writer *writer;
  pool *line; /* one worker, which alone uses `to` while it runs */
  row_batch filling;
  pthread_mutex_t lock; /* guards the failure */
  checkrob_status failure;
  char *failure_message;
};

/* ---- options that decide about the results ---- */

static checkrob_status add_number(store_options *o, const char *name, int64_t value, bool decides) {
  char text[32];
  snprintf(text, sizeof text, "%" PRId64, value);
  return store_options_add(o, name, text, decides);
}

static checkrob_status add_hash(store_options *o, const char *name, uint64_t hash) {
  char text[32];
  snprintf(text, sizeof text, "%016" PRIx64, hash);
  return store_options_add(o, name, text, true);
}

static uint64_t hash_classes(const checkrob_class_map *classes) {
  uint64_t hash = HASH_START;
  for (size_t i = 0; i < checkrob_class_map_count(classes); i++) {
    int64_t index = checkrob_class_map_index(classes, i);
    hash = hash_text(hash, checkrob_class_map_name(classes, i));
    hash = hash_bytes(hash, &index, sizeof index);
  }
  return hash;
}

/* The data and the model: their contents, not their names. */
static checkrob_status add_subject(store_options *o, const storing_subject *s) {
  uint64_t model = HASH_START;
  size_t first = checkrob_cursor_first_input(s->cursor), count = checkrob_cursor_input_count(s->cursor);
  checkrob_status status = hash_file(&model, model_path(s->model));
  if (!status) status = add_hash(o, "model_contents", model);
  if (!status) status = add_hash(o, "class_map", hash_classes(checkrob_dataset_classes(s->dataset)));
  if (!status) status = add_hash(o, "dataset_names", checkrob_dataset_fingerprint(s->dataset));
  if (!status) status = add_hash(o, "dataset_contents", dataset_contents(s->dataset));
  if (!status) status = add_number(o, "ignored_flags", checkrob_dataset_ignored_flags(s->dataset), true);
  if (!status) status = add_number(o, "skip_unmapped", checkrob_dataset_skips_unmapped(s->dataset), true);
  if (!status) status = store_options_add(o, "regions", checkrob_dataset_regions(s->dataset), true);
  if (!status) status = add_number(o, "first_input", (int64_t)first, true);
  if (!status) status = add_number(o, "input_count", (int64_t)count, true);
  if (!status)
    status = add_number(o, "whole_input_count", (int64_t)checkrob_dataset_input_count(s->dataset), true);
  if (!status) status = store_options_add(o, "layer", s->layers, true);
  if (!status) status = store_options_add(o, "layout", model_layout(s->model), true);
  if (!status) status = store_options_add(o, "output", model_output(s->model), true);
  if (!status) status = store_options_add(o, "device", model_device(s->model), false);
  return status ? status : store_options_add(o, "preprocess", checkrob_preprocess_json(s->preprocess), true);
}

static bool is_stored(const store_options *o, const char *name) {
  return store_options_find(o, name) != NULL;
}

/* Adds each declared option that is not stored by its contents yet, with its value in force. Paths do not
 * decide: add_subject() adds what does. */
static checkrob_status add_declared(store_options *o, const checkrob_options *options) {
  checkrob_option_info info = CHECKROB_OPTION_INFO_INIT;
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < checkrob_option_count() && !status; i++) {
    if (checkrob_option_at(&info, i) != CHECKROB_OK || is_stored(o, info.name)) continue;
    bool is_of_data = strcmp(info.group, "data") == 0;
    bool decides = info.changes_results && info.type != CHECKROB_OPTION_PATH && !is_of_data;
    status = store_options_add(o, info.name, checkrob_options_text(options, info.name), decides);
  }
  return status;
}

static checkrob_status add_notes(store_options *o, const storing_subject *s) {
  checkrob_status status = store_options_add(o, "checkrob", checkrob_version(), false);
  if (!status) status = store_options_add(o, "libtorch", checkrob_torch_version(), false);
  for (size_t i = 0; i < s->notes->count && !status; i++)
    status = store_options_add(o, s->notes->items[i].name, s->notes->items[i].value, false);
  return status;
}

bool storing_is_reserved(const char *name) {
  static const char *const others[] = {"checkrob",      "libtorch",          "model_contents", "class_map",
                                       "dataset_names", "dataset_contents",  "ignored_flags",  "first_input",
                                       "input_count",   "whole_input_count", "inputs",         POOL_CONTENTS,
                                       POOL_INPUTS};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    if (strcmp(others[i], name) == 0) return true;
  checkrob_option_info info = CHECKROB_OPTION_INFO_INIT;
  for (size_t i = 0; checkrob_option_at(&info, i) == CHECKROB_OK; i++)
    if (strcmp(info.name, name) == 0) return true;
  return false;
}

/* ---- begin or resume ---- */

static checkrob_status begin(store_end *end, storing *s, const storing_subject *subject,
                             const store_options *options) {
  *end = (store_end){0};
  if (store_is_fresh(s->to))
    return store_begin(s->to, s->layout, options, checkrob_dataset_classes(subject->dataset));
  checkrob_status status = store_resume(s->to, s->layout, options);
  if (!status) status = store_replace_titles(s->to, checkrob_dataset_classes(subject->dataset));
  return status ? status : store_find_end(end, s->to);
}

/* Which pool is ranked: its paths, and the names of its images. Another folder may have the same names. */
static checkrob_status add_pool(store_options *o, const storing_subject *s) {
  static const char *const names[] = {"attack_images", "attack_dataset", "attack_annotations"};
  checkrob_status status = CHECKROB_OK;
  uint64_t hash = HASH_START;
  for (size_t i = 0; i < sizeof names / sizeof *names && !status; i++) {
    hash = hash_text(hash, checkrob_options_text(s->options, names[i]));
    for (size_t k = 1; k < checkrob_options_count(s->options, names[i]); k++)
      hash = hash_text(hash, checkrob_options_item(s->options, names[i], k));
    status = store_options_add(o, names[i], checkrob_options_text(s->options, names[i]), false);
  }
  uint64_t parts[] = {s->pool ? checkrob_dataset_fingerprint(s->pool) : 0,
                      s->pool ? dataset_contents(s->pool) : 0};
  char text[32];
  snprintf(text, sizeof text, "%016" PRIx64, hash_bytes(hash, parts, sizeof parts));
  if (!status) status = store_options_add(o, POOL_CONTENTS, text, false);
  size_t inputs = checkrob_dataset_input_count(s->pool ? s->pool : s->dataset);
  return status ? status : add_number(o, POOL_INPUTS, (int64_t)inputs, false);
}

/* The rows of another pool are dropped. Those of a run that names no pool remain. */
static checkrob_status drop_other_pool(store *s, const store_options *wanted) {
  store_options stored = {0};
  checkrob_status status = store_read_options(&stored, s);
  const char *old = store_options_find(&stored, POOL_CONTENTS);
  if (!status && (!old || strcmp(old, store_options_find(wanted, POOL_CONTENTS)) != 0))
    status = store_drop(s, POOL_TABLE);
  store_options_clear(&stored);
  return status;
}

/* The verdict rule may differ between executions: it applies to all rows. So may the pool, which has a table
 * of its own; a shard does not rank it. */
static checkrob_status begin_session(storing *s, const storing_subject *subject) {
  store_options replaced = {0};
  uint32_t shard = 0, shards = 0;
  options_shard(&shard, &shards, subject->options);
  bool has_pool = shards <= 1 && checkrob_options_is_set(subject->options, "attack_images");
  checkrob_status status = judging_options_add(&replaced, subject->options);
  if (!status && has_pool) status = add_pool(&replaced, subject);
  if (!status && has_pool) status = drop_other_pool(s->to, &replaced);
  if (!status) status = store_begin_session(s->to, &replaced);
  store_options_clear(&replaced);
  return status;
}

static checkrob_status open_store(store_end *end, storing *s, const char *path,
                                  const storing_subject *subject) {
  store_options options = {0};
  checkrob_status status = CHECKROB_OK;
  if (path) status = add_subject(&options, subject); /* a temporary store is never resumed */
  if (!status) status = add_declared(&options, subject->options);
  if (!status) status = add_notes(&options, subject);
  if (!status) status = store_open(&s->to, path);
  if (!status) status = begin(end, s, subject, &options);
  if (!status) status = begin_session(s, subject);
  store_options_clear(&options);
  return status;
}

checkrob_status storing_open(storing **out, store_end *end, const char *path, const storing_subject *subject,
                             const row_layout *layout) {
  storing *s = calloc(1, sizeof *s);
  if (!s) return error_memory("the results");
  pthread_mutex_init(&s->lock, NULL);
  s->layout = layout;
  checkrob_status status = open_store(end, s, path, subject);
  if (status)
    storing_close(s);
  else
    *out = s;
  return status;
}

store *storing_store(storing *s) {
  return s->to;
}

/* ---- the writing thread ---- */

static void clear_batch(void *context, void *item) {
  (void)context;
  row_batch *b = item;
  for (size_t i = 0; i < b->count; i++) row_free(b->rows[i]);
  free(b->rows);
  *b = (row_batch){0};
}

static void write_batch(void *context, void *item, size_t worker) {
  (void)worker; /* there is one */
  storing *s = context;
  const row_batch *b = item;
  pthread_mutex_lock(&s->lock);
  bool failed = s->failure != CHECKROB_OK; /* a gap in the rows would be worse than stopping early */
  pthread_mutex_unlock(&s->lock);
  checkrob_status status =
      failed ? CHECKROB_OK : table_writer_write(s->writer, (const checkrob_row *const *)b->rows, b->count);
  if (!status) return;
  pthread_mutex_lock(&s->lock);
  s->failure = status;
  s->failure_message = text_copy(checkrob_last_error());
  pthread_mutex_unlock(&s->lock);
}

checkrob_status storing_start(storing *s) {
  checkrob_status status = table_writer_open(&s->writer, s->to, s->layout);
  if (status) return status;
  pool_options options = {.workers = 1,
                          .capacity = BATCHES_WAITING,
                          .item_size = sizeof(row_batch),
                          .context = s,
                          .work = write_batch,
                          .clear = clear_batch,
                          .discard = true};
  return pool_start(&s->line, &options, "a thread that writes the results");
}

/* ---- functions of the run ---- */

checkrob_status storing_add(storing *s, const checkrob_row *row) {
  checkrob_row **rows =
      array_grow(s->filling.rows, &s->filling.capacity, s->filling.count, sizeof(checkrob_row *));
  if (!rows) return error_memory("the results");
  s->filling.rows = rows;
  checkrob_status status = row_copy(&rows[s->filling.count], row);
  if (!status) s->filling.count++;
  return status;
}

static checkrob_status failure_of(storing *s) {
  pthread_mutex_lock(&s->lock);
  checkrob_status status = s->failure;
  if (status) error_store("%s", error_saved(s->failure_message));
  pthread_mutex_unlock(&s->lock);
  return status;
}

checkrob_status storing_commit(storing *s) {
  if (s->filling.count == 0) return CHECKROB_OK;
  pool_put(s->line, &s->filling);
  s->filling = (row_batch){0}; /* the pool owns it now */
  return failure_of(s);
}

checkrob_status storing_drain(storing *s) {
  if (s->line) pool_drain(s->line);
  pool_free(s->line);
  s->line = NULL;
  table_writer_close(s->writer);
  s->writer = NULL;
  return failure_of(s);
}

void storing_close(storing *s) {
  if (!s) return;
  pool_free(s->line);
  table_writer_close(s->writer);
  store_close(s->to);
  clear_batch(NULL, &s->filling);
  pthread_mutex_destroy(&s->lock);
  free(s->failure_message);
  free(s);
}
