/* SPDX-License-Identifier: Apache-2.0 */
/* Smooth Grad-CAM++: the mean of the maps of noisy copies. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explain/explain.h"
#include "explain/noise.h"
#include "model/model.h"
#include "saliency/method.h"

#define NOISE_SHARE 0.15 /* standard deviation of the noise, as a share of the input's range */

typedef struct noisy_images {
  noise_stream *streams; /* [count] */
  double *deviations;    /* [count] */
  float *input;          /* [count, 3, H, W] */
} noisy_images;

static void noisy_free(noisy_images *noisy) {
  free(noisy->streams);
  free(noisy->deviations);
  free(noisy->input);
}

static double range_of(const float *values, size_t count) {
  double low = INFINITY, high = -INFINITY;
  for (size_t i = 0; i < count; i++) {
    low = fmin(low, (double)values[i]);
    high = fmax(high, (double)values[i]);
  }
  return high - low;
}

static checkrob_status noisy_start(noisy_images *noisy, const checkrob_explainer *explainer,
                                   const image_batch *batch) {
  size_t size = 3 * pixels_of(batch);
  noisy->streams = malloc(batch->count * sizeof *noisy->streams);
  noisy->deviations = malloc(batch->count * sizeof *noisy->deviations);
  noisy->input = malloc(batch->count * size * sizeof *noisy->input);
  if (!noisy->streams || !noisy->deviations || !noisy->input) return error_memory("noisy copies of a batch");
  for (size_t n = 0; n < batch->count; n++) {
    noisy->streams[n] = noise_start(explainer->seed, batch->input + n * size, size);
    noisy->deviations[n] = NOISE_SHARE * range_of(batch->input + n * size, size);
  }
  return CHECKROB_OK;
}

static void noisy_next(noisy_images *noisy, const image_batch *batch) {
  size_t size = 3 * pixels_of(batch);
  for (size_t n = 0; n < batch->count; n++)
    for (size_t i = n * size; i < (n + 1) * size; i++)
      noisy->input[i] =
          (float)((double)batch->input[i] + noisy->deviations[n] * noise_next(&noisy->streams[n]));
}

/* ---- sums of maps ---- */

typedef struct map_sums {
  double **layers; /* each [count, h, w] */
  size_t count;
  float *map;  /* the map of one image */
  size_t room; /* numbers that `map` can hold, at least 1 */
} map_sums;

static void sums_free(map_sums *sums) {
  for (size_t i = 0; sums->layers && i < sums->count; i++) free(sums->layers[i]);
  free(sums->layers);
  free(sums->map);
}

static checkrob_status sums_start(map_sums *sums, batch_maps *maps, const checkrob_capture *capture,
                                  size_t count) {
  sums->count = maps->layer_count;
  sums->room = 1;
  sums->layers = calloc(sums->count, sizeof *sums->layers);
  if (!sums->layers) return error_memory("sums of maps");
  for (size_t i = 0; i < sums->count; i++) {
    size_t shape[4];
    checkrob_capture_shape(shape, capture, i);
    checkrob_status status = layer_maps_start(&maps->layers[i], count, shape[2], shape[3]);
    if (status != CHECKROB_OK) return status;
    sums->layers[i] = calloc(count * shape[2] * shape[3], sizeof **sums->layers);
    if (!sums->layers[i]) return error_memory("sums of maps");
    if (shape[2] * shape[3] > sums->room) sums->room = shape[2] * shape[3];
  }
  sums->map = malloc(sums->room * sizeof *sums->map);
  return sums->map ? CHECKROB_OK : error_memory("a saliency map");
}

static checkrob_status sums_add(map_sums *sums, const batch_maps *maps, const checkrob_capture *capture) {
  for (size_t layer = 0; layer < sums->count; layer++) {
    size_t shape[4];
    checkrob_capture_shape(shape, capture, layer);
    size_t positions = shape[2] * shape[3], stride = shape[1] * positions;
    if (positions != maps->layers[layer].height * maps->layers[layer].width)
      return error_set(CHECKROB_ERROR_MODEL_UNSUPPORTED,
                       "a layer's map changes its size from run to run, so its maps cannot be averaged; "
                       "choose another layer or method");
    for (size_t n = 0; n < shape[0]; n++) {
      checkrob_status status = checkrob_saliency(
          sums->map, CHECKROB_METHOD_GRADCAMPP, checkrob_capture_activation(capture, layer) + n * stride,
          checkrob_capture_gradient(capture, layer) + n * stride, shape[1], shape[2], shape[3]);
      if (status != CHECKROB_OK) return status;
      for (size_t i = 0; i < positions; i++) sums->layers[layer][n * positions + i] += (double)sums->map[i];
    }
  }
  return CHECKROB_OK;
}

static void sums_finish(const map_sums *sums, batch_maps *maps, size_t count) {
  for (size_t layer = 0; layer < sums->count; layer++) {
    layer_maps *out = &maps->layers[layer];
    size_t positions = out->height * out->width;
    for (size_t n = 0; n < count; n++)
      saliency_normalise(out->maps + n * positions, sums->layers[layer] + n * positions, positions);
  }
}

static checkrob_status add_sample(map_sums *sums, batch_maps *maps, noisy_images *noisy,
                                  checkrob_explainer *explainer, const image_batch *batch) {
  checkrob_capture *capture = NULL;
  noisy_next(noisy, batch);
  checkrob_status status = checkrob_cut_run(&capture, explainer->cut, noisy->input, batch->count,
                                            batch->height, batch->width, batch->targets);
  if (status == CHECKROB_OK && !sums->layers) status = sums_start(sums, maps, capture, batch->count);
  if (status == CHECKROB_OK) status = sums_add(sums, maps, capture);
  checkrob_capture_free(capture);
  return status;
}

checkrob_status explain_smoothly(batch_maps *maps, checkrob_explainer *explainer, const image_batch *batch) {
  checkrob_capture *capture = NULL; /* the unchanged images: their logits are reported */
  checkrob_status status =
      cut_run_logits(&capture, explainer->cut, batch->input, batch->count, batch->height, batch->width);
  if (status == CHECKROB_OK) status = batch_maps_start(maps, explainer, capture, batch->count);
  checkrob_capture_free(capture);
  noisy_images noisy = {NULL, NULL, NULL};
  map_sums sums = {NULL, 0, NULL, 0};
  if (status == CHECKROB_OK) status = noisy_start(&noisy, explainer, batch);
  for (size_t i = 0; i < explainer->noise_samples && status == CHECKROB_OK; i++)
    status = add_sample(&sums, maps, &noisy, explainer, batch);
  if (status == CHECKROB_OK) sums_finish(&sums, maps, batch->count);
  sums_free(&sums);
  noisy_free(&noisy);
  return status;
}
