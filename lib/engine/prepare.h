/* What a worker makes of one input: the decoded image's tensor, and for each of its samples what covers the
 * model's input. */
#ifndef CHECKROB_LIB_PREPARE_H
#define CHECKROB_LIB_PREPARE_H

#include "dataset/sample.h"
#include "engine/pass.h"

/* One sample of an input, ready for the analyses. The arrays belong to the input. */
typedef struct prepared_sample {
  checkrob_status status;
  char *message; /* for a status other than OK; NULL: memory was short even for that */
  const float *coverage, *ignored;
  const float **others; /* [other classes] */
  size_t other_capacity;
} prepared_sample;

/* The coverage of one set of regions. An image's samples share them: what is one sample's object is another
 * sample's other class. */
typedef struct covered_regions {
  const checkrob_regions *regions;
  float *coverage; /* [H, W] */
  checkrob_status status;
  char *message;
} covered_regions;

/* An item of the engine's pool. */
typedef struct prepared_input {
  sample_list samples;
  prepared_sample *prepared; /* [prepared_capacity], of which samples.count hold */
  size_t prepared_capacity;
  covered_regions *covered; /* [covered_capacity]: arrays stay for the next input */
  size_t covered_count, covered_capacity;
  float *tensor; /* [3, H, W] */
  void **seen;   /* [analysis_count] */
  checkrob_status image_status;
  char *image_message;
  uint32_t width, height;
  double milliseconds;
  size_t inputs_done; /* the cursor's count when the input was drawn */
} prepared_input;

/* Makes room for what belongs to the samples, which `in` holds. OUT_OF_MEMORY: it holds none any more. */
checkrob_status prepare_room(prepared_input *in, const engine_options *options);
/* Decodes, checks, covers, preprocesses. On a worker; `in` holds its samples. */
void prepare_input(prepared_input *in, const engine_options *options);
/* Empties it for the next input; arrays that the next one can use stay. */
void prepare_clear(prepared_input *in, const engine_options *options);
/* Frees everything. */
void prepare_destroy(prepared_input *in, const engine_options *options);

#endif
