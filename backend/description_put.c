/* SPDX-License-Identifier: Apache-2.0 */
/* The worker's side. */
#include "backend/description.h"

static void put_shape(message *m, int rank, const int64_t shape[SHIM_MAX_RANK]) {
  message_put(m, rank);
  for (int i = 0; i < SHIM_MAX_RANK; i++) message_put(m, i < rank ? shape[i] : 0);
}

static void put_output(message *m, const shim_output *output) {
  message_put_text(m, output->name);
  put_shape(m, output->rank, output->shape);
  message_put(m, output->classes);
  message_put(m, output->taken);
}

static void put_layer(message *m, const shim_layer *layer) {
  message_put_text(m, layer->path);
  message_put_text(m, layer->type);
  put_shape(m, layer->rank, layer->shape);
  message_put(m, layer->usable);
  message_put(m, layer->readable);
  message_put(m, layer->layout);
  message_put(m, layer->channels);
  message_put(m, layer->height);
  message_put(m, layer->width);
  message_put(m, layer->prefix_tokens);
}

void description_put(message *m, const shim_model *model) {
  size_t outputs = shim_model_output_count(model), layers = shim_model_layer_count(model);
  message_put(m, shim_model_class_count(model));
  message_put(m, shim_model_channels(model));
  message_put(m, shim_model_ending(model));
  message_put_text(m, shim_model_remark(model));
  message_put(m, (int64_t)outputs);
  for (size_t i = 0; i < outputs; i++) {
    shim_output output;
    shim_model_output(model, i, &output);
    put_output(m, &output);
  }
  message_put(m, (int64_t)layers);
  message_put(m, (int64_t)shim_model_auto_layer(model));
  for (size_t i = 0; i < layers; i++) {
    shim_layer layer;
    shim_model_layer(model, i, &layer);
    put_layer(m, &layer);
  }
}
