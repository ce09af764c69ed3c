/* SPDX-License-Identifier: Apache-2.0 */
#include "table/store_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/text.h"
#include "base/utf8.h"

checkrob_status store_options_add(store_options *options, const char *name, const char *value, bool decides) {
  store_option *items = array_grow(options->items, &options->capacity, options->count, sizeof *items);
  if (!items) return error_memory("a run's options");
  options->items = items;
  store_option fresh = {text_copy(name), utf8_escaped(value), decides};
  if (!fresh.name || !fresh.value) {
    free(fresh.name);
    free(fresh.value);
    return error_memory("a run's options");
  }
  items[options->count++] = fresh;
  return CHECKROB_OK;
}

void store_options_clear(store_options *options) {
  for (size_t i = 0; i < options->count; i++) {
    free(options->items[i].name);
    free(options->items[i].value);
  }
  free(options->items);
  *options = (store_options){0};
}

const char *store_options_find(const store_options *options, const char *name) {
  for (size_t i = 0; i < options->count; i++)
    if (strcmp(options->items[i].name, name) == 0) return options->items[i].value;
  return NULL;
}

/* ---- comparing ---- */

/* Descriptions of differences whose values say too little or too much to a user. */
static const char *meaning_of(const char *name) {
  static const struct {
    const char *name, *meaning;
  } all[] = {{"model_contents", "the model file differs"},
             {"class_map", "the class map differs"},
             {"dataset_names", "the images differ: in number, names or format"},
             {"dataset_contents", "the file of annotations or of the classes' names differs"},
             {"preprocess", "the preprocessing differs"}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (strcmp(name, all[i].name) == 0) return all[i].meaning;
  return NULL;
}

/* An option without a value is recorded as "". */
static const char *shown(const char *value) {
  return value && *value ? value : "not set";
}

/* Appends "; NAME was OLD, and is NEW", of two files "; NAME is OLD here, and NEW there", or the description
 * of the difference, if there is room. */
static void add_difference(char *text, size_t bytes, const char *name, const char *old, const char *new,
                           bool of_files) {
  size_t used = strlen(text);
  const char *between = used ? "; " : "", *meaning = meaning_of(name);
  if (meaning)
    snprintf(text + used, bytes - used, "%s%s (%s)", between, meaning, name);
  else
    snprintf(text + used, bytes - used,
             of_files ? "%s%s is %.80s here, and %.80s there" : "%s%s was %.80s, and is %.80s", between, name,
             old, new);
}

checkrob_status store_options_compare(const store_options *stored, const store_options *wanted,
                                      const char *path, const char *wanted_path) {
  char differences[1024] = "";
  for (size_t i = 0; i < wanted->count; i++) {
    const store_option *o = &wanted->items[i];
    const char *old = store_options_find(stored, o->name);
    if (o->decides && strcmp(old ? old : "", o->value) != 0)
      add_difference(differences, sizeof differences, o->name, shown(old), shown(o->value),
                     wanted_path != NULL);
  }
  if (!differences[0]) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_OTHER_OPTIONS, "%s has results of other options%s%s: %s", path,
                   wanted_path ? " than " : "", wanted_path ? wanted_path : "", differences);
}
