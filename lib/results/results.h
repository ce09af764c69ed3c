/* SPDX-License-Identifier: Apache-2.0 */
/* The members of checkrob_results. */
#ifndef CHECKROB_LIB_RESULTS_H
#define CHECKROB_LIB_RESULTS_H

#include <checkrob/results.h>

#include "classes/class_list.h"
#include "classes/rule.h"
#include "classes/tally.h"
#include "table/store.h"

struct checkrob_results {
  store *from;
  /* all recorded options; those of the verdict rule as they are in force */
  store_options options;
  verdict_rule rule;
  class_tally tally;
  class_list classes;
  row_layout *totals_layout;
  checkrob_row *totals;
  bool complete;
};

/* Reads each sample with its derived columns; with or without the other classes of its image. */
checkrob_status results_read_samples(checkrob_results *results, bool with_others,
                                     checkrob_status (*take)(const checkrob_row *sample, void *data),
                                     void *data);

/* Counts all samples of a store. */
checkrob_status results_count(class_tally *out, store *s, size_t top_k);

/* The class of a name; NULL if the results do not have it. */
const checkrob_row *results_find_class(const checkrob_results *results, const char *name);

/* The rows of a comparison, in order. `out` starts as zeros, and is cleared by the caller, also after an
 * error. */
checkrob_status results_compare(row_list *out, checkrob_results *before, checkrob_results *after);

/* The columns of the table "comparison". */
extern const column_list comparison_columns;

#endif
