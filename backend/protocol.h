/* SPDX-License-Identifier: Apache-2.0 */
/* What the library and its worker say to each other.
 *
 * The worker has a control channel, its descriptor WORKER_CONTROL, and one more channel for each cut. It
 * begins with a greeting. Then each request on a channel has one reply; tensors are in shared memory, and
 * their sizes follow from the message. When a channel is closed, its cut is freed; when the control channel
 * is closed, the worker ends.
 *
 *   greeting   PROTOCOL_MAGIC, PROTOCOL_VERSION, version of libtorch, warning about it or NULL
 *   reply      code (SHIM_OK: what the request asks for follows; else the message follows)
 *
 *   OPEN       a shim_opening and the threads          -> all that a model says about itself
 *   CUT        the arguments of shim_cut_new, threads; with the descriptors of the cut's channel and of two
 *              arenas, to the worker and from it       -> nothing
 *   RUN        the arguments of shim_cut_run, threads; arena: input, targets
 *                                                      -> batch, classes, maps; arena: logits, then for each
 *                                                         map the activation and the gradient
 *   ABLATE     those of shim_cut_ablate, threads; arena: input, removed
 *                                                      -> rows, classes; arena: logits */
#ifndef CHECKROB_BACKEND_PROTOCOL_H
#define CHECKROB_BACKEND_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORKER_CONTROL 3
#define PROTOCOL_MAGIC INT64_C(0x63726f62776b7231)
#define PROTOCOL_VERSION 1 /* changes with everything in this header, and with shim/shim.h */

enum { REQUEST_OPEN = 1, REQUEST_CUT = 2, REQUEST_RUN = 3, REQUEST_ABLATE = 4 };

/* The number of threads of the process, and the limit of the calling thread, go with each request. */
typedef struct protocol_threads {
  int process, limit; /* 0: not set */
} protocol_threads;

/* Bytes of an array of these dimensions and of elements of `bytes` bytes; false: negative, or more than an
 * address space has. */
static inline bool protocol_bytes(size_t *out, const int64_t *dimensions, size_t rank, size_t bytes) {
  size_t product = bytes;
  for (size_t i = 0; i < rank; i++)
    if (dimensions[i] < 0 || __builtin_mul_overflow(product, (size_t)dimensions[i], &product)) return false;
  *out = product;
  return product <= SIZE_MAX / 4;
}

#endif
