/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/formats/yolo_labels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/number.h"

/* Tolerance for shares that were written with few digits. */
#define ROUNDING 1e-3

typedef struct numbers {
  double *items;
  size_t count, capacity;
} numbers;

/* Copies the next word. Returns its length, 0 at the end. */
static size_t next_word(char word[64], const char **line) {
  *line += strspn(*line, " \t\r");
  size_t bytes = strcspn(*line, " \t\r");
  size_t kept = bytes < 63 ? bytes : 63;
  memcpy(word, *line, kept);
  word[kept] = '\0';
  *line += bytes;
  return bytes;
}

static checkrob_status read_numbers(numbers *out, const char *line) {
  char word[64];
  while (next_word(word, &line) > 0) {
    double *items = array_grow(out->items, &out->capacity, out->count, sizeof *items);
    if (!items) return error_memory("a label");
    out->items = items;
    if (!number_parse(&items[out->count], word))
      return error_set(CHECKROB_ERROR_BAD_INPUT, "has '%.40s', which is not a number; correct it", word);
    double value = items[out->count++];
    if (value < -ROUNDING || value > 1 + ROUNDING)
      return error_set(CHECKROB_ERROR_BAD_INPUT,
                       "has the coordinate %s, but coordinates are shares of width and height, 0 to 1; "
                       "divide pixels by the image's size",
                       word);
  }
  return CHECKROB_OK;
}

static checkrob_status add_shape(checkrob_regions *regions, const numbers *n) {
  const double *v = n->items;
  checkrob_status status = checkrob_regions_set_relative(regions);
  if (status) return status;
  if (n->count == 4)
    status =
        checkrob_regions_add_box(regions, v[0] - v[2] / 2, v[1] - v[3] / 2, v[0] + v[2] / 2, v[1] + v[3] / 2);
  else if (n->count >= 6 && n->count % 2 == 0)
    status = checkrob_regions_add_polygon(regions, v, n->count / 2);
  else
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "has %zu numbers after its class; a box has four (centre x, y, width, height), a "
                     "polygon has six or more (x and y of each corner)",
                     n->count);
  if (status != CHECKROB_ERROR_INVALID_ARGUMENT) return status;
  return error_set(CHECKROB_ERROR_BAD_INPUT, "has a box or polygon without an area; correct or remove it");
}

checkrob_status yolo_label_parse(yolo_label *out, const char *line) {
  *out = (yolo_label){.class_number = -1};
  char word[64];
  next_word(word, &line);
  if (!number_parse_index(&out->class_number, word)) {
    out->class_number = -1;
    return error_set(CHECKROB_ERROR_BAD_INPUT, "begins with '%.40s', which is not a class number; correct it",
                     word);
  }
  numbers n = {0};
  checkrob_regions *regions = NULL;
  checkrob_status status = read_numbers(&n, line);
  if (!status) status = checkrob_regions_new(&regions);
  if (!status) status = add_shape(regions, &n);
  free(n.items);
  if (status)
    checkrob_regions_free(regions);
  else
    out->regions = regions;
  return status;
}
