/* SPDX-License-Identifier: Apache-2.0 */
#include "html/picks.h"

#include <math.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/error.h"

typedef struct seen_sample {
  int64_t index, predicted;
  size_t input;
  uint32_t part;
  float rs;
  bool explained; /* recognised, with a map */
} seen_sample;

void pick_list_clear(pick_list *list) {
  for (size_t i = 0; i < list->count; i++) {
    free(list->items[i].image);
    free(list->items[i].map.cells);
    free(list->items[i].map_before.cells);
  }
  free(list->items);
  *list = (pick_list){0};
}

void samples_seen_clear(samples_seen *seen) {
  free(seen->items);
  free(seen->confusions);
  *seen = (samples_seen){0};
}

checkrob_status samples_seen_add(samples_seen *seen, const checkrob_row *sample) {
  seen_sample *grown = array_grow(seen->items, &seen->capacity, seen->count, sizeof *grown);
  if (!grown) return error_memory("the report");
  seen->items = grown;
  const int64_t input = checkrob_row_integer(sample, "input"), part = checkrob_row_integer(sample, "part");
  const double rs = checkrob_row_number(sample, "rs"); /* NaN in a damaged file: it could not be sorted */
  grown[seen->count++] = (seen_sample){.index = checkrob_row_integer(sample, "index"),
                                       .predicted = checkrob_row_integer(sample, "predicted"),
                                       .input = input > 0 ? (size_t)input : 0,
                                       .part = part > 0 ? (uint32_t)part : 0,
                                       .rs = isnan(rs) ? INFINITY : (float)rs,
                                       .explained = !isnan(rs) && checkrob_row_integer(sample, "hit") == 1 &&
                                                    checkrob_row_integer(sample, "empty_map") != 1};
  return CHECKROB_OK;
}

/* ---- sorting ---- */

static int compare_numbers(int64_t a, int64_t b) {
  return (a > b) - (a < b);
}

static int by_class_and_score(const void *left, const void *right) {
  const seen_sample *a = left, *b = right;
  if (a->index != b->index) return compare_numbers(a->index, b->index);
  if (a->explained != b->explained) return a->explained ? -1 : 1;
  if (a->rs != b->rs) return a->rs < b->rs ? -1 : 1;
  if (a->input != b->input) return a->input < b->input ? -1 : 1;
  return (a->part > b->part) - (a->part < b->part);
}

static int by_class_and_count(const void *left, const void *right) {
  const confusion *a = left, *b = right;
  if (a->index != b->index) return compare_numbers(a->index, b->index);
  if (a->count != b->count) return a->count > b->count ? -1 : 1;
  return compare_numbers(a->predicted, b->predicted);
}

static int by_pair(const void *left, const void *right) {
  const confusion *a = left, *b = right;
  return a->index != b->index ? compare_numbers(a->index, b->index)
                              : compare_numbers(a->predicted, b->predicted);
}

static checkrob_status count_confusions(samples_seen *seen) {
  confusion *pairs = malloc((seen->count + 1) * sizeof *pairs);
  if (!pairs) return error_memory("the report");
  size_t count = 0, kept = 0;
  for (size_t i = 0; i < seen->count; i++)
    if (seen->items[i].predicted >= 0 && seen->items[i].predicted != seen->items[i].index)
      pairs[count++] = (confusion){seen->items[i].index, seen->items[i].predicted, 1};
  qsort(pairs, count, sizeof *pairs, by_pair);
  for (size_t i = 0; i < count; i++) {
    if (kept > 0 && by_pair(&pairs[kept - 1], &pairs[i]) == 0)
      pairs[kept - 1].count++;
    else
      pairs[kept++] = pairs[i];
  }
  qsort(pairs, kept, sizeof *pairs, by_class_and_count);
  seen->confusions = pairs;
  seen->confusion_count = kept;
  return CHECKROB_OK;
}

checkrob_status samples_seen_finish(samples_seen *seen) {
  if (seen->count > 0) qsort(seen->items, seen->count, sizeof *seen->items, by_class_and_score);
  return count_confusions(seen);
}

/* ---- choosing ---- */

pick *pick_list_add(pick_list *list, pick_kind kind, int64_t index, size_t input, size_t part) {
  pick *grown = array_grow(list->items, &list->capacity, list->count, sizeof *grown);
  if (!grown) return NULL;
  list->items = grown;
  grown[list->count] = (pick){.kind = kind,
                              .index = index,
                              .input = input,
                              .part = part,
                              .rs = NAN,
                              .region_share = NAN,
                              .probability = NAN,
                              .predicted = -1,
                              .rank = -1,
                              .x = NAN,
                              .y = NAN,
                              .rs_before = NAN};
  return &grown[list->count++];
}

static checkrob_status add(pick_list *out, const seen_sample *of, pick_kind kind) {
  return pick_list_add(out, kind, of->index, of->input, of->part) ? CHECKROB_OK : error_memory("the report");
}

/* Of `count` samples of one class, from the worst to the best. */
static checkrob_status choose_of(pick_list *out, const seen_sample *samples, size_t count, size_t most) {
  if (most > count) most = count;
  size_t worst = (most + 1) / 2, best = (most + 1) / 4, typical = most - worst - best;
  size_t middle = count / 2 - typical / 2;
  if (middle < worst) middle = worst;
  if (middle + typical > count - best) middle = count - best - typical;
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < worst && !status; i++) status = add(out, &samples[i], PICK_WORST);
  for (size_t i = 0; i < typical && !status; i++) status = add(out, &samples[middle + i], PICK_TYPICAL);
  for (size_t i = 0; i < best && !status; i++) status = add(out, &samples[count - 1 - i], PICK_BEST);
  return status;
}

/* Samples that are not recognised, from the least to the most saliency on the object, evenly. */
static checkrob_status choose_missed(pick_list *out, const seen_sample *samples, size_t count, size_t most) {
  if (most > count) most = count;
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < most && !status; i++) status = add(out, &samples[i * count / most], PICK_MISSED);
  return status;
}

checkrob_status picks_choose(pick_list *out, const samples_seen *seen, size_t most) {
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0, end; i < seen->count && !status; i = end) {
    size_t explained = 0;
    for (end = i; end < seen->count && seen->items[end].index == seen->items[i].index; end++)
      explained += seen->items[end].explained;
    status = choose_of(out, &seen->items[i], explained, most);
    /* A class that is hardly ever recognised also shows what it is taken for. */
    if (!status && explained < most)
      status = choose_missed(out, &seen->items[i + explained], end - i - explained, most - explained);
  }
  return status;
}
