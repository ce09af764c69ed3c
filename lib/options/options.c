/* SPDX-License-Identifier: Apache-2.0 */
#include "options/options.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/number.h"
#include "base/structure.h"
#include "base/text.h"
#include "options/check.h"
#include "options/declared.h"
#include "options/handle.h"

/* ---- the handle ---- */

checkrob_status checkrob_options_new(checkrob_options **out) {
  if (!out) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_options_new: out is NULL");
  checkrob_options *options = calloc(1, sizeof *options);
  if (options) options->values = calloc(declared_option_count, sizeof *options->values);
  if (!options || !options->values) {
    free(options);
    return error_memory("options");
  }
  *out = options;
  return CHECKROB_OK;
}

static void value_clear(option_value *value) {
  for (size_t i = 0; i < value->count; i++) free(value->items[i].text);
  free(value->items);
  memset(value, 0, sizeof *value);
}

void checkrob_options_free(checkrob_options *options) {
  if (!options) return;
  for (size_t i = 0; i < declared_option_count; i++) value_clear(&options->values[i]);
  free(options->values);
  free(options);
}

static checkrob_status value_add(option_value *value, const option_item *item) {
  option_item *items = array_grow(value->items, &value->capacity, value->count, sizeof *items);
  if (items) value->items = items;
  char *text = items ? text_copy(item->text) : NULL;
  if (!text) return error_memory("options");
  items[value->count++] = (option_item){text, item->integer, item->number};
  return CHECKROB_OK;
}

checkrob_status checkrob_options_copy(checkrob_options **out, const checkrob_options *options) {
  if (!out) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_options_copy: out is NULL");
  checkrob_options *copy = NULL;
  checkrob_status status = checkrob_options_new(&copy);
  for (size_t i = 0; i < declared_option_count && options && !status; i++)
    for (size_t k = 0; k < options->values[i].count && !status; k++)
      status = value_add(&copy->values[i], &options->values[i].items[k]);
  if (status)
    checkrob_options_free(copy);
  else
    *out = copy;
  return status;
}

/* ---- setting ---- */

static checkrob_status find(const declared_option **out, const char *function,
                            const checkrob_options *options, const char *name) {
  if (!options || !name)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "%s: the options or the name is NULL", function);
  *out = declared_find(name);
  return *out ? CHECKROB_OK : declared_unknown(name);
}

static option_value *value_of(const checkrob_options *options, const declared_option *declared) {
  return &options->values[declared - declared_options];
}

/* Replaces the value, or appends to it. On failure the old value remains. */
static checkrob_status store(checkrob_options *options, const declared_option *declared,
                             const option_item *item, bool adds) {
  option_value *value = value_of(options, declared);
  if (adds) return value_add(value, item);
  option_value fresh = {0};
  checkrob_status status = value_add(&fresh, item);
  if (status) {
    value_clear(&fresh);
    return status;
  }
  value_clear(value);
  *value = fresh;
  return CHECKROB_OK;
}

static checkrob_status set_text(checkrob_options *options, const declared_option *declared, const char *text,
                                bool adds) {
  option_item item = {0};
  checkrob_status status = check_text(&item, declared, text);
  if (!status) status = store(options, declared, &item, adds);
  free(item.text);
  return status;
}

checkrob_status checkrob_options_set(checkrob_options *options, const char *name, const char *value) {
  const declared_option *declared = NULL;
  checkrob_status status = find(&declared, "checkrob_options_set", options, name);
  return status ? status : set_text(options, declared, value, false);
}

checkrob_status checkrob_options_add(checkrob_options *options, const char *name, const char *value) {
  const declared_option *declared = NULL;
  checkrob_status status = find(&declared, "checkrob_options_add", options, name);
  if (status) return status;
  if (!declared->info.is_list)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "%s is not a list: set its one value instead", name);
  return set_text(options, declared, value, true);
}

checkrob_status checkrob_options_set_integer(checkrob_options *options, const char *name, int64_t value) {
  const declared_option *declared = NULL;
  checkrob_status status = find(&declared, "checkrob_options_set_integer", options, name);
  if (status) return status;
  option_item item = {0};
  status = check_integer(&item, declared, value);
  if (!status) status = store(options, declared, &item, false);
  free(item.text);
  return status;
}

checkrob_status checkrob_options_set_number(checkrob_options *options, const char *name, double value) {
  const declared_option *declared = NULL;
  checkrob_status status = find(&declared, "checkrob_options_set_number", options, name);
  if (status) return status;
  option_item item = {0};
  status = check_number(&item, declared, value);
  if (!status) status = store(options, declared, &item, false);
  free(item.text);
  return status;
}

checkrob_status checkrob_options_unset(checkrob_options *options, const char *name) {
  const declared_option *declared = NULL;
  checkrob_status status = find(&declared, "checkrob_options_unset", options, name);
  if (!status) value_clear(value_of(options, declared));
  return status;
}

/* The pool of an attack. */
static checkrob_status check_attack(const checkrob_options *options) {
  bool is_named = checkrob_options_is_set(options, "attack_dataset") ||
                  checkrob_options_is_set(options, "attack_annotations");
  bool is_own = false;
  for (size_t i = 0; i < checkrob_options_count(options, "attack_images"); i++)
    if (strcmp(checkrob_options_item(options, "attack_images", i), "own") == 0) is_own = true;
  if (!checkrob_options_is_set(options, "attack_images")) {
    if (!is_named) return CHECKROB_OK;
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "attack_dataset and attack_annotations are of a pool, which attack_images must name");
  }
  if (is_own && (is_named || checkrob_options_count(options, "attack_images") > 1))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "attack_images is 'own', the run's images, and must then be alone, without "
                     "attack_dataset and attack_annotations; a folder of this name is './own'");
  if (checkrob_options_is_set(options, "attack_annotations") &&
      !checkrob_options_is_set(options, "attack_dataset"))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "attack_annotations needs the option attack_dataset, the format of these annotations");
  return CHECKROB_OK;
}

checkrob_status checkrob_options_check(const checkrob_options *options) {
  double robust = checkrob_options_number(options, "verdict_robust");
  double off_object = checkrob_options_number(options, "verdict_off_object");
  const char *given = checkrob_options_text(options, "verdict_off_object");
  if (isnan(robust) && off_object > 0.0)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "verdict_off_object is %s, but must not be above 0 if verdict_robust is not set", given);
  if (off_object > robust)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "verdict_off_object is %s, but must not be above verdict_robust, which is %s", given,
                     checkrob_options_text(options, "verdict_robust"));
  return check_attack(options);
}

/* ---- reading ---- */

int checkrob_options_is_set(const checkrob_options *options, const char *name) {
  const declared_option *declared = name ? declared_find(name) : NULL;
  return options && declared && value_of(options, declared)->count > 0;
}

static const option_item *set_item(const checkrob_options *options, const declared_option *declared,
                                   size_t index) {
  if (!options || !declared || index >= value_of(options, declared)->count) return NULL;
  return &value_of(options, declared)->items[index];
}

static bool is_paper(const checkrob_options *options) {
  const option_item *profile = set_item(options, declared_find("profile"), 0);
  return profile && strcmp(profile->text, "paper") == 0;
}

static const char *default_text(const checkrob_options *options, const declared_option *declared) {
  if (declared->info.paper_text && is_paper(options)) return declared->info.paper_text;
  return declared->info.default_text;
}

const char *checkrob_options_text(const checkrob_options *options, const char *name) {
  const declared_option *declared = name ? declared_find(name) : NULL;
  if (!declared) return "";
  const option_item *item = set_item(options, declared, 0);
  const char *text = item ? item->text : default_text(options, declared);
  return text ? text : "";
}

int64_t checkrob_options_integer(const checkrob_options *options, const char *name) {
  const declared_option *declared = name ? declared_find(name) : NULL;
  if (!declared) return -1;
  bool is_flag = declared->info.type == CHECKROB_OPTION_FLAG;
  if (!is_flag && declared->info.type != CHECKROB_OPTION_INTEGER) return -1;
  const option_item *item = set_item(options, declared, 0);
  if (item) return item->integer;
  const char *text = default_text(options, declared);
  int64_t value = -1;
  if (is_flag) return text && strcmp(text, "true") == 0;
  return text && number_parse_index(&value, text) ? value : -1;
}

double checkrob_options_number(const checkrob_options *options, const char *name) {
  const declared_option *declared = name ? declared_find(name) : NULL;
  if (!declared) return NAN;
  if (declared->info.type != CHECKROB_OPTION_NUMBER && declared->info.type != CHECKROB_OPTION_INTEGER)
    return NAN;
  const option_item *item = set_item(options, declared, 0);
  if (item) return item->number;
  const char *text = default_text(options, declared);
  double value = NAN;
  return text && number_parse(&value, text) ? value : NAN;
}

size_t checkrob_options_count(const checkrob_options *options, const char *name) {
  const declared_option *declared = name ? declared_find(name) : NULL;
  return options && declared && declared->info.is_list ? value_of(options, declared)->count : 0;
}

const char *checkrob_options_item(const checkrob_options *options, const char *name, size_t index) {
  const declared_option *declared = name ? declared_find(name) : NULL;
  const option_item *item = declared && declared->info.is_list ? set_item(options, declared, index) : NULL;
  return item ? item->text : "";
}

/* ---- the declarations ---- */

size_t checkrob_option_count(void) {
  return declared_option_count;
}

checkrob_status checkrob_option_at(checkrob_option_info *out, size_t index) {
  if (!out || index >= declared_option_count)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_option_at: there is no option %zu", index);
  return structure_give(out, &declared_options[index].info, sizeof declared_options[index].info);
}

/* ---- for other rooms ---- */

void options_shard(uint32_t *shard, uint32_t *shards, const checkrob_options *options) {
  *shard = *shards = 0;
  syntax_shard(shard, shards, checkrob_options_text(options, "shard"));
}

options_layout_choice options_layout(const checkrob_options *options) {
  options_layout_choice choice = {"auto", -1};
  syntax_layout(choice.name, &choice.prefix_tokens, checkrob_options_text(options, "layout"));
  return choice;
}

bool options_includes(const checkrob_options *options, const char *name, const char *choice) {
  size_t bytes = strlen(choice);
  for (const char *word = checkrob_options_text(options, name); *word;) {
    size_t length = strcspn(word, ",");
    if (length == bytes && strncmp(word, choice, bytes) == 0) return true;
    word += length + (word[length] == ',');
  }
  return false;
}

bool options_is(const checkrob_options *options, const char *name, const char *choice) {
  return strcmp(checkrob_options_text(options, name), choice) == 0;
}
