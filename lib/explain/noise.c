#include "explain/noise.h"

#include <math.h>
#include <string.h>

/* Steele, Lea and Flood, SplitMix, OOPSLA 2014 */
static uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

noise_stream noise_start(uint64_t seed, const float *values, size_t count) {
  uint64_t state = mix(seed + UINT64_C(0x9e3779b97f4a7c15));
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, &values[i], sizeof bits);
    state = (state ^ bits) * UINT64_C(0x100000001b3); /* FNV-1a's step, on whole numbers */
    state ^= state >> 29;
  }
  return (noise_stream){mix(state), 0.0, 0};
}

/* In (0, 1]: its logarithm is finite. */
static double uniform(noise_stream *stream) {
  stream->state += UINT64_C(0x9e3779b97f4a7c15);
  return ((double)(mix(stream->state) >> 11) + 1.0) * 0x1p-53;
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
