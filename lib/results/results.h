/* What a checkrob_results holds. */
#ifndef CHECKROB_LIB_RESULTS_H
#define CHECKROB_LIB_RESULTS_H

#include <checkrob/results.h>

#include "classes/class_list.h"
#include "classes/rule.h"
#include "classes/tally.h"
#include "table/store.h"

struct checkrob_results {
  store *from;
  store_options options; /* all that are recorded, those of verdicts as they are in force */
  verdict_rule rule;
  class_tally tally;
  class_list classes;
  row_layout *totals_layout;
  checkrob_row *totals;
  bool complete;
};

/* Reads every sample, with its derived columns; with the other classes of its image, or without. */
checkrob_status results_read_samples(checkrob_results *results, bool with_others,
                                     checkrob_status (*take)(const checkrob_row *sample, void *data),
                                     void *data);

/* Counts every sample of a store. */
checkrob_status results_count(class_tally *out, store *s, size_t top_k);

/* The columns of the table "comparison". */
extern const column_list comparison_columns;

#endif
