/* SPDX-License-Identifier: Apache-2.0 */
/* The files below one or several folders, or in tar files. */
#ifndef CHECKROB_LIB_LISTING_H
#define CHECKROB_LIB_LISTING_H

#include "dataset/files/listed.h"
#include "dataset/files/location.h"
#include "dataset/files/path.h"

typedef struct listing_root {
  char *path;
  /* With several roots: its base name, a tar file's without ".tar", so that its files are named as if it were
   * unpacked. If all base names are the same (VOC2007/JPEGImages and VOC2012/JPEGImages), the name of the
   * folder above. */
  char *name;
  size_t prefix_bytes; /* of the files' paths: the root's name and its slash */
  bool shard;
} listing_root;

typedef struct listing {
  listed_file *files; /* sorted by path, bytewise */
  size_t count;
  char *text; /* all paths, in one block: there may be a million images */
  listing_root *roots;
  size_t root_count;
} listing;

/* Lists the files below the roots (folders or tar files) whose names end in one of `endings` (such as ".jpg",
 * in upper or lower case; the last is NULL). Follows symbolic links, but not into a folder that contains the
 * link; ignores hidden files (.name). `what` names the roots in error messages: "images". A sub-folder that
 * cannot be read is an error, because its files would be missing without a warning; so is a link in a tar
 * file. An image of a format that is not decoded (listed.h) is left out where the same photo is there in
 * another form: "7.heic" beside "7.jpg". Errors: NOT_FOUND, IO, OUT_OF_MEMORY, those of tar_index_read. */
checkrob_status listing_make(listing *out, path_span roots, const char *const *endings, const char *what);
void listing_clear(listing *list);

/* Where the file's bytes are; the caller clears *out. OUT_OF_MEMORY. */
checkrob_status listing_locate(file_location *out, const listing *list, const listed_file *file);

/* The file's name in error messages: its path, or its tar file's path with its name in brackets. The caller
 * frees it; NULL if out of memory. */
char *listing_describe(const listing *list, const listed_file *file);

#endif
