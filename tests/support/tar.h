/* SPDX-License-Identifier: Apache-2.0 */
/* A tar file, written member by member: what a writer does, and what a damaged one looks like. */
#ifndef SUPPORT_TAR_H
#define SUPPORT_TAR_H

#include <stddef.h>
#include <stdio.h>

typedef struct tar_file {
  FILE *file;
} tar_file;

void tar_start(tar_file *tar, const char *path);
/* A regular file, as ustar; the name has less than 100 bytes. */
void tar_add(tar_file *tar, const char *name, const void *data, size_t bytes);
void tar_add_text(tar_file *tar, const char *name, const char *text);
/* All files below a folder, by their paths relative to it. */
void tar_add_folder(tar_file *tar, const char *folder);
/* A header of this type with this size, and `data` after it. */
void tar_add_type(tar_file *tar, char type, const char *name, const void *data, size_t bytes);
/* A pax header whose records follow one another in `records`, each "path=a/b\n". */
void tar_add_pax(tar_file *tar, char type, const char *const *records, size_t count);
/* A header whose 512 bytes the caller made; the sum is filled in. */
void tar_add_block(tar_file *tar, unsigned char block[512]);
/* Two blocks of zeros. */
void tar_end(tar_file *tar);
/* Without them. */
void tar_break_off(tar_file *tar);

#endif
