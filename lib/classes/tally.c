/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/text.h"

#define INTEGER CHECKROB_COLUMN_INTEGER
#define NUMBER CHECKROB_COLUMN_NUMBER
#define TEXT CHECKROB_COLUMN_TEXT

static const column declared[] = {
    {"class", TEXT, "", 0, 0, 0, 0, "first name in the class map"},
    {"index", INTEGER, "", 0, INFINITY, 0, 0, "output index"},
    TITLE_COLUMN("title", TITLE_OF_CLASS),
    {"images", INTEGER, "samples", 0, INFINITY, 0, 0, "samples evaluated"},
    {"failed", INTEGER, "samples", 0, INFINITY, 0, 0, "samples of this class that could not be evaluated"},
    {"acc", NUMBER, "", 0, 1, 6, 0,
     "share of the evaluated samples with `rank` at most the option `top_k`; empty without any"},
    {"crs", NUMBER, "", 0, 1, 6, 0,
     "mean of `rs` over the evaluated samples, `empty_map` included; empty without any"},
    {"predicted", NUMBER, "", 0, 1, 6, 0,
     "share of the evaluated samples whose highest logit is this class; empty without any"},
    {"predicted_elsewhere", NUMBER, "", 0, 1, 6, 0,
     "the same share of the evaluated samples of other classes; empty without any"}};

const column_list class_count_columns = {declared, sizeof declared / sizeof *declared};

void tally_start(class_tally *out, const row_layout *samples, size_t top_k) {
  *out = (class_tally){.top_k = top_k, .layout = samples};
  sample_columns_find(&out->columns, samples);
}

void tally_clear(class_tally *tally) {
  for (size_t i = 0; i < tally->count; i++) free(tally->items[i].name);
  free(tally->items);
  free(tally->calls);
  *tally = (class_tally){0};
}

/* The items stay sorted by index. It is the first member of a class_count and of a call_count. */
static int compare_index(const void *key, const void *item) {
  int64_t index = *(const int64_t *)key, found = *(const int64_t *)item;
  return (index > found) - (index < found);
}

const class_count *tally_find(const class_tally *tally, int64_t index) {
  return array_find(&index, tally->items, tally->count, sizeof *tally->items, compare_index);
}

static checkrob_status find_or_insert(class_count **out, class_tally *tally, int64_t index,
                                      const char *name) {
  size_t at = array_lower_bound(&index, tally->items, tally->count, sizeof *tally->items, compare_index);
  if (at < tally->count && tally->items[at].index == index) {
    *out = &tally->items[at];
    return CHECKROB_OK;
  }
  char *copy = text_copy(name);
  class_count *grown =
      copy ? array_insert(tally->items, &tally->capacity, &tally->count, at, sizeof *grown) : NULL;
  if (!grown) {
    free(copy);
    return error_memory("the classes' totals");
  }
  tally->items = grown;
  grown[at].index = index;
  grown[at].name = copy;
  *out = &grown[at];
  return CHECKROB_OK;
}

static checkrob_status count_call(class_tally *tally, int64_t index) {
  size_t at = array_lower_bound(&index, tally->calls, tally->call_count, sizeof *tally->calls, compare_index);
  if (at == tally->call_count || tally->calls[at].index != index) {
    call_count *grown =
        array_insert(tally->calls, &tally->call_capacity, &tally->call_count, at, sizeof *grown);
    if (!grown) return error_memory("the classes' totals");
    tally->calls = grown;
    grown[at].index = index;
  }
  tally->calls[at].calls++;
  return CHECKROB_OK;
}

static bool is_empty(const class_tally *tally, const checkrob_row *sample) {
  return row_integer(sample, tally->columns.empty_map) == 1 ||
         strcmp(row_text(sample, SAMPLE_STATUS), SAMPLE_EMPTY_MAP) == 0;
}

static void find_columns(class_tally *tally, const row_layout *layout) {
  if (layout == tally->layout) return;
  tally->layout = layout;
  sample_columns_find(&tally->columns, layout);
}

checkrob_status tally_add(class_tally *tally, const checkrob_row *sample) {
  find_columns(tally, row_layout_of(sample));
  bool evaluated = sample_is_evaluated(sample);
  int64_t index = row_integer(sample, SAMPLE_INDEX);
  class_count *count = NULL;
  checkrob_status status =
      index < 0 ? CHECKROB_OK : find_or_insert(&count, tally, index, row_text(sample, SAMPLE_CLASS));
  if (status) return status;
  tally->samples++;
  tally->evaluated += evaluated;
  tally->failed += !evaluated;
  tally->empty_maps += evaluated && is_empty(tally, sample);
  tally->remarks += evaluated && *row_text(sample, SAMPLE_MESSAGE) != '\0';
  if (!count) return CHECKROB_OK;
  if (!evaluated) {
    count->failed++;
    return CHECKROB_OK;
  }
  int hit = sample_hit(sample, &tally->columns, tally->top_k);
  count->images++;
  count->ranked += hit >= 0;
  count->hits += hit > 0;
  if (hit > 0) running_add(&tally->relative_logit, row_number(sample, tally->columns.relative_logit));
  count->rs_sum += row_number(sample, tally->columns.rs);
  int64_t predicted = row_integer(sample, tally->columns.predicted);
  count->first += predicted == index;
  return predicted < 0 ? CHECKROB_OK : count_call(tally, predicted);
}

double tally_crs(const class_count *count) {
  return count->images ? count->rs_sum / (double)count->images : NAN;
}

double tally_accuracy(const class_count *count) {
  return count->ranked ? (double)count->hits / (double)count->images : NAN;
}

/* Of the samples of other classes. */
static double called_elsewhere(const class_tally *tally, const class_count *count) {
  const call_count *found =
      array_find(&count->index, tally->calls, tally->call_count, sizeof *tally->calls, compare_index);
  size_t others = 0;
  for (size_t i = 0; i < tally->count; i++) others += tally->items[i].images;
  others -= count->images;
  return others ? (double)((found ? found->calls : 0) - count->first) / (double)others : NAN;
}

checkrob_status tally_fill(checkrob_row *row, const class_tally *tally, const class_count *count) {
  row_put_integer(row, "index", count->index);
  row_put_integer(row, "images", (int64_t)count->images);
  row_put_integer(row, "failed", (int64_t)count->failed);
  row_put_number(row, "acc", tally_accuracy(count));
  row_put_number(row, "crs", tally_crs(count));
  if (count->ranked) row_put_number(row, "predicted", (double)count->first / (double)count->images);
  row_put_number(row, "predicted_elsewhere", called_elsewhere(tally, count));
  return row_put_text(row, "class", count->name);
}

void tally_total(checkrob_row *totals, const class_tally *tally) {
  row_put_integer(totals, "samples", (int64_t)tally->samples);
  row_put_integer(totals, "evaluated", (int64_t)tally->evaluated);
  row_put_integer(totals, "failed", (int64_t)tally->failed);
  row_put_integer(totals, "empty_maps", (int64_t)tally->empty_maps);
  row_put_integer(totals, "remarks", (int64_t)tally->remarks);
}
