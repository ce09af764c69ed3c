/* SPDX-License-Identifier: Apache-2.0 */
/* From encoded bytes to pixels. The first bytes select the decoder. */
#ifndef CHECKROB_LIB_DECODE_H
#define CHECKROB_LIB_DECODE_H

#include "image/source.h"

/* The caller frees *out. Errors: those of checkrob_image_decode, except for too many bytes. */
checkrob_status image_decode(checkrob_image **out, const image_source *source);

/* The caller frees *out with free(). Errors: those of checkrob_image_decode; UNSUPPORTED if it is not a PNG,
 * or its pixels are neither indices nor 8-bit grays. */
checkrob_status image_decode_indices(index_image **out, const image_source *source);

#endif
