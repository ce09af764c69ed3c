/* checkrob_localise() for callers that have many images. */
#ifndef CHECKROB_LIB_LOCALISATION_H
#define CHECKROB_LIB_LOCALISATION_H

#include <checkrob/score.h>

/* As checkrob_localise(), but `out` is all ours, and the memory the caller's: `scratch` [2 * count]. `count`
 * is below 2^32. */
void localise(checkrob_localisation *out, const float *map, const float *coverage, const float *ignored,
              size_t count, uint32_t *scratch);

#endif
