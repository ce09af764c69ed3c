/* SPDX-License-Identifier: Apache-2.0 */
/* Gaussian noise that depends on a seed and on the numbers of an image, but not on its position in a batch or
 * a run. */
#ifndef CHECKROB_LIB_NOISE_H
#define CHECKROB_LIB_NOISE_H

#include <stddef.h>
#include <stdint.h>

typedef struct noise_stream {
  uint64_t state;
  double spare; /* the second of a pair */
  int has_spare;
} noise_stream;

noise_stream noise_start(uint64_t seed, const float *values, size_t count);
/* The next number of N(0, 1). */
double noise_next(noise_stream *stream);

#endif
