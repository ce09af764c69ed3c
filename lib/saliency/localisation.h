/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob_localise() for callers with many images. */
#ifndef CHECKROB_LIB_LOCALISATION_H
#define CHECKROB_LIB_LOCALISATION_H

#include <checkrob/score.h>

/* The same as checkrob_localise(), but all of `out` is written, and the caller provides the memory: `scratch`
 * [2 * count]. `count` is below 2^32. */
void localise(checkrob_localisation *out, const float *map, const float *coverage, const float *ignored,
              size_t count, uint32_t *scratch);

#endif
