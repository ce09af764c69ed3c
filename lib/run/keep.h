/* A run's results on disk: begun, gone on with, ended. */
#ifndef CHECKROB_LIB_KEEP_H
#define CHECKROB_LIB_KEEP_H

#include "run/run.h"

/* Opens the store that the run is to keep its results in, new or of an earlier execution with the same
 * options; what that one found is counted in the run's totals and classes. Puts the dataset behind its last
 * sample, or at the first. Where results are not kept, the store is a temporary one: the classes are assessed
 * from it all the same, and memory does not grow with the samples. */
checkrob_status keep_start(checkrob_run *run);

/* Waits for the writing, assesses the classes, and notes how the execution ended: `status`. Gives it, or the
 * first failure of its own. */
checkrob_status keep_finish(checkrob_run *run, checkrob_status status);

#endif
