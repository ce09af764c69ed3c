/* SPDX-License-Identifier: Apache-2.0 */
/* The members of checkrob_run. run.c makes it; execute.c does the work. */
#ifndef CHECKROB_LIB_RUN_H
#define CHECKROB_LIB_RUN_H

#include <checkrob/run.h>
#include <stdatomic.h>

#include "analysis/analysis.h"
#include "classes/class_list.h"

/* The largest number of analyses: those of the run itself (the saliency score, probes, contributions,
 * properties, representations), and those of run_add_analysis(). */
#define RUN_ANALYSES 16
#define RUN_OWN_ANALYSES 5

/* Most batches that are analysed at once. Each needs memory for the activations of its batch. */
#define RUN_LANES 4

struct checkrob_run {
  const checkrob_model *model;
  const checkrob_dataset *dataset;
  const checkrob_preprocess *preprocess;
  checkrob_options *options;
  checkrob_explainer *explainers[RUN_LANES]; /* alike; one for each lane, the first made with the run */
  checkrob_cut *readout;                     /* for representations; NULL: none are read out */
  checkrob_pooling pool;
  checkrob_dataset *attack_pool; /* NULL: none, or the run's own images */
  analysis added[RUN_ANALYSES];
  size_t added_count;

  char *store_path; /* NULL: no results file */
  store_options notes;
  checkrob_row_callback on_row;
  void *row_data;
  checkrob_batch_callback on_batch;
  void *batch_data;
  checkrob_progress_callback on_progress;
  void *progress_data;

  int executing;          /* callbacks must not change the run */
  atomic_int interrupted; /* base/interrupt.h */
  double setup_seconds;   /* time of checkrob_run_new: a part of the first execution */

  /* Of the last execution. */
  row_layout *totals_layout;
  checkrob_row *totals;
  class_list classes;
};

/* Adds an analysis to the passes of the run. Its columns appear with all other columns of samples. It is
 * destroyed with the run. INVALID_ARGUMENT if there are too many. */
checkrob_status run_add_analysis(checkrob_run *run, const analysis *a);

/* The images that the option attack_images names; NULL: it is not set. */
const checkrob_dataset *run_pool(const checkrob_run *run);

/* INVALID_ARGUMENT for NULL, and during a callback of this run's execution. */
checkrob_status run_check_idle(const checkrob_run *run, const char *function);

#endif
