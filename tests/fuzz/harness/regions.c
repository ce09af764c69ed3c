/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a program that adds shapes with hostile numbers, and computes their coverage. A byte says what
 * follows: a box, a polygon, a mask; the first bytes say how large the image is, and how it is preprocessed.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"

#define CORNERS 64

/* A number of eight bytes, or a small one: outlines that cross pixels are as good as ones that are hostile.
 */
static double coordinate(fuzz_reader *r) {
  uint8_t kind = fuzz_byte(r);
  if (kind == 255) return fuzz_double(r);
  return kind / 4.0 - 8;
}

static void add_polygon(checkrob_regions *regions, fuzz_reader *r) {
  double xy[2 * CORNERS];
  size_t points = fuzz_byte(r) % (CORNERS + 1);
  for (size_t i = 0; i < 2 * points; i++) xy[i] = coordinate(r);
  fuzz_ok_call(checkrob_regions_add_polygon(regions, xy, points));
}

static void add_mask(checkrob_regions *regions, fuzz_reader *r) {
  uint8_t mask[64 * 64];
  uint32_t width = fuzz_byte(r) % 65, height = fuzz_byte(r) % 65;
  for (size_t i = 0; i < sizeof mask; i++) mask[i] = i < r->bytes ? r->data[i] & 1 : 0;
  fuzz_ok_call(checkrob_regions_add_mask(regions, mask, width, height));
}

static void add_shape(checkrob_regions *regions, fuzz_reader *r) {
  double box[4];
  switch (fuzz_byte(r) % 4) {
    case 0:
    case 1:
      for (size_t i = 0; i < 4; i++) box[i] = coordinate(r);
      fuzz_ok_call(checkrob_regions_add_box(regions, box[0], box[1], box[2], box[3]));
      break;
    case 2:
      add_polygon(regions, r);
      break;
    default:
      add_mask(regions, r);
  }
}

/* All kinds of preprocessing, for a small input. */
static const checkrob_preprocess *choose(uint8_t number) {
  static const char *const json[] = {"{\"resize\": [12, 16]}", "{\"resize\": 16, \"crop\": 12}",
                                     "{\"crop\": [8, 12]}", "{\"resize\": [40, 30], \"crop\": [3, 29]}"};
  static checkrob_preprocess *made[4];
  size_t i = number % 4;
  if (!made[i]) fuzz_must(checkrob_preprocess_parse(&made[i], json[i], strlen(json[i])));
  return made[i];
}

void fuzz_input(const uint8_t *data, size_t bytes) {
  fuzz_reader r = {data, bytes};
  checkrob_regions *regions = NULL;
  fuzz_must(checkrob_regions_new(&regions));
  const checkrob_preprocess *preprocess = choose(fuzz_byte(&r));
  uint8_t flags = fuzz_byte(&r);
  uint32_t width = fuzz_byte(&r) + 1u, height = fuzz_byte(&r) + 1u;
  if (flags & 2) width *= 64; /* a long image */
  if (flags & 1) fuzz_must(checkrob_regions_set_relative(regions));
  for (int i = 0; i < 64 && r.bytes; i++) add_shape(regions, &r);
  fuzz_coverage(regions, preprocess, width, height);
  checkrob_regions_free(regions);
}
