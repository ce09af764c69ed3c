/* SPDX-License-Identifier: Apache-2.0 */
/* How a function fails: `return error_set(CHECKROB_ERROR_BAD_INPUT, "%s: ...", path)`. */
#ifndef CHECKROB_LIB_ERROR_H
#define CHECKROB_LIB_ERROR_H

#include <checkrob/status.h>

/* Stores this thread's error message and returns `status`. A message that is too long is cut. The arguments
 * may include checkrob_last_error() itself, so a caller can prepend where the error is. A macro, because a
 * static analyser then knows in every file that the status of a failure is not 0. */
#define error_set(status, ...) (error_store(__VA_ARGS__), (status))
__attribute__((format(printf, 1, 2))) void error_store(const char *format, ...);

/* For a failed malloc. The error message says what the memory was for. */
#define error_memory(purpose) error_set(CHECKROB_ERROR_OUT_OF_MEMORY, "out of memory for %s", purpose)

/* A copy of an error message that was saved for later. Saving one fails only for lack of memory: that is then
 * the message. */
static inline const char *error_saved(const char *message) {
  return message ? message : "out of memory";
}

/* For a failed system call on a path. The error message contains strerror(errno). NOT_FOUND for ENOENT and
 * ENOTDIR, OUT_OF_MEMORY for ENOMEM, else IO. */
checkrob_status error_errno(const char *action, const char *path);

#endif
