/* Rows of results: a sample, a class, a run's totals, a comparison of two classes.
 *
 *   double rs = checkrob_row_number(row, "rs");
 *   const char *verdict = checkrob_row_text(row, "verdict");
 *
 * A row has columns. Each column is declared once, with a name, a type, a unit, a range and a sentence;
 * docs/files.md lists them, and checkrob_column_at() gives them to a program. A new column changes no
 * structure and no function: a program that was compiled before reads on as it did.
 *
 * A value may not hold: the score of an image that could not be decoded, or a number that the method does not
 * give. Such a value is NaN as a number, -1 as an integer, "" as text.
 *
 * A row is borrowed: it, and every text and array in it, is valid for as long as the function that returned
 * it says. Reading a row changes nothing in it, so several threads may read one.
 */
#ifndef CHECKROB_ROW_H
#define CHECKROB_ROW_H

#include <checkrob/status.h>
#include <stddef.h>
#include <stdint.h>

CHECKROB_BEGIN_DECLS

typedef struct checkrob_row checkrob_row;

typedef enum checkrob_column_type {
  CHECKROB_COLUMN_INTEGER = 1, /* int64; from 0 wherever it holds */
  CHECKROB_COLUMN_NUMBER = 2,  /* double; finite wherever it holds */
  CHECKROB_COLUMN_TEXT = 3,    /* UTF-8 */
  CHECKROB_COLUMN_FLOATS = 4,  /* an array of float32 */
  CHECKROB_COLUMN_DOUBLES = 5  /* an array of float64 */
} checkrob_column_type;

/* "integer", "number", "text", "floats", "doubles"; "" for anything else. */
CHECKROB_API const char *checkrob_column_type_name(checkrob_column_type type);

/* ---- values by the column's name ---- */

/* 1: there is such a column, and its value holds. */
CHECKROB_API int checkrob_row_has(const checkrob_row *row, const char *column);
/* Integers too. NaN where the value does not hold, and for texts, arrays and unknown columns. */
CHECKROB_API double checkrob_row_number(const checkrob_row *row, const char *column);
/* -1 where the value does not hold, and for columns that are no integers. */
CHECKROB_API int64_t checkrob_row_integer(const checkrob_row *row, const char *column);
/* "" where the value does not hold, and for columns that are no texts: a number is not turned into text. */
CHECKROB_API const char *checkrob_row_text(const checkrob_row *row, const char *column);
/* The array of *count numbers; NULL, and 0 in *count, where it does not hold or has another type. */
CHECKROB_API const float *checkrob_row_floats(size_t *count, const checkrob_row *row, const char *column);
CHECKROB_API const double *checkrob_row_doubles(size_t *count, const checkrob_row *row, const char *column);

/* ---- rows below a row ---- */

/* A sample has rows of the table "other": the other annotated classes in its image. 0 for an unknown table.
 */
CHECKROB_API size_t checkrob_row_child_count(const checkrob_row *row, const char *table);
/* NULL from the count on. */
CHECKROB_API const checkrob_row *checkrob_row_child(const checkrob_row *row, const char *table, size_t i);

/* ---- columns ---- */

typedef struct checkrob_column_info {
  size_t size;
  const char *table; /* "sample", "other", "class", ... */
  const char *name;
  checkrob_column_type type;
  const char *unit; /* "" where it has none */
  double low, high; /* the range of a number, both ends included; infinite where it has no end */
  const char *sentence;
  int exported; /* 1: in CSV and JSON lines; 2: in JSON lines alone; 0: in the results file alone */
  int derived;  /* 1: not stored, but computed when results are read */
} checkrob_column_info;

#define CHECKROB_COLUMN_INFO_INIT \
  { sizeof(checkrob_column_info), "", "", CHECKROB_COLUMN_TEXT, "", 0.0, 0.0, "", 0, 0 }

/* The columns of a row, in the order in which they are exported. Errors: INVALID_ARGUMENT. */
CHECKROB_API size_t checkrob_row_column_count(const checkrob_row *row);
CHECKROB_API checkrob_status checkrob_row_column(checkrob_column_info *out, const checkrob_row *row,
                                                 size_t i);

/* The tables that this library declares, and their columns, in the order in which they are exported; valid as
 * long as the program runs. A results file may have more: another version's, or an analysis of your own.
 * NULL, or 0, from the count on and for an unknown table. */
CHECKROB_API size_t checkrob_table_count(void);
CHECKROB_API const char *checkrob_table_name(size_t i);
CHECKROB_API size_t checkrob_column_count(const char *table);
/* Errors: NOT_FOUND (no such table), INVALID_ARGUMENT. */
CHECKROB_API checkrob_status checkrob_column_at(checkrob_column_info *out, const char *table, size_t i);

/* Receives one row, which is valid until the callback returns. Another value than 0 stops the function that
 * calls it. */
typedef int (*checkrob_row_callback)(const checkrob_row *row, void *user_data);

CHECKROB_END_DECLS
#endif
