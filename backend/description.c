/* SPDX-License-Identifier: Apache-2.0 */
/* The library's side: what it reads here may come from a worker whose memory the model has damaged. */
#include "backend/description.h"

#include <stdlib.h>

/* The fewest bytes of an item in a message: more items than that cannot be there. */
#define LEAST_BYTES ((size_t)64)

void description_free(description *d) {
  free(d->layers);
  free(d->outputs);
  message_free(&d->texts);
  *d = (description){0};
}

static int get_shape(int64_t shape[SHIM_MAX_RANK], message *m) {
  int rank = (int)message_get_within(m, -1, INT32_MAX);
  for (int i = 0; i < SHIM_MAX_RANK; i++) shape[i] = message_get_within(m, 0, INT64_MAX);
  return rank;
}

/* A text that has to be there. */
static const char *get_text(message *m) {
  const char *text = message_get_text(m);
  if (!text) m->is_damaged = true;
  return text;
}

static void get_output(shim_output *output, message *m) {
  output->name = get_text(m);
  output->rank = get_shape(output->shape, m);
  output->classes = message_get_within(m, 0, INT64_MAX);
  output->taken = (int)message_get_within(m, 0, 1);
}

static void get_layer(shim_layer *layer, message *m) {
  layer->path = get_text(m);
  layer->type = get_text(m);
  layer->rank = get_shape(layer->shape, m);
  layer->usable = (int)message_get_within(m, 0, 1);
  layer->readable = (int)message_get_within(m, 0, 1);
  layer->layout = (int)message_get_within(m, SHIM_LAYOUT_AUTO, SHIM_LAYOUT_TOKENS);
  layer->channels = message_get_within(m, 0, INT64_MAX);
  layer->height = message_get_within(m, 0, INT64_MAX);
  layer->width = message_get_within(m, 0, INT64_MAX);
  layer->prefix_tokens = message_get_within(m, 0, INT64_MAX);
}

static size_t get_count(message *m) {
  return (size_t)message_get_within(m, 0, (int64_t)(m->size / LEAST_BYTES));
}

static void get_all(description *d, message *m) {
  d->classes = message_get_within(m, 1, INT64_MAX);
  d->channels = (int)message_get_within(m, 1, 3);
  d->ending = (int)message_get_within(m, SHIM_ENDING_LOGITS, SHIM_ENDING_PROBABILITIES);
  d->remark = get_text(m);
  d->output_count = get_count(m);
  d->outputs = calloc(d->output_count + 1, sizeof *d->outputs);
  for (size_t i = 0; d->outputs && i < d->output_count; i++) get_output(&d->outputs[i], m);
  d->layer_count = get_count(m);
  d->auto_layer = (size_t)message_get_within(m, 0, (int64_t)d->layer_count);
  d->layers = calloc(d->layer_count + 1, sizeof *d->layers);
  for (size_t i = 0; d->layers && i < d->layer_count; i++) get_layer(&d->layers[i], m);
}

bool description_get(description *out, message *m) {
  description d = {0};
  get_all(&d, m);
  if (!d.layers || !d.outputs || !message_is_sound(m)) {
    description_free(&d);
    return false;
  }
  d.texts = *m;
  *m = (message){0};
  *out = d;
  return true;
}
