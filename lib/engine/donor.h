/* SPDX-License-Identifier: Apache-2.0 */
/* Donors: for each sample, another image of the dataset with an object of another class. */
#ifndef CHECKROB_LIB_DONOR_H
#define CHECKROB_LIB_DONOR_H

#include "engine/pass.h"

/* Starts as zeros. Its arrays are reused for the next sample. */
typedef struct prepared_donor {
  float *tensor;         /* [3, H, W] */
  float *coverage;       /* [H, W] */
  char *image;           /* its name */
  analysis_donor result; /* points to these */
} prepared_donor;

/* Draws images of options->donors, the whole dataset, until one has an object of a class that is not
 * annotated in the sample's image, and decodes it; then until one has a third class. The choice depends on
 * the number of the sample in the dataset alone, so it is the same in a shard, after an interruption, and in
 * any batch. If there is no such image among those drawn, donor->image stays NULL. Images that fail are
 * passed over. OUT_OF_MEMORY. */
checkrob_status donor_find(prepared_donor *donor, const engine_options *options,
                           const checkrob_sample *sample);

/* Clears it for the next sample. */
void donor_clear(prepared_donor *donor);
void donor_destroy(prepared_donor *donor);

#endif
