/* CSV as RFC 4180 writes it: fields between commas, quotes around a field that holds a comma, a quote
 * (doubled there) or a line end. A byte order mark, bare LF line ends and blank lines are fine too. */
#ifndef CHECKROB_LIB_CSV_H
#define CHECKROB_LIB_CSV_H

#include <checkrob/status.h>
#include <stddef.h>

typedef struct csv_reader {
  char **fields; /* of the record that was read last; they lie in the text */
  size_t field_count;
  size_t line; /* where that record begins, counted from 1 */

  /* The reader's own. */
  const char *path;
  char *next, *end;
  size_t next_line;
  size_t field_capacity;
} csv_reader;

/* Reads `text`, which holds `bytes` bytes and a NUL behind them (as file_read leaves it). Text and path are
 * borrowed until csv_finish; the fields are unquoted in place. BAD_INPUT when the text is not UTF-8. */
checkrob_status csv_start(csv_reader *reader, const char *path, char *text, size_t bytes);

/* The next record, blank lines left out; END after the last. Other errors: BAD_INPUT, OUT_OF_MEMORY. */
checkrob_status csv_next(csv_reader *reader);

void csv_finish(csv_reader *reader);

#endif
