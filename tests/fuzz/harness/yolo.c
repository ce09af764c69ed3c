/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a label file of YOLO. */
#include "fuzz/fuzz.h"

void fuzz_input(const uint8_t *data, size_t bytes) {
  static const fuzz_option plain[] = {{"dataset", "yolo"},
                                      {"images", "@images"},
                                      {"annotations", "@labels"},
                                      {"names", "@names.txt"},
                                      {NULL, NULL}};
  static const fuzz_option strict[] = {{"dataset", "yolo"},
                                       {"images", "@images"},
                                       {"annotations", "@labels"},
                                       {"names", "@data.yaml"},
                                       {"regions", "boxes"},
                                       {"skip_unmapped", "true"},
                                       {NULL, NULL}};
  static bool ready;
  if (!ready) {
    fuzz_image("images/a.png", 32, 24);
    fuzz_photo("images/b.png", 24, 32);
    fuzz_text("names.txt", "a\nb\nc\nunknown\n");
    fuzz_text("data.yaml", "names: {0: a, 3: d, 7: unknown}\n");
  }
  ready = true;
  fuzz_file("labels/a.txt", data, bytes);
  fuzz_file("labels/b.txt", data, bytes);
  fuzz_walk(plain, 32, 24);
  fuzz_walk(strict, 32, 24);
}
