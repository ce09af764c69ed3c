/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a PNG: a mask whose pixels are numbers of classes, or of objects, or just not black. */
#include "fuzz/fuzz.h"

static void set_up(void) {
  static const char xml[] =
      "<annotation><size><width>32</width><height>24</height></size>"
      "<object><name>a</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></"
      "object>"
      "<object><name>b</name><difficult>1</difficult></object></annotation>";
  fuzz_image("images/a.png", 32, 24);
  fuzz_photo("images/b.png", 24, 32);
  fuzz_text("images/a.cls", "2\n");
  fuzz_text("names.txt", "background\na\nb\nc\n");
  fuzz_text("objects/a.xml", xml);
  fuzz_text("manifest.csv", "image,class,mask\na.png,a,shapes/a.seg.png\na.png,b,shapes/a.seg.png\n");
}

void fuzz_input(const uint8_t *data, size_t bytes) {
  static const fuzz_option classes[] = {{"dataset", "voc"},        {"images", "@images"},
                                        {"annotations", "@masks"}, {"regions", "class-masks"},
                                        {"names", "@names.txt"},   {NULL, NULL}};
  static const fuzz_option objects[] = {{"dataset", "voc"},
                                        {"images", "@images"},
                                        {"annotations", "@objects"},
                                        {"regions", "object-masks"},
                                        {NULL, NULL}};
  static const fuzz_option shapes[] = {
      {"dataset", "voc"}, {"images", "@images"}, {"annotations", "@shapes"}, {NULL, NULL}};
  static const fuzz_option manifest[] = {
      {"dataset", "manifest"}, {"images", "@images"}, {"annotations", "@manifest.csv"}, {NULL, NULL}};
  static bool ready;
  if (!ready) set_up();
  ready = true;
  fuzz_file("masks/a.png", data, bytes);
  fuzz_file("masks/b.png", data, bytes);
  fuzz_file("objects/a.png", data, bytes);
  fuzz_file("shapes/a.seg.png", data, bytes);
  fuzz_walk(classes, 32, 24);
  fuzz_walk(objects, 32, 24);
  fuzz_walk(shapes, 32, 24);
  fuzz_walk(manifest, 32, 24);
}
