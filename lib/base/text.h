/* SPDX-License-Identifier: Apache-2.0 */
/* Strings and files, beyond what C provides. Functions that allocate return NULL if out of memory; the caller
 * frees the result. */
#ifndef CHECKROB_LIB_TEXT_H
#define CHECKROB_LIB_TEXT_H

#include <checkrob/status.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

char *text_copy(const char *text);
__attribute__((format(printf, 1, 2))) char *text_format(const char *format, ...);

/* Reads a whole file of at most `limit` bytes. A NUL is added after the last byte and not counted. Errors:
 * NOT_FOUND, IO (also for a folder), LIMIT, OUT_OF_MEMORY; the error message names the path. */
checkrob_status file_read(char **data, size_t *bytes, const char *path, uint64_t limit);
/* Opens a file for reading; the caller closes it. Errors: NOT_FOUND, IO (also for a folder, a device, and a
 * named pipe, which would block). */
checkrob_status file_open(FILE **out, const char *path);

#endif
