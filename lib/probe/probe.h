/* SPDX-License-Identifier: Apache-2.0 */
/* Causal probes: copies of an image in which something is replaced. The model is asked again with each of
 * them. Whether it still recognises the class tells what it needs, which a saliency map only suggests. Pure
 * functions. */
#ifndef CHECKROB_LIB_PROBE_H
#define CHECKROB_LIB_PROBE_H

#include <checkrob/status.h>
#include <stdbool.h>

#include "probe/fill.h"
#include "probe/transplant.h"

typedef enum probe_kind {
  PROBE_WITHOUT_HOT_SPOT,
  PROBE_WITHOUT_OBJECT_SPOT,
  PROBE_WITHOUT_COLOUR,
  PROBE_TRANSPLANTED,     /* another class's object in place of the image's own */
  PROBE_BLURRED,          /* off the object, by a sixteenth of the image's side */
  PROBE_SLIGHTLY_BLURRED, /* by an eightieth */
  PROBES_OF_VERDICT,
  PROBE_OBJECT_ONLY = PROBES_OF_VERDICT,
  PROBE_CONTEXT_ONLY,
  PROBE_CONTEXT_FILLED, /* the object filled from around */
  PROBE_PATCHED,        /* the object's shape, moved, as far as it is off the object, in middle gray */
  PROBES
} probe_kind;

/* The size of a spot, as a share of the image's pixels. */
#define PROBE_SPOT 0.12

/* "without_hot_spot"; column names are made from it. */
extern const char *const probe_names[PROBES];

/* What probes are made from. Borrowed. */
typedef struct probe_subject {
  size_t height, width;
  const float *input;    /* [3, H, W] */
  const float *coverage; /* [H, W]: the object, from 0 to 1 */
  const float *ignored;  /* [H, W]: what counts neither way; NULL: nothing */
  const float *map;      /* [H, W]: the saliency map */
  channel_scale scale;
  const cut_out *donor; /* another class's object; NULL: none */
} probe_subject;

/* Memory for making probes of images of one size. */
typedef struct probe_maker probe_maker;
checkrob_status probe_maker_new(probe_maker **out, size_t height, size_t width);
void probe_maker_free(probe_maker *maker);

/* Writes the altered image [3, H, W]. False if it cannot be made: a transplant without a donor. */
bool probe_make(float *out, probe_maker *maker, const probe_subject *subject, probe_kind kind);

#endif
