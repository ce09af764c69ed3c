/* SPDX-License-Identifier: Apache-2.0 */
/* Files that appear completely or not at all, and what is written through: see write_target.h. */
#ifndef CHECKROB_TOOLS_WHOLE_FILE_H
#define CHECKROB_TOOLS_WHOLE_FILE_H

#include "write_target.h"

typedef write_target whole_file;

/* Opens what is written to PATH. 0, or errno, which whole_file_reason() explains. */
int whole_file_open(whole_file *w, const char *path);
/* The same for a file alone: parts of it are written again. */
int whole_file_open_seekable(whole_file *w, const char *path);
/* Renames the complete file, and frees. 0; or errno, after it removed the file. */
int whole_file_close(whole_file *w);
/* Removes the unfinished file, and frees. */
void whole_file_discard(whole_file *w);
/* Why it cannot be written. */
const char *whole_file_reason(int code);

#endif
