/* SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cells.h"
#include "command.h"
#include "terminal.h"

#define GAP 2            /* blanks between columns */
#define FEWEST_CELLS 24  /* a name is cut to this before a column is left out */
#define NARROWEST_NAME 6 /* and to this where the first columns alone are too wide */

typedef struct cell {
  char *text;
  const char *colour;
} cell;

struct table {
  const table_column *columns;
  size_t column_count;
  cell *cells; /* [rows, columns] */
  size_t count, capacity;
  int no_memory;
};

/* ---- collecting ---- */

table *table_new(const table_column *columns, size_t column_count) {
  table *t = calloc(1, sizeof *t);
  if (t) *t = (table){.columns = columns, .column_count = column_count};
  return t;
}

void table_free(table *t) {
  for (size_t i = 0; t && i < t->count; i++) free(t->cells[i].text);
  if (t) free(t->cells);
  free(t);
}

static void add(table *t, const char *text, const char *colour) {
  if (t->count == t->capacity) {
    size_t capacity = t->capacity ? 2 * t->capacity : 256;
    cell *grown = realloc(t->cells, capacity * sizeof *grown);
    if (grown) t->cells = grown;
    if (grown) t->capacity = capacity;
  }
  char *clean = t->count < t->capacity ? cells_clean(text) : NULL;
  if (clean)
    t->cells[t->count++] = (cell){clean, colour};
  else
    t->no_memory = 1;
}

void table_text(table *t, const char *text) {
  add(t, text, "");
}

void table_verdict(table *t, const char *text, const char *verdict) {
  add(t, text, verdict_colour(verdict));
}

/* Room for a number that is not absurd. */
#define NUMBER_BYTES 48

void table_number(table *t, double value, int digits) {
  char text[NUMBER_BYTES] = "-";
  if (isfinite(value)) snprintf(text, sizeof text, "%.*f", digits, value);
  add(t, text, "");
}

void table_change(table *t, double value, int digits) {
  char text[NUMBER_BYTES] = "-";
  if (isfinite(value)) snprintf(text, sizeof text, "%+.*f", digits, value);
  add(t, text, "");
}

size_t table_rows(const table *t) {
  return t->column_count > 0 ? t->count / t->column_count : 0;
}

/* ---- fitting ---- */

/* What is printed: the first `shown` columns, each so many cells wide. */
typedef struct layout {
  size_t *widths;
  size_t shown;
  int has_cut; /* names are cut */
} layout;

static int is_flexible(const table_column *column) {
  return column->kind == COLUMN_NAME || column->kind == COLUMN_PATH;
}

static size_t larger(size_t a, size_t b) {
  return a > b ? a : b;
}

/* As wide as its title and the longest of its texts. */
static size_t natural_width(const table *t, size_t column) {
  const table_column *c = &t->columns[column];
  size_t width = larger(cells_count(c->title), c->above ? cells_count(c->above) : 0);
  for (size_t i = column; i < t->count; i += t->column_count)
    width = larger(width, cells_count(t->cells[i].text));
  return width;
}

/* The width of the first `shown` columns, with names of at most `most` cells. */
static size_t total_width(const table *t, const size_t *widths, size_t shown, size_t most) {
  size_t total = 0;
  for (size_t i = 0; i < shown; i++) {
    int is_cut = is_flexible(&t->columns[i]) && widths[i] > most;
    total += (is_cut ? most : widths[i]) + (i > 0 ? GAP : 0);
  }
  return total;
}

/* The widest names for which the first columns fit; at least the narrowest. */
static size_t room_for_names(const table *t, const size_t *widths, size_t shown, size_t columns) {
  size_t most = columns;
  while (most > NARROWEST_NAME && total_width(t, widths, shown, most) > columns) most--;
  return most;
}

static void fit(layout *out, const table *t, size_t columns) {
  size_t keeps = t->column_count < 2 ? t->column_count : 2; /* the verdict and the class, say */
  while (out->shown > keeps && total_width(t, out->widths, out->shown, FEWEST_CELLS) > columns) {
    int is_pair = t->columns[out->shown - 1].kind == COLUMN_PAIR && out->shown - 1 > keeps;
    out->shown -= is_pair ? 2 : 1;
  }
  size_t most = room_for_names(t, out->widths, out->shown, columns);
  for (size_t i = 0; i < out->shown; i++)
    if (is_flexible(&t->columns[i]) && out->widths[i] > most) {
      out->widths[i] = most;
      out->has_cut = 1;
    }
}

/* ---- printing ---- */

#define ELLIPSIS "\xe2\x80\xa6" /* one cell */

/* The end of a text, in at most `cells` cells. */
static const char *end_of(const char *text, size_t cells) {
  size_t skipped = cells_count(text) - cells;
  const char *end = text;
  do {
    end = text + cells_prefix(text, skipped++); /* a wide character may be in the way */
  } while (cells_count(end) > cells);
  return end;
}

static void put_cut(FILE *file, const char *text, size_t width, column_kind kind) {
  if (cells_count(text) <= width)
    fputs(text, file);
  else if (kind == COLUMN_PATH)
    fprintf(file, ELLIPSIS "%s", end_of(text, width - 1));
  else
    fprintf(file, "%.*s" ELLIPSIS, (int)cells_prefix(text, width - 1), text);
}

/* A text in its column. No blanks follow the last one. */
static void put_cell(FILE *file, const table *t, const layout *l, size_t column, const cell *shown) {
  const table_column *c = &t->columns[column];
  size_t cells = cells_count(shown->text), width = l->widths[column];
  int blanks = cells < width ? (int)(width - cells) : 0;
  int is_right = c->kind == COLUMN_NUMBER || c->kind == COLUMN_PAIR;
  fprintf(file, "%*s", (column > 0 ? GAP : 0) + (is_right ? blanks : 0), "");
  fputs(shown->colour, file);
  put_cut(file, shown->text, width, c->kind);
  if (*shown->colour) fputs(colour_end(), file);
  if (!is_right && column + 1 < l->shown) fprintf(file, "%*s", blanks, "");
}

static void put_titles(FILE *file, const table *t, const layout *l) {
  int has_above = 0;
  for (size_t i = 0; i < l->shown; i++) has_above = has_above || t->columns[i].above;
  for (int line = has_above ? 0 : 1; line < 2; line++) {
    for (size_t i = 0; i < l->shown; i++) {
      const char *above = t->columns[i].above ? t->columns[i].above : "";
      put_cell(file, t, l, i, &(cell){(char *)(line == 0 ? above : t->columns[i].title), ""});
    }
    fputc('\n', file);
  }
}

/* "not shown: area, ERS (--wide shows all)" */
static void put_remark(FILE *file, const table *t, const layout *l, size_t columns) {
  char text[512] = "";
  size_t used = 0;
  if (l->shown == t->column_count && !l->has_cut) return;
  for (size_t i = l->shown; i < t->column_count && used < sizeof text; i++) {
    const char *above = t->columns[i].above ? t->columns[i].above : "";
    used += (size_t)snprintf(text + used, sizeof text - used, "%s%s%s%s", used ? ", " : "not shown: ", above,
                             *above ? " " : "", t->columns[i].title);
  }
  if (used < sizeof text)
    snprintf(text + used, sizeof text - used,
             used ? " (--wide shows them)" : "names are cut (--wide shows them whole)");
  put_wrapped(file, text, 0, 2, (int)columns);
}

static int no_memory(void) {
  return fail(EXIT_FAILED, "cannot print the table: out of memory");
}

int table_print(const table *t, FILE *file, int columns) {
  layout l = {.widths = calloc(t->column_count + 1, sizeof *l.widths), .shown = t->column_count};
  if (!l.widths || t->no_memory) {
    free(l.widths);
    return no_memory();
  }
  for (size_t i = 0; i < t->column_count; i++) l.widths[i] = natural_width(t, i);
  if (columns > 0) fit(&l, t, (size_t)columns);
  put_titles(file, t, &l);
  for (size_t row = 0; row < table_rows(t); row++) {
    for (size_t i = 0; i < l.shown; i++) put_cell(file, t, &l, i, &t->cells[row * t->column_count + i]);
    fputc('\n', file);
  }
  if (columns > 0) put_remark(file, t, &l, (size_t)columns);
  free(l.widths);
  return EXIT_OK;
}
