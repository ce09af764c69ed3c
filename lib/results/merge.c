/* SPDX-License-Identifier: Apache-2.0 */
/* Merges shards of one run, or files that were merged from some of them, into one file. Rows are copied
 * unchanged. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/number.h"
#include "base/part_file.h"
#include "base/text.h"
#include "results/abandoned.h"
#include "results/intervals.h"
#include "results/results.h"

/* Options that may differ between shards. All other options that decide must be equal. */
static bool is_of_the_shard(const char *name) {
  return strcmp(name, "first_input") == 0 || strcmp(name, "input_count") == 0;
}

/* What the merged file has for itself. */
static bool is_of_the_merged(const char *name) {
  return is_of_the_shard(name) || strcmp(name, "inputs") == 0 || strcmp(name, "shard") == 0;
}

typedef struct merging {
  store *to;
  const char *const *paths;
  size_t count;
  store_options first;  /* all options of the first file */
  store_options common; /* of these, the ones that decide, except the shard */
  bool begun;
  interval_set named;   /* the inputs of all files so far */
  interval_set covered; /* without those of shards that are not complete */
  int64_t whole;
} merging;

/* ---- the inputs of a file ---- */

static bool read_count(int64_t *out, const store_options *options, const char *name) {
  const char *value = store_options_find(options, name);
  return value && number_parse_index(out, value);
}

/* Of a merged file, "inputs" lists what it has; of a shard, two numbers do. */
static checkrob_status read_inputs(interval_set *out, const store_options *options, int64_t whole,
                                   const char *path) {
  const char *list = store_options_find(options, "inputs");
  int64_t first = 0, count = 0;
  bool sound = read_count(&first, options, "first_input") && read_count(&count, options, "input_count") &&
               first <= whole && count <= whole - first;
  bool overlaps = false;
  checkrob_status status = CHECKROB_OK;
  if (sound && list)
    status = intervals_read(&sound, out, list);
  else if (sound)
    status = intervals_add(&overlaps, out, (interval){first, first + count});
  if (status) return status;
  if (sound && out->count > 0) sound = out->items[out->count - 1].end <= whole;
  if (sound) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_BAD_INPUT,
                   "%s is damaged: its options do not say which inputs it has; restore it, or score again, "
                   "into another file",
                   path);
}

static checkrob_status add_inputs(merging *m, const store_options *options, bool complete, const char *path) {
  interval_set inputs = {0};
  bool overlaps = false;
  checkrob_status status = read_inputs(&inputs, options, m->whole, path);
  for (size_t i = 0; i < inputs.count && !status && !overlaps; i++)
    status = intervals_add(&overlaps, &m->named, inputs.items[i]);
  if (!status && overlaps)
    status = error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                       "%s has inputs that another of the files has too; name each shard only once", path);
  bool counts = complete || store_options_find(options, "inputs");
  for (size_t i = 0; i < inputs.count && !status && counts; i++)
    status = intervals_add(&overlaps, &m->covered, inputs.items[i]);
  intervals_clear(&inputs);
  return status;
}

/* ---- the files ---- */

/* The options of the merged file, with the shard of the whole data. */
static checkrob_status merged_options(store_options *out, const store_options *first) {
  const char *whole = store_options_find(first, "whole_input_count");
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < first->count && !status; i++) {
    const store_option *o = &first->items[i];
    if (!is_of_the_merged(o->name)) status = store_options_add(out, o->name, o->value, o->decides);
  }
  if (!status) status = store_options_add(out, "shard", "", false);
  if (!status) status = store_options_add(out, "first_input", "0", true);
  if (!status) status = store_options_add(out, "input_count", whole ? whole : "0", true);
  return status;
}

static checkrob_status begin(merging *m, store *shard) {
  store_options all = {0};
  checkrob_status status = store_read_options(&m->first, shard);
  for (size_t i = 0; i < m->first.count && !status; i++) {
    const store_option *o = &m->first.items[i];
    if (o->decides && !is_of_the_shard(o->name))
      status = store_options_add(&m->common, o->name, o->value, true);
  }
  if (!status) status = merged_options(&all, &m->first);
  if (!status) status = store_begin(m->to, store_samples(shard), &all, NULL);
  if (!read_count(&m->whole, &m->first, "whole_input_count")) m->whole = 0;
  m->begun = true;
  store_options_clear(&all);
  return status;
}

static checkrob_status check_shard(merging *m, store *shard) {
  store_options options = {0};
  bool complete = false;
  checkrob_status status = m->begun ? CHECKROB_OK : begin(m, shard);
  if (!status) status = store_read_options(&options, shard);
  if (!status) status = store_options_compare(&options, &m->common, store_path(shard), m->paths[0]);
  if (!status) status = store_check_columns(shard, store_samples(m->to));
  if (!status) status = judging_options_compare(&options, &m->first, store_path(shard), m->paths[0]);
  if (!status) status = store_is_complete(&complete, shard);
  if (!status) status = add_inputs(m, &options, complete, store_path(shard));
  store_options_clear(&options);
  return status;
}

static checkrob_status add_file(merging *m, const char *path) {
  store *shard = NULL;
  checkrob_status status = store_open_to_read(&shard, path);
  if (!status) status = check_shard(m, shard);
  store_close(shard); /* its lock would make the next call wait */
  return status ? status : store_merge_samples(m->to, path);
}

/* Reads all rows of a file. */
static checkrob_status assess(class_list *out, size_t *samples, store *s, const verdict_rule *rule) {
  class_tally tally = {0};
  checkrob_status status = results_count(&tally, s, rule->top_k);
  if (!status) status = class_list_assess(out, &tally, s, rule, NULL);
  if (!status) status = class_list_advise(out, s, rule, NULL);
  *samples = tally.samples;
  tally_clear(&tally);
  return status;
}

static checkrob_status assess_file(const char *path, const verdict_rule *rule) {
  store *s = NULL;
  class_list classes = {0};
  size_t samples = 0;
  checkrob_status status = store_open_to_read(&s, path);
  if (!status) status = assess(&classes, &samples, s, rule);
  class_list_clear(&classes);
  store_close(s);
  return status;
}

/* The merged rows are damaged. They were copied unchanged, and the new file is removed: the error message
 * must name the file that they are from. Without one, each file is sound, and they do not fit together. */
static checkrob_status name_damaged(const merging *m, const verdict_rule *rule, checkrob_status status) {
  char *message = text_copy(checkrob_last_error());
  if (!message) return error_memory("an error message");
  checkrob_status found = CHECKROB_OK;
  for (size_t i = 0; i < m->count && !found; i++) found = assess_file(m->paths[i], rule);
  if (!found) error_store("%s", message);
  free(message);
  return found ? found : status;
}

static checkrob_status assess_all(const merging *m, const verdict_rule *rule, size_t *samples) {
  class_list classes = {0};
  checkrob_status status = assess(&classes, samples, m->to, rule);
  if (status == CHECKROB_ERROR_BAD_INPUT) status = name_damaged(m, rule, status);
  if (!status) status = class_list_write(&classes, m->to);
  class_list_clear(&classes);
  return status;
}

/* A later merge reads which inputs the file has. */
static checkrob_status begin_session(const merging *m) {
  store_options options = {0};
  char *inputs = intervals_write(&m->covered);
  checkrob_status status =
      inputs ? store_options_add(&options, "inputs", inputs, false) : error_memory("the inputs of a file");
  if (!status) status = store_begin_session(m->to, &options);
  store_options_clear(&options);
  free(inputs);
  return status;
}

static checkrob_status finish(const merging *m) {
  checkrob_options *options = NULL;
  verdict_rule rule;
  size_t samples = 0;
  checkrob_status status = judging_options_read(&options, &m->first, NULL, m->paths[0]);
  if (!status) status = verdict_rule_from_options(&rule, options);
  if (!status) status = begin_session(m);
  if (!status) status = assess_all(m, &rule, &samples);
  const char *outcome = intervals_are_all(&m->covered, m->whole) ? "complete" : "merged";
  if (!status) status = store_end_session(m->to, outcome, samples, NAN);
  checkrob_options_free(options);
  return status;
}

static checkrob_status merge_into(const char *file, const char *out_path, const char *const *paths,
                                  size_t count) {
  merging m = {.paths = paths, .count = count};
  checkrob_status status = store_open_as(&m.to, file, out_path);
  for (size_t i = 0; i < count && !status; i++) status = add_file(&m, paths[i]);
  if (!status) status = finish(&m);
  store_options_clear(&m.first);
  store_options_clear(&m.common);
  intervals_clear(&m.named);
  intervals_clear(&m.covered);
  store_close(m.to);
  return status;
}

/* A merge that is killed leaves the name of its target free. Of one that is complete, nothing but its file is
 * left. */
static checkrob_status merge_whole(const char *out_path, const char *const *paths, size_t count) {
  part_file to;
  abandoned_remove(out_path);
  checkrob_status status = part_file_open_named(&to, out_path);
  if (status) return status;
  fclose(to.file);
  to.file = NULL;
  status = merge_into(to.part, out_path, paths, count);
  abandoned_remove_logs(to.part);
  return part_file_finish(&to, status);
}

checkrob_status checkrob_results_merge(const char *out_path, const char *const *paths, size_t count) {
  if (!out_path || !out_path[0] || !paths || count == 0)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_results_merge: NULL argument, empty path, or no file");
  for (size_t i = 0; i < count; i++)
    if (!paths[i])
      return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_results_merge: path %zu is NULL", i);
  if (access(out_path, F_OK) == 0)
    return error_set(CHECKROB_ERROR_IO, "%s exists already; choose another path, or remove it", out_path);
  return merge_whole(out_path, paths, count);
}
