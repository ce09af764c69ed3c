/* SPDX-License-Identifier: Apache-2.0 */
/* The input is an image file: recognised, decoded, resized, preprocessed; what was decoded survives a PNG. */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "image/decode.h"
#include "image/sniff.h"

/* Larger ones say nothing new, and take long. */
#define MOST_PIXELS (1u << 20)
#define MOST_PIXELS_WRITTEN (1u << 12)

static checkrob_image_limits small_limits(void) {
  checkrob_image_limits limits = CHECKROB_IMAGE_LIMITS_INIT;
  limits.max_pixels = MOST_PIXELS;
  return limits;
}

static void write_and_read(const checkrob_image *image) {
  fuzz_must(checkrob_image_width(image) > 0 ? CHECKROB_OK : CHECKROB_ERROR);
  char *path = fuzz_path("written.png");
  checkrob_image *again = NULL;
  fuzz_must(checkrob_image_write_png(image, path));
  fuzz_must(checkrob_image_open(&again, path, NULL));
  uint32_t width = checkrob_image_width(image), height = checkrob_image_height(image);
  FUZZ_CHECK(checkrob_image_width(again) == width && checkrob_image_height(again) == height,
             "a written image has another size");
  FUZZ_CHECK(
      memcmp(checkrob_image_pixels(again), checkrob_image_pixels(image), (size_t)3 * width * height) == 0,
      "a written image has other pixels");
  checkrob_image_free(again);
  free(path);
}

static void use(const checkrob_image *image) {
  static checkrob_preprocess *preprocess;
  static const char json[] = "{\"resize\": [7, 5], \"filter\": \"bicubic\"}";
  static float tensor[3 * 7 * 5];
  if (!preprocess) fuzz_must(checkrob_preprocess_parse(&preprocess, json, sizeof json - 1));
  fuzz_must(checkrob_preprocess_apply(tensor, preprocess, image));
  for (size_t i = 0; i < sizeof tensor / sizeof *tensor; i++)
    FUZZ_CHECK(tensor[i] >= 0 && tensor[i] <= 1, "the input of a model has %g", (double)tensor[i]);
  if ((uint64_t)checkrob_image_width(image) * checkrob_image_height(image) <= MOST_PIXELS_WRITTEN)
    write_and_read(image);
}

static checkrob_image *decode_lying(const uint8_t *data, size_t bytes, checkrob_orientation orientation) {
  checkrob_image *image = NULL;
  checkrob_image_limits limits = small_limits();
  limits.orientation = (int32_t)orientation;
  limits.scale_gray_16 = orientation == CHECKROB_ORIENTATION_UPRIGHT;
  if (!fuzz_ok(checkrob_image_decode(&image, data, bytes, &limits))) return NULL;
  FUZZ_CHECK((uint64_t)checkrob_image_width(image) * checkrob_image_height(image) <= MOST_PIXELS,
             "an image is larger than its limit");
  return image;
}

static void compare_sizes(const checkrob_image *stored, const checkrob_image *upright) {
  int orientation = checkrob_image_orientation(stored);
  FUZZ_CHECK(orientation >= 1 && orientation <= 8, "the orientation is %d", orientation);
  uint32_t width = checkrob_image_width(stored), height = checkrob_image_height(stored);
  bool turned = orientation >= 5;
  FUZZ_CHECK(checkrob_image_width(upright) == (turned ? height : width) &&
                 checkrob_image_height(upright) == (turned ? width : height),
             "an image of orientation %d has another size upright", orientation);
}

static void decode(const uint8_t *data, size_t bytes) {
  checkrob_image *stored = decode_lying(data, bytes, CHECKROB_ORIENTATION_STORED);
  checkrob_image *upright = decode_lying(data, bytes, CHECKROB_ORIENTATION_UPRIGHT);
  FUZZ_CHECK(!stored == !upright, "an image is read in one orientation alone");
  if (stored) {
    use(stored);
    use(upright);
    compare_sizes(stored, upright);
  }
  checkrob_image_free(stored);
  checkrob_image_free(upright);
}

static void decode_indices(const uint8_t *data, size_t bytes) {
  image_source source = {.name = "mask", .data = data, .bytes = bytes, .limits = small_limits()};
  index_image *indices = NULL;
  if (!fuzz_ok(image_decode_indices(&indices, &source))) return;
  unsigned sum = 0; /* a sanitizer sees what was not set */
  for (size_t i = 0; i < (size_t)indices->width * indices->height; i++) sum += indices->indices[i];
  FUZZ_CHECK(sum <= 255 * MOST_PIXELS, "there are more pixels than the limit allows");
  free(indices);
}

void fuzz_input(const uint8_t *data, size_t bytes) {
  const char *kind = sniff_describe(data, bytes);
  if (kind) fuzz_line("the kind of a file", kind);
  decode(data, bytes);
  decode_indices(data, bytes);
}
