/* SPDX-License-Identifier: Apache-2.0 */
/* Paths in the order of their ends. Those that end in one name, whole folders only, then follow each other,
 * so that they are found among a million: "a/7.jpg", "b/7.jpg" and "c/b/7.jpg" for "7.jpg". */
#ifndef CHECKROB_LIB_PATH_TAIL_H
#define CHECKROB_LIB_PATH_TAIL_H

#include <stddef.h>

/* A path, and what is in front of it with a slash between; NULL: nothing. */
typedef struct path_tail {
  const char *text, *front;
  size_t bytes, front_bytes;
} path_tail;

/* As qsort() and bsearch() want it. 0: the paths are equal. */
int path_tail_compare(path_tail a, path_tail b);

/* The same for a name, which has nothing in front, and a path. 0: the path ends in the name. */
int path_tail_compare_name(path_tail name, path_tail path);

#endif
