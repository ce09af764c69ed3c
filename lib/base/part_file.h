/* SPDX-License-Identifier: Apache-2.0 */
/* Files that appear completely or not at all. They are written under another name in the same folder, and
 * then renamed. */
#ifndef CHECKROB_LIB_PART_FILE_H
#define CHECKROB_LIB_PART_FILE_H

#include <checkrob/status.h>
#include <stdio.h>

typedef struct part_file {
  FILE *file;
  char *path; /* the target */
  char *part; /* its name until it is complete: PATH.DIGITS.part, which is random */
} part_file;

/* Opens an empty file beside `path`, with the permissions that fopen() would give it. Then part_file_finish()
 * must be called. Errors: NOT_FOUND (no such folder), IO (also if `path` is no file, such as a device, which
 * must not be replaced), OUT_OF_MEMORY. */
checkrob_status part_file_open(part_file *out, const char *path);

/* Closes the file, which the caller may have closed already (NULL), renames it, and frees. If `status` is a
 * failure or the file cannot be written, it is removed instead; the error message of `status` remains. */
checkrob_status part_file_finish(part_file *f, checkrob_status status);

/* Writes such a file at once. Errors: NOT_FOUND (no such folder), IO, OUT_OF_MEMORY. */
checkrob_status file_write_whole(const char *path, const char *data, size_t bytes);

#endif
