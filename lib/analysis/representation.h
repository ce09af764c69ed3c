/* SPDX-License-Identifier: Apache-2.0 */
/* Representations: the outputs of layers for each image. This analysis declares no columns: it passes what it
 * reads to the caller. */
#ifndef CHECKROB_LIB_REPRESENTATION_H
#define CHECKROB_LIB_REPRESENTATION_H

#include <checkrob/extract.h>

#include "analysis/analysis.h"

/* The cut captures activations, and is borrowed. `on_batch` receives each image once, even if several
 * consecutive samples have it. OUT_OF_MEMORY. */
checkrob_status representation_new(analysis *out, checkrob_cut *cut, checkrob_pooling pool,
                                   checkrob_batch_callback on_batch, void *user_data);

/* Number of images read so far in this pass. */
size_t representation_rows(const analysis *representation);

#endif
