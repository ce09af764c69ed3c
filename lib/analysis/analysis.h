/* What is computed of samples. An analysis is a value: its declared columns, what it needs, and functions
 * that the engine calls. A new analysis is one file that fills this structure; its columns then appear in the
 * results file, in exports and in the accessors without another edit.
 *
 * The engine calls, in this order: `begin` once; `look` for each decoded image; `batch` for each batch of
 * sound samples; `end` once, however the pass ended. All but `look` run on the thread that called the engine.
 */
#ifndef CHECKROB_LIB_ANALYSIS_H
#define CHECKROB_LIB_ANALYSIS_H

#include <checkrob/dataset.h>

#include "table/column.h"
#include "table/row.h"

enum {
  ANALYSIS_TENSOR = 1,  /* the preprocessed image, [3, H, W] */
  ANALYSIS_REGIONS = 2, /* the coverage of the sample's regions, [H, W] */
  ANALYSIS_SIZE = 4     /* the sample's regions are compared with the image's true size; REGIONS does too */
};

typedef struct analysis_setup {
  uint32_t height, width; /* H, W: the model's input size */
  size_t batch;           /* most samples in a batch */
  size_t column;          /* in a row: the number of the analysis's first column ... */
  size_t child;           /* ... and of its first child table */
} analysis_setup;

/* One sound sample of a batch. */
typedef struct analysis_sample {
  const checkrob_sample *sample;
  const float *coverage;      /* [H, W], with ANALYSIS_REGIONS */
  const float *ignored;       /* [H, W], or NULL where nothing is ignored */
  const float *const *others; /* [other classes of the sample] of [H, W] */
  const void *seen;           /* what `look` gave for its image */
  checkrob_row *row;          /* core columns are set; the analysis sets its own */
} analysis_sample;

typedef struct analysis_batch {
  const float *input; /* [count, 3, H, W], with ANALYSIS_TENSOR */
  const analysis_sample *samples;
  size_t count;
  double model_seconds; /* the analysis adds what it spent in the model */
} analysis_batch;

typedef struct analysis {
  const char *name;
  column_list columns;
  const child_table *const *children;
  size_t child_count;
  unsigned needs;
  void *self;

  /* NULL where there is nothing to do, but for `batch`. */
  checkrob_status (*begin)(void *self, const analysis_setup *setup);
  /* On a worker, several at once: what is computed of the decoded image alone. *seen is freed with free(). A
   * failure fails the image's samples. */
  checkrob_status (*look)(void **seen, const void *self, const checkrob_image *image);
  /* A failure ends the pass. What is wrong with one sample becomes that row's status: sample_fail_row(). */
  checkrob_status (*batch)(void *self, analysis_batch *batch);
  void (*end)(void *self);
  /* Frees the analysis's state. */
  void (*destroy)(void *self);
} analysis;

static inline void analysis_destroy(analysis *a) {
  if (a->destroy) a->destroy(a->self);
  a->self = NULL;
  a->destroy = NULL;
}

#endif
