/* Strings and files: what every room needs and C does not bring. Those that allocate return NULL when memory
 * is out; the caller frees. */
#ifndef CHECKROB_LIB_TEXT_H
#define CHECKROB_LIB_TEXT_H

#include <checkrob/status.h>
#include <stddef.h>
#include <stdint.h>

char *text_copy(const char *text);
__attribute__((format(printf, 1, 2))) char *text_format(const char *format, ...);

/* Reads a whole file of at most `limit` bytes; a NUL is added behind the last byte and not counted. Errors:
 * NOT_FOUND, IO (a folder too), LIMIT, OUT_OF_MEMORY; the sentence names the path. */
checkrob_status file_read(char **data, size_t *bytes, const char *path, uint64_t limit);

/* Writes a whole file or nothing: it is put beside `path` first, and renamed. Errors: NOT_FOUND (no such
 * folder), IO, OUT_OF_MEMORY. */
checkrob_status file_write_whole(const char *path, const char *data, size_t bytes);

#endif
