/* SPDX-License-Identifier: Apache-2.0 */
/* Methods that need one run: activations, and gradients if the method needs them. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"
#include "explain/explain.h"

/* ---- the reference ---- */

static bool has_reference(const checkrob_explainer *explainer) {
  checkrob_method method = explainer->method.method;
  return explainer->reference == CHECKROB_REFERENCE_BLANK &&
         (method == CHECKROB_METHOD_GRADCAM || method == CHECKROB_METHOD_GRADCAMPP ||
          method == CHECKROB_METHOD_HIRESCAM || method == CHECKROB_METHOD_LAYERCAM);
}

static checkrob_status run_blank(checkrob_explainer *explainer, const image_batch *batch) {
  blank_image *blank = &explainer->blank;
  if (blank->capture && blank->height == batch->height && blank->width == batch->width) return CHECKROB_OK;
  checkrob_capture *capture = NULL;
  float *zeros = calloc(3 * pixels_of(batch), sizeof *zeros);
  checkrob_status status =
      zeros ? checkrob_cut_run(&capture, explainer->cut, zeros, 1, batch->height, batch->width, NULL)
            : error_memory("a blank image");
  free(zeros);
  if (status != CHECKROB_OK) return status;
  checkrob_capture_free(blank->capture);
  *blank = (blank_image){capture, batch->height, batch->width};
  return CHECKROB_OK;
}

/* ---- maps ---- */

/* One layer's arrays. */
typedef struct layer_view {
  size_t shape[4];
  const float *activation, *gradient; /* [count, C, h, w] */
  const float *reference;             /* [C, h, w], or NULL */
} layer_view;

static checkrob_status view_layer(layer_view *out, const checkrob_explainer *explainer,
                                  const checkrob_capture *capture, size_t layer) {
  checkrob_capture_shape(out->shape, capture, layer);
  out->activation = checkrob_capture_activation(capture, layer);
  out->gradient = checkrob_capture_gradient(capture, layer);
  out->reference = NULL;
  if (!has_reference(explainer)) return CHECKROB_OK;
  size_t blank[4];
  checkrob_capture_shape(blank, explainer->blank.capture, layer);
  if (blank[1] != out->shape[1] || blank[2] != out->shape[2] || blank[3] != out->shape[3])
    return error_set(CHECKROB_ERROR_MODEL_UNSUPPORTED,
                     "the layer's output has another size for a blank image; use the reference 'none'");
  out->reference = checkrob_capture_activation(explainer->blank.capture, layer);
  return CHECKROB_OK;
}

static void add_attribution(float *out, const float *activation, const float *gradient, size_t channels,
                            size_t positions) {
  for (size_t p = 0; p < positions; p++) {
    double sum = 0.0;
    for (size_t k = 0; k < channels; k++)
      sum += (double)gradient[k * positions + p] * (double)activation[k * positions + p];
    out[p] = (float)sum;
  }
}

/* Computes the maps of all images, and their attributions if there is a gradient. attribution NULL: not
 * needed. */
static checkrob_status map_images(layer_maps *out, float *attribution, const checkrob_explainer *explainer,
                                  const layer_view *view, size_t count) {
  const size_t *shape = view->shape;
  size_t positions = shape[2] * shape[3], stride = shape[1] * positions;
  float *deviation = view->reference ? malloc(stride * sizeof *deviation) : NULL;
  checkrob_status status =
      view->reference && !deviation ? error_memory("the differences of a layer") : CHECKROB_OK;
  for (size_t n = 0; n < count && status == CHECKROB_OK; n++) {
    const float *activation = view->activation + n * stride;
    const float *gradient = view->gradient ? view->gradient + n * stride : NULL;
    for (size_t i = 0; deviation && i < stride; i++) deviation[i] = activation[i] - view->reference[i];
    if (deviation) activation = deviation;
    status = checkrob_saliency(out->maps + n * positions, explainer->method.method, activation, gradient,
                               shape[1], shape[2], shape[3]);
    if (attribution && gradient)
      add_attribution(attribution + n * positions, activation, gradient, shape[1], positions);
  }
  free(deviation);
  return status;
}

static checkrob_status map_layer(batch_maps *maps, const checkrob_explainer *explainer,
                                 const checkrob_capture *capture, size_t layer, size_t count) {
  layer_view view;
  checkrob_status status = view_layer(&view, explainer, capture, layer);
  layer_maps *out = &maps->layers[layer];
  if (status == CHECKROB_OK) status = layer_maps_start(out, count, view.shape[2], view.shape[3]);
  if (status == CHECKROB_OK && view.gradient && maps->layer_count == 1) {
    maps->attribution = malloc(count * view.shape[2] * view.shape[3] * sizeof *maps->attribution);
    if (!maps->attribution) status = error_memory("a batch's attribution");
  }
  return status == CHECKROB_OK ? map_images(out, maps->attribution, explainer, &view, count) : status;
}

/* ---- is the head (the layers after A) linear? Then its gradient is the same for any image ---- */

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
          CHECKROB_ERROR_MODEL_UNSUPPORTED,
          "cam needs global average pooling and one linear layer after the layer, but after '%s' "
          "the gradient depends on the image; use gradcam, which equals cam where cam is defined",
          checkrob_cut_layers(explainer->cut));
  }
  return CHECKROB_OK;
}

/* Numbers from -1 to 1, unlike those of any image. */
static float pattern(size_t i) {
  return (float)(i * 37 % 101) / 50.0F - 1.0F;
}

/* The first image, its numbers in reverse order, and half of them beside a pattern: the gradient of a
 * non-linear head differs between them. The negative or a multiple of the image would not do, because layer
 * normalisation removes the difference; nor would zeros, because the image may be blank. */
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
      checkrob_cut_run(&capture, explainer->cut, input, 3, batch->height, batch->width, targets);
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
  if (status == CHECKROB_OK && has_reference(explainer)) status = run_blank(explainer, batch);
  if (status != CHECKROB_OK) return status;
  checkrob_capture *capture = NULL;
  status = checkrob_cut_run(&capture, explainer->cut, batch->input, batch->count, batch->height, batch->width,
                            explainer->method.needs_gradient ? batch->targets : NULL);
  if (status == CHECKROB_OK) status = batch_maps_start(maps, explainer, capture, batch->count);
  for (size_t i = 0; status == CHECKROB_OK && i < maps->layer_count; i++)
    status = map_layer(maps, explainer, capture, i, batch->count);
  checkrob_capture_free(capture);
  return status;
}
