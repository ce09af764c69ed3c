/* SPDX-License-Identifier: Apache-2.0 */
/* The tables that this library declares, for documents and bindings. */
#include <checkrob/row.h>
#include <string.h>

#include "analysis/backgrounds.h"
#include "analysis/probes.h"
#include "analysis/properties.h"
#include "analysis/saliency_score.h"
#include "analysis/switching.h"
#include "analysis/taken_for.h"
#include "base/error.h"
#include "classes/advice.h"
#include "classes/class_columns.h"
#include "classes/cues.h"
#include "classes/duplicates.h"
#include "classes/features.h"
#include "classes/image_pool.h"
#include "classes/looked_at.h"
#include "classes/pasted.h"
#include "results/results.h"
#include "table/sample.h"

/* The parts of a sample: the core, and those of the analyses, in the order of export. */
static const column_list *const sample_parts[] = {&sample_core, &saliency_columns, &probe_columns,
                                                  &property_columns, &background_columns};
static const column_list *const totals_parts[] = {&totals_columns};
static const column_list *const comparison_parts[] = {&comparison_columns};
static const column_list *const looked_at_parts[] = {&looked_at_columns};
static const column_list *const cue_parts[] = {&cue_columns};
static const column_list *const pasted_parts[] = {&pasted_columns};
static const column_list *const duplicate_parts[] = {&duplicate_columns};
static const column_list *const advice_parts[] = {&advice_columns};
static const column_list *const feature_parts[] = {&feature_columns};
static const column_list *const pool_parts[] = {&image_pool_columns, &taken_for_columns};
static const column_list *const use_parts[] = {&feature_sample_columns, &feature_use_columns};

/* Tables with rows of their own. The child tables of the samples follow them. */
static const struct {
  const char *name;
  const column_list *const *parts;
  size_t part_count;
} tables[] = {{SAMPLE_TABLE, sample_parts, sizeof sample_parts / sizeof *sample_parts},
              {CLASS_TABLE, class_parts, CLASS_PARTS},
              {TOTALS_TABLE, totals_parts, 1},
              {"comparison", comparison_parts, 1},
              {LOOKED_AT_TABLE, looked_at_parts, 1},
              {FEATURE_TABLE, feature_parts, 1},
              {PASTED_TABLE, pasted_parts, 1},
              {CUE_TABLE, cue_parts, 1},
              {DUPLICATE_TABLE, duplicate_parts, 1},
              {ADVICE_TABLE, advice_parts, 1},
              {FEATURE_USE_TABLE, use_parts, 2},
              {POOL_TABLE, pool_parts, 2}};

#define TABLE_COUNT (sizeof tables / sizeof *tables)

size_t checkrob_table_count(void) {
  return TABLE_COUNT + SALIENCY_CHILD_COUNT;
}

const char *checkrob_table_name(size_t i) {
  if (i < TABLE_COUNT) return tables[i].name;
  return i < checkrob_table_count() ? saliency_children[i - TABLE_COUNT]->name : NULL;
}

/* The number of tables if there is no table of this name. */
static size_t find(const char *name) {
  size_t i = 0;
  while (name && i < checkrob_table_count() && strcmp(checkrob_table_name(i), name) != 0) i++;
  return name ? i : checkrob_table_count();
}

static size_t part_count(size_t table) {
  return table < TABLE_COUNT ? tables[table].part_count : 1;
}

static column_list part_of(size_t table, size_t part) {
  if (table < TABLE_COUNT) return *tables[table].parts[part];
  const child_table *child = saliency_children[table - TABLE_COUNT];
  return (column_list){child->columns, child->count};
}

size_t checkrob_column_count(const char *name) {
  size_t table = find(name), count = 0;
  if (table == checkrob_table_count()) return 0;
  for (size_t p = 0; p < part_count(table); p++) count += part_of(table, p).count;
  return count;
}

/* Like row_layout_in_order(). */
static const column *in_order(size_t table, size_t i) {
  for (unsigned last = 0; last <= COLUMN_LAST; last += COLUMN_LAST)
    for (size_t p = 0; p < part_count(table); p++) {
      column_list part = part_of(table, p);
      for (size_t k = 0; k < part.count; k++)
        if ((part.columns[k].flags & COLUMN_LAST) == last && i-- == 0) return &part.columns[k];
    }
  return NULL;
}

checkrob_status checkrob_column_at(checkrob_column_info *out, const char *name, size_t i) {
  if (!out || !name) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_column_at: NULL argument");
  size_t table = find(name);
  if (table == checkrob_table_count())
    return error_set(CHECKROB_ERROR_NOT_FOUND, "there is no table '%s'", name);
  const column *declared = in_order(table, i);
  if (!declared)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_column_at: table '%s' has no column %zu",
                     name, i);
  return column_describe(out, checkrob_table_name(table), declared);
}
