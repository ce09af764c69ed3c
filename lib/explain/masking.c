/* SPDX-License-Identifier: Apache-2.0 */
/* Score-CAM: each channel, upsampled, masks the image. Its weight is the probability of the class for the
 * masked image. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explain/explain.h"
#include "model/model.h"
#include "saliency/method.h"

typedef struct mask_work {
  float *channel; /* [h, w]: relu(A_k) */
  float *masks;   /* [batch, H, W] */
  float *input;   /* [batch, 3, H, W] */
  double *raw;    /* [H, W] */
} mask_work;

static void work_free(mask_work *work) {
  free(work->channel);
  free(work->masks);
  free(work->input);
  free(work->raw);
}

static checkrob_status work_start(mask_work *work, const checkrob_explainer *explainer,
                                  const image_batch *batch, size_t positions) {
  size_t pixels = pixels_of(batch);
  work->channel = malloc(positions * sizeof *work->channel);
  work->masks = malloc(explainer->map_batch * pixels * sizeof *work->masks);
  work->input = malloc(explainer->map_batch * 3 * pixels * sizeof *work->input);
  work->raw = malloc(pixels * sizeof *work->raw);
  if (work->channel && work->masks && work->input && work->raw) return CHECKROB_OK;
  return error_memory("masked copies of an image; use a smaller batch");
}

static checkrob_status make_mask(float *mask, mask_work *work, const image_batch *batch,
                                 const float *activation, const size_t shape[4]) {
  size_t pixels = pixels_of(batch);
  for (size_t i = 0; i < shape[2] * shape[3]; i++)
    work->channel[i] = activation[i] < 0.0F ? 0.0F : activation[i];
  checkrob_status status =
      saliency_resize(mask, batch->height, batch->width, work->channel, shape[2], shape[3]);
  if (status != CHECKROB_OK) return status;
  float low = INFINITY, high = -INFINITY;
  for (size_t i = 0; i < pixels; i++) {
    low = fminf(low, mask[i]);
    high = fmaxf(high, mask[i]);
  }
  float range = high - low;
  for (size_t i = 0; i < pixels && range != 0.0F; i++) mask[i] /= range;
  return CHECKROB_OK;
}

static void mask_image(float *input, const float *image, const float *mask, size_t pixels) {
  for (size_t colour = 0; colour < 3; colour++)
    for (size_t i = 0; i < pixels; i++) input[colour * pixels + i] = image[colour * pixels + i] * mask[i];
}

/* Channels `first` to `first + count` of one image. */
static checkrob_status add_channels(mask_work *work, checkrob_explainer *explainer, const image_batch *batch,
                                    size_t n, const float *activation, const size_t shape[4], size_t first,
                                    size_t count) {
  size_t pixels = pixels_of(batch), positions = shape[2] * shape[3];
  for (size_t k = 0; k < count; k++) {
    float *mask = work->masks + k * pixels;
    checkrob_status status = make_mask(mask, work, batch, activation + (first + k) * positions, shape);
    if (status != CHECKROB_OK) return status;
    mask_image(work->input + k * 3 * pixels, batch->input + n * 3 * pixels, mask, pixels);
  }
  checkrob_capture *capture = NULL;
  checkrob_status status =
      cut_run_logits(&capture, explainer->cut, work->input, count, batch->height, batch->width);
  if (status != CHECKROB_OK) return status;
  size_t classes = (size_t)checkrob_model_class_count(explainer->model);
  for (size_t k = 0; k < count; k++) {
    double weight = score_of(explainer->model, CHECKROB_SCORE_PROBABILITY,
                             checkrob_capture_logits(capture) + k * classes, classes, batch->targets[n]);
    method_add_weighted(work->raw, weight, work->masks + k * pixels, pixels);
  }
  checkrob_capture_free(capture);
  return CHECKROB_OK;
}

static checkrob_status mask_layer(layer_maps *out, checkrob_explainer *explainer, const image_batch *batch,
                                  const checkrob_capture *capture, size_t layer) {
  size_t shape[4], pixels = pixels_of(batch);
  checkrob_capture_shape(shape, capture, layer);
  size_t stride = shape[1] * shape[2] * shape[3];
  const float *activation = checkrob_capture_activation(capture, layer);
  mask_work work = {NULL, NULL, NULL, NULL};
  checkrob_status status = layer_maps_start(out, batch->count, batch->height, batch->width);
  if (status == CHECKROB_OK) status = work_start(&work, explainer, batch, shape[2] * shape[3]);
  for (size_t n = 0; n < batch->count && status == CHECKROB_OK; n++) {
    memset(work.raw, 0, pixels * sizeof *work.raw);
    for (size_t k = 0; k < shape[1] && status == CHECKROB_OK; k += explainer->map_batch) {
      size_t count = shape[1] - k < explainer->map_batch ? shape[1] - k : explainer->map_batch;
      status = add_channels(&work, explainer, batch, n, activation + n * stride, shape, k, count);
    }
    if (status == CHECKROB_OK) saliency_normalise(out->maps + n * pixels, work.raw, pixels);
  }
  work_free(&work);
  return status;
}

checkrob_status explain_by_masking(batch_maps *maps, checkrob_explainer *explainer,
                                   const image_batch *batch) {
  checkrob_capture *capture = NULL;
  checkrob_status status = checkrob_cut_run(&capture, explainer->cut, batch->input, batch->count,
                                            batch->height, batch->width, NULL);
  if (status == CHECKROB_OK) status = batch_maps_start(maps, explainer, capture, batch->count);
  for (size_t i = 0; status == CHECKROB_OK && i < maps->layer_count; i++)
    status = mask_layer(&maps->layers[i], explainer, batch, capture, i);
  checkrob_capture_free(capture);
  return status;
}
