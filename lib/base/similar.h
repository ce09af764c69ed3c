/* SPDX-License-Identifier: Apache-2.0 */
/* Names that a reader takes for the same, but that differ: in upper and lower case, in accents or the form in
 * which Unicode writes them (macOS stores "e" and an accent as two characters), in blanks, underscores and
 * hyphens. For "did you mean"; never for matching. */
#ifndef CHECKROB_LIB_SIMILAR_H
#define CHECKROB_LIB_SIMILAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of `bytes` bytes each. Bytes that are not UTF-8 are read as Latin-1. */
bool similar(const char *left, size_t left_bytes, const char *right, size_t right_bytes);

/* Equal for similar names. */
uint64_t similar_hash(const char *name, size_t bytes);

#endif
