/* SPDX-License-Identifier: Apache-2.0 */
/* The input is the runs of a COCO mask, inside an otherwise good file: width and height (two bytes each),
 * whether the runs are compressed (one byte), and then the string, or numbers of four bytes. */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz/fuzz.h"

static void write_string(FILE *file, fuzz_reader *r) {
  fputc('"', file);
  while (r->bytes) fprintf(file, "\\u%04x", fuzz_byte(r) ? r->data[-1] : ' ');
  fputc('"', file);
}

static void write_numbers(FILE *file, fuzz_reader *r) {
  fputc('[', file);
  for (const char *comma = ""; r->bytes; comma = ",") fprintf(file, "%s%u", comma, fuzz_number(r));
  fputc(']', file);
}

static unsigned read_side(fuzz_reader *r) {
  unsigned low = fuzz_byte(r);
  return low | (unsigned)fuzz_byte(r) << 8;
}

static void write_annotations(fuzz_reader *r, unsigned width, unsigned height) {
  char *text = NULL;
  size_t bytes = 0;
  FILE *file = open_memstream(&text, &bytes);
  FUZZ_CHECK(file, "the harness found no memory");
  fprintf(file,
          "{\"categories\": [{\"id\": 1, \"name\": \"a\"}],"
          "\"images\": [{\"id\": 1, \"file_name\": \"a.png\", \"width\": %u, \"height\": %u}],"
          "\"annotations\": [{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"iscrowd\": 1,"
          "\"segmentation\": {\"size\": [%u, %u], \"counts\": ",
          width, height, height, width);
  if (fuzz_byte(r) % 4)
    write_string(file, r);
  else
    write_numbers(file, r);
  fputs("}}]}", file);
  fclose(file);
  fuzz_file("rle.json", text, bytes);
  free(text);
}

void fuzz_input(const uint8_t *data, size_t bytes) {
  static const fuzz_option options[] = {
      {"dataset", "coco"}, {"images", "@images"}, {"annotations", "@rle.json"}, {NULL, NULL}};
  static bool ready;
  if (!ready) fuzz_photo("images/a.png", 24, 32);
  ready = true;
  fuzz_reader r = {data, bytes};
  unsigned width = read_side(&r), height = read_side(&r);
  write_annotations(&r, width, height);
  fuzz_walk(options, width ? width : 1, height ? height : 1);
}
