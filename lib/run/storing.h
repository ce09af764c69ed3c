/* SPDX-License-Identifier: Apache-2.0 */
/* The results file of a run: it is begun or resumed, written by a thread of its own, and finished. */
#ifndef CHECKROB_LIB_STORING_H
#define CHECKROB_LIB_STORING_H

#include <checkrob/run.h>
#include <stdbool.h>

#include "table/store.h"

typedef struct storing storing;

/* The inputs that decide whether stored results can be resumed. */
typedef struct storing_subject {
  const checkrob_model *model;
  const checkrob_dataset *dataset;
  const checkrob_cursor *cursor;
  const checkrob_preprocess *preprocess;
  const checkrob_options *options;
  const checkrob_dataset *pool; /* of attack_images; NULL: the data themselves, or none */
  const char *layers;           /* as the explainer resolved them */
  const store_options *notes;   /* stored, but they do not decide */
} storing_subject;

/* Opens the file at `path`, new or of an earlier execution; NULL: a temporary one, from which the classes are
 * still assessed. *end: its last row. Errors: OTHER_OPTIONS, those of store_open. */
checkrob_status storing_open(storing **out, store_end *end, const char *path, const storing_subject *subject,
                             const row_layout *layout);

/* The library stores something by this name, such as the value of an option. */
bool storing_is_reserved(const char *name);

/* The store, for reading the rows of earlier executions. Only between storing_open and storing_start, and
 * after storing_drain. */
store *storing_store(storing *s);

/* Starts the writing thread. */
checkrob_status storing_start(storing *s);

/* Copies a row into the current batch. OUT_OF_MEMORY. */
checkrob_status storing_add(storing *s, const checkrob_row *row);
/* Passes the current batch to the writing thread, which writes it completely or not at all. Waits if that
 * thread is far behind. Errors: those of writing an earlier batch. */
checkrob_status storing_commit(storing *s);

/* Waits until everything is written. Batches that were not committed are lost. */
checkrob_status storing_drain(storing *s);

/* Closes the file. NULL is allowed. */
void storing_close(storing *s);

#endif
