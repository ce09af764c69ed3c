/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a file of COCO's instances. */
#include "fuzz/fuzz.h"

void fuzz_input(const uint8_t *data, size_t bytes) {
  static const fuzz_option plain[] = {
      {"dataset", "coco"}, {"images", "@images"}, {"annotations", "@coco.json"}, {NULL, NULL}};
  static const fuzz_option strict[] = {
      {"dataset", "coco"},  {"images", "@images"},        {"annotations", "@coco.json"}, {"ignore", "crowd"},
      {"regions", "boxes"}, {"skip_unannotated", "true"}, {"skip_unmapped", "true"},     {NULL, NULL}};
  static bool ready;
  if (!ready) {
    fuzz_image("images/a.png", 32, 24);
    fuzz_photo("images/b/c.png", 24, 32);
  }
  ready = true;
  fuzz_file("coco.json", data, bytes);
  fuzz_walk(plain, 32, 24);
  fuzz_walk(strict, 32, 24);
}
