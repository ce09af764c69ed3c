/* SPDX-License-Identifier: Apache-2.0 */
/* Samples for the tests of the rooms that read results: the saliency score's, and those of an analysis that
 * nobody but its test knows. */
#ifndef TESTS_TABLE_SAMPLES_H
#define TESTS_TABLE_SAMPLES_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/saliency_score.h"
#include "support/folder.h"
#include "support/test.h"
#include "table/reader.h"
#include "table/sample.h"
#include "table/writer.h"

/* Another analysis, of one file: this one. */
enum { BRIGHT_PIXELS, BRIGHT_COLUMNS };
static const column bright_declared[] = {[BRIGHT_PIXELS] = {"bright_pixels", CHECKROB_COLUMN_INTEGER,
                                                            "pixels", 0, INFINITY, 0, 0,
                                                            "pixels above half of the range"}};
static const column_list bright_columns = {bright_declared, BRIGHT_COLUMNS};

enum { SALIENCY_PART = 1, BRIGHT_PART = 2 };

/* The saliency score alone, or with the other analysis. */
static inline row_layout *samples_layout(bool with_bright) {
  const column_list parts[] = {saliency_columns, bright_columns};
  row_layout *layout = NULL;
  must(sample_layout_new(&layout, parts, with_bright ? 2 : 1, saliency_children, 2));
  return layout;
}

static inline checkrob_row *sample_new(const row_layout *layout, size_t input, size_t part, const char *image,
                                       const char *class_name, int64_t index) {
  checkrob_row *row = NULL;
  must(row_new(&row, layout));
  row_set_integer(row, SAMPLE_INPUT, (int64_t)input);
  row_set_integer(row, SAMPLE_PART, (int64_t)part);
  must(row_set_text(row, SAMPLE_IMAGE, image));
  must(row_set_text(row, SAMPLE_CLASS, class_name));
  row_set_integer(row, SAMPLE_INDEX, index);
  must(row_set_text(row, SAMPLE_STATUS, "ok"));
  must(row_set_text(row, SAMPLE_MESSAGE, ""));
  row_set_number(row, SAMPLE_MILLISECONDS, 1.5);
  return row;
}

enum { SIDE = 2, CELLS = SIDE * SIDE };

static inline void sample_add_evidence(checkrob_row *row, const float map[CELLS], const float region[CELLS],
                                       const float *counted) {
  checkrob_row *evidence = NULL;
  must(row_add_child(&evidence, row, row_layout_find_child(row_layout_of(row), "evidence")));
  row_put_integer(evidence, "height", SIDE);
  must(row_set_floats(evidence, row_layout_find(row_layout_of(evidence), "map"), map, CELLS));
  must(row_set_floats(evidence, row_layout_find(row_layout_of(evidence), "region"), region, CELLS));
  must(row_set_floats(evidence, row_layout_find(row_layout_of(evidence), "counted"), counted,
                      counted ? CELLS : 0));
}

static inline void sample_add_other(checkrob_row *row, const char *name, int64_t index, double share) {
  checkrob_row *other = NULL;
  must(row_add_child(&other, row, row_layout_find_child(row_layout_of(row), "other")));
  must(row_put_text(other, "class", name));
  row_put_integer(other, "index", index);
  row_put_number(other, "share", share);
  static const float region[CELLS] = {1, 0, 0, 1};
  must(row_set_floats(other, row_layout_find(row_layout_of(other), "region"), region, CELLS));
}

static inline void sample_fail(checkrob_row *row, const char *status, const char *message) {
  must(row_set_text(row, SAMPLE_STATUS, status));
  must(row_set_text(row, SAMPLE_MESSAGE, message));
}

/* ---- a small dataset: 24 samples of 20 images ---- */

/* In [0, 1), the same on each machine. */
static inline double sample_noise(size_t i, size_t k) {
  uint32_t x = (uint32_t)(i * 2654435761U + k * 40503U + 12345U);
  x ^= x >> 15;
  x *= 2246822519U;
  x ^= x >> 13;
  return (double)(x & 0xffffff) / 16777216.0;
}

static inline void sample_score(checkrob_row *row, size_t i, int64_t rank) {
  float map[CELLS], region[CELLS] = {0}, counted[CELLS] = {1, 1, 0.5F, 1};
  double sum = 0.0;
  for (size_t k = 0; k < CELLS; k++) sum += map[k] = (float)(0.05 + sample_noise(i, k));
  for (size_t k = 0; k < CELLS; k++) map[k] = (float)((double)map[k] / sum);
  region[i % CELLS] = 1.0F;
  region[(i / 3) % CELLS] = 1.0F;
  double rs = 0.0, area = 0.0;
  for (size_t k = 0; k < CELLS; k++) {
    rs += (double)(map[k] * region[k]);
    area += (double)region[k] / CELLS;
  }
  row_put_number(row, "rs", rs);
  row_put_number(row, "region_share", area);
  row_put_number(row, "logit", 3.25 + sample_noise(i, 10));
  row_put_number(row, "probability", sample_noise(i, 11));
  row_put_integer(row, "rank", rank);
  row_put_integer(row, "predicted", rank == 1 ? row_integer(row, SAMPLE_INDEX) : 2);
  row_put_number(row, "contrast", 4.0 * sample_noise(i, 12) - 2.0);
  row_put_integer(row, "empty_map", 0);
  static const char *const metrics[] = {
      "pointing_game", "rank_accuracy", "top_k_intersection", "attribution_localisation", "auc", "iou"};
  for (size_t m = 0; m < 6; m++) row_put_number(row, metrics[m], sample_noise(i, 12 + m));
  sample_add_evidence(row, map, region, i % 5 == 2 ? counted : NULL);
}

enum { IMAGES = 20, SAMPLES = 24 };

/* The samples of one image: 1 or, of every fifth, 2; of image 7 a failed one. */
static inline size_t samples_of(checkrob_row *rows[2], const row_layout *layout, size_t input) {
  char image[32];
  snprintf(image, sizeof image, "i%02zu.png", input);
  bool two = input % 5 == 3, failed = input == 7, green = input % 3 == 0;
  rows[0] = sample_new(layout, input, 0, image, failed ? "" : green ? "green" : "red", failed ? -1 : green);
  if (failed) sample_fail(rows[0], "bad_input", "i07.xml, line 2: \"quoted\", and broken");
  if (!failed) sample_score(rows[0], 2 * input, input % 4 == 1 ? 3 : 1);
  if (!two) return 1;
  rows[1] = sample_new(layout, input, 1, image, "blue", 2);
  sample_score(rows[1], 2 * input + 1, 2);
  sample_add_other(rows[0], "blue", 2, 0.25);
  sample_add_other(rows[0], "zebra", -1, 0.125);
  sample_add_other(rows[1], "zebra", -1, NAN);
  if (row_layout_base(layout, BRIGHT_PART) != ROW_NO_COLUMN)
    row_set_integer(rows[1], row_layout_base(layout, BRIGHT_PART) + BRIGHT_PIXELS, (int64_t)(100 + input));
  return 2;
}

/* Writes those of the images [first, end), each image in a transaction. */
static inline void samples_write(store *s, const row_layout *layout, size_t first, size_t end) {
  table_writer *w = NULL;
  must(table_writer_open(&w, s, layout));
  for (size_t i = first; i < end; i++) {
    checkrob_row *rows[2] = {NULL, NULL};
    size_t count = samples_of(rows, layout, i);
    must(table_writer_write(w, (const checkrob_row *const *)rows, count));
    row_free(rows[0]);
    row_free(rows[1]);
  }
  table_writer_close(w);
}

#endif
