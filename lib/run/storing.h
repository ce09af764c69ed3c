/* A run's results file: begun or resumed, written behind the run's back, finished. */
#ifndef CHECKROB_LIB_STORING_H
#define CHECKROB_LIB_STORING_H

#include <checkrob/run.h>
#include <stdbool.h>

#include "table/store.h"

typedef struct storing storing;

/* What decides whether stored results can be resumed. */
typedef struct storing_subject {
  const checkrob_model *model;
  const checkrob_dataset *dataset;
  const checkrob_cursor *cursor;
  const checkrob_preprocess *preprocess;
  const checkrob_options *options;
  const char *layers;         /* as the explainer resolved them */
  const store_options *notes; /* stored, but deciding nothing */
} storing_subject;

/* Opens the file at `path`, new or of an earlier execution; NULL: a temporary one, from which the classes are
 * assessed all the same. *end: where its rows end. Errors: OTHER_OPTIONS, those of store_open. */
checkrob_status storing_open(storing **out, store_end *end, const char *path, const storing_subject *subject,
                             const row_layout *layout);

/* The store, for reading what an earlier execution wrote. Only between storing_open and storing_start, and
 * behind storing_drain. */
store *storing_store(storing *s);

/* Starts the thread that writes. */
checkrob_status storing_start(storing *s);

/* Copies a row into the batch at hand. OUT_OF_MEMORY. */
checkrob_status storing_add(storing *s, const checkrob_row *row);
/* Hands the batch at hand to the thread that writes, which writes it whole or not at all. Waits where that is
 * far behind. Errors: what writing an earlier batch failed with. */
checkrob_status storing_commit(storing *s);

/* Waits until everything is written; batches that were not committed are lost. */
checkrob_status storing_drain(storing *s);

/* Closes the file. NULL is fine. */
void storing_close(storing *s);

#endif
