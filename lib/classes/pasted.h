/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks by pasting: how often the surroundings of a class make the network see that class although they
 * show another class's object, for each pair of classes. From the probe `transplanted`. */
#ifndef CHECKROB_LIB_PASTED_H
#define CHECKROB_LIB_PASTED_H

#include "classes/rule.h"
#include "classes/sample_columns.h"
#include "table/row_list.h"

#define PASTED_TABLE "pasted"

extern const column_list pasted_columns;

/* An empty list with the table's columns. OUT_OF_MEMORY. */
checkrob_status pasted_start(row_list *list);

/* Counts of the pairs. Starts as zeros. */
typedef struct pasted_counts {
  struct pasted_pair *pairs; /* [count], sorted by the classes' indices */
  size_t count, capacity;
} pasted_counts;

void pasted_clear(pasted_counts *counts);

/* Adds a sample; nothing happens unless it is recognised, and was probed with a donor. OUT_OF_MEMORY. */
checkrob_status pasted_add(pasted_counts *counts, const checkrob_row *sample, const sample_columns *columns,
                           const verdict_rule *rule);

/* Appends a row for each pair, by the classes' indices. `classes`: rows of the table "class", for their
 * names. OUT_OF_MEMORY. */
checkrob_status pasted_fill(row_list *out, const pasted_counts *counts, checkrob_row *const *classes,
                            size_t class_count, const verdict_rule *rule);

#endif
