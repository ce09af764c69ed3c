/* Rows as text, for other programs: CSV and JSON lines, written from the declarations of their columns. */
#ifndef CHECKROB_LIB_TABLE_TEXT_H
#define CHECKROB_LIB_TABLE_TEXT_H

#include <stdio.h>

#include "table/row.h"

/* A line with the names of the columns, and a line for each row. Values that do not hold are empty fields. */
void csv_write_head(FILE *file, const row_layout *layout);
void csv_write_row(FILE *file, const checkrob_row *row);

/* An object on a line: the columns by their names, null where a value does not hold, and the rows below the
 * row as arrays of objects. OUT_OF_MEMORY; BAD_INPUT where a text is not UTF-8. */
checkrob_status json_write_row(FILE *file, const checkrob_row *row);

/* ---- single fields ---- */

/* Quoted as in RFC 4180 where the text needs it. */
void csv_write_text(FILE *file, const char *text, char separator);
/* Nothing for what is not finite: "nan" is no number to a CSV reader. */
void csv_write_number(FILE *file, double value, int digits, bool significant);

#endif
