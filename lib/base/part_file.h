/* SPDX-License-Identifier: Apache-2.0 */
/* Files that appear completely or not at all, and what is written through: see base/write_target.h. */
#ifndef CHECKROB_LIB_PART_FILE_H
#define CHECKROB_LIB_PART_FILE_H

#include <checkrob/status.h>

#include "base/write_target.h"

typedef write_target part_file;

/* Opens what is written to `path`, with the permissions that fopen() would give a new file. Then
 * part_file_finish() must be called. Errors: NOT_FOUND (no such folder), IO (also for a folder, and for a
 * block device), OUT_OF_MEMORY. */
checkrob_status part_file_open(part_file *out, const char *path);
/* The same for a file alone, which has the name `part` until it is finished. IO for what is no file. */
checkrob_status part_file_open_named(part_file *out, const char *path);

/* Closes the file, which the caller may have closed already (NULL) if it is named, renames it, and frees. If
 * `status` is a failure or the file cannot be written, it is removed instead; the error message of `status`
 * remains. */
checkrob_status part_file_finish(part_file *f, checkrob_status status);

/* Writes such a file at once. Errors: those of part_file_open(). */
checkrob_status file_write_whole(const char *path, const char *data, size_t bytes);

#endif
