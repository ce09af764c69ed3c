/* SPDX-License-Identifier: Apache-2.0 */
#include "html/tables.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "html/json_out.h"
#include "table/text.h"

#define MOST_ROWS 12 /* of a class */
#define MOST_COLUMNS 256

/* A table whose rows arrive one by one. */
typedef struct collecting {
  const char *table;
  json_t *rows; /* each with all columns of the layout */
  size_t columns;
  bool used[MOST_COLUMNS];
  json_t *heads;   /* [columns]: name, unit, description */
  int64_t index;   /* class of the last row */
  size_t of_class; /* rows of this class */
  checkrob_status status;
} collecting;

/* ---- which rows say something ---- */

static bool is_shown(const checkrob_row *row, const char *table) {
  if (strcmp(table, "looked_at") == 0)
    return checkrob_row_number(row, "q") <= 0.05 &&
           checkrob_row_number(row, "share") > checkrob_row_number(row, "expected");
  if (strcmp(table, "cue") == 0) return checkrob_row_integer(row, "predicts") == 1;
  if (strcmp(table, "feature") == 0)
    return checkrob_row_integer(row, "spurious") == 1 ||
           strcmp(checkrob_row_text(row, "kind"), "together") == 0;
  if (strcmp(table, "pasted") == 0) return checkrob_row_integer(row, "fooled") > 0;
  if (strcmp(table, "pool") == 0)
    return checkrob_row_has(row, "feature") && checkrob_row_integer(row, "shows") != 1;
  return true;
}

/* The tables are sorted by class, or nearly: those that are not show a few rows more. */
static bool has_room(collecting *c, const checkrob_row *row) {
  int64_t index = checkrob_row_integer(row, "index");
  if (index != c->index) c->of_class = 0;
  c->index = index;
  return c->of_class++ < MOST_ROWS;
}

/* ---- rows ---- */

static void add_heads(collecting *c, const row_layout *layout) {
  c->columns = row_layout_count(layout) < MOST_COLUMNS ? row_layout_count(layout) : MOST_COLUMNS;
  c->heads = json_array();
  for (size_t i = 0; i < c->columns; i++) {
    const column *of = row_layout_column(layout, row_layout_in_order(layout, i));
    json_array_append_new(c->heads, json_pack("[s, s, s]", of->name, of->unit, of->description));
  }
}

static bool is_value(const json_t *value) {
  return !json_is_null(value) && !(json_is_string(value) && json_string_length(value) == 0);
}

static void add_row(collecting *c, const checkrob_row *row) {
  const row_layout *layout = row_layout_of(row);
  if (!c->heads) add_heads(c, layout);
  json_t *cells = json_array();
  bool good = cells && c->heads;
  for (size_t i = 0; i < c->columns && good; i++) {
    size_t index = row_layout_in_order(layout, i);
    bool hidden = (row_layout_column(layout, index)->flags & COLUMN_HIDDEN) != 0;
    json_t *value = hidden ? json_null() : json_cell(row, index);
    good = json_array_append_new(cells, value) == 0;
    if (good && is_value(value)) c->used[i] = true;
  }
  if (json_array_append_new(c->rows, cells) != 0 || !good || json_ran_short())
    c->status = error_memory("the report");
}

static int take(const checkrob_row *row, void *data) {
  collecting *c = data;
  if (!c->table || (is_shown(row, c->table) && has_room(c, row))) add_row(c, row);
  return c->status != CHECKROB_OK;
}

/* Columns without any value are left out. */
static json_t *reduce(const collecting *c, const json_t *all) {
  json_t *kept = json_array();
  for (size_t i = 0; i < c->columns; i++)
    if (c->used[i]) json_array_append(kept, json_array_get(all, i));
  return kept;
}

static checkrob_status finish(collecting *c, FILE *to, checkrob_status status) {
  if (c->status) status = error_memory("the report"); /* the message is that of an interruption */
  fputs("{\"columns\":", to);
  if (!status) status = json_out(to, c->heads ? reduce(c, c->heads) : json_array());
  fputs(",\"rows\":[", to);
  for (size_t i = 0; i < json_array_size(c->rows) && !status; i++) {
    if (i > 0) fputs(",\n", to);
    status = json_out(to, reduce(c, json_array_get(c->rows, i)));
  }
  fputs("]}", to);
  json_decref(c->heads);
  json_decref(c->rows);
  return status;
}

static collecting collect(const char *table) {
  return (collecting){.table = table, .rows = json_array(), .index = -1};
}

/* ---- tables ---- */

checkrob_status tables_write_classes(FILE *to, checkrob_results *results) {
  collecting c = collect(NULL);
  checkrob_status status = checkrob_results_table(results, "class", take, &c);
  return finish(&c, to, status);
}

checkrob_status tables_write_rows(FILE *to, checkrob_results *results, const char *table) {
  collecting c = collect(table);
  checkrob_status status = checkrob_results_table(results, table, take, &c);
  return finish(&c, to, status);
}

checkrob_status tables_write_comparison(FILE *to, checkrob_results *before, checkrob_results *after) {
  collecting c = collect(NULL);
  checkrob_status status = checkrob_results_compare(before, after, take, &c);
  return finish(&c, to, status);
}
