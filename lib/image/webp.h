/* SPDX-License-Identifier: Apache-2.0 */
/* WebP, by libwebp. */
#ifndef CHECKROB_LIB_WEBP_H
#define CHECKROB_LIB_WEBP_H

#include "image/source.h"

/* Errors: those of checkrob_image_decode. */
checkrob_status webp_decode(checkrob_image **out, const image_source *source);

#endif
