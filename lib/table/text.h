/* SPDX-License-Identifier: Apache-2.0 */
/* Rows as text: CSV and JSON lines, written from the declarations of the columns. */
#ifndef CHECKROB_LIB_TABLE_TEXT_H
#define CHECKROB_LIB_TABLE_TEXT_H

#include <jansson.h>
#include <stdio.h>

#include "table/row.h"

/* A line with the names of the columns, and a line for each row. A field without value is empty. */
void csv_write_head(FILE *file, const row_layout *layout);
void csv_write_row(FILE *file, const checkrob_row *row);

/* The value of a column; null if there is none, but "" for a text. NULL: out of memory. */
json_t *json_cell(const checkrob_row *row, size_t index);

/* An object on one line: the columns by their names, null for no value, and child rows as arrays of objects.
 * OUT_OF_MEMORY. */
checkrob_status json_write_row(FILE *file, const checkrob_row *row);

/* ---- single fields ---- */

/* Quoted as in RFC 4180 if the text needs it. */
void csv_write_text(FILE *file, const char *text, char separator);
/* Writes nothing for a number that is not finite: "nan" is not a number to readers of CSV. */
void csv_write_number(FILE *file, double value, int digits, bool significant);

#endif
