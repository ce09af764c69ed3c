/* SPDX-License-Identifier: Apache-2.0 */
#include "table/text.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/number.h"

/* ---- CSV ---- */

void csv_write_text(FILE *file, const char *text, char separator) {
  const char special[] = {separator, '"', '\r', '\n', '\0'};
  if (!strpbrk(text, special)) {
    fputs(text, file);
    return;
  }
  fputc('"', file);
  for (; *text; text++) {
    if (*text == '"') fputc('"', file);
    fputc(*text, file);
  }
  fputc('"', file);
}

void csv_write_number(FILE *file, double value, int digits, bool significant) {
  if (isfinite(value)) fputs(number_write(value, digits, significant).text, file);
}

/* The i-th exported column if it is in CSV; NULL for the others. */
static const column *csv_column(size_t *index, const row_layout *layout, size_t i) {
  *index = row_layout_in_order(layout, i);
  const column *c = row_layout_column(layout, *index);
  return c->flags & (COLUMN_HIDDEN | COLUMN_NO_CSV) ? NULL : c;
}

void csv_write_head(FILE *file, const row_layout *layout) {
  const char *separator = "";
  for (size_t i = 0; i < row_layout_count(layout); i++) {
    size_t index;
    const column *c = csv_column(&index, layout, i);
    if (!c) continue;
    fprintf(file, "%s%s", separator, c->name);
    separator = ",";
  }
  fputc('\n', file);
}

static void write_csv_value(FILE *file, const checkrob_row *row, size_t index, const column *c) {
  switch (c->type) {
    case CHECKROB_COLUMN_INTEGER:
      if (row_has(row, index)) fprintf(file, "%lld", (long long)row_integer(row, index));
      return;
    case CHECKROB_COLUMN_NUMBER:
      csv_write_number(file, row_number(row, index), c->digits, (c->flags & COLUMN_SIGNIFICANT) != 0);
      return;
    case CHECKROB_COLUMN_TEXT:
      csv_write_text(file, row_text(row, index), ',');
      return;
    case CHECKROB_COLUMN_FLOATS:
    case CHECKROB_COLUMN_DOUBLES:
      return; /* arrays are not written to CSV */
  }
}

void csv_write_row(FILE *file, const checkrob_row *row) {
  const row_layout *layout = row_layout_of(row);
  bool first = true;
  for (size_t i = 0; i < row_layout_count(layout); i++) {
    size_t index;
    const column *c = csv_column(&index, layout, i);
    if (!c) continue;
    if (!first) fputc(',', file);
    first = false;
    write_csv_value(file, row, index, c);
  }
  fputc('\n', file);
}

/* ---- JSON lines ---- */

static json_t *floats_json(const float *values, size_t count) {
  json_t *list = json_array();
  for (size_t i = 0; i < count; i++) json_array_append_new(list, json_number((double)values[i]));
  return list;
}

static json_t *doubles_json(const double *values, size_t count) {
  json_t *list = json_array();
  for (size_t i = 0; i < count; i++) json_array_append_new(list, json_number(values[i]));
  return list;
}

json_t *json_cell(const checkrob_row *row, size_t index) {
  const column *c = row_layout_column(row_layout_of(row), index);
  size_t count = 0;
  if (c->type == CHECKROB_COLUMN_TEXT) return json_string(row_text(row, index));
  if (!row_has(row, index)) return json_null();
  const float *floats = row_floats(&count, row, index);
  if (floats) return floats_json(floats, count);
  const double *doubles = row_doubles(&count, row, index);
  if (doubles) return doubles_json(doubles, count);
  return c->type == CHECKROB_COLUMN_INTEGER ? json_integer(row_integer(row, index))
                                            : json_number(row_number(row, index));
}

static bool add_columns(json_t *object, const checkrob_row *row) {
  const row_layout *layout = row_layout_of(row);
  for (size_t i = 0; i < row_layout_count(layout); i++) {
    size_t index = row_layout_in_order(layout, i);
    const column *c = row_layout_column(layout, index);
    if (c->flags & COLUMN_HIDDEN) continue;
    if (json_object_set_new(object, c->name, json_cell(row, index)) != 0) return false;
  }
  return true;
}

static bool add_child(json_t *list, const checkrob_row *child) {
  json_t *object = json_object();
  if (object && add_columns(object, child)) return json_array_append_new(list, object) == 0;
  json_decref(object);
  return false;
}

static bool add_children(json_t *object, const checkrob_row *row) {
  const row_layout *layout = row_layout_of(row);
  for (size_t c = 0; c < row_layout_child_count(layout); c++) {
    const row_layout *child = row_layout_child(layout, c);
    if (row_layout_flags(child) & CHILD_HIDDEN) continue;
    json_t *list = json_array();
    bool good = list != NULL;
    for (size_t i = 0; i < row_child_count(row, c) && good; i++) good = add_child(list, row_child(row, c, i));
    if (json_object_set_new(object, row_layout_table(child), list) != 0 || !good) return false;
  }
  return true;
}

checkrob_status json_write_row(FILE *file, const checkrob_row *row) {
  json_watch();
  json_t *object = json_object();
  if (!object) return error_memory("a line of JSON");
  bool good = add_columns(object, row) && add_children(object, row) &&
              json_dumpf(object, file, JSON_COMPACT | JSON_REAL_PRECISION(9)) == 0;
  fputc('\n', file);
  json_decref(object);
  if (json_ran_short()) return error_memory("a line of JSON");
  if (good || ferror(file)) return CHECKROB_OK; /* the caller that closes the file reports its errors */
  return error_memory("a line of JSON");
}
