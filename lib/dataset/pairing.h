/* Images and annotations in two folders, and which belong together (docs/datasets.md has the rules). */
#ifndef CHECKROB_LIB_PAIRING_H
#define CHECKROB_LIB_PAIRING_H

#include "dataset/listing.h"

typedef enum pair_state {
  PAIR_MATCHED,
  PAIR_NO_ANNOTATION,
  PAIR_NO_IMAGE,
  PAIR_SEVERAL_ANNOTATIONS, /* `annotation` and `rival`, perhaps more, have the image's stem */
  PAIR_ANNOTATION_SHARED    /* `annotation` has the image's stem, but so have images in other folders */
} pair_state;

/* The paths are relative to their folders. */
typedef struct image_pair {
  const char *image;      /* NULL for PAIR_NO_IMAGE */
  const char *annotation; /* NULL for PAIR_NO_ANNOTATION */
  const char *rival;      /* NULL but for PAIR_SEVERAL_ANNOTATIONS */
  pair_state state;
} image_pair;

typedef struct pairing {
  char *images_folder, *annotations_folder;
  listing images, annotations;
  image_pair *pairs; /* sorted by image, or by annotation where there is no image */
  size_t count;
} pairing;

/* Errors: NOT_FOUND (also when neither folder holds anything), IO, OUT_OF_MEMORY. */
checkrob_status pairing_open(pairing **out, const char *images_folder, const char *annotations_folder);
void pairing_free(pairing *pairs);

/* Stores the sentence for a pair that is not matched and returns NOT_FOUND. */
checkrob_status pairing_error(const pairing *pairs, const image_pair *pair);

#endif
