/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a manifest in CSV: images, classes, and boxes or masks. */
#include "fuzz/fuzz.h"

void fuzz_input(const uint8_t *data, size_t bytes) {
  static const fuzz_option plain[] = {
      {"dataset", "manifest"}, {"images", "@images"}, {"annotations", "@manifest.csv"}, {NULL, NULL}};
  static const fuzz_option strict[] = {{"dataset", "manifest"},          {"images", "@images"},
                                       {"annotations", "@manifest.csv"}, {"skip_unannotated", "true"},
                                       {"skip_unmapped", "true"},        {NULL, NULL}};
  static bool ready;
  if (!ready) {
    fuzz_image("images/a.png", 32, 24);
    fuzz_photo("images/b/c.png", 24, 32);
    fuzz_image("mask.png", 32, 24);
  }
  ready = true;
  fuzz_file("manifest.csv", data, bytes);
  fuzz_walk(plain, 32, 24);
  fuzz_walk(strict, 32, 24);
}
