/* SPDX-License-Identifier: Apache-2.0 */
/* The model's own error on one image of a batch. */
#ifndef CHECKROB_LIB_FAILURE_H
#define CHECKROB_LIB_FAILURE_H

#include <stdbool.h>

#include "analysis/analysis.h"

/* Whether the samples of the batch should be run one by one: the model raised an error, which may be due to
 * one image. */
static inline bool model_raised(checkrob_status status) {
  return status == CHECKROB_ERROR;
}

/* Notes that the model raised an error on sample `n`, with the last error message. OUT_OF_MEMORY. */
checkrob_status analysis_batch_note(analysis_batch *batch, size_t n);

/* Frees the notes on `count` samples. */
void analysis_failures_clear(char **failures, size_t count);

#endif
