/* What a checkrob_run holds: run.c sets it up and hands it out, execute.c does the work. */
#ifndef CHECKROB_LIB_RUN_H
#define CHECKROB_LIB_RUN_H

#include <checkrob/explain.h>
#include <checkrob/run.h>
#include <stdatomic.h>

#include "results/writer.h"
#include "score/class_tally.h"

struct checkrob_run {
  checkrob_model *model;
  const checkrob_dataset *dataset;
  checkrob_cursor *cursor; /* over the dataset, or a shard of it */
  const checkrob_preprocess *preprocess;

  checkrob_image_limits limits;
  checkrob_explainer *explainer;
  checkrob_geometry geometry;
  checkrob_verdict_rule rule;
  size_t batch;
  int threads;
  size_t top_k;
  char *layer;
  int executing;     /* buffers were made for the options: they may not change */
  uint64_t prepared; /* for the next execution: the model is probed and cut to this selection of layers, and
                        the class map checked; 0: it is not */
  double prepare_seconds;

  char *store_path; /* NULL: the results are not kept */
  store_options notes;
  writer *writer; /* while it is executed */

  checkrob_result_callback on_result;
  void *result_data;
  checkrob_progress_callback on_progress;
  void *progress_data;
  atomic_int cancelled; /* lock-free, so that a signal handler may set it */

  size_t skipped_before; /* of the inputs: by the run that this one goes on with */
  class_tally tally;
  const class_total **ranking; /* [tally.count], borrowed from the tally; NULL before the first execute */
  checkrob_run_totals totals;
};

/* INVALID_ARGUMENT for NULL, or while a callback of this run's execution is under way. */
checkrob_status run_check_idle(const checkrob_run *run, const char *function);

#endif
