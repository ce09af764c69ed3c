/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/class_list.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/error.h"
#include "classes/advice.h"
#include "classes/class_columns.h"
#include "classes/cues.h"
#include "classes/duplicates.h"
#include "classes/features.h"
#include "classes/looked_at.h"
#include "classes/pasted.h"

/* The tables beside that of the classes. */
static row_list *table_of(class_list *list, size_t i) {
  class_tables *t = &list->tables;
  row_list *const tables[] = {&t->looked_at, &t->features, &t->pasted, &t->cues, &t->duplicates, &t->advice};
  return i < sizeof tables / sizeof tables[0] ? tables[i] : NULL;
}

void class_list_clear(class_list *list) {
  row_list_clear(&list->classes);
  for (size_t i = 0; table_of(list, i); i++) row_list_clear(table_of(list, i));
  free(list->ranking);
  *list = (class_list){0};
}

/* ---- ranking ---- */

/* What the classes of a group are sorted by. The last ones are those without images. */
enum { BY_SUSPICION, BY_ROBUSTNESS, BY_CRS, WITHOUT_IMAGES };

static int rank_group(const checkrob_row *row) {
  if (checkrob_row_integer(row, "images") == 0) return WITHOUT_IMAGES;
  if (checkrob_row_has(row, "suspicion_low")) return BY_SUSPICION;
  return checkrob_row_has(row, "robustness") ? BY_ROBUSTNESS : BY_CRS;
}

/* The lower, the earlier. */
static double rank_value(const checkrob_row *row, int group) {
  if (group == BY_SUSPICION) return -checkrob_row_number(row, "suspicion");
  return checkrob_row_number(row, group == BY_ROBUSTNESS ? "robustness" : "crs");
}

static int compare_rows(const void *left, const void *right) {
  const checkrob_row *a = *(const checkrob_row *const *)left;
  const checkrob_row *b = *(const checkrob_row *const *)right;
  int group = rank_group(a);
  if (group != rank_group(b)) return group < rank_group(b) ? -1 : 1;
  double first = rank_value(a, group), second = rank_value(b, group);
  if (first < second || first > second) return first < second ? -1 : 1;
  int64_t i = checkrob_row_integer(a, "index"), k = checkrob_row_integer(b, "index");
  return (i > k) - (i < k);
}

static void rank(class_list *list) {
  size_t count = list->classes.count;
  for (size_t i = 0; i < count; i++) list->ranking[i] = list->classes.rows[i];
  if (count) qsort(list->ranking, count, sizeof *list->ranking, compare_rows);
}

/* ---- counting and assessing ---- */

/* Allocates one more than needed, because malloc(0) may return NULL: "no classes" must differ from "out of
 * memory". */
static checkrob_status prepare(class_list *list, const class_tally *tally) {
  checkrob_status status = class_layout_new(&list->classes.layout, tally->layout);
  if (status) return status;
  list->ranking = calloc(tally->count + 1, sizeof *list->ranking);
  return list->ranking ? CHECKROB_OK : error_memory("the classes' results");
}

static checkrob_status count_classes(class_list *list, const class_tally *tally) {
  checkrob_status status = prepare(list, tally);
  for (size_t i = 0; i < tally->count && !status; i++) {
    checkrob_row *row = NULL;
    status = row_list_add(&row, &list->classes);
    if (!status) status = tally_fill(row, tally, &tally->items[i]);
  }
  return status;
}

/* Moves the list to the result. If anything failed, it is cleared. */
static checkrob_status finish(class_list *out, class_list *list, checkrob_status status) {
  if (status) {
    class_list_clear(list);
    return status;
  }
  rank(list);
  *out = *list;
  return CHECKROB_OK;
}

checkrob_status class_list_count(class_list *out, const class_tally *tally) {
  class_list list = {0};
  return finish(out, &list, count_classes(&list, tally));
}

checkrob_status class_list_title(class_list *list, store *s) {
  checkrob_status status = row_list_title(&list->classes, s);
  for (size_t i = 0; table_of(list, i) && !status; i++) status = row_list_title(table_of(list, i), s);
  return status;
}

static checkrob_status start_tables(class_list *list) {
  checkrob_status (*const start[])(row_list *) = {looked_at_start, features_start,   pasted_start,
                                                  cues_start,      duplicates_start, advice_start};
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; table_of(list, i) && !status; i++) status = start[i](table_of(list, i));
  return status;
}

checkrob_status class_list_assess(class_list *out, const class_tally *tally, store *s,
                                  const verdict_rule *rule, const atomic_int *interrupted) {
  class_list list = {0};
  checkrob_status status = count_classes(&list, tally);
  if (!status) status = start_tables(&list);
  if (!status)
    status = assess_rows(list.classes.rows, list.classes.count, &list.tables, s,
                         running_mean(&tally->relative_logit), rule, interrupted);
  if (!status) status = class_list_title(&list, s);
  return finish(out, &list, status);
}

checkrob_status class_list_advise(class_list *list, store *s, const verdict_rule *rule,
                                  const atomic_int *interrupted) {
  class_tables *t = &list->tables;
  checkrob_status status = advice_find(&t->advice, &t->duplicates, list->classes.rows, list->classes.count,
                                       &t->cues, s, rule, interrupted);
  if (!status) status = row_list_title(&t->advice, s);
  return status ? status : row_list_title(&t->duplicates, s);
}

/* ---- in the store ---- */

checkrob_status class_list_write(class_list *list, store *s) {
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; table_of(list, i) && !status; i++) status = row_list_write(table_of(list, i), s);
  return status ? status : row_list_write(&list->classes, s);
}

static bool are_of(const row_list *classes, const class_tally *tally) {
  if (classes->count != tally->count) return false;
  for (size_t i = 0; i < classes->count; i++)
    if (checkrob_row_integer(classes->rows[i], "index") != tally->items[i].index) return false;
  return true;
}

checkrob_status class_list_read(bool *found, class_list *out, store *s, const class_tally *tally) {
  class_list list = {0};
  *found = false;
  checkrob_status status = prepare(&list, tally);
  if (!status) status = start_tables(&list);
  /* One more: a table with more rows than the tally has classes is of other samples. */
  if (!status) status = row_list_read(found, &list.classes, s, tally->count + 1);
  for (size_t i = 0; table_of(&list, i) && *found && !status; i++)
    status = row_list_read(found, table_of(&list, i), s, SIZE_MAX);
  *found = *found && !status && are_of(&list.classes, tally);
  if (*found) return finish(out, &list, CHECKROB_OK);
  class_list_clear(&list);
  return status;
}

static int compare_index(const void *key, const void *item) {
  int64_t index = *(const int64_t *)key;
  int64_t found = checkrob_row_integer(*(checkrob_row *const *)item, "index");
  return (index > found) - (index < found);
}

const checkrob_row *class_list_find(const class_list *list, int64_t index) {
  checkrob_row *const *found =
      array_find(&index, list->classes.rows, list->classes.count, sizeof *list->classes.rows, compare_index);
  return found ? *found : NULL;
}
