/* Text files that choose images: VOC's ImageSets, ImageNet's, YOLO's train.txt. */
#ifndef CHECKROB_LIB_IMAGE_LIST_H
#define CHECKROB_LIB_IMAGE_LIST_H

#include "dataset/files/path.h"

typedef struct list_entry {
  const char *name; /* without a leading "./" */
  const char *list; /* the file's path */
  size_t line;
} list_entry;

typedef struct image_lists {
  list_entry *entries; /* those that are wanted */
  size_t count, capacity;
  char **texts; /* what the names point into */
  char **paths;
  size_t text_count;
} image_lists;

/* Reads the files; each line is a name, or a name and a whole number, which takes the line back where it is
 * below 0. `out`, which is empty, is the caller's to clear also on failure: NOT_FOUND, IO, LIMIT (1 GiB),
 * BAD_INPUT (no text, no name in it), OUT_OF_MEMORY. */
checkrob_status image_lists_open(image_lists *out, path_span paths);
void image_lists_clear(image_lists *lists);

#endif
