/* SPDX-License-Identifier: Apache-2.0 */
/* Donors: for each sample, another image of the dataset with an object of another class. */
#ifndef CHECKROB_LIB_DONOR_H
#define CHECKROB_LIB_DONOR_H

#include "engine/pass.h"

/* The donor of a sample. Starts as zeros. */
typedef struct prepared_donor {
  float *numbers;        /* [4, height, width]: the object's pixels and coverage */
  char *image;           /* its name; NULL: there is no donor */
  analysis_donor result; /* points to these */
} prepared_donor;

/* Memory for finding donors, of one thread. Starts as zeros. */
typedef struct donor_maker {
  float *tensor;   /* [3, H, W] */
  float *coverage; /* [H, W] */
  void *work;
} donor_maker;

/* Looks at images of options->donors, the whole dataset, until one has an object of another class, and
 * decodes it. Neither of the two images shows the class of the other. For one dataset and the same options,
 * the choice depends on the number of the sample alone: it is the same in a shard, after an interruption, and
 * in any batch. If none of those looked at has such an object, there is no donor. Images that fail are passed
 * over. OUT_OF_MEMORY. */
checkrob_status donor_find(prepared_donor *donor, donor_maker *maker, const engine_options *options,
                           const checkrob_sample *sample);

void donor_clear(prepared_donor *donor);
void donor_maker_clear(donor_maker *maker);

#endif
