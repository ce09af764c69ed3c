/* SPDX-License-Identifier: Apache-2.0 */
/* What a model says about itself, as the worker sends it. */
#ifndef CHECKROB_BACKEND_DESCRIPTION_H
#define CHECKROB_BACKEND_DESCRIPTION_H

#include "backend/message.h"
#include "shim/shim.h"

typedef struct description {
  shim_layer *layers;
  size_t layer_count, auto_layer;
  shim_output *outputs;
  size_t output_count;
  int64_t classes;
  int channels, ending;
  const char *remark;
  message texts; /* the message itself: all strings are in it */
} description;

/* All bytes 0 is allowed. */
void description_free(description *d);

/* Writes what shim_model_...() say about the model. */
void description_put(message *m, const shim_model *model);
/* Reads it, and takes the message over, which is empty then. false: it is damaged, or out of memory; nothing
 * is changed then. */
bool description_get(description *out, message *m);

#endif
