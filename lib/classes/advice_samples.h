/* SPDX-License-Identifier: Apache-2.0 */
/* The representations of the samples, as last layers are fitted to them (classes/advice.h). */
#ifndef CHECKROB_LIB_ADVICE_SAMPLES_H
#define CHECKROB_LIB_ADVICE_SAMPLES_H

#include <stdatomic.h>

#include "classes/rule.h"
#include "table/row_list.h"

/* At most so many classes and samples take part. More would take hours. Of more samples, evenly spread ones
 * of each class do. */
#define ADVICE_CLASSES 100
#define ADVICE_SAMPLES 4096

#define ADVICE_NONE SIZE_MAX

typedef struct advice_sample {
  size_t label;  /* the number of its class among those that take part */
  size_t object; /* that of the class of the pasted object; ADVICE_NONE: no pasted image, or another class */
  /* 0 or 1. Samples of one image are in one fold. So are images of one group (duplicates.h), unless it has
   * more than a quarter of its class, or an image's fold was chosen with another class. */
  size_t fold;
  bool is_apart;    /* the image of the pasted object is in the other fold, or not known */
  bool is_repeated; /* an earlier sample of the fold has almost the same surroundings */
  /* what the model says: its class has the highest logit in the image, and in its surroundings alone; in the
   * pasted image the pasted object's class has it, or still the sample's own */
  bool recognised, recognised_without, object_recognised, fooled;
  uint64_t image, donor; /* hashes of the names of its image and of that of the pasted object */
  float *whole, *pasted; /* [features], owned: standardised; `pasted` may be NULL */
} advice_sample;

/* Starts as zeros. */
typedef struct advice_samples {
  advice_sample *items; /* by class */
  size_t count, capacity, features;
  const checkrob_row *classes[ADVICE_CLASSES]; /* that take part. Borrowed */
  size_t class_count;
} advice_samples;

void advice_samples_clear(advice_samples *s);

/* Reads the samples of `classes`, which take part, and finds the duplicates of all classes `all`, to whose
 * table rows are appended. Stays empty if the samples have no representations. Any thread may set
 * *interrupted, which may be NULL. Errors: INTERRUPTED, those of table_reader_next(). */
checkrob_status advice_samples_read(advice_samples *out, row_list *duplicates,
                                    const checkrob_row *const *classes, size_t class_count,
                                    checkrob_row *const *all, size_t all_count, store *s,
                                    const atomic_int *interrupted);

#endif
