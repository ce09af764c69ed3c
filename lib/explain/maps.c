/* SPDX-License-Identifier: Apache-2.0 */
/* The results of the families: the logits of a batch, and a map of each layer for each image. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explain/explain.h"

checkrob_status layer_maps_start(layer_maps *layer, size_t count, size_t height, size_t width) {
  layer->height = height;
  layer->width = width;
  layer->maps = calloc(count, height * width * sizeof *layer->maps);
  return layer->maps ? CHECKROB_OK : error_memory("saliency maps");
}

checkrob_status batch_maps_start(batch_maps *maps, const checkrob_explainer *explainer,
                                 const checkrob_capture *capture, size_t count) {
  maps->classes = (size_t)checkrob_model_class_count(explainer->model);
  maps->layer_count = checkrob_capture_layer_count(capture);
  maps->logits = malloc(count * maps->classes * sizeof *maps->logits);
  maps->layers = calloc(maps->layer_count, sizeof *maps->layers);
  if (!maps->logits || !maps->layers) return error_memory("a batch's explanation");
  memcpy(maps->logits, checkrob_capture_logits(capture), count * maps->classes * sizeof *maps->logits);
  return CHECKROB_OK;
}

void batch_maps_clear(batch_maps *maps) {
  for (size_t i = 0; maps->layers && i < maps->layer_count; i++) free(maps->layers[i].maps);
  free(maps->layers);
  free(maps->logits);
  free(maps->attribution);
}
