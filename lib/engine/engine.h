/* One pass over the data: a cursor's inputs are decoded and preprocessed on workers, sound samples are put
 * together to batches, the batches go through every analysis, and all samples come out in the dataset's
 * order. Scoring, reading representations out and checking a dataset are passes. Each image is decoded once,
 * however many samples and analyses it serves. */
#ifndef CHECKROB_LIB_ENGINE_H
#define CHECKROB_LIB_ENGINE_H

#include "engine/pass.h"

typedef struct engine_totals {
  double model_seconds; /* that the analyses spent in the model */
  double wait_seconds;  /* waiting for decoded images */
} engine_totals;

/* Runs the pass. Rows always end where a batch ended, unless a callback stopped it. Errors: INTERRUPTED,
 * OUT_OF_MEMORY, IO, what an analysis or a callback failed with. *totals holds on all ways out. */
checkrob_status engine_run(engine_totals *totals, const engine_options *options);

#endif
