/* From a map and a region at the model's input size to what is kept of them (saliency/evidence.h). */
#ifndef CHECKROB_LIB_ANALYSIS_EVIDENCE_H
#define CHECKROB_LIB_ANALYSIS_EVIDENCE_H

#include <checkrob/status.h>

#include "saliency/evidence.h"

/* Buffers for one sample at a time, and what is the same for all. */
typedef struct evidence_maker {
  size_t pixel_height, pixel_width; /* of the model's input */
  float *map, *region, *counted;    /* [EVIDENCE_SIDE, EVIDENCE_SIDE] */
  float *pixels;                    /* [pixel_height, pixel_width] */
  /* [3, height, width] of the layer that evidence_contrast saw last: the object's share, what counts, and
   * what each position weighs in the whole image, which is the same for all. NULL before. */
  float *positions;
  size_t height, width;
} evidence_maker;

checkrob_status evidence_maker_init(evidence_maker *maker, size_t pixel_height, size_t pixel_width);
void evidence_maker_clear(evidence_maker *maker);

/* `map` [height, width] as the layer gives it, `upsampled`, `coverage` and `ignored` (may be NULL)
 * [pixel_height, pixel_width]. What *out points to holds until the next call. */
checkrob_status evidence_make(evidence *out, evidence_maker *maker, const float *map, size_t height,
                              size_t width, const float *upsampled, const float *coverage,
                              const float *ignored);

/* The evidence contrast (checkrob/verdict.h) of `values` [height, width], the layer's evidence. `made`: what
 * the same maker made of the same coverage and ignored pixels, so that a grid of this size serves again; or
 * NULL. */
checkrob_status evidence_contrast(double *out, evidence_maker *maker, const evidence *made,
                                  const float *values, size_t height, size_t width, const float *coverage,
                                  const float *ignored);

#endif
