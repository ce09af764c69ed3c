/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/hot_spot.h"

#include <stdint.h>
#include <string.h>

#define DIGIT_BITS 11
#define DIGITS 3
#define BUCKETS (1U << DIGIT_BITS)

/* Non-negative floats have the order of their bits. */
static uint32_t bits_of(float value) {
  uint32_t bits;
  if (!(value > 0.0F)) return 0; /* -0, and NaN */
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static bool is_on(float coverage) {
  return coverage >= 0.5F;
}

/* The smallest value of the chosen pixels, as bits: digit by digit, from the highest. *count becomes the
 * number of pixels with this very value that are chosen. */
static uint32_t threshold(size_t *count, const float *map, const float *coverage, bool on_object,
                          size_t pixels) {
  uint32_t found = 0;
  for (int shift = DIGIT_BITS * (DIGITS - 1); shift >= 0; shift -= DIGIT_BITS) {
    size_t sizes[BUCKETS] = {0};
    for (size_t i = 0; i < pixels; i++) {
      uint32_t bits = bits_of(map[i]);
      if (is_on(coverage[i]) == on_object && bits >> shift >> DIGIT_BITS == found)
        sizes[bits >> shift & (BUCKETS - 1)]++;
    }
    uint32_t digit = BUCKETS - 1;
    while (digit > 0 && sizes[digit] < *count) *count -= sizes[digit--];
    found = found << DIGIT_BITS | digit;
  }
  return found;
}

size_t hot_spot_choose(float *chosen, const float *map, const float *coverage, bool on_object, size_t pixels,
                       size_t count) {
  size_t candidates = 0, equal = count, number = 0;
  for (size_t i = 0; i < pixels; i++) candidates += is_on(coverage[i]) == on_object;
  bool all = candidates <= count;
  uint32_t smallest = all ? 0 : threshold(&equal, map, coverage, on_object, pixels);
  for (size_t i = 0; i < pixels; i++) {
    chosen[i] = 0.0F;
    if (is_on(coverage[i]) != on_object) continue;
    uint32_t bits = bits_of(map[i]);
    bool is_equal = !all && bits == smallest;
    if (bits < smallest || (is_equal && equal == 0)) continue;
    if (is_equal) equal--;
    chosen[i] = 1.0F;
    number++;
  }
  return number;
}
