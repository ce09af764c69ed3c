/* SPDX-License-Identifier: Apache-2.0 */
/* What a path names is written so that nothing is lost. A file appears completely or not at all: it is
 * written under no name or another one in the same folder, and then renamed. A symbolic link is followed, and
 * remains. What is no file (a FIFO, a character device, a descriptor such as /dev/stdout) is written through,
 * and never replaced. tests/walls/same_form.py checks that lib/base and tools have the same code. */
#ifndef CHECKROB_LIB_WRITE_TARGET_H
#define CHECKROB_LIB_WRITE_TARGET_H

#include <stdio.h>

typedef struct write_target {
  FILE *file;
  char *path;   /* as it was given */
  char *target; /* the file that is replaced: the path, or what it links to; NULL: it is written through */
  char *part;   /* the name of the unfinished file, TARGET.DIGITS.part, random; NULL: it has none */
} write_target;

enum {
  WRITE_ANY,
  WRITE_FILE, /* only a file: what is written is written again */
  WRITE_NAMED /* only a file, and it has a name while it is unfinished */
};

/* Opens what `path` names for binary writing. It blocks on a FIFO until there is a reader. 0, or errno; a
 * code of write_target_reason() has a meaning of its own. Then write_target_close() must be called. */
int write_target_open(write_target *w, const char *path, int kind);
/* Closes the file, which the caller of WRITE_NAMED may have closed already (NULL), and gives it its name;
 * with a code other than 0 it is removed instead. What was written through cannot be taken back. Frees.
 * Returns the code, or errno. */
int write_target_close(write_target *w, int code);
/* Removes the file that writing would replace, if there is one. 0, or errno. */
int write_target_remove(const char *path);
/* What a code means here; NULL: what strerror() says. */
const char *write_target_reason(int code);

#endif
