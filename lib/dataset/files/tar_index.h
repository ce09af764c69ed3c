/* SPDX-License-Identifier: Apache-2.0 */
/* The members of a tar file: its headers are read, its contents are skipped. */
#ifndef CHECKROB_LIB_TAR_INDEX_H
#define CHECKROB_LIB_TAR_INDEX_H

#include <checkrob/status.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct tar_member {
  const char *name; /* without parts "."; absolute names and ".." do not change. Valid during the call */
  uint64_t offset, bytes; /* of its contents in the tar file */
  bool link;              /* a hard or symbolic link: it has no contents */
} tar_member;

/* A status other than OK stops the reading, which then returns it. */
typedef checkrob_status (*tar_callback)(const tar_member *member, void *user_data);

/* Calls back for each regular file and each link, in the file's order, but not for folders, devices and
 * others. Reads old (v7) tar files, ustar, GNU's long names and numbers, and pax headers. Concatenated tar
 * files are read as one, like tar's option --ignore-zeros does: otherwise files would be missing without a
 * warning. Errors: NOT_FOUND, IO, BAD_INPUT (not a tar file, damaged, truncated), UNSUPPORTED (compressed, or
 * a sparse file), LIMIT (a header of more than 1 MiB, a name of more than 4096 bytes), OUT_OF_MEMORY. */
checkrob_status tar_index_read(const char *path, tar_callback found, void *user_data);

#endif
