/* SPDX-License-Identifier: Apache-2.0 */
/* JPEG, by libjpeg-turbo. */
#ifndef CHECKROB_LIB_JPEG_H
#define CHECKROB_LIB_JPEG_H

#include "image/source.h"

/* Errors: those of checkrob_image_decode. */
checkrob_status jpeg_decode(checkrob_image **out, const image_source *source);

#endif
