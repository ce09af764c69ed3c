/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/noise.h"

#include <math.h>
#include <string.h>

#include "base/random.h"

noise_stream noise_start(uint64_t seed, const float *values, size_t count) {
  uint64_t state = random_stream(seed);
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, &values[i], sizeof bits);
    state = (state ^ bits) * UINT64_C(0x100000001b3); /* the step of FNV-1a, on whole numbers */
    state ^= state >> 29;
  }
  return (noise_stream){random_mix(state), 0.0, 0};
}

/* In (0, 1], because its logarithm must be finite. */
static double uniform(noise_stream *stream) {
  stream->state += RANDOM_STEP;
  return ((double)(random_mix(stream->state) >> 11) + 1.0) * 0x1p-53;
}

/* Box and Muller, 1958 */
double noise_next(noise_stream *stream) {
  if (stream->has_spare) {
    stream->has_spare = 0;
    return stream->spare;
  }
  double radius = sqrt(-2.0 * log(uniform(stream)));
  double angle = 6.283185307179586 * uniform(stream);
  stream->spare = radius * sin(angle);
  stream->has_spare = 1;
  return radius * cos(angle);
}
