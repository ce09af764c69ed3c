/* SPDX-License-Identifier: Apache-2.0 */
/* Ablation-CAM: the weight of a channel is the loss of the score without it. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explain/explain.h"
#include "model/model.h"
#include "saliency/method.h"

/* Each channel alone, for each channel. The caller frees. */
static unsigned char *make_rows(size_t channels) {
  unsigned char *removed = channels <= SIZE_MAX / channels ? calloc(channels, channels) : NULL;
  for (size_t k = 0; removed && k < channels; k++) removed[k * channels + k] = 1;
  return removed;
}

static checkrob_status add_channels(double *raw, checkrob_explainer *explainer, const image_batch *batch,
                                    size_t n, const float *logits, const float *activation,
                                    const size_t shape[4], size_t layer) {
  size_t channels = shape[1], positions = shape[2] * shape[3];
  size_t classes = (size_t)checkrob_model_class_count(explainer->model);
  int64_t target = batch->targets[n];
  float *without = NULL; /* [C, K] */
  unsigned char *removed = make_rows(channels);
  if (!removed) return error_memory("a layer's channels");
  const cut_removal removal = {layer, removed, channels, channels, explainer->map_batch};
  checkrob_status status = cut_ablate(&without, explainer->cut, batch->input + n * 3 * pixels_of(batch),
                                      batch->height, batch->width, &removal);
  free(removed);
  if (status != CHECKROB_OK) return status;
  double whole = score_of(explainer->model, explainer->score, logits, classes, target);
  /* A score that is a distance to other classes is negative if the class is not the most likely one. The
   * division of the paper would then make a map of what lowers the score. */
  bool is_distance = explainer->score == CHECKROB_SCORE_LOG_ODDS || explainer->score == CHECKROB_SCORE_MARGIN;
  double scale = is_distance ? fabs(whole) : whole;
  for (size_t k = 0; k < channels; k++) {
    double rest = score_of(explainer->model, explainer->score, without + k * classes, classes, target);
    method_add_weighted(raw, (whole - rest) / scale, activation + k * positions, positions);
  }
  free(without);
  return CHECKROB_OK;
}

static checkrob_status ablate_layer(layer_maps *out, checkrob_explainer *explainer, const image_batch *batch,
                                    const float *logits, const checkrob_capture *capture, size_t layer) {
  size_t shape[4];
  checkrob_capture_shape(shape, capture, layer);
  size_t positions = shape[2] * shape[3], stride = shape[1] * positions;
  size_t classes = (size_t)checkrob_model_class_count(explainer->model);
  double *raw = malloc(positions * sizeof *raw);
  checkrob_status status = raw ? CHECKROB_OK : error_memory("a saliency map");
  if (status == CHECKROB_OK) status = layer_maps_start(out, batch->count, shape[2], shape[3]);
  for (size_t n = 0; n < batch->count && status == CHECKROB_OK; n++) {
    memset(raw, 0, positions * sizeof *raw);
    status = add_channels(raw, explainer, batch, n, logits + n * classes,
                          checkrob_capture_activation(capture, layer) + n * stride, shape, layer);
    if (status == CHECKROB_OK) saliency_normalise(out->maps + n * positions, raw, positions);
  }
  free(raw);
  return status;
}

checkrob_status explain_by_ablation(batch_maps *maps, checkrob_explainer *explainer,
                                    const image_batch *batch) {
  checkrob_capture *capture = NULL;
  checkrob_status status = checkrob_cut_run(&capture, explainer->cut, batch->input, batch->count,
                                            batch->height, batch->width, NULL);
  if (status == CHECKROB_OK) status = batch_maps_start(maps, explainer, capture, batch->count);
  for (size_t i = 0; status == CHECKROB_OK && i < maps->layer_count; i++)
    status = ablate_layer(&maps->layers[i], explainer, batch, maps->logits, capture, i);
  checkrob_capture_free(capture);
  return status;
}
