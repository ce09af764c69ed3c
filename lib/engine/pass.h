/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a pass: the data, the analyses, and the callbacks. */
#ifndef CHECKROB_LIB_PASS_H
#define CHECKROB_LIB_PASS_H

#include <checkrob/preprocess.h>
#include <checkrob/region.h>
#include <stdatomic.h>

#include "analysis/analysis.h"

/* A sample that is emitted, valid or not. Everything is borrowed for the call. */
typedef struct engine_sample {
  const checkrob_sample *sample;
  checkrob_status status; /* the result of preparing the sample; ERROR: the model raised an error on it */
  const char *message;    /* the error message for a status other than OK */
  checkrob_row *row;      /* NULL in a pass without a layout */
  /* the result of decoding the image; OK if it was not decoded */
  checkrob_status image_status;
  const char *image_message;
  uint32_t width, height; /* of the decoded image, else 0 */
  int orientation;        /* that the image file states; 0 if it could not be decoded */
  bool turned;            /* the image was turned upright */
  /* [analyses]: the results of `observe`; each NULL if the image was not decoded */
  void *const *observed;
} engine_sample;

typedef struct engine_options {
  /* at the first sample of the pass; the engine moves it to the end */
  checkrob_cursor *cursor;
  const checkrob_dataset *donors; /* where they are looked for, for analyses that need any; else NULL */
  double donor_margin;            /* around their objects: margin_add() */
  const checkrob_preprocess *preprocess; /* NULL: no analysis needs tensors or regions */
  checkrob_image_limits limits;
  checkrob_geometry geometry;
  size_t batch;   /* valid samples in a batch */
  size_t workers; /* decoding threads */
  /* Threads of the processor with which the analyses of a lane compute; those of all lanes are at most
   * `workers`. At most `workers` + 1 threads decode and compute at once. 0: the analyses compute little, or
   * on a GPU, and all workers may decode. */
  size_t lane_threads;
  size_t capacity; /* inputs that are decoded or being analysed; at least `lanes` times `batch` */
  /* What the arrays of all inputs and batches may take; 0: there is no limit. */
  uint64_t most_bytes;
  int images_only;  /* 1: each input is one sample, of its image alone; its annotation does not count */
  int model_worked; /* 1: it has run on samples of this data before; otherwise see engine_run() */
  int decode_all;   /* 1: also images of which all samples have failed already */
  /* Batches that are analysed at once. With one lane, the calling thread is the lane. Otherwise each lane is
   * a thread with analyses of its own; the calling thread receives the batches in their order. */
  size_t lanes;
  analysis *const *analyses; /* [lanes, analysis_count]; `observe` is called of the first lane's */
  size_t analysis_count;
  /* Part 0: core columns, part i + 1: analyses[i]. NULL: no rows are needed. */
  const row_layout *layout;

  /* base/interrupt.h; any thread may ask. The pass stops within about 100 ms, between two batches, or gives
   * them up: model_heed_interrupt(). */
  atomic_int *interrupted;
  /* Callbacks, on the calling thread. With a status other than OK the pass stops and returns it. */
  checkrob_status (*on_sample)(const engine_sample *sample, void *data); /* in the dataset's order */
  checkrob_status (*on_batch)(void *data);                               /* after a whole batch, or NULL */
  checkrob_status (*on_progress)(size_t inputs_done, void *data);        /* from time to time, or NULL */
  void *data;
} engine_options;

/* What the analyses of a lane need, together. All lanes have the same analyses. */
static inline unsigned engine_needs(const engine_options *options) {
  unsigned needs = 0;
  for (size_t i = 0; i < options->analysis_count; i++) needs |= options->analyses[i]->needs;
  return needs;
}

#endif
