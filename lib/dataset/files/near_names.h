/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean": files whose names look like a name that no file has. */
#ifndef CHECKROB_LIB_NEAR_NAMES_H
#define CHECKROB_LIB_NEAR_NAMES_H

#include <checkrob/status.h>
#include <stdint.h>

#include "dataset/files/path.h"

typedef struct near_name {
  uint64_t hash; /* of the stem */
  const char *path;
} near_name;

typedef struct near_names {
  near_name *items; /* by hash, then by path */
  size_t count;
} near_names;

/* An index of paths, which are borrowed. `room` is how many near_names_add() may add; then near_names_sort().
 */
checkrob_status near_names_new(near_names *out, size_t room);
void near_names_add(near_names *names, const char *path);
void near_names_sort(near_names *names);
void near_names_clear(near_names *names);

/* The first path whose base name, without its ending, is similar to that of `path`; NULL: none. The two may
 * differ in case, accents, Unicode's forms, blanks, and in their endings. */
const char *near_names_find(const near_names *names, const char *path);

/* "; did you mean NEAR?", or "" for NULL. */
typedef struct near_hint {
  char text[320];
} near_hint;
near_hint near_names_hint(const char *near);

#endif
