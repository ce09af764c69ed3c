/* SPDX-License-Identifier: Apache-2.0 */
/* Measurements of samples. An analysis is a value: its declared columns, its needs, and functions that the
 * engine calls. A new analysis is one file that fills this structure. Its columns then appear in the results
 * file, in exports and in the accessors without another edit.
 *
 * The engine calls, in this order: `begin` once; `observe` for each decoded image; `batch` for each batch of
 * valid samples; `end` once, however the pass stopped. All of them except `observe` run on the thread that
 * called the engine; in a pass of several lanes (engine/pass.h), `batch` runs on the thread of the lane. */
#ifndef CHECKROB_LIB_ANALYSIS_H
#define CHECKROB_LIB_ANALYSIS_H

#include <checkrob/dataset.h>

#include "probe/transplant.h"
#include "region/packed.h"
#include "table/column.h"
#include "table/row.h"

enum {
  ANALYSIS_TENSOR = 1,  /* the preprocessed image, [3, H, W] */
  ANALYSIS_REGIONS = 2, /* the coverage of the sample's regions, [H, W] */
  /* the sample's regions are compared with the image's true size; REGIONS includes this */
  ANALYSIS_SIZE = 4,
  /* the samples' saliency maps and logits, which an earlier analysis of the pass computes */
  ANALYSIS_MAPS = 8,
  ANALYSIS_DONORS = 16 /* for each sample, the object of another image */
};

typedef struct analysis_setup {
  uint32_t height, width; /* H, W: the model's input size */
  size_t batch;           /* largest number of samples in a batch */
  size_t column;          /* the number of the analysis's first column in a row */
  size_t child;           /* the number of its first child table in a row */
} analysis_setup;

/* The object of another image, of a class that is not annotated in the sample's image. */
typedef struct analysis_donor {
  cut_out object;    /* of the preprocessed image: the rectangle around its largest part */
  const char *image; /* the other image's name */
  int64_t class_index;
} analysis_donor;

/* One valid sample of a batch. */
typedef struct analysis_sample {
  const checkrob_sample *sample;
  const float *coverage; /* [H, W], with ANALYSIS_REGIONS */
  const float *ignored;  /* [H, W], or NULL if nothing is ignored */
  /* [other classes of the sample], each [H, W] */
  const packed_coverage *others;
  const analysis_donor *donor; /* with ANALYSIS_DONORS; NULL if none was found */
  const void *observed;        /* the result of `observe` for its image */
  checkrob_row *row;           /* the core columns are set; the analysis sets its own */
} analysis_sample;

typedef struct analysis_batch {
  const float *input; /* [count, 3, H, W], with ANALYSIS_TENSOR */
  /* [count, H, W], if an analysis of the pass has ANALYSIS_MAPS, else NULL. Written by the saliency score,
   * for samples that it evaluates. */
  float *maps;
  /* [count, classes]. Set by the saliency score; its memory, until the next batch. */
  const float *logits;
  const analysis_sample *samples;
  size_t count;
  /* [count]: error messages of the model on these samples alone; NULL for the others. The analysis notes
   * them: analysis_batch_note(). */
  char **failures;
  double model_seconds; /* the analysis adds the time that it spent in the model */
} analysis_batch;

typedef struct analysis {
  const char *name;
  column_list columns;
  const child_table *const *children;
  size_t child_count;
  unsigned needs;
  void *self;

  /* All of these may be NULL, except `batch`. */
  checkrob_status (*begin)(void *self, const analysis_setup *setup);
  /* Called on a worker, several at once, to compute what depends on the decoded image alone. The engine frees
   * *observed with free(). A failure fails all samples of the image. */
  checkrob_status (*observe)(void **observed, const void *self, const checkrob_image *image);
  /* A failure stops the pass. An error of one sample is set as the status of its row: sample_row_fail(). If
   * the model raises an error on each sample of the first batch, the engine stops the pass. */
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
