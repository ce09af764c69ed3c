/* Images and annotations in two folders, and which belong together (docs/datasets.md has the rules). */
#ifndef CHECKROB_LIB_PAIRING_H
#define CHECKROB_LIB_PAIRING_H

#include <checkrob/dataset.h>

#include "dataset/listing.h"

typedef enum pair_state {
  PAIR_MATCHED,
  PAIR_NO_ANNOTATION,
  PAIR_NO_IMAGE,
  PAIR_SEVERAL_ANNOTATIONS, /* `annotation` and `rival`, perhaps more, have the image's stem */
  PAIR_ANNOTATION_SHARED    /* `annotation` has the image's stem, but so have images in other folders */
} pair_state;

typedef struct image_pair {
  const listed_file *image;      /* NULL for PAIR_NO_IMAGE */
  const listed_file *annotation; /* NULL for PAIR_NO_ANNOTATION */
  const listed_file *rival;      /* NULL but for PAIR_SEVERAL_ANNOTATIONS */
  pair_state state;
} image_pair;

typedef struct pairing {
  listing images, annotations;
  const char *ending; /* of annotations, ".xml" */
  image_pair *pairs;  /* sorted by image, or by annotation where there is no image */
  size_t count;
} pairing;

/* Lists the options' images and the annotations that end in `ending`, a constant string. Errors: NOT_FOUND
 * (also when there is neither), IO, OUT_OF_MEMORY. */
checkrob_status pairing_open(pairing **out, const checkrob_dataset_options *options, const char *ending);
void pairing_free(pairing *pairs);

/* What a pair is called: its image's path, or its annotation's. */
const char *pairing_name(const pairing *pairs, size_t i);

/* Stores the sentence for a pair that is not matched and returns NOT_FOUND. */
checkrob_status pairing_error(const pairing *pairs, const image_pair *pair);

#endif
