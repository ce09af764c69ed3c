/* Reading a store back, for the run that goes on and for those who look at it later. */
#ifndef CHECKROB_LIB_RESULTS_H
#define CHECKROB_LIB_RESULTS_H

#include <checkrob/results.h>

#include "results/store.h"
#include "score/class_tally.h"

struct checkrob_results {
  store from;
  store_options options; /* all that are kept */
  class_tally tally;
  const class_total **ranking; /* [tally.count] */
  checkrob_run_totals totals;
  bool complete;
};

/* Every row, in order; with the image's other classes, which take a look-up each, or without; with the
 * object-blind scores where the classes are assessed, or without (NULL). */
checkrob_status results_rows(store *s, bool others, const class_tally *blind,
                             checkrob_result_callback callback, void *user_data);

/* Adds a sample to a class's and to the whole's totals: the one place where rows become totals. */
checkrob_status results_count(class_tally *tally, checkrob_run_totals *totals,
                              const checkrob_image_result *row);

/* Counts every row. */
checkrob_status results_tally(class_tally *tally, checkrob_run_totals *totals, store *s);

/* verdict_is_measured() of what is kept. */
bool results_are_measured(const checkrob_results *results);

/* Has a session come to the end? */
checkrob_status results_read_complete(bool *out, store *s);

#endif
