/* SPDX-License-Identifier: Apache-2.0 */
/* COCO's run-length encoding: the lengths of runs of 0, 1, 0, ... down the columns, from left to right. */
#ifndef CHECKROB_LIB_COCO_RLE_H
#define CHECKROB_LIB_COCO_RLE_H

#include <checkrob/status.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes `count` lengths to a mask [height, width] of 0 and 1, row by row; the caller frees it. BAD_INPUT if
 * they do not add up to the size, LIMIT for a mask of more than 100 million pixels, OUT_OF_MEMORY. The error
 * message is a predicate: "has runs of ...". */
checkrob_status coco_rle_decode(uint8_t **mask, const uint32_t *lengths, size_t count, uint32_t width,
                                uint32_t height);

/* The lengths in a compressed string: signed numbers of 5 bits a character (48 and up), lowest bits first;
 * from the third number on, the difference from the number two before. The caller frees them. BAD_INPUT,
 * OUT_OF_MEMORY. */
checkrob_status coco_rle_parse(uint32_t **lengths, size_t *count, const char *text);

#endif
