/* SPDX-License-Identifier: Apache-2.0 */
/* Writes rows to a results file. */
#ifndef CHECKROB_LIB_TABLE_WRITER_H
#define CHECKROB_LIB_TABLE_WRITER_H

#include "table/store.h"

typedef struct table_writer table_writer;

/* Makes a writer of samples with this layout, which must fit that of the store. Both are borrowed until the
 * writer is closed. */
checkrob_status table_writer_open(table_writer **out, store *s, const row_layout *samples);

/* Writes the rows and their children in one transaction: after a crash all of them are in the file, or none.
 * The function uses the store on the calling thread. Errors: IO, OUT_OF_MEMORY. */
checkrob_status table_writer_write(table_writer *w, const checkrob_row *const *rows, size_t count);

void table_writer_close(table_writer *w); /* NULL is allowed */

#endif
