/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the chosen samples from results. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/text.h"
#include "html/picks.h"
#include "results/results.h"

#define MOST_CELLS 1024

/* ---- maps ---- */

/* The stored map of a sample, if it has one. OUT_OF_MEMORY. */
static checkrob_status read_map(byte_map *out, const checkrob_row *sample) {
  const checkrob_row *evidence = checkrob_row_child(sample, "evidence", 0);
  size_t count = 0;
  const float *values = evidence ? checkrob_row_floats(&count, evidence, "map") : NULL;
  int64_t height = evidence ? checkrob_row_integer(evidence, "height") : 0;
  /* Stored maps have at most 16 x 16 cells; those of a damaged file may have any number. */
  if (!values || count == 0 || count > MOST_CELLS || height <= 0 || count % (size_t)height != 0)
    return CHECKROB_OK;
  float largest = 0.0F;
  for (size_t i = 0; i < count; i++) largest = fmaxf(largest, values[i]);
  if (!(largest > 0.0F) || !isfinite(largest)) return CHECKROB_OK;
  unsigned char *cells = malloc(count);
  if (!cells) return error_memory("a map of the report");
  for (size_t i = 0; i < count; i++)
    cells[i] = (unsigned char)lroundf(255.0F * fminf(fmaxf(values[i] / largest, 0.0F), 1.0F));
  free(out->cells);
  *out = (byte_map){cells, (size_t)height, count / (size_t)height};
  return CHECKROB_OK;
}

/* ---- by number ---- */

/* Picks in another order, each sample's together. */
typedef struct lookup {
  pick **items;
  size_t count;
} lookup;

static int compare_sizes(size_t a, size_t b) {
  return (a > b) - (a < b);
}

static int by_number(const void *left, const void *right) {
  const pick *a = *(pick *const *)left, *b = *(pick *const *)right;
  return a->input != b->input ? compare_sizes(a->input, b->input) : compare_sizes(a->part, b->part);
}

static int number_of(const void *key, const void *item) {
  return by_number(&key, item);
}

static checkrob_status lookup_make(lookup *out, pick_list *picks, int (*order)(const void *, const void *)) {
  out->items = malloc((picks->count + 1) * sizeof *out->items);
  if (!out->items) return error_memory("the report");
  for (size_t i = 0; i < picks->count; i++)
    if (picks->items[i].kind != PICK_POOL) out->items[out->count++] = &picks->items[i];
  if (out->count) qsort(out->items, out->count, sizeof *out->items, order);
  return CHECKROB_OK;
}

static checkrob_status read_sample(pick *p, const checkrob_row *sample) {
  if (!p->image) p->image = text_copy(checkrob_row_text(sample, "image"));
  if (!p->image) return error_memory("the report");
  p->rs = checkrob_row_number(sample, "rs");
  p->region_share = checkrob_row_number(sample, "region_share");
  p->probability = checkrob_row_number(sample, "probability");
  p->predicted = checkrob_row_integer(sample, "predicted");
  p->rank = checkrob_row_integer(sample, "rank");
  return read_map(&p->map, sample);
}

static checkrob_status take_by_number(const checkrob_row *sample, void *data) {
  lookup *in = data;
  const int64_t input = checkrob_row_integer(sample, "input"), part = checkrob_row_integer(sample, "part");
  const pick key = {.input = input > 0 ? (size_t)input : 0, .part = part > 0 ? (size_t)part : 0};
  size_t at = array_lower_bound(&key, in->items, in->count, sizeof *in->items, number_of);
  checkrob_status status = CHECKROB_OK;
  for (; at < in->count && number_of(&key, &in->items[at]) == 0 && !status; at++)
    status = read_sample(in->items[at], sample);
  return status;
}

checkrob_status picks_read(pick_list *picks, checkrob_results *results) {
  lookup in = {0};
  checkrob_status status = lookup_make(&in, picks, by_number);
  if (!status && in.count > 0) status = results_read_samples(results, false, take_by_number, &in);
  free(in.items);
  return status;
}

/* ---- by name ---- */

static int by_name(const void *left, const void *right) {
  const pick *a = *(pick *const *)left, *b = *(pick *const *)right;
  int order = strcmp(a->image ? a->image : "", b->image ? b->image : "");
  return order ? order : (a->index > b->index) - (a->index < b->index);
}

typedef struct name_key {
  const char *image;
  int64_t index;
} name_key;

static int name_of(const void *key, const void *item) {
  const name_key *wanted = key;
  const pick *p = *(pick *const *)item;
  int order = strcmp(wanted->image, p->image ? p->image : "");
  return order ? order : (wanted->index > p->index) - (wanted->index < p->index);
}

static checkrob_status take_by_name(const checkrob_row *sample, void *data) {
  lookup *in = data;
  const name_key key = {checkrob_row_text(sample, "image"), checkrob_row_integer(sample, "index")};
  size_t at = array_lower_bound(&key, in->items, in->count, sizeof *in->items, name_of);
  checkrob_status status = CHECKROB_OK;
  for (; at < in->count && name_of(&key, &in->items[at]) == 0 && !status; at++) {
    in->items[at]->rs_before = checkrob_row_number(sample, "rs");
    status = read_map(&in->items[at]->map_before, sample);
  }
  return status;
}

checkrob_status picks_read_before(pick_list *picks, checkrob_results *before) {
  lookup in = {0};
  checkrob_status status = lookup_make(&in, picks, by_name);
  if (!status && in.count > 0) status = results_read_samples(before, false, take_by_name, &in);
  free(in.items);
  return status;
}
