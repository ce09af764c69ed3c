/* SPDX-License-Identifier: Apache-2.0 */
/* The structures of DLPack, version 0.2 to 0.8, from its published ABI (https://dmlc.github.io/dlpack).
 * Callers include <dlpack/dlpack.h>, which has the same layout. */
#ifndef CHECKROB_LIB_DLPACK_H
#define CHECKROB_LIB_DLPACK_H

#include <stdint.h>

typedef struct DLDevice {
  int32_t device_type; /* 1: CPU */
  int32_t device_id;
} DLDevice;

typedef struct DLDataType {
  uint8_t code; /* 2: IEEE floating point */
  uint8_t bits;
  uint16_t lanes;
} DLDataType;

typedef struct DLTensor {
  void *data;
  DLDevice device;
  int32_t ndim;
  DLDataType dtype;
  int64_t *shape;
  int64_t *strides; /* in elements */
  uint64_t byte_offset;
} DLTensor;

typedef struct DLManagedTensor {
  DLTensor dl_tensor;
  void *manager_ctx;
  void (*deleter)(struct DLManagedTensor *self);
} DLManagedTensor;

#endif
