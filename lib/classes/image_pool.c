/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/image_pool.h"

#include <math.h>

#include "analysis/taken_for.h"
#include "base/number.h"
#include "table/sample.h"

enum { INPUT, IMAGE, STATUS, MESSAGE, CLASS, TITLE, OF_IMAGE };

#define INTEGER CHECKROB_COLUMN_INTEGER
#define TEXT CHECKROB_COLUMN_TEXT

static const column declared[OF_IMAGE] = {
    [INPUT] = {"input", INTEGER, "", 0, INFINITY, 0, 0, "number of the image in the pool"},
    [IMAGE] = {"image", TEXT, "", 0, 0, 0, 0, "the image; empty in a row that marks the end of a batch"},
    [STATUS] = {"status", TEXT, "", 0, 0, 0, 0, "`ok`, or why there is no answer, as in images.csv"},
    [MESSAGE] = {"message", TEXT, "", 0, 0, 0, 0, "the error message; empty for `ok`"},
    [CLASS] = {"class", TEXT, "", 0, 0, 0, 0,
               "name of the class that the image is taken for; empty if the class map does not have it"},
    [TITLE] = TITLE_COLUMN("title", TITLE_OF_CLASS)};

const column_list image_pool_columns = {declared, OF_IMAGE};

checkrob_status image_pool_start(row_list *list) {
  const column_list parts[] = {image_pool_columns, taken_for_columns};
  *list = (row_list){0};
  return row_layout_new(&list->layout, POOL_TABLE, parts, 2, NULL, 0);
}

static void copy_taken(checkrob_row *row, const checkrob_row *taken) {
  for (size_t i = 0; i < TAKEN_COLUMNS; i++) {
    if (taken_for_columns.columns[i].type == INTEGER)
      row_set_integer(row, OF_IMAGE + i, row_integer(taken, i));
    else
      row_set_number(row, OF_IMAGE + i, row_number(taken, i));
  }
}

checkrob_status image_pool_add(row_list *list, const checkrob_row *sample, const checkrob_row *taken,
                               const char *class_name, checkrob_status failure, const char *message) {
  checkrob_row *row = NULL;
  checkrob_status status = row_list_add(&row, list);
  if (!status) status = row_set_text(row, IMAGE, row_text(sample, SAMPLE_IMAGE));
  if (!status) status = row_set_text(row, STATUS, checkrob_status_name(failure));
  if (!status && failure) status = row_set_text(row, MESSAGE, message);
  if (!status && taken) status = row_set_text(row, CLASS, class_name);
  if (status) return status;
  row_set_integer(row, INPUT, row_integer(sample, SAMPLE_INPUT));
  if (taken) copy_taken(row, taken);
  return CHECKROB_OK;
}

/* ---- reading ---- */

#define LAST 1e18

static const row_order by_rank[] = {{"index", LAST, false},          {"feature", LAST, false},
                                    {"shows", 0.5, false},           {"probability", -1.0, true},
                                    {"relative_logit", -LAST, true}, {"input", LAST, false}};

typedef struct passing {
  checkrob_status (*take)(const checkrob_row *row, void *data);
  void *data;
} passing;

static checkrob_status take_image(const checkrob_row *row, void *data) {
  const passing *p = data;
  return row_has(row, IMAGE) ? p->take(row, p->data) : CHECKROB_OK;
}

checkrob_status image_pool_each(store *s, checkrob_status (*take)(const checkrob_row *row, void *data),
                                void *data) {
  row_list list;
  passing p = {take, data};
  checkrob_status status = image_pool_start(&list);
  if (!status)
    status = row_list_each_sorted(list.layout, s, by_rank, sizeof by_rank / sizeof *by_rank, take_image, &p);
  row_list_clear(&list);
  return status;
}

/* The input of the last mark. */
static checkrob_status take_mark(const checkrob_row *row, void *data) {
  if (!row_has(row, IMAGE)) *(int64_t *)data = row_integer(row, INPUT);
  return CHECKROB_OK;
}

checkrob_status image_pool_is_complete(bool *complete, store *s, const store_options *options) {
  const char *recorded = store_options_find(options, POOL_INPUTS);
  int64_t inputs = 0, last = -1;
  row_list list;
  *complete = true;
  if (!recorded || !number_parse_index(&inputs, recorded)) return CHECKROB_OK;
  checkrob_status status = image_pool_start(&list);
  if (!status) status = row_list_each(list.layout, s, take_mark, &last);
  row_list_clear(&list);
  *complete = last == inputs;
  return status;
}
