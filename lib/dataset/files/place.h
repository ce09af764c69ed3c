/* Reading a file that lies in a folder or in a tar file. Each call opens the file for itself, so that any
 * thread may read any place. */
#ifndef CHECKROB_LIB_PLACE_H
#define CHECKROB_LIB_PLACE_H

#include <stdbool.h>

#include "image/source.h"

/* Where a file's bytes are: the whole of `path`, or a part of it (a member of a tar shard). */
typedef struct file_place {
  char *path;
  bool part;
  uint64_t offset, bytes; /* of a part */
} file_place;

/* Reads a file of at most `limit` bytes; a NUL is added behind the last byte and not counted. Errors: as
 * file_read. */
checkrob_status place_read(char **data, size_t *bytes, const file_place *place, uint64_t limit);
/* Decodes an image; limits NULL: the standard ones. Sentences about the contents don't name the file. Errors:
 * those of place_read and checkrob_image_decode. */
checkrob_status place_decode(checkrob_image **out, const file_place *place,
                             const checkrob_image_limits *limits);
/* The numbers of a mask (image.h); `name` begins its sentences. Errors: those of place_read and
 * image_decode_indices. */
checkrob_status place_decode_indices(index_image **out, const file_place *place, const char *name);
void place_clear(file_place *place);

#endif
