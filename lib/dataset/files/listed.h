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

#define LISTING_MOST_ENDINGS 32

/* Those of images: of the formats that are decoded (".jpg"), and of others (".gif"), which are listed so that
 * they fail by name and are not missing without a word. */
extern const char *const listing_image_endings[LISTING_MOST_ENDINGS];

/* Whether a name ends as the images that are decoded do. */
bool listing_is_read(const char *name);

/* Whether a name ends in one of `endings`, in upper or lower case, and is longer. */
bool listing_ends_in(const char *name, const char *const *endings);

#endif
