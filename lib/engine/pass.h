/* What a pass is made of: the data, the analyses, and who is told. */
#ifndef CHECKROB_LIB_PASS_H
#define CHECKROB_LIB_PASS_H

#include <checkrob/preprocess.h>
#include <checkrob/region.h>
#include <stdatomic.h>

#include "analysis/analysis.h"

/* A sample on its way out, sound or not. Everything is borrowed for the call. */
typedef struct engine_sample {
  const checkrob_sample *sample;
  checkrob_status status;       /* what preparing the sample came to */
  const char *message;          /* the error message for a status other than OK */
  checkrob_row *row;            /* NULL in a pass without a layout */
  checkrob_status image_status; /* what decoding the image came to; OK where it was not decoded */
  const char *image_message;
  uint32_t width, height; /* of the decoded image, else 0 */
  void *const *seen;      /* [analyses]: what `look` gave; NULL for each where nothing was decoded */
} engine_sample;

typedef struct engine_options {
  checkrob_cursor *cursor;               /* at the sample to begin with; the engine walks it to its end */
  const checkrob_preprocess *preprocess; /* NULL: no analysis needs tensors or regions */
  checkrob_image_limits limits;
  checkrob_geometry geometry;
  size_t batch;    /* sound samples in a batch */
  size_t workers;  /* decoding threads */
  size_t capacity; /* inputs decoded ahead; at least `batch` */
  int decode_all;  /* 1: also images whose samples have all failed before */
  analysis *const *analyses;
  size_t analysis_count;
  const row_layout *layout; /* part 0: core columns, part i + 1: analyses[i]; NULL: rows are not wanted */

  atomic_int *interrupted; /* set by any thread; the pass stops within about 100 ms, between two batches */
  /* All on the calling thread. A status other than OK stops the pass with it. */
  checkrob_status (*on_sample)(const engine_sample *sample, void *data); /* in the dataset's order */
  checkrob_status (*on_batch)(void *data); /* after the last sample of a batch, or NULL */
  checkrob_status (*on_progress)(size_t inputs_done, void *data); /* now and then, or NULL */
  void *data;
} engine_options;

#endif
