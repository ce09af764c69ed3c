/* SPDX-License-Identifier: Apache-2.0 */
/* Compares two results files, class by class. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "results/results.h"

#define INTEGER CHECKROB_COLUMN_INTEGER
#define NUMBER CHECKROB_COLUMN_NUMBER
#define TEXT CHECKROB_COLUMN_TEXT

/* Columns of the class whose values before and after are compared. */
static const char *const compared[] = {"images", "acc", "crs", "ers", "robustness", "verdict"};

static const column columns[] = {
    {"class", TEXT, "", 0, 0, 0, 0, "first name in the class map"},
    {"index", INTEGER, "", 0, INFINITY, 0, 0,
     "output index, in the first of the two files that has the class"},
    TITLE_COLUMN("title", TITLE_OF_CLASS),
    {"images_before", INTEGER, "samples", 0, INFINITY, 0, 0, "samples evaluated; empty without the class"},
    {"images_after", INTEGER, "samples", 0, INFINITY, 0, 0, "the same in the second file"},
    {"acc_before", NUMBER, "", 0, 1, 6, 0, "accuracy; empty without images"},
    {"acc_after", NUMBER, "", 0, 1, 6, 0, "the same in the second file"},
    {"crs_before", NUMBER, "", 0, 1, 6, 0, "mean of `rs`; empty without images"},
    {"crs_after", NUMBER, "", 0, 1, 6, 0, "the same in the second file"},
    {"pairs", INTEGER, "samples", 0, INFINITY, 0, 0, "samples of images that both evaluated"},
    {"rs_change", NUMBER, "", -1, 1, 6, 0,
     "mean over the pairs of the second's `rs` less the first's; empty without pairs"},
    {"rs_change_error", NUMBER, "", 0, INFINITY, 6, 0, "its standard error; empty with fewer than two pairs"},
    {"ers_before", NUMBER, "", -INFINITY, 1, 6, 0, "excess robustness"},
    {"ers_after", NUMBER, "", -INFINITY, 1, 6, 0, "the same in the second file"},
    {"robustness_before", NUMBER, "nats", -INFINITY, INFINITY, 6, 0, "robustness"},
    {"robustness_after", NUMBER, "nats", -INFINITY, INFINITY, 6, 0, "the same in the second file"},
    {"verdict_before", TEXT, "", 0, 0, 0, 0, "verdict; empty without the class"},
    {"verdict_after", TEXT, "", 0, 0, 0, 0, "the same in the second file"}};

const column_list comparison_columns = {columns, sizeof columns / sizeof *columns};

/* Copies one column of a class to the column NAME_before or NAME_after, which has the same type. */
static checkrob_status copy_column(checkrob_row *out, const checkrob_row *row, const char *name,
                                   const char *side) {
  char *own = text_format("%s_%s", name, side);
  if (!own) return error_memory("a comparison");
  checkrob_status status = CHECKROB_OK;
  row_put_integer(out, own, checkrob_row_integer(row, name));
  row_put_number(out, own, checkrob_row_number(row, name));
  if (checkrob_row_has(row, name) && *checkrob_row_text(row, name))
    status = row_put_text(out, own, checkrob_row_text(row, name));
  free(own);
  return status;
}

/* Of the first file that has one. */
static checkrob_status put_title(checkrob_row *out, const checkrob_row *before, const checkrob_row *after) {
  const checkrob_row *from = before && checkrob_row_has(before, "title") ? before : after;
  if (!from || !checkrob_row_has(from, "title")) return CHECKROB_OK;
  return row_put_text(out, "title", checkrob_row_text(from, "title"));
}

/* Either may be NULL. */
static checkrob_status add_class(row_list *list, const checkrob_row *before, const checkrob_row *after) {
  const checkrob_row *first = before ? before : after;
  checkrob_row *out = NULL;
  checkrob_status status = row_list_add(&out, list);
  if (status) return status;
  status = row_put_text(out, "class", checkrob_row_text(first, "class"));
  row_put_integer(out, "index", checkrob_row_integer(first, "index"));
  if (!status) status = put_title(out, before, after);
  row_put_integer(out, "pairs", 0);
  for (size_t i = 0; i < sizeof compared / sizeof *compared && !status; i++) {
    if (before) status = copy_column(out, before, compared[i], "before");
    if (!status && after) status = copy_column(out, after, compared[i], "after");
  }
  return status;
}

static checkrob_status list_classes(row_list *list, const checkrob_results *before,
                                    const checkrob_results *after) {
  checkrob_status status = row_layout_new(&list->layout, "comparison", &comparison_columns, 1, NULL, 0);
  for (size_t i = 0; i < before->classes.classes.count && !status; i++) {
    const checkrob_row *row = before->classes.classes.rows[i];
    status = add_class(list, row, results_find_class(after, checkrob_row_text(row, "class")));
  }
  for (size_t i = 0; i < after->classes.classes.count && !status; i++) {
    const checkrob_row *row = after->classes.classes.rows[i];
    if (!results_find_class(before, checkrob_row_text(row, "class"))) status = add_class(list, NULL, row);
  }
  return status;
}

static void take_change(const paired_change *change, void *data) {
  row_list *list = data;
  double count = change->count, sum = change->sum;
  for (size_t i = 0; i < list->count; i++) {
    checkrob_row *row = list->rows[i];
    if (strcmp(checkrob_row_text(row, "class"), change->class_name) != 0) continue;
    row_put_integer(row, "pairs", (int64_t)count);
    row_put_number(row, "rs_change", sum / count);
    if (count > 1) {
      double variance = fmax(change->squares - sum * sum / count, 0.0) / (count - 1);
      row_put_number(row, "rs_change_error", sqrt(variance / count));
    }
  }
}

static double change_of_crs(const checkrob_row *row) {
  return checkrob_row_number(row, "crs_after") - checkrob_row_number(row, "crs_before");
}

/* Sorted by rising change of CRS; classes without a change are last, by name. */
static int by_change(const void *left, const void *right) {
  const checkrob_row *a = *(const checkrob_row *const *)left;
  const checkrob_row *b = *(const checkrob_row *const *)right;
  double first = change_of_crs(a), second = change_of_crs(b);
  if (isnan(first) != isnan(second)) return isnan(first) ? 1 : -1;
  if (first < second || first > second) return first < second ? -1 : 1;
  return strcmp(checkrob_row_text(a, "class"), checkrob_row_text(b, "class"));
}

checkrob_status results_compare(row_list *out, checkrob_results *before, checkrob_results *after) {
  checkrob_status status = list_classes(out, before, after);
  if (!status) status = store_pair_samples(before->from, after->from, "rs", take_change, out);
  if (!status && out->count > 0) qsort(out->rows, out->count, sizeof *out->rows, by_change);
  return status;
}

checkrob_status checkrob_results_compare(checkrob_results *before, checkrob_results *after,
                                         checkrob_row_callback callback, void *user_data) {
  if (!before || !after || !callback)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_results_compare: NULL argument");
  row_list list = {0};
  checkrob_status status = results_compare(&list, before, after);
  for (size_t i = 0; i < list.count && !status; i++)
    if (callback(list.rows[i], user_data) != 0)
      status = error_set(CHECKROB_ERROR_INTERRUPTED, "the callback interrupted the comparison");
  row_list_clear(&list);
  return status;
}
