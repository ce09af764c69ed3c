/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a results file, if it begins as an SQLite file does; else it is a list of changes to a good
 * one: a position (four bytes), a number of bytes (one), and these bytes. */
#include "fuzz/results.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"

static void apply(uint8_t *file, size_t size, fuzz_reader *r) {
  while (r->bytes) {
    size_t position = fuzz_number(r) % size;
    size_t count = fuzz_byte(r);
    for (size_t i = 0; i < count && r->bytes; i++) file[(position + i) % size] = fuzz_byte(r);
  }
}

static void write_changed(const uint8_t *data, size_t bytes) {
  fuzz_reader r = {data, bytes};
  size_t size = 0;
  const uint8_t *base = fuzz_results_base(&size);
  uint8_t *file = malloc(size);
  FUZZ_CHECK(file, "the harness found no memory");
  memcpy(file, base, size);
  apply(file, size, &r);
  fuzz_results_write(file, size);
  free(file);
}

void fuzz_input(const uint8_t *data, size_t bytes) {
  static const char magic[] = "SQLite format 3";
  if (bytes >= sizeof magic && memcmp(data, magic, sizeof magic) == 0)
    fuzz_results_write(data, bytes);
  else
    write_changed(data, bytes);
  fuzz_results_read();
}
