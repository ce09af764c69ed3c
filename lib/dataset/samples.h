/* From an image with its annotation to its samples. */
#ifndef CHECKROB_LIB_SAMPLES_H
#define CHECKROB_LIB_SAMPLES_H

#include "dataset/sample.h"

/* Which samples are wanted. */
typedef struct sample_choice {
  const checkrob_class_map *classes; /* NULL: of no class */
  unsigned ignored_flags;
  bool skip_unmapped; /* none of an image whose objects are all ignored, or of classes outside the map */
} sample_choice;

/* Appends the samples of an input, at least one unless it is skipped, by rising class index: one for each
 * class of the map that it has objects of, or of the input's one class alone; without a class map one of no
 * class. `read` is what reading the input came to: other than OK it becomes a failed sample, with this
 * thread's last sentence. The input's contents are used up. OUT_OF_MEMORY. */
checkrob_status samples_make(sample_list *samples, checkrob_input *input, checkrob_status read,
                             const sample_choice *choice);

#endif
