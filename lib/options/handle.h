/* SPDX-License-Identifier: Apache-2.0 */
/* The members of checkrob_options. */
#ifndef CHECKROB_LIB_OPTION_HANDLE_H
#define CHECKROB_LIB_OPTION_HANDLE_H

#include <checkrob/options.h>

/* A validated value: its text and, for INTEGER, FLAG and NUMBER, its number. */
typedef struct option_item {
  char *text;
  int64_t integer;
  double number;
} option_item;

typedef struct option_value {
  option_item *items; /* [count]; empty: not set; more than one: a list */
  size_t count, capacity;
} option_value;

struct checkrob_options {
  option_value *values; /* [declared_option_count] */
};

#endif
