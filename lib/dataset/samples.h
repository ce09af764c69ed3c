/* SPDX-License-Identifier: Apache-2.0 */
/* From an image with its annotation to its samples. */
#ifndef CHECKROB_LIB_SAMPLES_H
#define CHECKROB_LIB_SAMPLES_H

#include "dataset/sample.h"

/* Which samples to make. */
typedef struct sample_choice {
  const checkrob_class_map *classes; /* NULL: samples of no class */
  unsigned ignored_flags;
  bool skip_unmapped; /* no sample of an image whose objects are all ignored or of classes outside the map */
} sample_choice;

/* Appends the samples of an input, sorted by class index, at least one unless the input is skipped: a sample
 * for each class of the map that has objects, or for the input's one class; without a class map one sample of
 * no class. `read` is the status of reading the input: other than OK it becomes a failed sample with this
 * thread's last error message. Moves what it needs out of the input. OUT_OF_MEMORY. */
checkrob_status samples_make(sample_list *samples, checkrob_input *input, checkrob_status read,
                             const sample_choice *choice);

#endif
