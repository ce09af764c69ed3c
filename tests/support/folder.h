/* SPDX-License-Identifier: Apache-2.0 */
/* Temporary folders and the files in them. Any failure here stops the test program: it is not what is being
 * tested. */
#ifndef SUPPORT_FOLDER_H
#define SUPPORT_FOLDER_H

#include <stddef.h>
#include <stdint.h>

/* A new empty folder below $TMPDIR or /tmp. folder_remove() deletes it with all that is in it and frees the
 * string. */
char *folder_new(void);
void folder_remove(char *folder);

/* "folder/name", to be freed. */
char *folder_path(const char *folder, const char *name);

/* Creates the folder `name` in `folder`. */
void folder_make(const char *folder, const char *name);

/* Number of files and folders in it. */
size_t folder_count(const char *folder);

void file_write(const char *folder, const char *name, const void *data, size_t bytes);
void file_write_text(const char *folder, const char *name, const char *text);

/* Cuts a file to its first `bytes` bytes. */
void file_truncate(const char *folder, const char *name, size_t bytes);
size_t file_size(const char *folder, const char *name);

#endif
