/* SPDX-License-Identifier: Apache-2.0 */
#include "model/capture.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "model/dlpack.h"

struct checkrob_capture {
  shim_capture shim;
  atomic_size_t holders; /* the owner, and the shared tensors */
};

checkrob_capture *capture_new(shim_capture *arrays) {
  checkrob_capture *capture = calloc(1, sizeof *capture);
  if (!capture) {
    shim_capture_free(arrays);
    return NULL;
  }
  capture->shim = *arrays;
  atomic_init(&capture->holders, 1);
  return capture;
}

void checkrob_capture_free(checkrob_capture *capture) {
  if (!capture || atomic_fetch_sub(&capture->holders, 1) > 1) return;
  shim_capture_free(&capture->shim);
  free(capture);
}

size_t checkrob_capture_count(const checkrob_capture *capture) {
  return capture ? (size_t)capture->shim.batch : 0;
}

int64_t checkrob_capture_class_count(const checkrob_capture *capture) {
  return capture ? capture->shim.classes : 0;
}

const float *checkrob_capture_logits(const checkrob_capture *capture) {
  return capture ? capture->shim.logits : NULL;
}

size_t checkrob_capture_layer_count(const checkrob_capture *capture) {
  return capture ? capture->shim.layers : 0;
}

const float *checkrob_capture_activation(const checkrob_capture *capture, size_t layer) {
  return capture && layer < capture->shim.layers ? capture->shim.maps[layer].activation : NULL;
}

const float *checkrob_capture_gradient(const checkrob_capture *capture, size_t layer) {
  return capture && layer < capture->shim.layers ? capture->shim.maps[layer].gradient : NULL;
}

void checkrob_capture_shape(size_t shape[4], const checkrob_capture *capture, size_t layer) {
  if (!shape) return;
  memset(shape, 0, 4 * sizeof *shape);
  if (!capture || layer >= capture->shim.layers) return;
  const shim_map *map = &capture->shim.maps[layer];
  shape[0] = (size_t)capture->shim.batch;
  shape[1] = (size_t)map->channels;
  shape[2] = (size_t)map->height;
  shape[3] = (size_t)map->width;
}

/* ---- DLPack ---- */

/* The tensor is the first member, so its address is also the address of the whole. */
typedef struct shared_tensor {
  DLManagedTensor managed;
  int64_t shape[4], strides[4];
} shared_tensor;

static void release(DLManagedTensor *tensor) {
  checkrob_capture_free(tensor->manager_ctx);
  free(tensor);
}

static float *array_of(const shim_capture *shim, checkrob_capture_part part, size_t layer) {
  if (part == CHECKROB_CAPTURE_LOGITS) return shim->logits;
  if (layer >= shim->layers) return NULL;
  if (part == CHECKROB_CAPTURE_ACTIVATION) return shim->maps[layer].activation;
  return part == CHECKROB_CAPTURE_GRADIENT ? shim->maps[layer].gradient : NULL;
}

checkrob_status checkrob_capture_dlpack(struct DLManagedTensor **out, checkrob_capture *capture,
                                        checkrob_capture_part part, size_t layer) {
  if (!out || !capture)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_capture_dlpack: NULL argument");
  float *data = array_of(&capture->shim, part, layer);
  if (!data)
    return error_set(
        CHECKROB_ERROR_INVALID_ARGUMENT,
        "checkrob_capture_dlpack: the capture has no such array; it has %zu layers, and gradients only with "
        "targets",
        capture->shim.layers);
  shared_tensor *shared = calloc(1, sizeof *shared);
  if (!shared) return error_memory("a shared tensor");
  DLTensor *tensor = &shared->managed.dl_tensor;
  tensor->ndim = part == CHECKROB_CAPTURE_LOGITS ? 2 : 4;
  shared->shape[0] = capture->shim.batch;
  shared->shape[1] = capture->shim.classes;
  if (tensor->ndim == 4) {
    const shim_map *map = &capture->shim.maps[layer];
    shared->shape[1] = map->channels;
    shared->shape[2] = map->height;
    shared->shape[3] = map->width;
  }
  int64_t stride = 1;
  for (int32_t i = tensor->ndim - 1; i >= 0; i--) {
    shared->strides[i] = stride;
    stride *= shared->shape[i];
  }
  tensor->data = data;
  tensor->device = (DLDevice){1, 0};
  tensor->dtype = (DLDataType){2, 32, 1};
  tensor->shape = shared->shape;
  tensor->strides = shared->strides;
  atomic_fetch_add(&capture->holders, 1);
  shared->managed.manager_ctx = capture;
  shared->managed.deleter = release;
  *out = &shared->managed;
  return CHECKROB_OK;
}
