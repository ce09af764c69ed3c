/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8, and text that is not. A file's name on Linux may have any bytes. In everything that checkrob writes,
 * a byte that is not UTF-8 is escaped: \xE9. */
#ifndef CHECKROB_LIB_UTF8_H
#define CHECKROB_LIB_UTF8_H

#include <checkrob/status.h>
#include <stdbool.h>
#include <stddef.h>

/* Bytes of the UTF-8 sequence at `text`; 0 at a NUL, or if it is not valid (overlong forms and surrogates are
 * not). The NUL after the text ends a truncated sequence, so the function never reads past it. */
size_t utf8_sequence(const char *text);

/* Whether the text is UTF-8 up to its NUL. */
bool utf8_is_valid(const char *text);

/* A copy with all other bytes escaped. Text that is UTF-8 is copied as it is, a text with escapes too. The
 * caller frees it; NULL if out of memory. */
char *utf8_escaped(const char *text);

/* Replaces escapes of bytes from 0x80 by these bytes, in place. */
void utf8_unescape(char *text);

/* Checks the contents of a text file, and moves *text behind a UTF-8 byte order mark. BAD_INPUT if the file
 * is UTF-16 or UTF-32, or has a NUL; the error message names the path. */
checkrob_status utf8_start(const char **text, size_t *bytes, const char *path);

/* The same for text with a NUL behind it; BAD_INPUT with the line also if anything in it is not UTF-8. */
checkrob_status utf8_start_strict(const char **text, size_t *bytes, const char *path);

/* "UTF-16" or "UTF-32" if a file that begins with these bytes (four are enough) is that, else NULL. */
const char *utf8_other_encoding(const char *text, size_t bytes);

#endif
