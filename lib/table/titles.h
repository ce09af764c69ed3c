/* SPDX-License-Identifier: Apache-2.0 */
/* Titles of classes: their names for people. They are stored once, in the table of the class map, and put
 * into rows that are read. So they may change without the results. */
#ifndef CHECKROB_LIB_TITLES_H
#define CHECKROB_LIB_TITLES_H

#include "table/store.h"

/* Starts as zeros. */
typedef struct title {
  int64_t index;
  char *text;
} title;

typedef struct titles {
  title *items; /* by rising index */
  size_t count, capacity;
} titles;

/* Reads the titles of a store; those of a file from before titles are none. Errors: IO, BAD_INPUT,
 * OUT_OF_MEMORY. */
checkrob_status titles_read(titles *out, store *s);
void titles_clear(titles *list);
/* NULL if there is none. */
const char *titles_find(const titles *list, int64_t index);

/* Whether rows of this layout have a title. */
bool titles_are_in(const row_layout *layout);
/* Fills "title" from "index", and "object_title" from "object_index", where the row has these columns.
 * OUT_OF_MEMORY. */
checkrob_status titles_put(checkrob_row *row, const titles *list);

#endif
