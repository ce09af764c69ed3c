/* What other rooms may ask of a dataset beyond the public API. */
#ifndef CHECKROB_LIB_DATASET_H
#define CHECKROB_LIB_DATASET_H

#include <checkrob/dataset.h>

/* checkrob_dataset_next, which passes over any number of inputs without a sample, one input at a time: *out
 * is NULL where the input was skipped. So whoever waits can look up in between. */
checkrob_status dataset_step(checkrob_sample **out, checkrob_dataset *dataset);

#endif
