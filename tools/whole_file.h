/* SPDX-License-Identifier: Apache-2.0 */
/* Files that appear completely or not at all. */
#ifndef CHECKROB_TOOLS_WHOLE_FILE_H
#define CHECKROB_TOOLS_WHOLE_FILE_H

#include <stdio.h>

typedef struct whole_file {
  FILE *file;
  char *path, *part; /* the file, and its name until it is complete: PATH.DIGITS.part, random */
} whole_file;

/* Opens a new file beside PATH. 0, or errno; EISDIR, ENOTSUP: PATH is a folder, or no file, such as a device.
 */
int whole_file_open(whole_file *w, const char *path);
/* Renames the complete file, and frees. 0; or errno, after it removed the file. */
int whole_file_close(whole_file *w);
/* Removes the unfinished file, and frees. */
void whole_file_discard(whole_file *w);

#endif
