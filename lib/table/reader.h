/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the rows of a results file in order. */
#ifndef CHECKROB_LIB_TABLE_READER_H
#define CHECKROB_LIB_TABLE_READER_H

#include "table/store.h"

typedef struct table_reader table_reader;

/* The child rows that are read. Hidden ones, such as the stored maps, are the largest part of a file. */
enum { READ_CHILDREN = 1, READ_HIDDEN_CHILDREN = 2 };

/* Reads the samples, with the columns that the store declares, in the dataset's order. The store is
 * borrowed. */
checkrob_status sample_reader_open(table_reader **out, store *s, unsigned children);
/* Reads the samples of one class at a time, in the dataset's order. There are none until
 * sample_reader_select(). */
checkrob_status sample_reader_open_by_class(table_reader **out, store *s, unsigned children);
void sample_reader_select(table_reader *r, int64_t class_index);

/* Reads the rows of another table (store_replace()), in the order in which they were written. `layout` is
 * borrowed. */
checkrob_status table_reader_open(table_reader **out, store *s, const row_layout *layout);

/* One of the columns that rows are sorted by: a number, or `if_missing` of rows without it. */
typedef struct row_order {
  const char *name;
  double if_missing;
  bool falling;
} row_order;

/* The same sorted by these columns, the first one first; equal rows as they were written. */
checkrob_status table_reader_open_sorted(table_reader **out, store *s, const row_layout *layout,
                                         const row_order *order, size_t count);

/* The next row, valid until the next call. The caller may change it. END after the last row. Errors: IO,
 * BAD_INPUT, OUT_OF_MEMORY. */
checkrob_status table_reader_next(checkrob_row **out, table_reader *r);

void table_reader_close(table_reader *r); /* NULL is allowed */

#endif
