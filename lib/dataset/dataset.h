/* What other rooms may ask of a dataset beyond the public API. */
#ifndef CHECKROB_LIB_DATASET_H
#define CHECKROB_LIB_DATASET_H

#include "dataset/sample.h"

/* All samples of input `number`; none where skip_unmapped skips it. Any number of threads may read, the same
 * input too. The thread's last error stays what it was. OUT_OF_MEMORY. */
checkrob_status dataset_read(sample_list *out, const checkrob_dataset *dataset, size_t number);

#endif
