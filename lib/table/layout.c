/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/structure.h"
#include "base/text.h"
#include "table/row.h"

/* The layout of a child table has no children. The same functions make it as a table with one part. */
struct row_layout {
  char *table, *description;
  unsigned flags;
  column *columns; /* [count]; it owns its strings */
  size_t count;
  size_t *order; /* [count] */
  size_t *bases; /* [part_count] */
  size_t part_count;
  row_layout **children; /* [child_count] */
  size_t child_count;
};

/* ---- columns ---- */

checkrob_status column_describe(checkrob_column_info *out, const char *table, const column *declared) {
  checkrob_column_export exported = declared->flags & COLUMN_HIDDEN   ? CHECKROB_COLUMN_NOT_EXPORTED
                                    : declared->flags & COLUMN_NO_CSV ? CHECKROB_COLUMN_IN_JSON
                                                                      : CHECKROB_COLUMN_IN_CSV_AND_JSON;
  checkrob_column_info info = {.size = sizeof info,
                               .table = table,
                               .name = declared->name,
                               .type = declared->type,
                               .unit = declared->unit,
                               .low = declared->low,
                               .high = declared->high,
                               .description = declared->description,
                               .exported = exported,
                               .derived = !column_is_stored(declared)};
  return structure_give(out, &info, sizeof info);
}

const char *checkrob_column_type_name(checkrob_column_type type) {
  switch (type) {
    case CHECKROB_COLUMN_INTEGER:
      return "integer";
    case CHECKROB_COLUMN_NUMBER:
      return "number";
    case CHECKROB_COLUMN_TEXT:
      return "text";
    case CHECKROB_COLUMN_FLOATS:
      return "floats";
    case CHECKROB_COLUMN_DOUBLES:
      return "doubles";
  }
  return "";
}

/* Columns by which a results file links its rows. */
static bool is_reserved(const char *name) {
  return strcmp(name, "id") == 0 || strcmp(name, "sample") == 0 || strcmp(name, "position") == 0;
}

/* Names are used as identifiers in SQL and as keys in JSON. */
static bool is_identifier(const char *name) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
  static const char others[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
  return *name && strchr(letters, *name) && strspn(name, others) == strlen(name);
}

/* ---- building ---- */

static checkrob_status add_column(row_layout *layout, const column *declared) {
  if (!is_identifier(declared->name) || is_reserved(declared->name))
    return error_set(
        CHECKROB_ERROR_INVALID_ARGUMENT,
        "table %s: '%s' is not allowed as the name of a column; use lower-case letters, digits and "
        "underscores, and not id, sample or position",
        layout->table, declared->name);
  if (row_layout_find(layout, declared->name) != ROW_NO_COLUMN)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "table %s: column '%s' is declared twice; rename one of them", layout->table,
                     declared->name);
  column *own = &layout->columns[layout->count++];
  *own = *declared;
  char *name = text_copy(declared->name), *unit = text_copy(declared->unit);
  char *description = text_copy(declared->description);
  own->name = name;
  own->unit = unit;
  own->description = description;
  return name && unit && description ? CHECKROB_OK : error_memory("the columns of a table");
}

/* Columns with COLUMN_LAST are after all others; otherwise the order is that of the declaration. */
static void fill_order(row_layout *layout) {
  size_t next = 0;
  for (unsigned last = 0; last <= COLUMN_LAST; last += COLUMN_LAST)
    for (size_t i = 0; i < layout->count; i++)
      if ((layout->columns[i].flags & COLUMN_LAST) == last) layout->order[next++] = i;
}

static checkrob_status add_parts(row_layout *layout, const column_list *parts, size_t part_count) {
  size_t count = 0;
  for (size_t i = 0; i < part_count; i++) count += parts[i].count;
  layout->columns = calloc(count + 1, sizeof *layout->columns);
  layout->order = calloc(count + 1, sizeof *layout->order);
  layout->bases = calloc(part_count + 1, sizeof *layout->bases);
  if (!layout->columns || !layout->order || !layout->bases) return error_memory("the columns of a table");
  layout->part_count = part_count;
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < part_count && !status; i++) {
    layout->bases[i] = layout->count;
    for (size_t k = 0; k < parts[i].count && !status; k++) status = add_column(layout, &parts[i].columns[k]);
  }
  if (!status) fill_order(layout);
  return status;
}

static checkrob_status add_children(row_layout *layout, const child_table *const *children, size_t count) {
  layout->children = calloc(count + 1, sizeof *layout->children);
  if (!layout->children) return error_memory("the columns of a table");
  for (size_t i = 0; i < count; i++) {
    const child_table *child = children[i];
    if (!is_identifier(child->name) || row_layout_find_child(layout, child->name) != ROW_NO_COLUMN)
      return error_set(
          CHECKROB_ERROR_INVALID_ARGUMENT,
          "table %s: its table '%s' is declared twice, or '%s' is not allowed as the name of a table",
          layout->table, child->name, child->name);
    column_list part = {child->columns, child->count};
    row_layout *own = NULL;
    checkrob_status status = row_layout_new(&own, child->name, &part, 1, NULL, 0);
    if (status) return status;
    layout->children[layout->child_count++] = own;
    own->flags = child->flags;
    free(own->description);
    own->description = text_copy(child->description);
    if (!own->description) return error_memory("the columns of a table");
  }
  return CHECKROB_OK;
}

checkrob_status row_layout_new(row_layout **out, const char *table, const column_list *parts,
                               size_t part_count, const child_table *const *children, size_t child_count) {
  row_layout *layout = calloc(1, sizeof *layout);
  if (!layout) return error_memory("the columns of a table");
  layout->table = text_copy(table);
  layout->description = text_copy("");
  checkrob_status status =
      layout->table && layout->description ? CHECKROB_OK : error_memory("the columns of a table");
  if (!status) status = add_parts(layout, parts, part_count);
  if (!status) status = add_children(layout, children, child_count);
  if (status)
    row_layout_free(layout);
  else
    *out = layout;
  return status;
}

void row_layout_free(row_layout *layout) {
  if (!layout) return;
  for (size_t i = 0; i < layout->count; i++) {
    free((void *)layout->columns[i].name); /* allocated by add_column() */
    free((void *)layout->columns[i].unit);
    free((void *)layout->columns[i].description);
  }
  for (size_t i = 0; i < layout->child_count; i++) row_layout_free(layout->children[i]);
  free(layout->children);
  free(layout->columns);
  free(layout->order);
  free(layout->bases);
  free(layout->table);
  free(layout->description);
  free(layout);
}

/* ---- reading ---- */

const char *row_layout_table(const row_layout *layout) {
  return layout->table;
}

const char *row_layout_description(const row_layout *layout) {
  return layout->description;
}

unsigned row_layout_flags(const row_layout *layout) {
  return layout->flags;
}

size_t row_layout_base(const row_layout *layout, size_t part) {
  return part < layout->part_count ? layout->bases[part] : ROW_NO_COLUMN;
}

size_t row_layout_count(const row_layout *layout) {
  return layout->count;
}

const column *row_layout_column(const row_layout *layout, size_t index) {
  return &layout->columns[index];
}

size_t row_layout_find(const row_layout *layout, const char *name) {
  for (size_t i = 0; i < layout->count; i++)
    if (strcmp(layout->columns[i].name, name) == 0) return i;
  return ROW_NO_COLUMN;
}

size_t row_layout_in_order(const row_layout *layout, size_t i) {
  return layout->order[i];
}

size_t row_layout_child_count(const row_layout *layout) {
  return layout->child_count;
}

const row_layout *row_layout_child(const row_layout *layout, size_t child) {
  return layout->children[child];
}

size_t row_layout_find_child(const row_layout *layout, const char *table) {
  for (size_t i = 0; i < layout->child_count; i++)
    if (strcmp(layout->children[i]->table, table) == 0) return i;
  return ROW_NO_COLUMN;
}

/* ---- comparing ---- */

static size_t count_stored(const row_layout *layout) {
  size_t count = 0;
  for (size_t i = 0; i < layout->count; i++) count += column_is_stored(&layout->columns[i]);
  return count;
}

/* Names are unique in a layout, so equal counts and a comparison in one direction are enough. */
bool row_layout_fits(const row_layout *layout, const row_layout *other) {
  if (count_stored(layout) != count_stored(other) || layout->child_count != other->child_count) return false;
  for (size_t i = 0; i < layout->count; i++) {
    const column *c = &layout->columns[i];
    size_t found = row_layout_find(other, c->name);
    if (!column_is_stored(c)) continue;
    if (found == ROW_NO_COLUMN || other->columns[found].type != c->type ||
        !column_is_stored(&other->columns[found]))
      return false;
  }
  for (size_t i = 0; i < layout->child_count; i++) {
    size_t found = row_layout_find_child(other, layout->children[i]->table);
    if (found == ROW_NO_COLUMN || layout->children[i]->flags != other->children[found]->flags ||
        !row_layout_fits(layout->children[i], other->children[found]))
      return false;
  }
  return true;
}
