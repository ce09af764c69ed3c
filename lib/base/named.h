/* Choices that have names: of an enumeration, for the command line and for results. */
#ifndef CHECKROB_LIB_NAMED_H
#define CHECKROB_LIB_NAMED_H

#include <stdbool.h>
#include <stddef.h>

typedef struct named_value {
  int value;
  const char *name;
} named_value;

/* By the name, in capital or small letters; false where none has it. */
bool named_find(int *out, const named_value *table, size_t count, const char *name);

/* NULL where no name has the value. */
const char *named_name(const named_value *table, size_t count, int value);

#endif
