/* The decoding side of a run: worker threads that turn samples into tensors ahead of the model.
 *
 * A ring of slots. Under one lock a worker claims the next slot and draws the next sample, so that slots hold
 * samples in the dataset's order; it fills the slot outside the lock. The consumer sees finished slots in
 * that same order. */
#ifndef CHECKROB_LIB_PIPELINE_H
#define CHECKROB_LIB_PIPELINE_H

#include <checkrob/dataset.h>
#include <checkrob/preprocess.h>

typedef struct slot {
  checkrob_sample *sample;
  checkrob_status status; /* of the sample up to the model's door */
  char *message;          /* the sentence for a status other than OK; NULL: memory was out even for that */
  float *tensor;          /* [3, H, W] */
  float *coverage;        /* [H, W]; not filled without regions */
  float *ignored;         /* [H, W], where has_ignored says so */
  int has_ignored;
  float *others; /* [others of the sample, H, W] */
  size_t other_capacity;
  double milliseconds; /* that filling it took */
  size_t inputs_done;  /* the cursor's counts when this sample was drawn */
  size_t skipped;
  int ready;
} slot;

typedef struct pipeline_options {
  checkrob_cursor *cursor; /* the workers read from it until pipeline_free */
  const checkrob_preprocess *preprocess;
  checkrob_image_limits limits;
  checkrob_geometry geometry;
  int without_regions; /* the images alone are wanted */
  size_t slots;
  size_t workers;
} pipeline_options;

typedef struct pipeline pipeline;

/* Starts the workers where the cursor stands. */
checkrob_status pipeline_start(pipeline **out, const pipeline_options *options);

/* Stops the workers after the image at hand, and frees all. NULL is fine. */
void pipeline_free(pipeline *line);

/* Waits until slot `ahead` places behind the oldest one held is finished. Gives it, or NULL when there is no
 * such sample any more, or the ring has no such place, or `milliseconds` passed: *pending tells that last
 * case. Errors: what drawing a sample failed with. */
checkrob_status pipeline_peek(slot **out, int *pending, pipeline *line, size_t ahead, int milliseconds);

/* Hands the `count` oldest slots back to the workers. */
void pipeline_release(pipeline *line, size_t count);

#endif
