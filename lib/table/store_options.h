/* SPDX-License-Identifier: Apache-2.0 */
/* The options that a results file records: names and values as text, and whether they decide about the
 * samples. */
#ifndef CHECKROB_LIB_STORE_OPTIONS_H
#define CHECKROB_LIB_STORE_OPTIONS_H

#include <checkrob/status.h>
#include <stdbool.h>
#include <stddef.h>

/* Options that decide must be equal if a run is resumed or shards are merged. */
typedef struct store_option {
  char *name, *value;
  bool decides;
} store_option;

typedef struct store_options {
  store_option *items;
  size_t count, capacity;
} store_options;

/* Both are copied. OUT_OF_MEMORY. */
checkrob_status store_options_add(store_options *options, const char *name, const char *value, bool decides);
void store_options_clear(store_options *options);

/* NULL if there is none; it belongs to the options. */
const char *store_options_find(const store_options *options, const char *name);

/* Compares those of `wanted` that decide. OTHER_OPTIONS: the error message names `path` and the differences;
 * and `wanted_path`, whose options are wanted, unless it is NULL: they are those of this run. */
checkrob_status store_options_compare(const store_options *stored, const store_options *wanted,
                                      const char *path, const char *wanted_path);

#endif
