/* SPDX-License-Identifier: Apache-2.0 */
/* The input is the classes' names of YOLO's labels: as YAML, and as a text file. */
#include "fuzz/fuzz.h"

void fuzz_input(const uint8_t *data, size_t bytes) {
  static const fuzz_option yaml[] = {{"dataset", "yolo"},
                                     {"images", "@images"},
                                     {"annotations", "@labels"},
                                     {"names", "@data.yaml"},
                                     {NULL, NULL}};
  static const fuzz_option text[] = {{"dataset", "yolo"},
                                     {"images", "@images"},
                                     {"annotations", "@labels"},
                                     {"names", "@names.txt"},
                                     {NULL, NULL}};
  static bool ready;
  if (!ready) {
    fuzz_image("images/a.png", 32, 24);
    fuzz_text("labels/a.txt", "0 .5 .5 .5 .5\n1 0 0 1 0 1 1\n7 .5 .5 1 1\n");
  }
  ready = true;
  fuzz_file("data.yaml", data, bytes);
  fuzz_file("names.txt", data, bytes);
  fuzz_walk(yaml, 32, 24);
  fuzz_walk(text, 32, 24);
}
