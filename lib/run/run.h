/* What a checkrob_run holds: run.c makes it and hands it out, execute.c does the work. */
#ifndef CHECKROB_LIB_RUN_H
#define CHECKROB_LIB_RUN_H

#include <checkrob/run.h>
#include <stdatomic.h>

#include "analysis/analysis.h"
#include "classes/class_list.h"

/* The saliency score, representations, and those that run_add_analysis adds. */
#define RUN_ANALYSES 16

struct checkrob_run {
  const checkrob_model *model;
  const checkrob_dataset *dataset;
  const checkrob_preprocess *preprocess;
  checkrob_options *options;
  checkrob_explainer *explainer;
  checkrob_cut *readout; /* of the representations; NULL: none are read out */
  checkrob_pool pool;
  analysis added[RUN_ANALYSES];
  size_t added_count;

  char *store_path; /* NULL: the results are not stored in a file */
  store_options notes;
  checkrob_row_callback on_row;
  void *row_data;
  checkrob_batch_callback on_batch;
  void *batch_data;
  checkrob_progress_callback on_progress;
  void *progress_data;

  int executing;          /* its callbacks must not change it */
  atomic_int interrupted; /* lock-free, so that a signal handler may set it */
  double setup_seconds;   /* of checkrob_run_new: part of the first execution */

  /* Of the last execution. */
  row_layout *totals_layout;
  checkrob_row *totals;
  class_list classes;
};

/* Takes another analysis into the run's passes. Its columns appear wherever a sample's do. The analysis is
 * destroyed with the run. INVALID_ARGUMENT where there are too many. */
checkrob_status run_add_analysis(checkrob_run *run, const analysis *a);

/* INVALID_ARGUMENT for NULL, or while a callback of this run's execution is under way. */
checkrob_status run_check_idle(const checkrob_run *run, const char *function);

#endif
