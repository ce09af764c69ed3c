#include "score/class_tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/text.h"

void class_assessment_free(class_assessment *assessed) {
  if (!assessed) return;
  free(assessed->reason);
  free(assessed->blind);
  free(assessed);
}

void tally_clear(class_tally *tally) {
  for (size_t i = 0; i < tally->count; i++) {
    free(tally->items[i].name);
    class_assessment_free(tally->items[i].assessed);
  }
  free(tally->items);
  memset(tally, 0, sizeof *tally);
}

/* The first place whose index is not below `index`: the items stay sorted by it. */
static size_t lower_bound(const class_tally *tally, int64_t index) {
  size_t low = 0, high = tally->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (tally->items[middle].index < index)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

class_total *tally_find(const class_tally *tally, int64_t index) {
  size_t place = lower_bound(tally, index);
  return place < tally->count && tally->items[place].index == index ? &tally->items[place] : NULL;
}

static checkrob_status find_or_insert(class_total **out, class_tally *tally, int64_t index,
                                      const char *name) {
  size_t place = lower_bound(tally, index);
  if (place < tally->count && tally->items[place].index == index) {
    *out = &tally->items[place];
    return CHECKROB_OK;
  }
  class_total *grown = array_grow(tally->items, &tally->capacity, tally->count, sizeof *grown);
  if (!grown) return error_memory("the classes' totals");
  tally->items = grown;
  class_total fresh = {.index = index, .name = text_copy(name)};
  if (!fresh.name) return error_memory("the classes' totals");
  memmove(grown + place + 1, grown + place, (tally->count - place) * sizeof *grown);
  grown[place] = fresh;
  tally->count++;
  *out = &grown[place];
  return CHECKROB_OK;
}

checkrob_status tally_add(class_tally *tally, int64_t index, const char *name, double rs, int hit) {
  class_total *total = NULL;
  checkrob_status status = find_or_insert(&total, tally, index, name);
  if (status != CHECKROB_OK) return status;
  total->images++;
  total->hits += hit != 0;
  total->rs_sum += rs;
  return CHECKROB_OK;
}

checkrob_status tally_add_failed(class_tally *tally, int64_t index, const char *name) {
  class_total *total = NULL;
  checkrob_status status = find_or_insert(&total, tally, index, name);
  if (status != CHECKROB_OK) return status;
  total->failed++;
  return CHECKROB_OK;
}

double tally_crs(const class_total *total) {
  return total->images ? total->rs_sum / (double)total->images : NAN;
}

double tally_accuracy(const class_total *total) {
  return total->images ? (double)total->hits / (double)total->images : NAN;
}

/* Nothing is known of maps. */
static const checkrob_class_result unassessed = {
    .size = sizeof unassessed,
    .crs_low = NAN,
    .crs_high = NAN,
    .area = NAN,
    .rs0 = NAN,
    .ers = NAN,
    .ers_low = NAN,
    .ers_high = NAN,
    .lift = NAN,
    .contrast = NAN,
    .robustness = NAN,
    .robustness_low = NAN,
    .robustness_high = NAN,
    .p = NAN,
    .q = NAN,
    .needed = NAN,
    .localisation = {sizeof(checkrob_localisation), NAN, NAN, NAN, NAN, NAN, NAN},
    .reason = ""};

checkrob_class_result tally_result(const class_total *total) {
  checkrob_class_result result = total->assessed ? total->assessed->result : unassessed;
  result.size = sizeof result;
  result.name = total->name;
  result.index = total->index;
  result.images = total->images;
  result.failed = total->failed;
  result.accuracy = tally_accuracy(total);
  result.crs = tally_crs(total);
  if (total->assessed) result.reason = total->assessed->reason;
  return result;
}

static double robustness(const class_total *total) {
  return total->assessed ? total->assessed->result.robustness : NAN;
}

/* 0: by robustness, 1: by CRS, 2: without images. */
static int rank_group(const class_total *total) {
  return total->images == 0 ? 2 : isnan(robustness(total)) ? 1 : 0;
}

static int compare(const void *left, const void *right) {
  const class_total *a = *(const class_total *const *)left;
  const class_total *b = *(const class_total *const *)right;
  int group = rank_group(a);
  if (group != rank_group(b)) return group < rank_group(b) ? -1 : 1;
  double first = group == 0 ? robustness(a) : tally_crs(a);
  double second = group == 0 ? robustness(b) : tally_crs(b);
  if (first < second || first > second) return first < second ? -1 : 1;
  return (a->index > b->index) - (a->index < b->index);
}

void tally_rank(const class_total **order, const class_tally *tally) {
  for (size_t i = 0; i < tally->count; i++) order[i] = &tally->items[i];
  if (tally->count) qsort(order, tally->count, sizeof *order, compare);
}
