/* SPDX-License-Identifier: Apache-2.0 */
/* The work on one input: the tensor of the decoded image, and for each of its samples the coverage of the
 * model's input. */
#ifndef CHECKROB_LIB_PREPARE_H
#define CHECKROB_LIB_PREPARE_H

#include "dataset/sample.h"
#include "engine/donor.h"
#include "engine/pass.h"
#include "region/packed.h"

/* One sample of an input, ready for the analyses. The arrays belong to the input. */
typedef struct prepared_sample {
  checkrob_status status;
  char *message; /* for a status other than OK; NULL: not even the message could be allocated */
  /* The runs belong to `covered` of the input. */
  packed_coverage coverage, ignored; /* `ignored` has no runs if nothing is ignored */
  packed_coverage *others;           /* [other classes] */
  size_t other_capacity;
  prepared_donor donor;
} prepared_sample;

/* The coverage of one set of regions. The samples of an image share them: the object of one sample is another
 * class in another sample. */
typedef struct covered_regions {
  const checkrob_regions *regions;
  packed_coverage coverage;
  checkrob_status status;
  char *message;
} covered_regions;

/* An item of the pool of the engine. */
typedef struct prepared_input {
  sample_list samples;
  prepared_sample *prepared; /* [prepared_capacity]; samples.count of them are set */
  size_t prepared_capacity;
  covered_regions *covered; /* [covered_capacity] */
  size_t covered_count, covered_capacity;
  char *encoded; /* the bytes of the image file, between the two steps; NULL: pixels are in memory */
  size_t encoded_bytes;
  float *tensor;   /* [3, H, W] */
  float *coverage; /* [H, W]: of one set of regions at a time */
  void **observed; /* [analysis_count] */
  checkrob_status image_status;
  char *image_message;
  uint32_t width, height;
  int orientation;
  bool turned;
  double milliseconds;
  size_t inputs_done; /* the cursor's count when the input was drawn */
} prepared_input;

/* Allocates what belongs to the samples in `in`. OUT_OF_MEMORY: `in` then has no samples. */
checkrob_status prepare_room(prepared_input *in, const engine_options *options);
/* Two steps, called on a worker; `in` has its samples. The first reads the image file, which may take long
 * without computing anything. The second decodes, checks, computes coverage, preprocesses, and finds donors,
 * whose files it reads too. `maker` is the worker's. */
void prepare_read(prepared_input *in, const engine_options *options);
void prepare_compute(prepared_input *in, const engine_options *options, donor_maker *maker);
/* Clears it for the next input. Arrays that the next input can use remain. */
void prepare_clear(prepared_input *in, const engine_options *options);
/* Frees everything. */
void prepare_destroy(prepared_input *in, const engine_options *options);

#endif
