/* Two results, class by class. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "results/results.h"

typedef struct comparison_list {
  checkrob_class_comparison *items;
  size_t count;
} comparison_list;

static const class_total *find(const checkrob_results *results, const char *name) {
  for (size_t i = 0; i < results->tally.count; i++)
    if (strcmp(results->tally.items[i].name, name) == 0) return &results->tally.items[i];
  return NULL;
}

static void fill(checkrob_class_comparison *out, const class_total *before, const class_total *after) {
  const class_total *totals[2] = {before, after};
  *out = (checkrob_class_comparison){.size = sizeof *out,
                                     .name = before ? before->name : after->name,
                                     .index = before ? before->index : after->index,
                                     .rs_change = NAN,
                                     .rs_change_error = NAN};
  for (int i = 0; i < 2; i++) {
    out->images[i] = totals[i] ? totals[i]->images : 0;
    out->accuracy[i] = totals[i] ? tally_accuracy(totals[i]) : NAN;
    out->crs[i] = totals[i] ? tally_crs(totals[i]) : NAN;
    const class_assessment *assessed = totals[i] ? totals[i]->assessed : NULL;
    out->ers[i] = assessed ? assessed->result.ers : NAN;
    out->robustness[i] = assessed ? assessed->result.robustness : NAN;
    out->verdict[i] = assessed ? assessed->result.verdict : CHECKROB_VERDICT_NOT_ENOUGH_DATA;
  }
}

static checkrob_status list_classes(comparison_list *list, const checkrob_results *before,
                                    const checkrob_results *after) {
  list->items = malloc((before->tally.count + after->tally.count + 1) * sizeof *list->items);
  if (!list->items) return error_memory("a comparison");
  for (size_t i = 0; i < before->tally.count; i++) {
    const class_total *c = &before->tally.items[i];
    fill(&list->items[list->count++], c, find(after, c->name));
  }
  for (size_t i = 0; i < after->tally.count; i++) {
    const class_total *c = &after->tally.items[i];
    if (!find(before, c->name)) fill(&list->items[list->count++], NULL, c);
  }
  return CHECKROB_OK;
}

/* ---- the images that both have ---- */

static void take_pair(comparison_list *list, sqlite3_stmt *row) {
  const char *name = (const char *)sqlite3_column_text(row, 0);
  double count = sqlite3_column_double(row, 1), sum = sqlite3_column_double(row, 2);
  double squares = sqlite3_column_double(row, 3);
  for (size_t i = 0; name && i < list->count; i++) {
    checkrob_class_comparison *c = &list->items[i];
    if (strcmp(c->name, name) != 0) continue;
    c->pairs = (size_t)count;
    c->rs_change = sum / count;
    if (count > 1) {
      double variance = fmax(squares - sum * sum / count, 0.0) / (count - 1);
      c->rs_change_error = sqrt(variance / count);
    }
  }
}

static checkrob_status pair_images(comparison_list *list, store *s) {
  static const char query[] =
      "SELECT k.name, count(*), sum(b.rs - a.rs), sum((b.rs - a.rs) * (b.rs - a.rs))"
      " FROM main.sample a JOIN main.class k ON k.id = a.class"
      " JOIN later.class l ON l.name = k.name"
      " JOIN temp.later_sample b ON b.image = a.image AND b.class = l.id"
      " WHERE a.rs IS NOT NULL GROUP BY k.name";
  /* Neither file has an index by image, and neither is ours to change. */
  checkrob_status status = store_run(
      s,
      "CREATE TEMP TABLE later_sample AS SELECT image, class, rs FROM later.sample WHERE rs IS NOT NULL;"
      "CREATE INDEX temp.later_image ON later_sample (image, class)",
      "read");
  sqlite3_stmt *select = NULL;
  if (!status) status = store_prepare(&select, s, query);
  int code = SQLITE_DONE;
  while (!status && (code = sqlite3_step(select)) == SQLITE_ROW) take_pair(list, select);
  if (!status && code != SQLITE_DONE) status = store_error(s, "read");
  sqlite3_finalize(select);
  sqlite3_exec(s->db, "DROP TABLE IF EXISTS temp.later_sample", NULL, NULL, NULL);
  return status;
}

static checkrob_status compare_images(comparison_list *list, store *before, const store *after) {
  /* Inside the handle's read transaction SQLite attaches nothing. */
  checkrob_status status = store_run(before, "COMMIT", "read");
  if (!status) status = store_attach(before, after->path, "later");
  if (!status) status = pair_images(list, before);
  sqlite3_exec(before->db, "DETACH later", NULL, NULL, NULL);
  if (sqlite3_get_autocommit(before->db)) sqlite3_exec(before->db, "BEGIN", NULL, NULL, NULL);
  return status;
}

/* By rising change of CRS; classes without one last, by name. */
static int by_change(const void *left, const void *right) {
  const checkrob_class_comparison *a = left, *b = right;
  double first = a->crs[1] - a->crs[0], second = b->crs[1] - b->crs[0];
  if (isnan(first) != isnan(second)) return isnan(first) ? 1 : -1;
  if (first < second || first > second) return first < second ? -1 : 1;
  return strcmp(a->name, b->name);
}

checkrob_status checkrob_results_compare(checkrob_results *before, checkrob_results *after,
                                         checkrob_comparison_callback callback, void *user_data) {
  if (!before || !after || !callback)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_results_compare: NULL argument");
  comparison_list list = {0};
  checkrob_status status = list_classes(&list, before, after);
  if (!status) status = compare_images(&list, &before->from, &after->from);
  if (!status && list.count > 0) qsort(list.items, list.count, sizeof *list.items, by_change);
  for (size_t i = 0; i < list.count && !status; i++)
    if (callback(&list.items[i], user_data) != 0)
      status = error_set(CHECKROB_ERROR_CANCELLED, "stopped by the comparison callback");
  free(list.items);
  return status;
}
