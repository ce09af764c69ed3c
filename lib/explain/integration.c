/* SPDX-License-Identifier: Apache-2.0 */
/* Integrated gradients: the gradient with respect to the pixels, on the path from the baseline 0 to the
 * image. */
#include <stdlib.h>

#include "base/error.h"
#include "explain/explain.h"
#include "model/model.h"
#include "saliency/method.h"

/* Adds the gradients at `share` of the path. */
static checkrob_status add_step(double *sum, float *input, checkrob_explainer *explainer,
                                const image_batch *batch, double share) {
  size_t size = batch->count * 3 * pixels_of(batch);
  for (size_t i = 0; i < size; i++) input[i] = (float)(share * (double)batch->input[i]);
  checkrob_capture *capture = NULL;
  checkrob_status status = checkrob_cut_run(&capture, explainer->cut, input, batch->count, batch->height,
                                            batch->width, batch->targets);
  if (status != CHECKROB_OK) return status;
  const float *gradient = checkrob_capture_gradient(capture, 0);
  for (size_t i = 0; i < size; i++) sum[i] += (double)gradient[i];
  checkrob_capture_free(capture);
  return CHECKROB_OK;
}

/* Colours are added before relu, because one channel may cancel another. */
static checkrob_status finish(layer_maps *out, const double *sum, const image_batch *batch) {
  size_t pixels = pixels_of(batch);
  double *raw = malloc(pixels * sizeof *raw);
  checkrob_status status = raw ? CHECKROB_OK : error_memory("a saliency map");
  if (status == CHECKROB_OK) status = layer_maps_start(out, batch->count, batch->height, batch->width);
  for (size_t n = 0; n < batch->count && status == CHECKROB_OK; n++) {
    for (size_t i = 0; i < pixels; i++) {
      raw[i] = 0.0;
      for (size_t colour = 0; colour < 3; colour++) {
        size_t at = (n * 3 + colour) * pixels + i;
        raw[i] += (double)batch->input[at] * sum[at];
      }
    }
    saliency_normalise(out->maps + n * pixels, raw, pixels);
  }
  free(raw);
  return status;
}

checkrob_status explain_by_integration(batch_maps *maps, checkrob_explainer *explainer,
                                       const image_batch *batch) {
  size_t size = batch->count * 3 * pixels_of(batch);
  checkrob_capture *capture = NULL; /* the unchanged images: their logits are reported */
  checkrob_status status =
      cut_run_logits(&capture, explainer->cut, batch->input, batch->count, batch->height, batch->width);
  if (status == CHECKROB_OK) status = batch_maps_start(maps, explainer, capture, batch->count);
  checkrob_capture_free(capture);
  double *sum = calloc(size, sizeof *sum);
  float *input = malloc(size * sizeof *input);
  if (status == CHECKROB_OK && (!sum || !input)) status = error_memory("integrated gradients");
  for (size_t i = 0; i < explainer->steps && status == CHECKROB_OK; i++)
    status = add_step(sum, input, explainer, batch, ((double)i + 0.5) / (double)explainer->steps);
  if (status == CHECKROB_OK) status = finish(&maps->layers[0], sum, batch);
  free(sum);
  free(input);
  return status;
}
