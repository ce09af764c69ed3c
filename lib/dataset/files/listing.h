/* The files below one or several folders, or inside tar shards. */
#ifndef CHECKROB_LIB_LISTING_H
#define CHECKROB_LIB_LISTING_H

#include <stdbool.h>

#include "dataset/files/path.h"
#include "dataset/files/place.h"

typedef struct listed_file {
  /* Relative to its root; with several roots the root's name and a slash come first. */
  const char *path;
  uint32_t root;
  uint64_t offset, bytes; /* of a shard's member */
} listed_file;

typedef struct listing_root {
  char *path;
  /* With several roots: its base name, a shard's without ".tar", so that its files are called as they would
   * be if it were unpacked. Where all base names are one (VOC2007/JPEGImages and VOC2012/JPEGImages), that of
   * the folder above. */
  char *name;
  size_t prefix_bytes; /* of the files' paths, that name this root */
  bool shard;
} listing_root;

typedef struct listing {
  listed_file *files; /* sorted by path, bytewise */
  size_t count;
  char *text; /* what their paths point into: one block, for a million images */
  listing_root *roots;
  size_t root_count;
} listing;

/* ".jpg", ".jpeg", ".png". */
extern const char *const listing_image_endings[];

/* Whether a name ends in one of `endings`, in any case, and is longer. */
bool listing_ends_in(const char *name, const char *const *endings);

/* Lists the files below the roots, which are folders or tar files, whose name ends in one of `endings` (such
 * as ".jpg", in any case; the last is NULL). Follows symbolic links, but never into a folder that it is
 * inside of; leaves out what is hidden
 * (.name). `what` names the roots in sentences: "images". Errors: NOT_FOUND, IO, OUT_OF_MEMORY, those of
 * tar_index_read; a sub-folder that can't be read is an error, because its files would be missed without a
 * word, and so is a link inside a shard. */
checkrob_status listing_make(listing *out, path_span roots, const char *const *endings, const char *what);
void listing_clear(listing *list);

/* Where a file is to be read; *out is the caller's to clear. OUT_OF_MEMORY. */
checkrob_status listing_place(file_place *out, const listing *list, const listed_file *file);

/* The file's path, or that of its shard with its name in brackets: what it is called in sentences. The caller
 * frees; NULL when memory is out. */
char *listing_describe(const listing *list, const listed_file *file);

#endif
