/* SPDX-License-Identifier: Apache-2.0 */
/* A batch: formed of prepared inputs, analysed, and emitted. */
#ifndef CHECKROB_LIB_BATCH_H
#define CHECKROB_LIB_BATCH_H

#include "engine/pass.h"
#include "engine/prepare.h"
#include "parallel/pool.h"

/* The longest wait for an input or a batch, before interruption and progress are checked again. */
#define POLL_MILLISECONDS 100

/* The samples of a pass in their order, cut into batches. One thread at a time forms a batch. */
typedef struct batch_source {
  const engine_options *options;
  pool *inputs;       /* of prepared_input */
  size_t most_inputs; /* of one batch, whatever the number of valid samples in them */
  /* The position of the next batch: the number of its first input, and of the sample in it. */
  size_t next_input, next_part;
} batch_source;

/* A sample of a batch: its location, and its row. */
typedef struct held_sample {
  prepared_input *input;
  size_t part; /* its number in input->samples */
  checkrob_row *row;
} held_sample;

/* Starts as zeros. Its arrays are reused for the next batch. */
typedef struct batch {
  float *input;           /* [options->batch, 3, H, W] */
  float *maps;            /* [options->batch, H, W] */
  float *coverage;        /* [2, options->batch, H, W]: of the sample's regions, and of what is ignored */
  analysis_sample *valid; /* [options->batch] */
  char **failures;        /* [options->batch]: of the model on single samples of `valid` */
  size_t valid_count;
  held_sample *held;
  size_t held_count, held_capacity;
  size_t inputs;          /* from which the batch has samples ... */
  size_t whole_inputs;    /* ... and of which no later batch has any */
  size_t inputs_done;     /* the cursor's count after the batch */
  double wait_seconds;    /* time of waiting for inputs */
  double model_seconds;   /* time that the analyses spent in the model */
  checkrob_status status; /* of the analyses */
  char *message;          /* the error message for a status other than OK; NULL: out of memory */
} batch;

/* Adds samples until the batch is full. *pending: the next input is not ready yet; the function waited a
 * while, and must be called again. Otherwise the batch is formed; after the last sample it is empty. Errors:
 * OUT_OF_MEMORY, and those of the pool. */
checkrob_status batch_fill(bool *pending, batch *b, batch_source *from);
/* Passes the batch to the analyses of lane number `lane`, and sets its status. */
void batch_analyse(batch *b, const engine_options *options, size_t lane);
/* The number of valid samples on which the model did not raise an error. */
size_t batch_count_run(const batch *b);
/* Emits its samples in order, or returns the failure of the analyses. */
checkrob_status batch_emit(const batch *b, const engine_options *options);
/* Empties it for the next samples. */
void batch_clear(batch *b);
/* Frees everything. */
void batch_destroy(batch *b);

#endif
