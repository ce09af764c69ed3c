/* SPDX-License-Identifier: Apache-2.0 */
/* COCO's run-length encoding: the lengths of runs of 0, 1, 0, ... down the columns, from left to right. */
#ifndef CHECKROB_LIB_COCO_RLE_H
#define CHECKROB_LIB_COCO_RLE_H

#include <checkrob/region.h>
#include <stddef.h>
#include <stdint.h>

/* Adds the mask of `count` lengths. Its memory is that of its runs, whatever its size. BAD_INPUT if they do
 * not add up to the size or no pixel is 1, LIMIT, OUT_OF_MEMORY. The error message is a predicate: "has runs
 * of ...". */
checkrob_status coco_rle_add(checkrob_regions *regions, const uint32_t *lengths, size_t count, uint32_t width,
                             uint32_t height);

/* The lengths in a compressed string: signed numbers of 5 bits a character (48 and up), lowest bits first;
 * from the third number on, the difference from the number two before. The caller frees them. BAD_INPUT,
 * OUT_OF_MEMORY. */
checkrob_status coco_rle_parse(uint32_t **lengths, size_t *count, const char *text);

#endif
