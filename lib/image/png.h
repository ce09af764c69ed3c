/* SPDX-License-Identifier: Apache-2.0 */
/* Reading PNG, by libpng. */
#ifndef CHECKROB_LIB_PNG_H
#define CHECKROB_LIB_PNG_H

#include "image/source.h"

/* Errors: those of checkrob_image_decode. */
checkrob_status png_decode(checkrob_image **out, const image_source *source);

/* The caller frees *out with free(). Errors: as above; UNSUPPORTED for pixels that are neither indices nor
 * 8-bit grays. */
checkrob_status png_decode_indices(index_image **out, const image_source *source);

#endif
