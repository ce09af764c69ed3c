/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of results: a sample, a class, a run's totals, or a comparison of two classes.
 *
 *    double rs = checkrob_row_number(row, "rs");
 *    const char *verdict = checkrob_row_text(row, "verdict");
 *
 * A row has columns. Each column is declared once, with a name, a type, a unit, a range and a description.
 * docs/files.md lists them, and a program reads them by checkrob_column_at(). A new column changes no
 * structure and no function: programs that were compiled before work as they did.
 *
 * A column may have no value in a row: the score of an image that could not be decoded, or a number that the
 * method does not compute. It is then NaN as a number, -1 as an integer, "" as text.
 *
 * A row is borrowed: it, and every text and array in it, is valid for as long as the function that returned
 * it states. Reading a row does not change it, so several threads may read one row. */
#ifndef CHECKROB_ROW_H
#define CHECKROB_ROW_H

#include <checkrob/status.h>
#include <stddef.h>
#include <stdint.h>

CHECKROB_BEGIN_DECLS

typedef struct checkrob_row checkrob_row;

typedef enum checkrob_column_type {
  CHECKROB_COLUMN_INTEGER = 1, /* int64, never negative */
  CHECKROB_COLUMN_NUMBER = 2,  /* double, always finite */
  CHECKROB_COLUMN_TEXT = 3,    /* UTF-8 */
  CHECKROB_COLUMN_FLOATS = 4,  /* an array of float32 */
  CHECKROB_COLUMN_DOUBLES = 5  /* an array of float64 */
} checkrob_column_type;

/* "integer", "number", "text", "floats", "doubles"; "" for anything else. */
CHECKROB_API const char *checkrob_column_type_name(checkrob_column_type type);

/* ---- values by the column's name ---- */

/* 1: there is such a column, and it has a value. */
CHECKROB_API int checkrob_row_has(const checkrob_row *row, const char *column);
/* For integers too. NaN if there is no value, and for texts, arrays and unknown columns. */
CHECKROB_API double checkrob_row_number(const checkrob_row *row, const char *column);
/* -1 if there is no value, and for columns that are not integers. */
CHECKROB_API int64_t checkrob_row_integer(const checkrob_row *row, const char *column);
/* "" if there is no value, and for columns that are not texts: numbers are not converted to text. */
CHECKROB_API const char *checkrob_row_text(const checkrob_row *row, const char *column);
/* An array of *count numbers. NULL, with *count = 0, if there is no value or the column has another type. */
CHECKROB_API const float *checkrob_row_floats(size_t *count, const checkrob_row *row, const char *column);
CHECKROB_API const double *checkrob_row_doubles(size_t *count, const checkrob_row *row, const char *column);

/* 1: a row of the table "sample" that has a score; its status is "ok" or, with an empty map, "empty_map". 0
 * for a failed sample, whose status is the name of a checkrob_status, and for rows of other tables. */
CHECKROB_API int checkrob_row_is_evaluated(const checkrob_row *row);

/* ---- child rows ---- */

/* Number of rows of a child table. A sample has rows of the table "other": the other annotated classes in its
 * image. 0 for an unknown table. */
CHECKROB_API size_t checkrob_row_child_count(const checkrob_row *row, const char *table);
/* NULL past the end. */
CHECKROB_API const checkrob_row *checkrob_row_child(const checkrob_row *row, const char *table, size_t i);

/* ---- columns ---- */

/* Which exports have a column. */
typedef enum checkrob_column_export {
  CHECKROB_COLUMN_NOT_EXPORTED = 0,
  CHECKROB_COLUMN_IN_CSV_AND_JSON = 1,
  CHECKROB_COLUMN_IN_JSON = 2 /* in JSON lines alone */
} checkrob_column_export;

typedef struct checkrob_column_info {
  size_t size;
  const char *table; /* "sample", "other", "class", ... */
  const char *name;
  checkrob_column_type type;
  const char *unit; /* "" if it has none */
  /* The range of a number, both bounds included; infinite: no bound. */
  double low, high;
  const char *description;
  checkrob_column_export exported;
  /* 1: not stored, but computed when results are read. */
  int derived;
} checkrob_column_info;

#define CHECKROB_COLUMN_INFO_INIT                                                 \
  {                                                                               \
    sizeof(checkrob_column_info), "", "", CHECKROB_COLUMN_TEXT, "", 0.0, 0.0, "", \
        CHECKROB_COLUMN_NOT_EXPORTED, 0                                           \
  }

/* The columns of a row, in the order of export. Errors: INVALID_ARGUMENT. */
CHECKROB_API size_t checkrob_row_column_count(const checkrob_row *row);
CHECKROB_API checkrob_status checkrob_row_column(checkrob_column_info *out, const checkrob_row *row,
                                                 size_t i);

/* The tables that this library declares, and their columns in the order of export. They are valid as long as
 * the program runs. A results file may have more columns: those of another version.
 * NULL, or 0, past the end and for an unknown table. */
CHECKROB_API size_t checkrob_table_count(void);
CHECKROB_API const char *checkrob_table_name(size_t i);
CHECKROB_API size_t checkrob_column_count(const char *table);
/* Errors: NOT_FOUND (no such table), INVALID_ARGUMENT. */
CHECKROB_API checkrob_status checkrob_column_at(checkrob_column_info *out, const char *table, size_t i);

/* Receives one row, which is valid until the callback returns. A value other than 0 makes the calling
 * function stop. */
typedef int (*checkrob_row_callback)(const checkrob_row *row, void *user_data);

CHECKROB_END_DECLS
#endif
