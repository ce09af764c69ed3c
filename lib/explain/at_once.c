/* Methods that need one run: activations, and gradients where the method asks for them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explain/explain.h"

static checkrob_status map_layer(layer_maps *out, const checkrob_explainer *explainer,
                                 const checkrob_capture *capture, size_t layer, size_t count) {
  size_t shape[4];
  checkrob_capture_shape(shape, capture, layer);
  size_t stride = shape[1] * shape[2] * shape[3], positions = shape[2] * shape[3];
  checkrob_status status = layer_maps_start(out, count, shape[2], shape[3]);
  const float *gradient = checkrob_capture_gradient(capture, layer);
  for (size_t n = 0; n < count && status == CHECKROB_OK; n++)
    status = checkrob_saliency(out->maps + n * positions, explainer->method.method,
                               checkrob_capture_activation(capture, layer) + n * stride,
                               gradient ? gradient + n * stride : NULL, shape[1], shape[2], shape[3]);
  return status;
}

/* ---- is the head linear? Then its gradient is the same for any image ---- */

static checkrob_status compare_gradients(const checkrob_explainer *explainer,
                                         const checkrob_capture *capture) {
  for (size_t layer = 0; layer < checkrob_capture_layer_count(capture); layer++) {
    size_t shape[4];
    checkrob_capture_shape(shape, capture, layer);
    size_t stride = shape[1] * shape[2] * shape[3];
    const float *gradient = checkrob_capture_gradient(capture, layer);
    double largest = 0.0, difference = 0.0;
    for (size_t i = 0; i < stride; i++) {
      largest = fmax(largest, fabs((double)gradient[i]));
      for (size_t n = 1; n < shape[0]; n++)
        difference = fmax(difference, fabs((double)gradient[n * stride + i] - (double)gradient[i]));
    }
    if (difference > 1e-4 * largest)
      return error_set(
          CHECKROB_ERROR_UNSUPPORTED,
          "cam needs global average pooling and one linear layer behind the layer, but behind '%s' "
          "the gradient depends on the image; take gradcam, which equals cam where cam holds",
          checkrob_model_selected_layer(explainer->model));
  }
  return CHECKROB_OK;
}

/* Numbers from -1 to 1 that no image is made of. */
static float pattern(size_t i) {
  return (float)(i * 37 % 101) / 50.0F - 1.0F;
}

/* The first image, its numbers backwards, and half of them beside a pattern: a head that bends anywhere bends
 * between them. Not its negative or a multiple, which a layer normalisation takes for the same; and not zeros
 * alone, even where the image is blank. */
static void fill_probes(float *input, const image_batch *batch, size_t size) {
  for (size_t i = 0; i < size; i++) {
    input[i] = batch->input[i];
    input[size + i] = batch->input[size - 1 - i];
    input[2 * size + i] = i % batch->width < batch->width / 2 ? batch->input[i] : pattern(i);
  }
}

static checkrob_status check_head(checkrob_explainer *explainer, const image_batch *batch) {
  size_t size = 3 * pixels_of(batch);
  float *input = malloc(3 * size * sizeof *input);
  if (!input) return error_memory("the check of a linear head");
  fill_probes(input, batch, size);
  const int64_t targets[3] = {batch->targets[0], batch->targets[0], batch->targets[0]};
  checkrob_capture *capture = NULL;
  checkrob_status status =
      checkrob_model_run(&capture, explainer->model, input, 3, batch->height, batch->width, targets);
  if (status == CHECKROB_OK) status = compare_gradients(explainer, capture);
  checkrob_capture_free(capture);
  free(input);
  explainer->head_is_linear = status == CHECKROB_OK;
  return status;
}

checkrob_status explain_at_once(batch_maps *maps, checkrob_explainer *explainer, const image_batch *batch) {
  checkrob_status status = CHECKROB_OK;
  if (explainer->method.method == CHECKROB_METHOD_CAM && !explainer->head_is_linear)
    status = check_head(explainer, batch);
  if (status != CHECKROB_OK) return status;
  checkrob_capture *capture = NULL;
  status = checkrob_model_run(&capture, explainer->model, batch->input, batch->count, batch->height,
                              batch->width, explainer->method.needs_gradient ? batch->targets : NULL);
  if (status == CHECKROB_OK) status = batch_maps_start(maps, explainer, capture, batch->count);
  for (size_t i = 0; status == CHECKROB_OK && i < maps->layer_count; i++)
    status = map_layer(&maps->layers[i], explainer, capture, i, batch->count);
  checkrob_capture_free(capture);
  return status;
}
