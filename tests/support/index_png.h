/* SPDX-License-Identifier: Apache-2.0 */
/* PNGs whose pixels are numbers: masks. */
#ifndef SUPPORT_INDEX_PNG_H
#define SUPPORT_INDEX_PNG_H

#include <stdint.h>

/* A PNG of [height, width] numbers, as libpng's `colour` (PNG_COLOR_TYPE_PALETTE ...) has them with `depth`
 * bits; of three channels each gets the number. Any failure stops the test program. */
void index_png_write(const char *path, uint32_t width, uint32_t height, const uint8_t *numbers, int colour,
                     int depth);

#endif
