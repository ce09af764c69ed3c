/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs of the formats whose annotations name their images (COCO, manifests): names matched with files. */
#ifndef CHECKROB_LIB_NAMED_INPUTS_H
#define CHECKROB_LIB_NAMED_INPUTS_H

#include "dataset/input.h"

#define NAMED_NOWHERE SIZE_MAX

typedef struct named_input {
  const char *name;        /* the file's path, or else the name in the annotations */
  const listed_file *file; /* NULL: no file matches, or several do */
  size_t candidates;       /* number of files of this base name */
  size_t entry;            /* the name's number; NAMED_NOWHERE: a file that no name matches */
  const char *near;        /* without a match: a name or a file that looks like it, or NULL */
} named_input;

typedef struct named_inputs {
  named_input *items; /* sorted by name, then by entry */
  size_t count;
  size_t left_out; /* by named_inputs_leave_out */
} named_inputs;

/* An input for each name, and one for each file that no name matches. A name matches the file whose path ends
 * in it, folder by folder; else the only file of its base name. A backslash is a slash in a name that matches
 * no file otherwise. Names and files are borrowed. OUT_OF_MEMORY. */
checkrob_status named_inputs_make(named_inputs *out, const listing *files, const char *const *names,
                                  size_t count);
/* Removes files that no name matches, and those whose entry has no annotation, according to `is_empty` (NULL:
 * each has one). */
void named_inputs_leave_out(named_inputs *inputs, bool (*is_empty)(const void *state, size_t entry),
                            const void *state);
void named_inputs_clear(named_inputs *inputs);

/* Sets an input's name and location. OUT_OF_MEMORY. */
checkrob_status named_input_start(checkrob_input *out, const listing *files, const named_input *in);

#endif
