/* From encoded bytes to pixels, by the decoder that the first bytes ask for. */
#ifndef CHECKROB_LIB_DECODE_H
#define CHECKROB_LIB_DECODE_H

#include "image/source.h"

/* The caller frees *out with free(). Errors: those of checkrob_image_decode; UNSUPPORTED for what is no PNG,
 * or a PNG whose pixels are neither indices nor 8-bit grays. */
checkrob_status image_decode_indices(index_image **out, const image_source *source);

#endif
