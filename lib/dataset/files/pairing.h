/* SPDX-License-Identifier: Apache-2.0 */
/* Images and annotations in folders or tar files, in pairs (docs/datasets.md has the rules). */
#ifndef CHECKROB_LIB_PAIRING_H
#define CHECKROB_LIB_PAIRING_H

#include "dataset/files/image_list.h"
#include "dataset/files/listing.h"

/* What to pair, and which pairs to select. */
typedef struct pairing_request {
  path_span images, annotations; /* folders or tar files; at least one each */
  path_span lists;               /* text files that select images; none: all images */
  bool skip_unannotated;         /* leave images without annotation out */
} pairing_request;

typedef enum pair_state {
  PAIR_MATCHED,
  PAIR_NO_ANNOTATION,
  PAIR_NO_IMAGE,
  PAIR_SEVERAL_ANNOTATIONS, /* at least `annotation` and `rival` have the image's stem */
  PAIR_ANNOTATION_SHARED,   /* `annotation` has the stem of images in several folders */
  PAIR_WANTED,              /* a list names it, but there is neither image nor annotation */
  PAIR_WANTED_SEVERAL       /* a list names it, and several images match */
} pair_state;

typedef struct image_pair {
  const listed_file *image;      /* NULL for PAIR_NO_IMAGE */
  const listed_file *annotation; /* NULL for PAIR_NO_ANNOTATION */
  const listed_file *rival;      /* NULL except for PAIR_SEVERAL_ANNOTATIONS */
  const list_entry *wanted;      /* of PAIR_WANTED and PAIR_WANTED_SEVERAL, which have no file; else NULL */
  const char *near;              /* without a partner: a path that looks like it, or NULL */
  pair_state state;
} image_pair;

typedef struct pairing {
  listing images, annotations;
  const listed_file *numbers; /* .cls files beside the images, sorted by place; a part of `images` */
  size_t number_count;
  const char *const *endings; /* of annotations, ".xml" first */
  image_lists lists;
  image_pair *pairs; /* sorted by image, or by annotation if there is no image */
  size_t count;
  size_t left_out; /* images that skip_unannotated left out */
} pairing;

/* Lists the images, and the annotations whose names end in one of `endings`, a constant array whose last item
 * is NULL. If an image has several annotations at one place (7.xml, 7.seg.png), the first of the endings
 * counts. A file with such an ending is not an image. Errors: those of listing_make; NOT_FOUND if there are
 * neither images nor annotations. */
checkrob_status pairing_open(pairing **out, const pairing_request *request, const char *const *endings);
void pairing_free(pairing *pairs);

/* The .cls file at the image's place; NULL if there is none. */
const listed_file *pairing_number_file(const pairing *pairs, const listed_file *image);

/* Removes the pairs that no list names. A name without an image becomes a pair of its own. OUT_OF_MEMORY. */
checkrob_status pairing_choose(pairing *pairs);

/* Sets `near` of the pairs that are not matched. OUT_OF_MEMORY. */
checkrob_status pairing_find_near(pairing *pairs);

/* A pair's name: its image's path, or its annotation's, or the name in the list. */
const char *pairing_name(const pairing *pairs, size_t i);
/* The pair of this name; NULL if there is none. */
const image_pair *pairing_find(const pairing *pairs, const char *name);

/* Stores the error message of a pair that is not matched. Returns NOT_FOUND. */
checkrob_status pairing_error(const pairing *pairs, const image_pair *pair);

#endif
