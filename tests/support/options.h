/* SPDX-License-Identifier: Apache-2.0 */
/* Options in one line: open_dataset(&dataset, OPTIONS("dataset", "voc", "images", path), classes). */
#ifndef SUPPORT_OPTIONS_H
#define SUPPORT_OPTIONS_H

#include <checkrob/dataset.h>
#include <string.h>

#include "support/test.h"

static inline int option_is_list(const char *name) {
  checkrob_option_info info = CHECKROB_OPTION_INFO_INIT;
  for (size_t i = 0; checkrob_option_at(&info, i) == CHECKROB_OK; i++)
    if (strcmp(info.name, name) == 0) return info.is_list;
  fail_msg("there is no option %s", name);
  return 0;
}

/* Adds an item to a list, or sets another option. NULL changes nothing. */
static inline void give_option(checkrob_options *options, const char *name, const char *value) {
  if (!value) return;
  must(option_is_list(name) ? checkrob_options_add(options, name, value)
                            : checkrob_options_set(options, name, value));
}

/* Pairs of name and value up to a name that is NULL. */
static inline checkrob_options *options_of(const char *name, ...) {
  checkrob_options *options = NULL;
  must(checkrob_options_new(&options));
  va_list rest;
  va_start(rest, name);
  for (; name; name = va_arg(rest, const char *)) give_option(options, name, va_arg(rest, const char *));
  va_end(rest);
  return options;
}

#define OPTIONS(...) options_of(__VA_ARGS__, (const char *)NULL)

/* Frees the options. */
static inline checkrob_status open_dataset(checkrob_dataset **out, checkrob_options *options,
                                           const checkrob_class_map *classes) {
  checkrob_status status = checkrob_dataset_open(out, options, classes);
  checkrob_options_free(options);
  return status;
}

static inline checkrob_status open_images(checkrob_dataset **out, const char *path) {
  checkrob_options *options = OPTIONS("images", path);
  checkrob_status status = checkrob_dataset_open_images(out, options);
  checkrob_options_free(options);
  return status;
}

#endif
