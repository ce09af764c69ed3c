/* SPDX-License-Identifier: Apache-2.0 */
/* CSV as in RFC 4180: commas between fields; quotes around a field that contains a comma, a quote (doubled
 * there) or a line ending. A byte order mark, bare LF line endings and blank lines are accepted too. */
#ifndef CHECKROB_LIB_CSV_H
#define CHECKROB_LIB_CSV_H

#include <checkrob/status.h>
#include <stddef.h>

/* Of a record. */
#define CSV_FIELD_LIMIT 1000

typedef struct csv_reader {
  char **fields; /* of the last record; they point into the text */
  size_t field_count;
  size_t line; /* the first line of that record, from 1 */

  /* Private to the reader. */
  const char *path;
  char *next, *end;
  size_t next_line;
  size_t field_capacity;
} csv_reader;

/* Starts reading `text`, which has `bytes` bytes and a NUL after them (as file_read returns it). Text and
 * path are borrowed until csv_finish. Fields are unquoted in place. BAD_INPUT if the text is not UTF-8. */
checkrob_status csv_start(csv_reader *reader, const char *path, char *text, size_t bytes);

/* Reads the next record. Blank lines are skipped. END after the last record. Other errors: BAD_INPUT, LIMIT,
 * OUT_OF_MEMORY. */
checkrob_status csv_next(csv_reader *reader);

void csv_finish(csv_reader *reader);

#endif
