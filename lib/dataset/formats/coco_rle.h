/* COCO's run-length encoding: the lengths of runs of 0, 1, 0, ... down the columns, from left to right. */
#ifndef CHECKROB_LIB_COCO_RLE_H
#define CHECKROB_LIB_COCO_RLE_H

#include <checkrob/status.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes `count` lengths to a mask [height, width], row after row, of 0 and 1; the caller frees. BAD_INPUT
 * where they don't add up to the size, LIMIT for a mask of more than 100 million pixels, OUT_OF_MEMORY. The
 * sentence is to be read behind "annotation 17". */
checkrob_status coco_rle_decode(uint8_t **mask, const uint32_t *lengths, size_t count, uint32_t width,
                                uint32_t height);

/* The lengths of a compressed string: numbers of 5 bits a character (48 and up), the lowest first, with a
 * sign, from the third on as differences from the one before the last. The caller frees. BAD_INPUT,
 * OUT_OF_MEMORY. */
checkrob_status coco_rle_parse(uint32_t **lengths, size_t *count, const char *text);

#endif
