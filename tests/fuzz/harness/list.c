/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a list that selects images. */
#include "fuzz/fuzz.h"

static void set_up(void) {
  static const char xml[] =
      "<annotation><object><name>a</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></"
      "bndbox>"
      "</object></annotation>";
  static const char *const images[] = {"images/a.png", "images/b/a.png", "images/b/c.png", "images/d.png"};
  static const char *const files[] = {"xml/a.xml", "xml/b/a.xml", "xml/c.xml", "xml/e.xml"};
  for (int i = 0; i < 4; i++) {
    fuzz_image(images[i], 32, 24);
    fuzz_text(files[i], xml);
  }
}

void fuzz_input(const uint8_t *data, size_t bytes) {
  static const fuzz_option plain[] = {{"dataset", "voc"},
                                      {"images", "@images"},
                                      {"annotations", "@xml"},
                                      {"list", "@list.txt"},
                                      {NULL, NULL}};
  static const fuzz_option strict[] = {{"dataset", "voc"},           {"images", "@images"},
                                       {"annotations", "@xml"},      {"list", "@list.txt"},
                                       {"skip_unannotated", "true"}, {NULL, NULL}};
  static bool ready;
  if (!ready) set_up();
  ready = true;
  fuzz_file("list.txt", data, bytes);
  fuzz_walk(plain, 32, 24);
  fuzz_walk(strict, 32, 24);
}
