/* SPDX-License-Identifier: Apache-2.0 */
/* All metrics follow from the pixels in the order of their values, so one sort serves all of them. A pixel is
 * a key: the bits of its value, which have the order of non-negative floats, and below them one bit for the
 * region. */
#include "saliency/localisation.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/structure.h"

#define TOP_K 1000
/* The bits of FLT_MAX. Infinity, NaN and negative floats have higher bits. */
#define LARGEST UINT32_C(0x7f7fffff)
#define DIGIT_BITS 11
#define DIGITS 3
#define BUCKETS (1u << DIGIT_BITS)

typedef struct pixels {
  size_t count, inside;
  double sum, sum_inside;
  bool broken; /* a value that is not allowed in a saliency map */
} pixels;

/* Writes the keys of the pixels that count. */
static pixels make_keys(uint32_t *keys, const float *map, const float *coverage, const float *ignored,
                        size_t count) {
  pixels all = {0};
  for (size_t i = 0; i < count; i++) {
    uint32_t bits, inside = coverage[i] >= 0.5F;
    memcpy(&bits, &map[i], sizeof bits);
    if (bits == UINT32_C(0x80000000)) bits = 0; /* -0 */
    all.broken |= bits > LARGEST;
    if (ignored && ignored[i] >= 0.5F && !inside) continue;
    keys[all.count++] = bits << 1 | inside;
    all.inside += inside;
    all.sum += (double)map[i];
    all.sum_inside += inside ? (double)map[i] : 0.0;
  }
  return all;
}

static uint32_t digit_of(uint32_t key, int digit) {
  return key >> (digit * DIGIT_BITS) & (BUCKETS - 1);
}

/* Sorts by one digit; a stable sort. */
static void scatter(uint32_t *to, const uint32_t *from, size_t count, uint32_t *places, int digit) {
  uint32_t place = 0;
  for (size_t b = 0; b < BUCKETS; b++) {
    uint32_t size = places[b];
    places[b] = place;
    place += size;
  }
  for (size_t i = 0; i < count; i++) to[places[digit_of(from[i], digit)]++] = from[i];
}

/* Sorts in rising order, in three passes. The result is in `other`. */
static void radix_sort(uint32_t *keys, uint32_t *other, size_t count) {
  uint32_t sizes[DIGITS][BUCKETS] = {{0}};
  for (size_t i = 0; i < count; i++)
    for (int digit = 0; digit < DIGITS; digit++) sizes[digit][digit_of(keys[i], digit)]++;
  scatter(other, keys, count, sizes[0], 0);
  scatter(keys, other, count, sizes[1], 1);
  scatter(other, keys, count, sizes[2], 2);
}

/* The pixels of one value. */
typedef struct ties {
  uint32_t value;
  size_t count, inside;
} ties;

/* The group of equal pixels before `end` in rising keys. */
static ties ties_before(const uint32_t *keys, size_t end) {
  ties group = {.value = keys[end - 1] >> 1};
  for (; end > 0 && keys[end - 1] >> 1 == group.value; end--) {
    group.count++;
    group.inside += keys[end - 1] & 1;
  }
  return group;
}

/* The number of pixels on the region that the group adds to the k highest, if `above` pixels are higher. If
 * only a part of the group is among the k, its pixels count by that share: their position in the image must
 * not matter. */
static double taken(ties group, size_t above, size_t k) {
  if (above >= k) return 0.0;
  if (above + group.count <= k) return (double)group.inside;
  return (double)group.inside * (double)(k - above) / (double)group.count;
}

/* Runs from the highest value down. Counts are below 2^32, so their products fit and are exact. */
static void rank(checkrob_localisation *out, const uint32_t *keys, pixels all) {
  size_t inside = 0, outside = 0, k = all.count < TOP_K ? all.count : TOP_K;
  uint64_t half_wins = 0, shared = 0, united = 1;
  for (size_t end = all.count; end > 0;) {
    ties group = ties_before(keys, end);
    end -= group.count;
    size_t above = inside + outside, group_outside = group.count - group.inside;
    if (above == 0) out->pointing_game = group.inside > 0;
    out->rank_accuracy += taken(group, above, all.inside);
    out->top_k_intersection += taken(group, above, k);
    inside += group.inside;
    outside += group_outside;
    uint64_t lower = all.count - all.inside - outside;
    half_wins += (uint64_t)group.inside * (2 * lower + group_outside);
    /* The threshold 0 selects the pixels above it, not those that are 0. */
    if (group.value > 0 && (uint64_t)inside * united > shared * (all.inside + outside))
      shared = inside, united = all.inside + outside;
  }
  out->rank_accuracy /= (double)all.inside;
  out->top_k_intersection /= (double)k;
  out->auc = (double)half_wins / (2.0 * (double)inside * (double)outside);
  out->iou = (double)shared / (double)united;
}

void localise(checkrob_localisation *out, const float *map, const float *coverage, const float *ignored,
              size_t count, uint32_t *scratch) {
  *out = (checkrob_localisation)CHECKROB_LOCALISATION_INIT;
  pixels all = make_keys(scratch, map, coverage, ignored, count);
  if (all.inside == 0 || all.broken) {
    *out = (checkrob_localisation){sizeof *out, NAN, NAN, NAN, NAN, NAN, NAN};
  } else if (all.sum > 0.0) {
    radix_sort(scratch, scratch + count, all.count);
    rank(out, scratch + count, all);
    out->attribution_localisation = all.sum_inside / all.sum;
  } else {
    out->auc = all.inside < all.count ? 0.5 : NAN;
  }
}

checkrob_status checkrob_localise(checkrob_localisation *out, const float *map, const float *coverage,
                                  const float *ignored, size_t count) {
  if (!out || !map || !coverage || count >= UINT32_MAX)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_localise: NULL argument, or too many pixels: %zu", count);
  uint32_t *scratch = calloc(count ? count : 1, 2 * sizeof *scratch);
  if (!scratch) return error_memory("the order of a map's pixels");
  checkrob_localisation ours;
  localise(&ours, map, coverage, ignored, count, scratch);
  free(scratch);
  return structure_give(out, &ours, sizeof ours);
}
