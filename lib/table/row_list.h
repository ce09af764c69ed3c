/* SPDX-License-Identifier: Apache-2.0 */
/* A table in memory: its columns and its rows. Results that are computed from samples are such tables; a
 * results file stores each of them whole. */
#ifndef CHECKROB_LIB_ROW_LIST_H
#define CHECKROB_LIB_ROW_LIST_H

#include "table/reader.h"

/* Starts as zeros. */
typedef struct row_list {
  row_layout *layout; /* owned; NULL until the list has columns */
  checkrob_row **rows;
  size_t count, capacity;
} row_list;

void row_list_clear(row_list *list);

/* Removes all rows. */
void row_list_empty(row_list *list);

/* Appends a row without values, which belongs to the list. OUT_OF_MEMORY. */
checkrob_status row_list_add(checkrob_row **out, row_list *list);

/* Puts the titles of the store's classes into the rows (table/titles.h). What is read has them. Errors: those
 * of titles_read(). */
checkrob_status row_list_title(row_list *list, store *s);

/* Writes the table, and replaces an earlier one of its name. */
checkrob_status row_list_write(const row_list *list, store *s);

/* Reads the table of the list's layout, at most `most` rows, in the order in which they were written. *found:
 * the store has it, with these columns. */
checkrob_status row_list_read(bool *found, row_list *list, store *s, size_t most);

/* Calls `take` for each row of the table of a layout, in the order in which they were written; not at all if
 * the store does not have it, with these columns. Memory does not grow with the rows. Errors: those of
 * `take`, and of table_reader_next(). */
checkrob_status row_list_each(const row_layout *layout, store *s,
                              checkrob_status (*take)(const checkrob_row *row, void *data), void *data);
/* The same in another order, which the store sorts them by. */
checkrob_status row_list_each_sorted(const row_layout *layout, store *s, const row_order *order, size_t count,
                                     checkrob_status (*take)(const checkrob_row *row, void *data),
                                     void *data);

#endif
