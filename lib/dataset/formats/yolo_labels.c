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
  bool whole_last; /* the last has no point */
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
    if (!number_parse(&items[out->count++], word))
      return error_set(CHECKROB_ERROR_BAD_INPUT, "has '%.40s', which is not a number; correct it", word);
    out->whole_last = word[strspn(word, "0123456789")] == '\0';
  }
  return CHECKROB_OK;
}

/* A track's number at the end is no part of the shape. */
static void drop_track(numbers *n, const yolo_layout *layout) {
  size_t pose = 4 + layout->keypoints * layout->dimensions;
  bool has_one = layout->kind == YOLO_POSE ? n->count == pose + 1 : n->count >= 5 && n->count % 2 != 0;
  if (layout->may_track && n->whole_last && has_one) n->count--;
}

static bool is_share(double value) {
  return value >= -ROUNDING && value <= 1 + ROUNDING;
}

static checkrob_status check_shares(const double *values, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (!is_share(values[i]))
      return error_set(CHECKROB_ERROR_BAD_INPUT,
                       "has the coordinate %s, but coordinates are shares of width and height, 0 to 1; %s",
                       number_write(values[i], 6, true).text,
                       fabs(values[i]) < 2 ? "cut off what is beyond the image's border"
                                           : "divide pixels by the image's size");
  return CHECKROB_OK;
}

static checkrob_status add_box(checkrob_regions *regions, const double *v) {
  checkrob_status status = check_shares(v, 4);
  if (status) return status;
  return checkrob_regions_add_box(regions, v[0] - v[2] / 2, v[1] - v[3] / 2, v[0] + v[2] / 2,
                                  v[1] + v[3] / 2);
}

static checkrob_status count_error(const numbers *n, const yolo_layout *layout) {
  if (layout->kind == YOLO_POSE)
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "has %zu numbers after its class, but a box with %zu keypoints of %zu numbers has %zu; "
                     "correct the line, or kpt_shape in data.yaml",
                     n->count, layout->keypoints, layout->dimensions,
                     4 + layout->keypoints * layout->dimensions);
  if (layout->kind == YOLO_PREDICTIONS)
    return error_set(
        CHECKROB_ERROR_BAD_INPUT,
        "ends in the number of a track, as a tracker's predictions do; use annotations, or remove "
        "the track and the confidence before it");
  if (n->count == 5)
    return error_set(
        CHECKROB_ERROR_BAD_INPUT,
        "has 5 numbers after its class: a box, and a number that may be a confidence or an angle; "
        "remove a confidence, or convert the rotated box to four corners");
  return error_set(CHECKROB_ERROR_BAD_INPUT,
                   "has %zu numbers after its class; a box has four (centre x, y, width, height), a polygon "
                   "has six or more (x and y of each corner); a confidence must be removed, and keypoints "
                   "need kpt_shape in data.yaml",
                   n->count);
}

static checkrob_status add_polygon(checkrob_regions *regions, const numbers *n) {
  double last = n->items[n->count - 1];
  bool shares = true;
  for (size_t i = 0; i + 1 < n->count; i++) shares = shares && is_share(n->items[i]);
  if (shares && last >= 2 && last == floor(last))
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "ends in %.10g, which may be the number of a track or a keypoint's visibility; remove a "
                     "track and its confidence; keypoints need kpt_shape in data.yaml",
                     last);
  checkrob_status status = check_shares(n->items, n->count);
  return status ? status : checkrob_regions_add_polygon(regions, n->items, n->count / 2);
}

static checkrob_status add_shape(checkrob_regions *regions, const numbers *n, const yolo_layout *layout) {
  checkrob_status status = checkrob_regions_set_relative(regions);
  if (status) return status;
  bool pose = layout->kind == YOLO_POSE && n->count == 4 + layout->keypoints * layout->dimensions;
  if (n->count == 4 || pose)
    status = add_box(regions, n->items);
  else if (layout->kind == YOLO_SHAPES && n->count >= 6 && n->count % 2 == 0)
    status = add_polygon(regions, n);
  else
    return count_error(n, layout);
  if (status != CHECKROB_ERROR_INVALID_ARGUMENT) return status;
  return error_set(CHECKROB_ERROR_BAD_INPUT, "has a box or polygon without an area; correct or remove it");
}

checkrob_status yolo_label_parse(yolo_label *out, const char *line, const yolo_layout *layout) {
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
  drop_track(&n, layout);
  if (!status) status = add_shape(regions, &n, layout);
  free(n.items);
  if (status)
    checkrob_regions_free(regions);
  else
    out->regions = regions;
  return status;
}
