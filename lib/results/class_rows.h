/* The classes' rows in the store, and the list of their numbers that the exports go by too. */
#ifndef CHECKROB_LIB_CLASS_ROWS_H
#define CHECKROB_LIB_CLASS_ROWS_H

#include <stddef.h>

#include "results/store.h"
#include "score/class_tally.h"

/* A number of checkrob_class_result, by the name that it goes by everywhere. */
typedef struct class_number {
  const char *name;
  size_t offset; /* of a double */
} class_number;

extern const class_number class_numbers[];
extern const size_t class_number_count;

double class_number_get(const checkrob_class_result *result, const class_number *number);

/* Writes the classes' rows anew; they are assessed. */
checkrob_status class_rows_write(store *s, const class_tally *tally);

/* Gives the classes the assessments that are stored. *found: there are any. */
checkrob_status class_rows_read(bool *found, class_tally *tally, store *s);

#endif
