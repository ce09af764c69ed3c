/* SPDX-License-Identifier: Apache-2.0 */
/* The input is an annotation of Pascal VOC for one image. */
#include <stdlib.h>

#include "fuzz/fuzz.h"

static void open_regions(void) {
  char *path = fuzz_path("xml/a.xml");
  checkrob_regions *regions = NULL;
  if (fuzz_ok(checkrob_regions_open_voc(&regions, path, NULL))) checkrob_regions_free(regions);
  free(path);
}

void fuzz_input(const uint8_t *data, size_t bytes) {
  static const fuzz_option plain[] = {
      {"dataset", "voc"}, {"images", "@images"}, {"annotations", "@xml"}, {NULL, NULL}};
  static const fuzz_option strict[] = {{"dataset", "voc"},        {"images", "@images"},
                                       {"annotations", "@xml"},   {"ignore", "difficult,truncated"},
                                       {"skip_unmapped", "true"}, {NULL, NULL}};
  static bool ready;
  if (!ready) {
    fuzz_image("images/a.png", 32, 24);
    fuzz_photo("images/b.png", 24, 32);
  }
  ready = true;
  fuzz_file("xml/a.xml", data, bytes);
  fuzz_file("xml/b.xml", data, bytes);
  fuzz_walk(plain, 32, 24);
  fuzz_walk(strict, 32, 24);
  open_regions();
}
