/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a preprocessing in JSON. What was read is written and read again; a small one is applied to an
 * image. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"

#define MOST_PIXELS (1u << 16)

static const checkrob_image *gradient(void) {
  static checkrob_image *image;
  static uint8_t pixels[24 * 32 * 3];
  if (image) return image;
  for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)(7 * i);
  fuzz_must(checkrob_image_from_rgb(&image, pixels, 32, 24));
  return image;
}

static void apply(const checkrob_preprocess *preprocess, size_t pixels) {
  float *tensor = malloc(3 * pixels * sizeof *tensor);
  FUZZ_CHECK(tensor, "the harness found no memory");
  if (fuzz_ok(checkrob_preprocess_apply(tensor, preprocess, gradient())))
    for (size_t i = 0; i < 3 * pixels; i++)
      FUZZ_CHECK(!isnan(tensor[i]), "number %zu of the model's input is NaN", i);
  free(tensor);
}

static void look_at(const checkrob_preprocess *preprocess) {
  const char *json = checkrob_preprocess_json(preprocess);
  checkrob_preprocess *again = NULL;
  fuzz_line("the preprocessing", json);
  fuzz_must(checkrob_preprocess_parse(&again, json, strlen(json)));
  FUZZ_CHECK(strcmp(checkrob_preprocess_json(again), json) == 0, "%s is read as %s", json,
             checkrob_preprocess_json(again));
  checkrob_preprocess_free(again);
  uint64_t pixels = (uint64_t)checkrob_preprocess_width(preprocess) * checkrob_preprocess_height(preprocess);
  FUZZ_CHECK(pixels > 0, "the model's input is empty");
  if (pixels <= MOST_PIXELS) apply(preprocess, (size_t)pixels);
}

void fuzz_input(const uint8_t *data, size_t bytes) {
  checkrob_preprocess *preprocess = NULL;
  if (!fuzz_ok(checkrob_preprocess_parse(&preprocess, (const char *)data, bytes))) return;
  look_at(preprocess);
  checkrob_preprocess_free(preprocess);
}
