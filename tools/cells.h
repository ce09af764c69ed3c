/* SPDX-License-Identifier: Apache-2.0 */
/* Texts on a terminal: how many cells they fill, and what of them is safe to show. A cell is the room of one
 * Latin letter. Chinese characters and emoji fill two cells, combining accents none. */
#ifndef CHECKROB_TOOLS_CELLS_H
#define CHECKROB_TOOLS_CELLS_H

#include <stddef.h>

/* A copy that is safe to show: bytes that are not UTF-8 become escapes (\xE9), control characters '?',
 * because a file name may contain escape sequences of a terminal; so do characters that turn the direction of
 * writing, because they would move the columns beside them. The caller frees; NULL: out of memory. */
char *cells_clean(const char *text);

/* The cells that a clean text fills. */
size_t cells_count(const char *clean);

/* The bytes of the first characters, which fill at most `cells` cells, whole characters with their accents.
 */
size_t cells_prefix(const char *clean, size_t cells);

#endif
