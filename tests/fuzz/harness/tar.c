/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a tar file that holds images and annotations. */
#include "fuzz/fuzz.h"

void fuzz_input(const uint8_t *data, size_t bytes) {
  static const fuzz_option voc[] = {
      {"dataset", "voc"}, {"images", "@shard.tar"}, {"annotations", "@shard.tar"}, {NULL, NULL}};
  static const fuzz_option imagenet[] = {
      {"dataset", "imagenet"}, {"images", "@shard.tar"}, {"annotations", "@xml"}, {NULL, NULL}};
  static bool ready;
  if (!ready) fuzz_text("xml/z.xml", "<annotation></annotation>");
  ready = true;
  fuzz_file("shard.tar", data, bytes);
  fuzz_walk(voc, 32, 24);
  fuzz_walk(imagenet, 32, 24);
}
