/* What a tar file holds, and where: its headers are read, its contents are skipped. */
#ifndef CHECKROB_LIB_TAR_INDEX_H
#define CHECKROB_LIB_TAR_INDEX_H

#include <checkrob/status.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct tar_member {
  const char *name; /* without "." as a part; what is absolute or holds ".." stays as it is. For the call */
  uint64_t offset, bytes; /* of its contents in the tar file */
  bool link;              /* a hard or symbolic link: it has no contents */
} tar_member;

/* A status other than OK ends the walk, which then returns it. */
typedef checkrob_status (*tar_callback)(const tar_member *member, void *user_data);

/* Calls back for every regular file and every link, in the file's order; folders, devices and whatever else
 * there may be are left out. Knows old (v7) tars, ustar, GNU's long names and numbers, and pax headers.
 * Several tars behind one another are read as one, as `tar --ignore-zeros` does it: their files would be
 * missed without a word. Errors: NOT_FOUND, IO, BAD_INPUT (no tar, damaged, cut off), UNSUPPORTED
 * (compressed, or a sparse file), LIMIT (a header of more than 1 MiB), OUT_OF_MEMORY. */
checkrob_status tar_index_read(const char *path, tar_callback found, void *user_data);

#endif
