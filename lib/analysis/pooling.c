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

checkrob_status checkrob_capture_pool(float *out, size_t capacity, const checkrob_capture *capture,
                                      size_t layer, checkrob_pooling pooling) {
  if (!out || !capture || !checkrob_pooling_name(pooling))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_capture_pool: NULL argument or unknown pooling");
  size_t layers = checkrob_capture_layer_count(capture);
  if (layer >= layers || !checkrob_capture_activation(capture, layer))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_capture_pool: the capture has %zu layers, so there is no layer %zu", layers,
                     layer);
  size_t shape[4];
  checkrob_capture_shape(shape, capture, layer);
  size_t count = shape[0] * row_size(shape, pooling);
  if (capacity < count)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_capture_pool: there is room for %zu floats, but %zu are needed", capacity,
                     count);
  if (pooling == CHECKROB_POOLING_NONE)
    memcpy(out, checkrob_capture_activation(capture, layer), count * sizeof *out);
  else
    pool_layer(out, capture, layer, pooling);
  return CHECKROB_OK;
}
