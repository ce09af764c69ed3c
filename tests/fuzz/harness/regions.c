/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a program that adds shapes with hostile numbers, computes their coverage, and draws them. A
 * byte says what follows: a box, a polygon, a mask; the first bytes say how large the image is, and how it is
 * preprocessed.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"

#define CORNERS 64
/* Overlays of small images are much larger. */
#define MOST_PIXELS_DRAWN 4096

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

/* ---- pictures of them ---- */

static checkrob_image *gradient(uint32_t width, uint32_t height) {
  static uint8_t pixels[3 * MOST_PIXELS_DRAWN];
  checkrob_image *image = NULL;
  if (!pixels[1])
    for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)(7 * i);
  fuzz_must(checkrob_image_from_rgb(&image, pixels, width, height));
  return image;
}

static void draw_sheet(const checkrob_image *image, const checkrob_preprocess *preprocess,
                       const checkrob_regions *regions) {
  checkrob_sheet *sheet = NULL;
  checkrob_image *picture = NULL;
  fuzz_must(checkrob_sheet_new(&sheet, 1, 1, 32));
  if (fuzz_ok(checkrob_sheet_add(sheet, image, preprocess, regions, 0.9, 0.5)))
    fuzz_must(checkrob_sheet_image(&picture, sheet));
  checkrob_image_free(picture);
  checkrob_sheet_free(sheet);
}

static void draw(const checkrob_regions *regions, const checkrob_preprocess *preprocess, uint32_t width,
                 uint32_t height, int keeps_size) {
  static const float map[4] = {0, 1, 0.5F, 0.25F};
  checkrob_image *image = gradient(width, height), *overlay = NULL, *pasted = NULL;
  if (fuzz_ok(checkrob_overlay(&overlay, image, preprocess, map, 2, 2, regions)))
    FUZZ_CHECK(checkrob_image_width(overlay) % width == 0, "an overlay is no whole multiple of its image");
  draw_sheet(image, preprocess, regions);
  checkrob_pasted_image into = CHECKROB_PASTED_IMAGE_INIT, from = CHECKROB_PASTED_IMAGE_INIT;
  into.image = from.image = image;
  into.regions = from.regions = regions;
  from.keeps_size = keeps_size;
  fuzz_ok(checkrob_paste(&pasted, NULL, preprocess, &into, &from, CHECKROB_GEOMETRY_STANDARD, 0.1));
  checkrob_image_free(pasted);
  checkrob_image_free(overlay);
  checkrob_image_free(image);
}

void fuzz_input(const uint8_t *data, size_t bytes) {
  fuzz_reader r = {data, bytes};
  checkrob_regions *regions = NULL;
  fuzz_must(checkrob_regions_new(&regions));
  const checkrob_preprocess *preprocess = choose(fuzz_byte(&r));
  uint8_t flags = fuzz_byte(&r);
  uint32_t width = fuzz_byte(&r) + 1u, height = fuzz_byte(&r) + 1u;
  if (flags & 2) width *= 16; /* a long image */
  if (flags & 1) fuzz_must(checkrob_regions_set_relative(regions));
  for (int i = 0; i < 64 && r.bytes; i++) add_shape(regions, &r);
  fuzz_coverage(regions, preprocess, width, height);
  bool draws = (flags & 24) == 24; /* rarely, because it takes long */
  if (draws && width * height <= MOST_PIXELS_DRAWN) draw(regions, preprocess, width, height, flags & 4);
  checkrob_regions_free(regions);
}
