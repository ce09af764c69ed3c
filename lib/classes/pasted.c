/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/pasted.h"

#include <math.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/error.h"
#include "classes/statistics.h"

enum { CLASS, INDEX, TITLE, OBJECT, OBJECT_INDEX, OBJECT_TITLE, IMAGES, FOOLED, SHARE, LOW, HIGH, COLUMNS };

#define INTEGER CHECKROB_COLUMN_INTEGER
#define NUMBER CHECKROB_COLUMN_NUMBER
#define TEXT CHECKROB_COLUMN_TEXT

static const column declared[COLUMNS] = {
    [CLASS] = {"class", TEXT, "", 0, 0, 0, 0, "name of the class whose surroundings are shown"},
    [INDEX] = {"index", INTEGER, "", 0, INFINITY, 0, 0, "its output index"},
    [TITLE] = TITLE_COLUMN("title", TITLE_OF_CLASS),
    [OBJECT] = {"object", TEXT, "", 0, 0, 0, 0, "name of the class whose object is shown"},
    [OBJECT_INDEX] = {"object_index", INTEGER, "", 0, INFINITY, 0, 0, "its output index"},
    [OBJECT_TITLE] =
        TITLE_COLUMN("object_title", "title of the class whose object is shown; empty if it has none"),
    [IMAGES] = {"images", INTEGER, "samples", 1, INFINITY, 0, 0,
                "recognised samples of the class into which such an object was put: with `advice` at its own "
                "size, else by the probe `transplanted`"},
    [FOOLED] = {"fooled", INTEGER, "samples", 0, INFINITY, 0, 0,
                "of these: the class is still recognised (rank at most `top_k`)"},
    [SHARE] = {"share", NUMBER, "", 0, 1, 6, 0, "`fooled / images`"},
    [LOW] = {"share_low", NUMBER, "", 0, 1, 6, 0,
             "lower end of its interval (Wilson) at the option `verdict_level`"},
    [HIGH] = {"share_high", NUMBER, "", 0, 1, 6, 0, "upper end"}};

const column_list pasted_columns = {declared, COLUMNS};

checkrob_status pasted_start(row_list *list) {
  *list = (row_list){0};
  return row_layout_new(&list->layout, PASTED_TABLE, &pasted_columns, 1, NULL, 0);
}

typedef struct pasted_pair {
  int64_t index, object;
  size_t images, fooled;
} pasted_pair;

void pasted_clear(pasted_counts *counts) {
  free(counts->pairs);
  *counts = (pasted_counts){0};
}

static int compare_pair(const void *key, const void *item) {
  const pasted_pair *a = key, *b = item;
  if (a->index != b->index) return a->index < b->index ? -1 : 1;
  return (a->object > b->object) - (a->object < b->object);
}

checkrob_status pasted_add(pasted_counts *counts, const checkrob_row *sample, const sample_columns *columns,
                           const verdict_rule *rule) {
  /* An object of its own size misleads less than a stretched one. */
  bool at_own_size = columns->pasted_rank != ROW_NO_COLUMN;
  int64_t object = row_integer(sample, at_own_size ? columns->pasted_index : columns->donor_index);
  int64_t rank =
      row_integer(sample, at_own_size ? columns->pasted_rank : columns->probe_ranks[PROBE_TRANSPLANTED]);
  const pasted_pair key = {row_integer(sample, SAMPLE_INDEX), object, 0, 0};
  if (key.index < 0 || key.object < 0 || rank < 1 || sample_hit(sample, columns, rule->top_k) != 1)
    return CHECKROB_OK;
  size_t at = array_lower_bound(&key, counts->pairs, counts->count, sizeof key, compare_pair);
  if (at == counts->count || compare_pair(&key, &counts->pairs[at]) != 0) {
    pasted_pair *grown = array_insert(counts->pairs, &counts->capacity, &counts->count, at, sizeof key);
    if (!grown) return error_memory("pairs of classes");
    counts->pairs = grown;
    grown[at] = key;
  }
  counts->pairs[at].images++;
  counts->pairs[at].fooled += (uint64_t)rank <= rule->top_k;
  return CHECKROB_OK;
}

/* NULL if no sample is of the class: its object may still be shown. */
static const char *name_of(checkrob_row *const *classes, size_t count, int64_t index) {
  for (size_t i = 0; i < count; i++)
    if (checkrob_row_integer(classes[i], "index") == index) return checkrob_row_text(classes[i], "class");
  return NULL;
}

checkrob_status pasted_fill(row_list *out, const pasted_counts *counts, checkrob_row *const *classes,
                            size_t class_count, const verdict_rule *rule) {
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < counts->count && !status; i++) {
    const pasted_pair *p = &counts->pairs[i];
    checkrob_row *row = NULL;
    status = row_list_add(&row, out);
    if (!status) status = row_set_text(row, CLASS, name_of(classes, class_count, p->index));
    if (!status) status = row_set_text(row, OBJECT, name_of(classes, class_count, p->object));
    if (status) break;
    interval share = statistics_share(p->fooled, p->images, rule->level);
    row_set_integer(row, INDEX, p->index);
    row_set_integer(row, OBJECT_INDEX, p->object);
    row_set_integer(row, IMAGES, (int64_t)p->images);
    row_set_integer(row, FOOLED, (int64_t)p->fooled);
    row_set_number(row, SHARE, (double)p->fooled / (double)p->images);
    row_set_number(row, LOW, share.low);
    row_set_number(row, HIGH, share.high);
  }
  return status;
}
