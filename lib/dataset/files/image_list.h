/* SPDX-License-Identifier: Apache-2.0 */
/* Text files that select images: those of VOC's ImageSets, ImageNet's, YOLO's train.txt. */
#ifndef CHECKROB_LIB_IMAGE_LIST_H
#define CHECKROB_LIB_IMAGE_LIST_H

#include "dataset/files/path.h"

typedef struct list_entry {
  const char *name; /* without a leading "./" */
  const char *list; /* the file's path */
  size_t line;
} list_entry;

typedef struct image_lists {
  list_entry *entries; /* those that are selected */
  size_t count, capacity;
  char **texts; /* the names point into them */
  char **paths;
  size_t text_count;
} image_lists;

/* Reads the files. Each line is a name, or a name and a whole number; a line whose number is below 0 is
 * ignored. `out` must be empty; the caller clears it, also after a failure. Errors: NOT_FOUND, IO, LIMIT (1
 * GiB), BAD_INPUT (not text, or without a name), OUT_OF_MEMORY. */
checkrob_status image_lists_open(image_lists *out, path_span paths);
void image_lists_clear(image_lists *lists);

#endif
