/* The tables that this library declares, for documents and bindings. */
#include <checkrob/row.h>
#include <string.h>

#include "analysis/saliency_score.h"
#include "base/error.h"
#include "classes/class_columns.h"
#include "results/results.h"
#include "table/sample.h"

/* The parts of a sample: the core, and then those of the analyses, in the order in which they are exported.
 */
static const column_list *const sample_parts[] = {&sample_core, &saliency_columns};
static const column_list *const class_parts[] = {&class_columns};
static const column_list *const totals_parts[] = {&totals_columns};
static const column_list *const comparison_parts[] = {&comparison_columns};

typedef struct declared_table {
  const char *name;
  const column_list *const *parts; /* NULL: a child table */
  size_t part_count;
  size_t child; /* of saliency_children */
} declared_table;

static const declared_table tables[] = {
    {SAMPLE_TABLE, sample_parts, 2, 0},       {"other", NULL, 0, 0},
    {"evidence", NULL, 0, 1}, {CLASS_TABLE, class_parts, 1, 0},
    {TOTALS_TABLE, totals_parts, 1, 0},       {"comparison", comparison_parts, 1, 0}};

#define TABLE_COUNT (sizeof tables / sizeof *tables)

size_t checkrob_table_count(void) {
  return TABLE_COUNT;
}

const char *checkrob_table_name(size_t i) {
  return i < TABLE_COUNT ? tables[i].name : NULL;
}

static const declared_table *find(const char *name) {
  for (size_t i = 0; name && i < TABLE_COUNT; i++)
    if (strcmp(tables[i].name, name) == 0) return &tables[i];
  return NULL;
}

static size_t part_count(const declared_table *table) {
  return table->parts ? table->part_count : 1;
}

static column_list part_of(const declared_table *table, size_t part) {
  if (table->parts) return *table->parts[part];
  const child_table *child = saliency_children[table->child];
  return (column_list){child->columns, child->count};
}

size_t checkrob_column_count(const char *name) {
  const declared_table *table = find(name);
  size_t count = 0;
  for (size_t p = 0; table && p < part_count(table); p++) count += part_of(table, p).count;
  return count;
}

/* As row_layout_in_order(). */
static const column *in_order(const declared_table *table, size_t i) {
  for (unsigned last = 0; last <= COLUMN_LAST; last += COLUMN_LAST)
    for (size_t p = 0; p < part_count(table); p++) {
      column_list part = part_of(table, p);
      for (size_t k = 0; k < part.count; k++)
        if ((part.columns[k].flags & COLUMN_LAST) == last && i-- == 0) return &part.columns[k];
    }
  return NULL;
}

checkrob_status checkrob_column_at(checkrob_column_info *out, const char *name, size_t i) {
  const declared_table *table = find(name);
  if (!table) return error_set(CHECKROB_ERROR_NOT_FOUND, "there is no table '%s'", name ? name : "");
  const column *declared = in_order(table, i);
  if (!out || !declared)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_column_at: NULL argument, or table '%s' has no column %zu", name, i);
  return column_describe(out, table->name, declared);
}
