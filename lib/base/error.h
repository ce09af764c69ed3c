/* How a room fails: `return error_set(CHECKROB_ERROR_BAD_INPUT, "%s: ...", path)`. */
#ifndef CHECKROB_LIB_ERROR_H
#define CHECKROB_LIB_ERROR_H

#include <checkrob/status.h>

/* Stores this thread's sentence and gives `status`. A sentence too long for the store is cut at its end. The
 * arguments may include checkrob_last_error() itself, so that a caller can put "where" before "what". A
 * macro, so that a static analyser sees in every file that a failure's status is not 0. */
#define error_set(status, ...) (error_store(__VA_ARGS__), (status))
__attribute__((format(printf, 1, 2))) void error_store(const char *format, ...);

/* For a failed malloc: the sentence says what the memory was for. */
#define error_memory(purpose) error_set(CHECKROB_ERROR_OUT_OF_MEMORY, "out of memory for %s", purpose)

/* For a failed system call on a path: strerror(errno) in a sentence, NOT_FOUND for ENOENT and ENOTDIR, else
 * IO. */
checkrob_status error_errno(const char *action, const char *path);

#endif
