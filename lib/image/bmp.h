/* SPDX-License-Identifier: Apache-2.0 */
/* BMP, as Windows and OS/2 write it, without compression. */
#ifndef CHECKROB_LIB_BMP_H
#define CHECKROB_LIB_BMP_H

#include "image/source.h"

/* Errors: those of checkrob_image_decode; UNSUPPORTED for a compressed one. */
checkrob_status bmp_decode(checkrob_image **out, const image_source *source);

#endif
