/* SPDX-License-Identifier: Apache-2.0 */
/* Rows in memory, and layouts, which describe their columns. */
#ifndef CHECKROB_LIB_ROW_H
#define CHECKROB_LIB_ROW_H

#include <stdbool.h>

#include "table/column.h"

/* ---- layouts ---- */

/* The columns of a table: those of its parts, one part after the other. Each part may be declared elsewhere.
 * A layout is immutable, and shared by rows and threads. It must outlive its rows. */
typedef struct row_layout row_layout;

#define ROW_NO_COLUMN SIZE_MAX

/* The declarations are copied. Errors: INVALID_ARGUMENT (two columns of one name, a name that is no
 * identifier, or a name that results files use themselves), OUT_OF_MEMORY. */
checkrob_status row_layout_new(row_layout **out, const char *table, const column_list *parts,
                               size_t part_count, const child_table *const *children, size_t child_count);
void row_layout_free(row_layout *layout);

const char *row_layout_table(const row_layout *layout);
const char *row_layout_description(const row_layout *layout); /* of a child table; else "" */
unsigned row_layout_flags(const row_layout *layout);          /* of a child table: CHILD_... */

/* The index of the part's first column. */
size_t row_layout_base(const row_layout *layout, size_t part);
size_t row_layout_count(const row_layout *layout);
const column *row_layout_column(const row_layout *layout, size_t index);
/* ROW_NO_COLUMN if there is none. */
size_t row_layout_find(const row_layout *layout, const char *name);
/* The index of the i-th column in the order of export. */
size_t row_layout_in_order(const row_layout *layout, size_t i);

size_t row_layout_child_count(const row_layout *layout);
const row_layout *row_layout_child(const row_layout *layout, size_t child);
/* ROW_NO_COLUMN if there is none. */
size_t row_layout_find_child(const row_layout *layout, const char *table);

/* Whether rows of one layout can be written to a table of the other: both have the same stored columns, by
 * name and type, in any order. */
bool row_layout_fits(const row_layout *layout, const row_layout *other);

/* ---- rows ---- */

/* Makes a row without values. */
checkrob_status row_new(checkrob_row **out, const row_layout *layout);
checkrob_status row_copy(checkrob_row **out, const checkrob_row *row);
void row_free(checkrob_row *row);
/* Removes all values and child rows. The memory is reused for the next values. */
void row_clear(checkrob_row *row);
const row_layout *row_layout_of(const checkrob_row *row);

/* Values of another type than that of the column, and values for ROW_NO_COLUMN, are ignored. */
void row_set_integer(checkrob_row *row, size_t column, int64_t value); /* below 0: no value */
void row_set_number(checkrob_row *row, size_t column, double value);   /* not finite: no value */
/* Bytes that are not UTF-8 are escaped (base/utf8.h). NULL: no value. OUT_OF_MEMORY. */
checkrob_status row_set_text(checkrob_row *row, size_t column, const char *text);
checkrob_status row_set_floats(checkrob_row *row, size_t column, const float *values, size_t count);
checkrob_status row_set_doubles(checkrob_row *row, size_t column, const double *values, size_t count);
/* Sets an array of either type from its bytes, which need not be aligned. */
checkrob_status row_set_array(checkrob_row *row, size_t column, const void *bytes, size_t count);
void row_unset(checkrob_row *row, size_t column);

/* By the column's name. */
void row_put_integer(checkrob_row *row, const char *name, int64_t value);
void row_put_number(checkrob_row *row, const char *name, double value);
checkrob_status row_put_text(checkrob_row *row, const char *name, const char *text);

/* Like the public accessors, but by index. ROW_NO_COLUMN has no value. */
bool row_has(const checkrob_row *row, size_t column);
int64_t row_integer(const checkrob_row *row, size_t column);
double row_number(const checkrob_row *row, size_t column);
const char *row_text(const checkrob_row *row, size_t column);
const float *row_floats(size_t *count, const checkrob_row *row, size_t column);
const double *row_doubles(size_t *count, const checkrob_row *row, size_t column);
const void *row_array(size_t *bytes, const checkrob_row *row, size_t column); /* of either type */

/* Adds a row without values to one of the child tables. It belongs to `row`. For a table with CHILD_ONE a
 * second call returns the same row. OUT_OF_MEMORY, INVALID_ARGUMENT (no such child table). */
checkrob_status row_add_child(checkrob_row **out, checkrob_row *row, size_t child);
void row_clear_children(checkrob_row *row, size_t child); /* of one table */
size_t row_child_count(const checkrob_row *row, size_t child);
const checkrob_row *row_child(const checkrob_row *row, size_t child, size_t i);

#endif
