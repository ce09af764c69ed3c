/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses images that show spurious features: of the run's samples, and of its pool. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/text.h"
#include "html/picks.h"

#define MOST_SHOWN 8

typedef struct strong_image {
  size_t input, part;
  double strength, probability, x, y;
  char *image;
} strong_image;

/* A feature, and the images in which it is strongest, the strongest first. */
typedef struct shown {
  int64_t index, feature;
  size_t count;
  strong_image strongest[MOST_SHOWN];
} shown;

typedef struct shown_list {
  shown *items;
  size_t count, capacity;
  size_t most; /* images of each */
  checkrob_status status;
} shown_list;

static void clear(shown_list *list) {
  for (size_t i = 0; i < list->count; i++)
    for (size_t k = 0; k < list->items[i].count; k++) free(list->items[i].strongest[k].image);
  free(list->items);
}

static int compare(const void *key, const void *item) {
  const shown *a = key, *b = item;
  if (a->index != b->index) return a->index < b->index ? -1 : 1;
  return (a->feature > b->feature) - (a->feature < b->feature);
}

/* The feature; NULL if it is not in the list, and none is added. */
static shown *find(shown_list *list, int64_t index, int64_t feature, bool add) {
  const shown key = {.index = index, .feature = feature};
  size_t at = array_lower_bound(&key, list->items, list->count, sizeof key, compare);
  if (at < list->count && compare(&key, &list->items[at]) == 0) return &list->items[at];
  if (!add) return NULL;
  shown *grown = array_insert(list->items, &list->capacity, &list->count, at, sizeof key);
  if (!grown) {
    list->status = error_memory("the report");
    return NULL;
  }
  list->items = grown;
  grown[at] = key;
  return &grown[at];
}

static int take_feature(const checkrob_row *row, void *data) {
  shown_list *list = data;
  if (checkrob_row_integer(row, "spurious") == 1)
    find(list, checkrob_row_integer(row, "index"), checkrob_row_integer(row, "feature"), true);
  return list->status != CHECKROB_OK;
}

static checkrob_status offer(shown *f, const checkrob_row *row, size_t most) {
  double strength = checkrob_row_number(row, "contribution");
  if (!isfinite(strength)) return CHECKROB_OK;
  size_t at = f->count;
  while (at > 0 && f->strongest[at - 1].strength < strength) at--;
  if (at >= most) return CHECKROB_OK;
  char *image = text_copy(checkrob_row_text(row, "image"));
  if (!image) return error_memory("the report");
  if (f->count == most) free(f->strongest[--f->count].image);
  memmove(&f->strongest[at + 1], &f->strongest[at], (f->count - at) * sizeof f->strongest[0]);
  int64_t input = checkrob_row_integer(row, "input"), part = checkrob_row_integer(row, "part");
  f->strongest[at] = (strong_image){.input = input > 0 ? (size_t)input : 0,
                                    .part = part > 0 ? (size_t)part : 0,
                                    .strength = strength,
                                    .probability = checkrob_row_number(row, "probability"),
                                    .x = checkrob_row_number(row, "x"),
                                    .y = checkrob_row_number(row, "y"),
                                    .image = image};
  f->count++;
  return CHECKROB_OK;
}

static int take_use(const checkrob_row *row, void *data) {
  shown_list *list = data;
  if (checkrob_row_has(row, "control")) return 0; /* of another class */
  shown *f = find(list, checkrob_row_integer(row, "index"), checkrob_row_integer(row, "feature"), false);
  if (f) list->status = offer(f, row, list->most);
  return list->status != CHECKROB_OK;
}

static int take_pool(const checkrob_row *row, void *data) {
  shown_list *list = data;
  if (checkrob_row_integer(row, "shows") == 1 || !checkrob_row_has(row, "feature")) return 0;
  shown *f = find(list, checkrob_row_integer(row, "index"), checkrob_row_integer(row, "feature"), true);
  if (f) list->status = offer(f, row, list->most);
  return list->status != CHECKROB_OK;
}

static checkrob_status add_all(pick_list *picks, shown_list *list, pick_kind kind) {
  for (size_t i = 0; i < list->count; i++)
    for (size_t k = 0; k < list->items[i].count; k++) {
      strong_image *from = &list->items[i].strongest[k];
      pick *p = pick_list_add(picks, kind, list->items[i].index, from->input, from->part);
      if (!p) return error_memory("the report");
      p->feature = list->items[i].feature;
      p->probability = from->probability;
      p->x = from->x;
      p->y = from->y;
      p->image = from->image; /* the pick owns it */
      from->image = NULL;
    }
  return CHECKROB_OK;
}

static checkrob_status read_table(shown_list *list, checkrob_results *results, const char *table,
                                  checkrob_row_callback take) {
  checkrob_status status = checkrob_results_table(results, table, take, list);
  return list->status ? error_memory("the report") : status; /* the message is that of an interruption */
}

checkrob_status picks_add_features(pick_list *picks, checkrob_results *results, size_t most) {
  shown_list list = {.most = most < MOST_SHOWN ? most : MOST_SHOWN};
  checkrob_status status = list.most > 0 ? read_table(&list, results, "feature", take_feature) : CHECKROB_OK;
  if (!status && list.count > 0) status = read_table(&list, results, "feature_use", take_use);
  if (!status) status = add_all(picks, &list, PICK_FEATURE);
  clear(&list);
  return status;
}

checkrob_status picks_add_pool(pick_list *picks, checkrob_results *results, size_t most) {
  shown_list list = {.most = most < MOST_SHOWN ? most : MOST_SHOWN};
  checkrob_status status = list.most > 0 ? read_table(&list, results, "pool", take_pool) : CHECKROB_OK;
  if (!status) status = add_all(picks, &list, PICK_POOL);
  clear(&list);
  return status;
}
