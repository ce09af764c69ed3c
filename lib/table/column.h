/* Declarations of columns. An analysis declares its own; all else follows from the declaration: the schema of
 * a results file, its writer and reader, CSV, JSON lines, the documents and the public accessors.
 *
 * A declaration is an array indexed by an enumeration, so that the code that fills a column and its
 * declaration cannot drift apart:
 *
 *   enum { BRIGHT_PIXELS, BRIGHT_COLUMNS };
 *   static const column columns[] = {
 *       [BRIGHT_PIXELS] = {"bright_pixels", CHECKROB_COLUMN_INTEGER, "pixels", 0, INFINITY, 0, 0,
 *                          "pixels of the image above half of the range"}};
 */
#ifndef CHECKROB_LIB_COLUMN_H
#define CHECKROB_LIB_COLUMN_H

#include <checkrob/row.h>

enum {
  COLUMN_DERIVED = 1,     /* not stored: computed from other columns when results are read */
  COLUMN_HIDDEN = 2,      /* not exported */
  COLUMN_SIGNIFICANT = 4, /* `digits` counts significant digits, not decimals */
  COLUMN_NO_CSV = 8,      /* exported in JSON lines alone; arrays must be hidden or this */
  COLUMN_LAST = 16        /* exported behind the columns of all parts */
};

typedef struct column {
  const char *name; /* [a-z][a-z0-9_]*, not twice in a table */
  checkrob_column_type type;
  const char *unit; /* "" where it has none */
  double low, high; /* the range of a number; infinite where it has no end */
  int digits;       /* of a number in CSV */
  unsigned flags;
  const char *sentence;
} column;

typedef struct column_list {
  const column *columns;
  size_t count;
} column_list;

enum {
  CHILD_ONE = 1,   /* at most one row below each row */
  CHILD_HIDDEN = 2 /* not exported */
};

/* Rows below a row: of each sample, its other annotated classes. */
typedef struct child_table {
  const char *name; /* as a column's */
  const column *columns;
  size_t count;
  unsigned flags;
  const char *sentence;
} child_table;

/* Fills the public description of a column; the strings are borrowed from it. */
checkrob_status column_describe(checkrob_column_info *out, const char *table, const column *declared);

#endif
