/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the values of an enumeration, for options and results. */
#ifndef CHECKROB_LIB_NAMED_H
#define CHECKROB_LIB_NAMED_H

#include <stdbool.h>
#include <stddef.h>

typedef struct named_value {
  int value;
  const char *name;
} named_value;

/* Finds a value by its name, in upper or lower case; false if no value has it. */
bool named_find(int *out, const named_value *table, size_t count, const char *name);

/* The name of a value; NULL if there is none. */
const char *named_name(const named_value *table, size_t count, int value);

#endif
