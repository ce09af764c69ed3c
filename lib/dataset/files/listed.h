/* SPDX-License-Identifier: Apache-2.0 */
/* One file of a listing, and which files are images. */
#ifndef CHECKROB_LIB_LISTED_H
#define CHECKROB_LIB_LISTED_H

#include <stdbool.h>
#include <stdint.h>

typedef struct listed_file {
  /* Relative to its root; with several roots it begins with the root's name and a slash. */
  const char *path;
  uint32_t root;
  uint64_t offset, bytes; /* of a shard's member */
} listed_file;

/* ".jpg", ".jpeg", ".png". */
extern const char *const listing_image_endings[];

/* Whether a name ends in one of `endings`, in upper or lower case, and is longer. */
bool listing_ends_in(const char *name, const char *const *endings);

#endif
