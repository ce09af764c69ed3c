/* SPDX-License-Identifier: Apache-2.0 */
#include "table/row_list.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/error.h"
#include "table/titles.h"

void row_list_empty(row_list *list) {
  for (size_t i = 0; i < list->count; i++) row_free(list->rows[i]);
  list->count = 0;
}

void row_list_clear(row_list *list) {
  row_list_empty(list);
  free(list->rows);
  row_layout_free(list->layout);
  *list = (row_list){0};
}

static checkrob_status grow(row_list *list) {
  checkrob_row **rows = array_grow(list->rows, &list->capacity, list->count, sizeof(checkrob_row *));
  if (!rows) return error_memory("the rows of a table");
  list->rows = rows;
  return CHECKROB_OK;
}

checkrob_status row_list_add(checkrob_row **out, row_list *list) {
  checkrob_status status = grow(list);
  if (!status) status = row_new(&list->rows[list->count], list->layout);
  if (!status) *out = list->rows[list->count++];
  return status;
}

checkrob_status row_list_write(const row_list *list, store *s) {
  return store_replace(s, list->layout, (const checkrob_row *const *)list->rows, list->count);
}

static checkrob_status copy_rows(row_list *list, table_reader *reader, size_t most) {
  checkrob_row *row = NULL;
  checkrob_status status = CHECKROB_OK;
  while (list->count < most && !(status = table_reader_next(&row, reader))) {
    status = grow(list);
    if (!status) status = row_copy(&list->rows[list->count], row);
    if (status) return status;
    list->count++;
  }
  return status == CHECKROB_END ? CHECKROB_OK : status;
}

/* Leaves no titles if rows of this layout have none. */
static checkrob_status read_titles(titles *out, const row_layout *layout, store *s) {
  *out = (titles){0};
  return titles_are_in(layout) ? titles_read(out, s) : CHECKROB_OK;
}

checkrob_status row_list_title(row_list *list, store *s) {
  titles names;
  if (!list->layout) return CHECKROB_OK;
  checkrob_status status = read_titles(&names, list->layout, s);
  for (size_t i = 0; i < list->count && !status; i++) status = titles_put(list->rows[i], &names);
  titles_clear(&names);
  return status;
}

static checkrob_status find(bool *found, const row_layout *layout, store *s) {
  row_layout *stored = NULL;
  checkrob_status status = store_layout(&stored, s, row_layout_table(layout));
  *found = !status && stored && row_layout_fits(layout, stored);
  row_layout_free(stored);
  return status;
}

checkrob_status row_list_read(bool *found, row_list *list, store *s, size_t most) {
  table_reader *reader = NULL;
  checkrob_status status = find(found, list->layout, s);
  if (status || !*found) return status;
  status = table_reader_open(&reader, s, list->layout);
  if (!status) status = copy_rows(list, reader, most);
  table_reader_close(reader);
  return status ? status : row_list_title(list, s);
}

static checkrob_status each(const row_layout *layout, store *s, const row_order *order, size_t count,
                            checkrob_status (*take)(const checkrob_row *row, void *data), void *data) {
  table_reader *reader = NULL;
  checkrob_row *row = NULL;
  titles names;
  bool found = false;
  checkrob_status status = find(&found, layout, s);
  if (status || !found) return status;
  status = read_titles(&names, layout, s);
  if (!status) status = table_reader_open_sorted(&reader, s, layout, order, count);
  while (!status && !(status = table_reader_next(&row, reader))) {
    status = titles_put(row, &names);
    if (!status) status = take(row, data);
  }
  table_reader_close(reader);
  titles_clear(&names);
  return status == CHECKROB_END ? CHECKROB_OK : status;
}

checkrob_status row_list_each(const row_layout *layout, store *s,
                              checkrob_status (*take)(const checkrob_row *row, void *data), void *data) {
  return each(layout, s, NULL, 0, take, data);
}

checkrob_status row_list_each_sorted(const row_layout *layout, store *s, const row_order *order, size_t count,
                                     checkrob_status (*take)(const checkrob_row *row, void *data),
                                     void *data) {
  return each(layout, s, order, count, take, data);
}
