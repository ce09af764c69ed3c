/* Representations: what layers give for each image, read out as they are. It declares no columns: what it
 * reads goes to the caller. */
#ifndef CHECKROB_LIB_REPRESENTATION_H
#define CHECKROB_LIB_REPRESENTATION_H

#include <checkrob/extract.h>

#include "analysis/analysis.h"

/* The cut captures activations, and is borrowed. `on_batch` gets each image once, also where several samples
 * of it follow each other. OUT_OF_MEMORY. */
checkrob_status representation_new(analysis *out, checkrob_cut *cut, checkrob_pool pool,
                                   checkrob_batch_callback on_batch, void *user_data);

/* Images read so far in this pass. */
size_t representation_rows(const analysis *representation);

#endif
