/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers by seed and counter: number `counter` of a stream does not depend on the order in which
 * numbers are drawn. SplitMix64: Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators,
 * OOPSLA 2014. */
#ifndef CHECKROB_LIB_RANDOM_H
#define CHECKROB_LIB_RANDOM_H

#include <stdint.h>

#define RANDOM_STEP UINT64_C(0x9e3779b97f4a7c15)

static inline uint64_t random_mix(uint64_t z) {
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* The seed is mixed: without this, the streams of neighbouring seeds would be one stream, shifted. */
static inline uint64_t random_stream(uint64_t seed) {
  return random_mix(seed + RANDOM_STEP);
}

static inline uint64_t random_at(uint64_t stream, uint64_t counter) {
  return random_mix(stream + (counter + 1) * RANDOM_STEP);
}

/* A whole number below `bound`, which is not 0; each is equally likely. Lemire, Fast Random Integer
 * Generation in an Interval, ACM TOMACS 2019. A number that would make some results more likely is mixed
 * again. */
static inline uint32_t random_index(uint64_t stream, uint64_t counter, uint32_t bound) {
  uint64_t bits = random_at(stream, counter);
  uint64_t product = (bits >> 32) * bound;
  if ((uint32_t)product < bound) {
    uint32_t threshold = (UINT32_MAX - bound + 1) % bound; /* 2^32 mod bound */
    while ((uint32_t)product < threshold) {
      bits = random_mix(bits + RANDOM_STEP);
      product = (bits >> 32) * bound;
    }
  }
  return (uint32_t)(product >> 32);
}

#endif
