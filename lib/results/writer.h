/* Rows on their way into a store: a thread of its own writes them, so that the run does not wait for the
 * disk. */
#ifndef CHECKROB_LIB_WRITER_H
#define CHECKROB_LIB_WRITER_H

#include <checkrob/run.h>

#include "results/store.h"
#include "score/evidence.h"

typedef struct writer writer;

/* Takes over the store, whatever becomes of the call. */
checkrob_status writer_start(writer **out, store *taken);

/* Adds a row and its evidence (NULL where there is none), copied, to those of the batch at hand.
 * OUT_OF_MEMORY. */
checkrob_status writer_add(writer *w, const checkrob_image_result *result, const evidence *kept);
/* Hands the batch's rows to the thread, which writes them in one transaction: after a crash all of them are
 * there or none. Waits where too many are waiting. Gives the failure of an earlier batch. */
checkrob_status writer_commit(writer *w);

/* Waits until all is written and ends the thread. The store is given back, to be closed by the caller. */
checkrob_status writer_finish(writer *w, store *out);

#endif
