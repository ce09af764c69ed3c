/* SPDX-License-Identifier: Apache-2.0 */
/* The two inner loops of a resize, in several versions that return the same bytes. */
#ifndef CHECKROB_LIB_RESIZE_KERNELS_H
#define CHECKROB_LIB_RESIZE_KERNELS_H

#include "image/weights.h"

typedef struct resize_kernels {
  /* Mixes columns: `rows` rows of `in`, in_stride bytes apart, to rows of axis->outputs pixels. */
  void (*across)(uint8_t *out, const uint8_t *in, size_t in_stride, size_t rows, const weights *axis);
  /* Mixes rows, row_bytes bytes of each, to axis->outputs rows. `in` begins with input row `first_row`. */
  void (*down)(uint8_t *out, size_t row_bytes, const uint8_t *in, size_t in_stride, uint32_t first_row,
               const weights *axis);
} resize_kernels;

/* Both may read up to IMAGE_SLACK bytes after the last row, but do not use them. */

extern const resize_kernels resize_kernels_plain;
#if defined(__x86_64__) && defined(__GNUC__)
#define RESIZE_HAS_AVX2
extern const resize_kernels resize_kernels_avx2;
#endif

/* The fastest that this processor runs. */
const resize_kernels *resize_best_kernels(void);

#endif
