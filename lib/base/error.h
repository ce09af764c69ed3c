/* How a room fails: `return error_set(CHECKROB_ERROR_BAD_INPUT, "%s: ...", path)`. */
#ifndef CHECKROB_LIB_ERROR_H
#define CHECKROB_LIB_ERROR_H

#include <checkrob/status.h>

/* Stores this thread's sentence and returns `status`. A sentence too long for the store is cut at its end.
 * The arguments may include checkrob_last_error() itself, so that a caller can put "where" before "what". */
__attribute__((format(printf, 2, 3))) checkrob_status error_set(checkrob_status status, const char *format,
                                                                ...);

/* For a failed malloc: the sentence says what the memory was for. */
checkrob_status error_memory(const char *purpose);

/* For a failed system call on a path: strerror(errno) in a sentence, NOT_FOUND for ENOENT and ENOTDIR, else
 * IO. */
checkrob_status error_errno(const char *action, const char *path);

#endif
