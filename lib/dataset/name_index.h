/* Files by their base names, for annotations that name images. */
#ifndef CHECKROB_LIB_NAME_INDEX_H
#define CHECKROB_LIB_NAME_INDEX_H

#include "dataset/listing.h"

typedef struct name_index {
  const listed_file **files; /* by base name, then by path */
  size_t count;
} name_index;

/* The listing is borrowed. OUT_OF_MEMORY. */
checkrob_status name_index_make(name_index *out, const listing *files);
void name_index_clear(name_index *index);

/* The file that `name` means: the one whose path ends in it, folder by folder; else the only one of its base
 * name. NULL where there is none or a doubt; *candidates: files of the base name. */
const listed_file *name_index_find(size_t *candidates, const name_index *index, const char *name);

#endif
