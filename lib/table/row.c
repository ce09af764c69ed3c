/* SPDX-License-Identifier: Apache-2.0 */
#include "table/row.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/utf8.h"

/* The memory of a text or an array stays with the cell, and is reused for the next value. */
typedef struct cell {
  bool holds;
  union {
    int64_t integer;
    double number;
  } value;
  void *memory;
  size_t bytes, capacity; /* of a text or an array */
} cell;

typedef struct child_rows {
  checkrob_row **rows; /* [capacity] */
  size_t count, made, capacity;
} child_rows;

struct checkrob_row {
  const row_layout *layout;
  cell *cells;
  child_rows *children; /* one for each child table */
};

/* ---- making and freeing ---- */

checkrob_status row_new(checkrob_row **out, const row_layout *layout) {
  checkrob_row *row = calloc(1, sizeof *row);
  if (!row) return error_memory("a row");
  row->layout = layout;
  row->cells = calloc(row_layout_count(layout) + 1, sizeof *row->cells);
  row->children = calloc(row_layout_child_count(layout) + 1, sizeof *row->children);
  if (!row->cells || !row->children) {
    row_free(row);
    return error_memory("a row");
  }
  *out = row;
  return CHECKROB_OK;
}

void row_free(checkrob_row *row) {
  if (!row) return;
  for (size_t i = 0; row->cells && i < row_layout_count(row->layout); i++) free(row->cells[i].memory);
  for (size_t c = 0; row->children && c < row_layout_child_count(row->layout); c++) {
    for (size_t i = 0; i < row->children[c].made; i++) row_free(row->children[c].rows[i]);
    free(row->children[c].rows);
  }
  free(row->cells);
  free(row->children);
  free(row);
}

void row_clear(checkrob_row *row) {
  for (size_t i = 0; i < row_layout_count(row->layout); i++) row->cells[i].holds = false;
  for (size_t c = 0; c < row_layout_child_count(row->layout); c++) row->children[c].count = 0;
}

const row_layout *row_layout_of(const checkrob_row *row) {
  return row->layout;
}

/* ---- writing ---- */

/* NULL if the column has another type. */
static cell *cell_of(checkrob_row *row, size_t index, checkrob_column_type type) {
  if (index >= row_layout_count(row->layout)) return NULL;
  return row_layout_column(row->layout, index)->type == type ? &row->cells[index] : NULL;
}

void row_set_integer(checkrob_row *row, size_t index, int64_t value) {
  cell *c = cell_of(row, index, CHECKROB_COLUMN_INTEGER);
  if (!c) return;
  c->holds = value >= 0;
  c->value.integer = value;
}

void row_set_number(checkrob_row *row, size_t index, double value) {
  cell *c = cell_of(row, index, CHECKROB_COLUMN_NUMBER);
  if (!c) return;
  c->holds = isfinite(value);
  c->value.number = value;
}

void row_unset(checkrob_row *row, size_t index) {
  if (index < row_layout_count(row->layout)) row->cells[index].holds = false;
}

/* `values` may be the array that is in the cell. */
static checkrob_status set_memory(cell *c, const void *values, size_t bytes) {
  if (!c) return CHECKROB_OK;
  if (!values) {
    c->holds = false;
    return CHECKROB_OK;
  }
  if (bytes > c->capacity || !c->memory) {
    void *grown = malloc(bytes ? bytes : 1);
    if (!grown) return error_memory("a row");
    memcpy(grown, values, bytes);
    free(c->memory);
    c->memory = grown;
    c->capacity = bytes;
  } else {
    memmove(c->memory, values, bytes);
  }
  c->bytes = bytes;
  c->holds = true;
  return CHECKROB_OK;
}

checkrob_status row_set_text(checkrob_row *row, size_t index, const char *text) {
  if (text && !utf8_is_valid(text)) {
    char *escaped = utf8_escaped(text);
    if (!escaped) return error_memory("a row");
    checkrob_status status =
        set_memory(cell_of(row, index, CHECKROB_COLUMN_TEXT), escaped, strlen(escaped) + 1);
    free(escaped);
    return status;
  }
  return set_memory(cell_of(row, index, CHECKROB_COLUMN_TEXT), text, text ? strlen(text) + 1 : 0);
}

checkrob_status row_set_floats(checkrob_row *row, size_t index, const float *values, size_t count) {
  return set_memory(cell_of(row, index, CHECKROB_COLUMN_FLOATS), values, count * sizeof *values);
}

checkrob_status row_set_doubles(checkrob_row *row, size_t index, const double *values, size_t count) {
  return set_memory(cell_of(row, index, CHECKROB_COLUMN_DOUBLES), values, count * sizeof *values);
}

/* The cell of an array of either type. */
static cell *array_cell(checkrob_row *row, size_t index) {
  cell *c = cell_of(row, index, CHECKROB_COLUMN_FLOATS);
  return c ? c : cell_of(row, index, CHECKROB_COLUMN_DOUBLES);
}

checkrob_status row_set_array(checkrob_row *row, size_t index, const void *bytes, size_t count) {
  return set_memory(array_cell(row, index), bytes, count);
}

void row_put_integer(checkrob_row *row, const char *name, int64_t value) {
  row_set_integer(row, row_layout_find(row->layout, name), value);
}

void row_put_number(checkrob_row *row, const char *name, double value) {
  row_set_number(row, row_layout_find(row->layout, name), value);
}

checkrob_status row_put_text(checkrob_row *row, const char *name, const char *text) {
  return row_set_text(row, row_layout_find(row->layout, name), text);
}

/* ---- reading ---- */

/* NULL if the column has another type or no value. */
static const cell *held(const checkrob_row *row, size_t index, checkrob_column_type type) {
  const cell *c = cell_of((checkrob_row *)row, index, type); /* only read */
  return c && c->holds ? c : NULL;
}

bool row_has(const checkrob_row *row, size_t index) {
  return index < row_layout_count(row->layout) && row->cells[index].holds;
}

int64_t row_integer(const checkrob_row *row, size_t index) {
  const cell *c = held(row, index, CHECKROB_COLUMN_INTEGER);
  return c ? c->value.integer : -1;
}

double row_number(const checkrob_row *row, size_t index) {
  const cell *c = held(row, index, CHECKROB_COLUMN_NUMBER);
  if (c) return c->value.number;
  c = held(row, index, CHECKROB_COLUMN_INTEGER);
  return c ? (double)c->value.integer : NAN;
}

const char *row_text(const checkrob_row *row, size_t index) {
  const cell *c = held(row, index, CHECKROB_COLUMN_TEXT);
  return c ? c->memory : "";
}

static const void *array_of(size_t *count, const cell *c, size_t item_bytes) {
  *count = c ? c->bytes / item_bytes : 0;
  return c ? c->memory : NULL;
}

const float *row_floats(size_t *count, const checkrob_row *row, size_t index) {
  return array_of(count, held(row, index, CHECKROB_COLUMN_FLOATS), sizeof(float));
}

const double *row_doubles(size_t *count, const checkrob_row *row, size_t index) {
  return array_of(count, held(row, index, CHECKROB_COLUMN_DOUBLES), sizeof(double));
}

const void *row_array(size_t *bytes, const checkrob_row *row, size_t index) {
  const cell *c = array_cell((checkrob_row *)row, index); /* only read */
  return array_of(bytes, c && c->holds ? c : NULL, 1);
}

/* ---- children ---- */

checkrob_status row_add_child(checkrob_row **out, checkrob_row *row, size_t child) {
  if (child >= row_layout_child_count(row->layout))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "table %s has no such child table",
                     row_layout_table(row->layout));
  child_rows *list = &row->children[child];
  const row_layout *layout = row_layout_child(row->layout, child);
  if (list->count > 0 && row_layout_flags(layout) & CHILD_ONE) {
    *out = list->rows[0];
    return CHECKROB_OK;
  }
  if (list->count == list->made) {
    checkrob_row **rows = array_grow(list->rows, &list->capacity, list->made, sizeof *rows);
    if (!rows) return error_memory("a row");
    list->rows = rows;
    checkrob_status status = row_new(&rows[list->made], layout);
    if (status) return status;
    list->made++;
  }
  *out = list->rows[list->count++];
  row_clear(*out);
  return CHECKROB_OK;
}

void row_clear_children(checkrob_row *row, size_t child) {
  if (child < row_layout_child_count(row->layout)) row->children[child].count = 0;
}

size_t row_child_count(const checkrob_row *row, size_t child) {
  return child < row_layout_child_count(row->layout) ? row->children[child].count : 0;
}

const checkrob_row *row_child(const checkrob_row *row, size_t child, size_t i) {
  return i < row_child_count(row, child) ? row->children[child].rows[i] : NULL;
}

static checkrob_status copy_cell(cell *to, const cell *from) {
  to->value = from->value;
  to->holds = from->holds;
  return from->holds && from->memory ? set_memory(to, from->memory, from->bytes) : CHECKROB_OK;
}

static checkrob_status copy_values(checkrob_row *to, const checkrob_row *from) {
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < row_layout_count(from->layout) && !status; i++)
    status = copy_cell(&to->cells[i], &from->cells[i]);
  for (size_t c = 0; c < row_layout_child_count(from->layout); c++)
    for (size_t i = 0; i < from->children[c].count && !status; i++) {
      checkrob_row *child = NULL;
      status = row_add_child(&child, to, c);
      if (!status) status = copy_values(child, from->children[c].rows[i]);
    }
  return status;
}

checkrob_status row_copy(checkrob_row **out, const checkrob_row *row) {
  checkrob_row *copy = NULL;
  checkrob_status status = row_new(&copy, row->layout);
  if (!status) status = copy_values(copy, row);
  if (status)
    row_free(copy);
  else
    *out = copy;
  return status;
}

/* ---- the public accessors ---- */

static size_t find(const checkrob_row *row, const char *name) {
  return row && name ? row_layout_find(row->layout, name) : ROW_NO_COLUMN;
}

int checkrob_row_has(const checkrob_row *row, const char *name) {
  return row && row_has(row, find(row, name));
}

double checkrob_row_number(const checkrob_row *row, const char *name) {
  return row ? row_number(row, find(row, name)) : NAN;
}

int64_t checkrob_row_integer(const checkrob_row *row, const char *name) {
  return row ? row_integer(row, find(row, name)) : -1;
}

const char *checkrob_row_text(const checkrob_row *row, const char *name) {
  return row ? row_text(row, find(row, name)) : "";
}

const float *checkrob_row_floats(size_t *count, const checkrob_row *row, const char *name) {
  size_t unwanted = 0;
  if (!count) count = &unwanted;
  return row ? row_floats(count, row, find(row, name)) : (*count = 0, NULL);
}

const double *checkrob_row_doubles(size_t *count, const checkrob_row *row, const char *name) {
  size_t unwanted = 0;
  if (!count) count = &unwanted;
  return row ? row_doubles(count, row, find(row, name)) : (*count = 0, NULL);
}

size_t checkrob_row_child_count(const checkrob_row *row, const char *table) {
  return row && table ? row_child_count(row, row_layout_find_child(row->layout, table)) : 0;
}

const checkrob_row *checkrob_row_child(const checkrob_row *row, const char *table, size_t i) {
  return row && table ? row_child(row, row_layout_find_child(row->layout, table), i) : NULL;
}

size_t checkrob_row_column_count(const checkrob_row *row) {
  return row ? row_layout_count(row->layout) : 0;
}

checkrob_status checkrob_row_column(checkrob_column_info *out, const checkrob_row *row, size_t i) {
  if (!out || i >= checkrob_row_column_count(row))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_row_column: NULL argument, or there is no column %zu", i);
  const row_layout *layout = row->layout;
  return column_describe(out, row_layout_table(layout),
                         row_layout_column(layout, row_layout_in_order(layout, i)));
}
