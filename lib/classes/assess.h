/* SPDX-License-Identifier: Apache-2.0 */
/* From the samples in a results file to the numbers of each class. */
#ifndef CHECKROB_LIB_ASSESS_H
#define CHECKROB_LIB_ASSESS_H

#include <stdatomic.h>

#include "classes/rule.h"
#include "table/row_list.h"

/* The columns that depend on the samples of all classes. */
extern const column_list class_comparison_columns;

/* Tables beside that of the classes, by class. */
typedef struct class_tables {
  row_list looked_at;  /* looked_at.h */
  row_list features;   /* features.h */
  row_list pasted;     /* pasted.h */
  row_list cues;       /* cues.h */
  row_list duplicates; /* duplicates.h */
  row_list advice;     /* advice.h */
} class_tables;

/* Sets all numbers, the verdicts and their reasons in the classes' rows, and fills the tables, which have
 * columns and no rows yet. The counts, acc and crs must be set before. Samples are read in the dataset's
 * order, so rows that were merged from shards yield the numbers of a single run. `unit`: of probes
 * (probe_sums.h); NaN without them. Any thread may set *interrupted; the function then stops at the next
 * sample or class. NULL: it cannot be interrupted. Errors: INTERRUPTED, IO, BAD_INPUT (a damaged stored map),
 * OUT_OF_MEMORY. */
checkrob_status assess_rows(checkrob_row *const *classes, size_t count, class_tables *tables, store *s,
                            double unit, const verdict_rule *rule, const atomic_int *interrupted);

#endif
