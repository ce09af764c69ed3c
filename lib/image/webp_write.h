/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHECKROB_LIB_WEBP_WRITE_H
#define CHECKROB_LIB_WEBP_WRITE_H

#include <checkrob/image.h>
#include <stddef.h>

/* Encodes an image as WebP with losses; `quality` from 0 to 100. The caller frees *out with free(). Errors:
 * OUT_OF_MEMORY, LIMIT (more than 16383 pixels a side). */
checkrob_status webp_encode(uint8_t **out, size_t *bytes, const checkrob_image *image, float quality);

#endif
