/* Rows on their way into a results file. */
#ifndef CHECKROB_LIB_TABLE_WRITER_H
#define CHECKROB_LIB_TABLE_WRITER_H

#include "table/store.h"

typedef struct table_writer table_writer;

/* A writer of samples of this layout, which fits the store's. Both are borrowed until it is closed. */
checkrob_status table_writer_open(table_writer **out, store *s, const row_layout *samples);

/* Writes the rows, with their children, in one transaction: after a crash all of them are there, or none. The
 * store is used on the calling thread. Errors: IO, OUT_OF_MEMORY. */
checkrob_status table_writer_write(table_writer *w, const checkrob_row *const *rows, size_t count);

void table_writer_close(table_writer *w); /* NULL is fine */

#endif
