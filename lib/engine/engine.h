/* SPDX-License-Identifier: Apache-2.0 */
/* One pass over the data. Workers decode and preprocess the inputs of a cursor. Valid samples form batches,
 * and each batch goes through every analysis. All samples are emitted in the dataset's order. Scoring,
 * reading representations out and checking a dataset are passes. Each image is decoded once, whatever the
 * number of its samples and analyses. */
#ifndef CHECKROB_LIB_ENGINE_H
#define CHECKROB_LIB_ENGINE_H

#include "engine/pass.h"

typedef struct engine_totals {
  /* The mean of the lanes. */
  double model_seconds; /* time that the analyses spent in the model */
  double wait_seconds;  /* time of waiting for decoded images */
} engine_totals;

/* Runs the pass. It stops between two batches, unless on_sample stops it: on_batch is then not called for
 * the unfinished batch. If the model raises an error on every sample of the first batch, the pass stops with
 * it. On later samples it fails these alone. Errors: INTERRUPTED, OUT_OF_MEMORY, IO, and those of analyses
 * and callbacks. *totals is set even on failure. */
checkrob_status engine_run(engine_totals *totals, const engine_options *options);

#endif
