/* SPDX-License-Identifier: Apache-2.0 */
/* What the library's own rooms use of a dataset beyond the public API. */
#ifndef CHECKROB_LIB_DATASET_H
#define CHECKROB_LIB_DATASET_H

#include "dataset/sample.h"

/* Reads all samples of input `number`; none if skip_unmapped skips it. Any number of threads may read at
 * once, also the same input. The thread's last error does not change unless this function fails.
 * OUT_OF_MEMORY. */
checkrob_status dataset_read(sample_list *out, const checkrob_dataset *dataset, size_t number);

/* A number that changes when a file does that says something about all images: the classes' names, COCO's
 * file, or a manifest. It was computed when the dataset was opened. */
uint64_t dataset_contents(const checkrob_dataset *dataset);

#endif
