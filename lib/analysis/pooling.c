/* SPDX-License-Identifier: Apache-2.0 */
#include "analysis/pooling.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/named.h"

static const named_value pools[] = {
    {CHECKROB_POOLING_NONE, "none"}, {CHECKROB_POOLING_MEAN, "mean"}, {CHECKROB_POOLING_MAX, "max"}};

#define POOL_COUNT (sizeof pools / sizeof pools[0])

checkrob_status checkrob_pooling_find(checkrob_pooling *out, const char *name) {
  if (!out || !name)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_pooling_find: NULL argument");
  int value = 0;
  if (!named_find(&value, pools, POOL_COUNT, name))
    return error_set(CHECKROB_ERROR_NOT_FOUND, "there is no pooling '%s'; choose none, mean or max", name);
  *out = (checkrob_pooling)value;
  return CHECKROB_OK;
}

const char *checkrob_pooling_name(checkrob_pooling pool) {
  return named_name(pools, POOL_COUNT, (int)pool);
}

static float pool_positions(const float *map, size_t positions, checkrob_pooling pool) {
  double sum = 0.0;
  float most = map[0];
  for (size_t i = 0; i < positions && !isnan(most); i++) { /* NaN stays NaN */
    sum += (double)map[i];
    if (map[i] > most || isnan(map[i])) most = map[i];
  }
  if (isnan(most)) return most;
  return pool == CHECKROB_POOLING_MAX ? most : (float)(sum / (double)positions);
}

/* Number of floats of one image in a capture, after pooling. */
static size_t row_size(const size_t shape[4], checkrob_pooling pool) {
  return pool == CHECKROB_POOLING_NONE ? shape[1] * shape[2] * shape[3] : shape[1];
}

void pool_layer(float *out, const checkrob_capture *capture, size_t layer, checkrob_pooling pool) {
  size_t shape[4];
  checkrob_capture_shape(shape, capture, layer);
  const float *maps = checkrob_capture_activation(capture, layer);
  size_t positions = shape[2] * shape[3];
  for (size_t i = 0; i < shape[0] * shape[1]; i++)
    out[i] = pool_positions(maps + i * positions, positions, pool);
}

checkrob_status checkrob_extract_batch(float *out, size_t capacity, size_t *count, checkrob_cut *cut,
                                       const float *input, size_t batch, uint32_t height, uint32_t width,
                                       size_t layer, checkrob_pooling pool) {
  if (!count || (!out && capacity) || !checkrob_pooling_name(pool))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_extract_batch: NULL argument or unknown pooling");
  checkrob_capture *capture = NULL;
  checkrob_status status = checkrob_cut_run(&capture, cut, input, batch, height, width, NULL);
  if (status != CHECKROB_OK) return status;
  size_t shape[4];
  checkrob_capture_shape(shape, capture, layer);
  *count = batch * row_size(shape, pool);
  if (*count == 0)
    status = error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                       "checkrob_extract_batch: the cut has %zu layers, so there is no layer %zu",
                       checkrob_capture_layer_count(capture), layer);
  else if (capacity > 0 && capacity < *count)
    status = error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                       "checkrob_extract_batch: the buffer has room for %zu floats, but %zu are needed",
                       capacity, *count);
  else if (capacity > 0 && pool == CHECKROB_POOLING_NONE)
    memcpy(out, checkrob_capture_activation(capture, layer), *count * sizeof *out);
  else if (capacity > 0)
    pool_layer(out, capture, layer, pool);
  checkrob_capture_free(capture);
  return status;
}
