/* SPDX-License-Identifier: Apache-2.0 */
/* How a resize mixes its input along one axis: output i is the sum over t < count[i] of
 * weight[i * stride + t] * input[start[i] + t]. */
#ifndef CHECKROB_LIB_WEIGHTS_H
#define CHECKROB_LIB_WEIGHTS_H

#include <checkrob/image.h>

/* Fixed point: 1 << WEIGHT_BITS is 1. Of 32 bits, 8 are the pixel's and 2 are left for bicubic sums that
 * reach beyond 0 to 255. */
#define WEIGHT_BITS (32 - 8 - 2)

/* Two neighbouring taps' weights, split for multiplications of 16 bits: weight = high << WEIGHT_SPLIT | low,
 * high being signed. The first tap's part is in the lower half of each word. */
#define WEIGHT_SPLIT 15
typedef struct weight_pair {
  uint32_t low, high;
} weight_pair;

typedef struct weights {
  uint32_t outputs;
  size_t stride; /* the longest count, even */
  uint32_t *start;
  uint32_t *count;
  int32_t *weight;   /* [outputs, stride], zero after count[i] */
  weight_pair *pair; /* [outputs, stride / 2]: the same weights */
} weights;

/* For outputs [first, first + outputs) of an axis that is resized from `in` to `full` pixels. The caller
 * calls weights_free(), also after a failure (OUT_OF_MEMORY). */
checkrob_status weights_make(weights *out, uint32_t in, uint32_t full, uint32_t first, uint32_t outputs,
                             checkrob_filter filter);
void weights_free(weights *axis);

#endif
