/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a class map in CSV: its entries are found again by their names. */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"

#define ENTRIES 256

static void look_at(const checkrob_class_map *classes) {
  size_t count = checkrob_class_map_count(classes);
  for (size_t i = 0; i < count && i < ENTRIES; i++) {
    const char *name = checkrob_class_map_name(classes, i);
    int64_t index = checkrob_class_map_index(classes, i);
    FUZZ_CHECK(name && name[0], "entry %zu has no name", i);
    FUZZ_CHECK(index >= 0, "entry %zu has a negative index", i);
    FUZZ_CHECK(checkrob_class_map_find(classes, name) == index, "%s is not found by its name", name);
    const char *first = checkrob_class_map_name_of(classes, index);
    FUZZ_CHECK(first && checkrob_class_map_find(classes, first) == index, "the class of %s has no name",
               name);
    FUZZ_CHECK(checkrob_class_map_line(classes, i) > 0, "entry %zu has no line", i);
  }
  FUZZ_CHECK(checkrob_class_map_index(classes, count) == -1, "there is an entry past the end");
}

void fuzz_input(const uint8_t *data, size_t bytes) {
  fuzz_file("map.csv", data, bytes);
  char *path = fuzz_path("map.csv");
  checkrob_class_map *classes = NULL;
  if (fuzz_ok(checkrob_class_map_open(&classes, path))) {
    look_at(classes);
    checkrob_class_map_free(classes);
  }
  free(path);
}
