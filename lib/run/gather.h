/* The consumer's side of the pipeline: finished samples become a batch for the model. */
#ifndef CHECKROB_LIB_GATHER_H
#define CHECKROB_LIB_GATHER_H

#include <stdatomic.h>

#include "run/pipeline.h"

typedef int (*progress_function)(size_t done, size_t total, void *user_data);

typedef struct gatherer {
  const checkrob_cursor *cursor;
  pipeline *line;
  size_t batch;
  size_t stride; /* numbers in one image's tensor */
  float *input;  /* [batch, stride] */
  const atomic_int *cancelled;
  progress_function on_progress; /* may be NULL */
  void *progress_data;
} gatherer;

/* Waits for finished samples until `batch` of them are fit for the model or nothing more can come: `held`
 * slots of the pipeline, `good` of them fit, whose tensors lie in `input`. Meanwhile it reports `done`
 * inputs. CANCELLED where somebody asked for it. */
checkrob_status gather_batch(size_t *held, size_t *good, const gatherer *g, size_t done);

/* The `i`-th slot held, which is finished. */
checkrob_status gather_slot(slot **out, const gatherer *g, size_t i);

checkrob_status gather_report(const gatherer *g, size_t done);

#endif
