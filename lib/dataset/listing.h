/* The files below a folder. */
#ifndef CHECKROB_LIB_LISTING_H
#define CHECKROB_LIB_LISTING_H

#include <checkrob/status.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct listing {
  const char **paths; /* relative to the folder, sorted bytewise */
  size_t count;
  char *text; /* what they point into: one block, for a million images */
} listing;

/* Lists the files below `folder` whose name ends in one of `endings` (such as ".jpg", in any case; the last
 * is NULL). Follows symbolic links, but never into a folder that it is inside of; leaves out what is hidden
 * (.name). `what` names the folder in sentences: "images". Errors: NOT_FOUND, IO, OUT_OF_MEMORY; a sub-folder
 * that can't be read is an error, because its files would be missed without a word. */
checkrob_status listing_make(listing *out, const char *folder, const char *const *endings, const char *what);

void listing_clear(listing *list);

/* "folder/name", or `name` alone where the folder is "". The caller frees; NULL when memory is out. */
char *path_join(const char *folder, const char *name);

#endif
