/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a file in a folder or in a tar file. Each call opens the file itself, so any thread may read any
 * file. */
#ifndef CHECKROB_LIB_LOCATION_H
#define CHECKROB_LIB_LOCATION_H

#include <stdbool.h>

#include "image/source.h"

/* Where a file's bytes are: the whole file `path`, or a part of it (a member of a tar file). */
typedef struct file_location {
  char *path;
  bool part;
  uint64_t offset, bytes; /* of a part */
} file_location;

/* Reads a file of at most `limit` bytes, and adds a NUL that does not count. Errors: those of file_read. */
checkrob_status location_read(char **data, size_t *bytes, const file_location *location, uint64_t limit);
/* The pixels of a mask, as stored, whatever its EXIF orientation. Error messages about the contents do not
 * name the file. Errors: those of location_read and checkrob_image_decode. */
checkrob_status location_decode_mask(checkrob_image **out, const file_location *location);
/* The numbers of a mask (source.h); its error messages begin with `name`. Errors: those of location_read and
 * image_decode_indices. */
checkrob_status location_decode_indices(index_image **out, const file_location *location, const char *name);
void location_clear(file_location *location);

#endif
