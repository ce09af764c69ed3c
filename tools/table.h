/* SPDX-License-Identifier: Apache-2.0 */
/* A table for people. It is collected row by row, and printed when the width of each column is known.
 *
 * Where it does not fit the terminal, long names are cut, and then columns are left out from the right: put
 * the columns first that a reader needs first. A line below the table names those that were left out. */
#ifndef CHECKROB_TOOLS_TABLE_H
#define CHECKROB_TOOLS_TABLE_H

#include <stdio.h>

typedef enum column_kind {
  COLUMN_TEXT,   /* to the left */
  COLUMN_NAME,   /* the same, but may be cut where the room is short */
  COLUMN_PATH,   /* the same, cut at its beginning, because its end says more */
  COLUMN_NUMBER, /* to the right */
  COLUMN_PAIR    /* a number that is left out together with the column before it */
} column_kind;

typedef struct table_column {
  const char *title;
  column_kind kind;
  const char *above; /* a first line of the title; NULL: none */
} table_column;

typedef struct table table;

/* `columns` must outlive the table. The caller frees it with table_free(); NULL: out of memory. */
table *table_new(const table_column *columns, size_t column_count);
void table_free(table *t);

/* The next cell, from left to right and row by row. Texts are copied; control characters become '?'. */
void table_text(table *t, const char *text);
/* '-' if it is not finite. */
void table_number(table *t, double value, int digits);
/* With its sign, also '+'. */
void table_change(table *t, double value, int digits);
/* In the colour of a verdict. */
void table_verdict(table *t, const char *text, const char *verdict);

size_t table_rows(const table *t);

/* Prints it, for `columns` columns of a terminal (0: everything; table_columns() says how many). Returns
 * EXIT_OK, or EXIT_FAILED after an error message if memory is short. */
int table_print(const table *t, FILE *file, int columns);

#endif
