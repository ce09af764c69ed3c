/* Inputs of the formats whose annotations name their images (COCO, manifests): names and files, matched. */
#ifndef CHECKROB_LIB_NAMED_INPUTS_H
#define CHECKROB_LIB_NAMED_INPUTS_H

#include "dataset/input.h"

#define NAMED_NOWHERE SIZE_MAX

typedef struct named_input {
  const char *name;        /* the file's path, or else the name in the annotations */
  const listed_file *file; /* NULL: there is none, or it is not clear which */
  size_t candidates;       /* files of the name's base name */
  size_t entry;            /* the name's number; NAMED_NOWHERE: a file that no name means */
} named_input;

typedef struct named_inputs {
  named_input *items; /* sorted by name, then by entry */
  size_t count;
  size_t left_out; /* by named_inputs_leave_out */
} named_inputs;

/* An input for each name, and one for each file that none of them means. A name means the file whose path
 * ends in it, folder by folder; else the only one of its base name. Names and files are borrowed.
 * OUT_OF_MEMORY. */
checkrob_status named_inputs_make(named_inputs *out, const listing *files, const char *const *names,
                                  size_t count);
/* Takes out files that no name means, and those whose entry `is_empty` says has no annotation (NULL: none).
 */
void named_inputs_leave_out(named_inputs *inputs, bool (*is_empty)(const void *state, size_t entry),
                            const void *state);
void named_inputs_clear(named_inputs *inputs);

/* Gives an input its name and place. OUT_OF_MEMORY. */
checkrob_status named_input_start(checkrob_input *out, const listing *files, const named_input *in);

#endif
