/* SPDX-License-Identifier: Apache-2.0 */
/* Paths of files and folders, and lists of them. */
#ifndef CHECKROB_LIB_PATH_H
#define CHECKROB_LIB_PATH_H

#include <checkrob/status.h>
#include <stdbool.h>
#include <stddef.h>

/* Borrowed paths. */
typedef struct path_span {
  const char *const *items;
  size_t count;
} path_span;

/* A list that owns its paths. */
typedef struct path_list {
  char **items;
  size_t count, capacity;
} path_list;

/* Appends a copy. OUT_OF_MEMORY. */
checkrob_status path_list_add(path_list *list, const char *path);
void path_list_clear(path_list *list);
/* Its paths, until the list is changed. */
path_span path_list_span(const path_list *list);

/* The part after a path's last slash. */
const char *path_base(const char *path);
/* Bytes of a path without the ending of its base name: "a/b.c/7.tar.gz" is "a/b.c/7.tar". A dot at the start
 * of the base name begins no ending. */
size_t path_stem_bytes(const char *path);
/* "folder/name", or `name` alone if the folder is "". The caller frees it; NULL if out of memory. */
char *path_join(const char *folder, const char *name);

/* A copy with '/' for each '\\' of a path that Windows wrote; the caller frees it. NULL if out of memory. */
char *path_from_windows(const char *path);

#endif
