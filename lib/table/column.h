/* SPDX-License-Identifier: Apache-2.0 */
/* Declarations of columns. An analysis declares its own. Everything else follows from the declaration: the
 * schema of a results file, its writer and reader, CSV, JSON lines, the documents and the public accessors.
 *
 * A declaration is an array indexed by an enumeration. This ties the code that fills a column to its
 * declaration:
 *
 *    enum { BRIGHT_PIXELS, BRIGHT_COLUMNS };
 *    static const column columns[] = {
 *        [BRIGHT_PIXELS] = {"bright_pixels", CHECKROB_COLUMN_INTEGER, "pixels", 0, INFINITY, 0, 0,
 *                           "pixels of the image above half of the range"}}; */
#ifndef CHECKROB_LIB_COLUMN_H
#define CHECKROB_LIB_COLUMN_H

#include <checkrob/row.h>
#include <stdbool.h>

enum {
  /* Not stored: computed from other columns when results are read. */
  COLUMN_DERIVED = 1,
  COLUMN_HIDDEN = 2,      /* not exported */
  COLUMN_SIGNIFICANT = 4, /* `digits` counts significant digits, not decimals */
  /* Exported in JSON lines only. Arrays must have this flag or COLUMN_HIDDEN. */
  COLUMN_NO_CSV = 8,
  /* Exported after the columns of all parts. */
  COLUMN_LAST = 16
};

typedef struct column {
  const char *name; /* [a-z][a-z0-9_]*, unique in its table */
  checkrob_column_type type;
  const char *unit; /* "" if it has none */
  double low, high; /* the range of a number; infinite: no bound */
  int digits;       /* digits of a number in CSV */
  unsigned flags;
  const char *description;
} column;

/* Declares the title of a class: its output index is in the column "index", or "object_index". It is put into
 * rows that are read (table/titles.h). */
#define TITLE_COLUMN(name, description) \
  { name, CHECKROB_COLUMN_TEXT, "", 0, 0, 0, COLUMN_DERIVED, description }
#define TITLE_OF_CLASS "title of the class, its name for people; empty if the class map has none"

static inline bool column_is_stored(const column *c) {
  return (c->flags & COLUMN_DERIVED) == 0;
}

typedef struct column_list {
  const column *columns;
  size_t count;
} column_list;

enum {
  CHILD_ONE = 1,   /* at most one row below each row */
  CHILD_HIDDEN = 2 /* not exported */
};

/* A table of child rows: of each sample, its other annotated classes. */
typedef struct child_table {
  const char *name; /* as the name of a column */
  const column *columns;
  size_t count;
  unsigned flags;
  const char *description;
} child_table;

/* Fills the public description of a column. The strings are borrowed from the column. */
checkrob_status column_describe(checkrob_column_info *out, const char *table, const column *declared);

#endif
