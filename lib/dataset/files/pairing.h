/* Images and annotations below folders or in tar shards, and which belong together (docs/datasets.md has the
 * rules). */
#ifndef CHECKROB_LIB_PAIRING_H
#define CHECKROB_LIB_PAIRING_H

#include "dataset/files/image_list.h"
#include "dataset/files/listing.h"

/* What is to be paired, and what of it is wanted. */
typedef struct pairing_request {
  path_span images, annotations; /* folders or tar files; at least one each */
  path_span lists;               /* text files that name the images wanted; none: all are */
  bool skip_unannotated;         /* images without annotation are left out */
} pairing_request;

typedef enum pair_state {
  PAIR_MATCHED,
  PAIR_NO_ANNOTATION,
  PAIR_NO_IMAGE,
  PAIR_SEVERAL_ANNOTATIONS, /* `annotation` and `rival`, perhaps more, have the image's stem */
  PAIR_ANNOTATION_SHARED,   /* `annotation` has the image's stem, but so have images in other folders */
  PAIR_WANTED,              /* a list names it, and there is neither image nor annotation */
  PAIR_WANTED_SEVERAL       /* a list names it, and several could be meant */
} pair_state;

typedef struct image_pair {
  const listed_file *image;      /* NULL for PAIR_NO_IMAGE */
  const listed_file *annotation; /* NULL for PAIR_NO_ANNOTATION */
  const listed_file *rival;      /* NULL but for PAIR_SEVERAL_ANNOTATIONS */
  const list_entry *wanted;      /* NULL but for PAIR_WANTED and PAIR_WANTED_SEVERAL, which have no file */
  pair_state state;
} image_pair;

typedef struct pairing {
  listing images, annotations;
  const listed_file *numbers; /* .cls files beside the images, sorted by place; they lie in `images` */
  size_t number_count;
  const char *const *endings; /* of annotations, ".xml" first */
  image_lists lists;
  image_pair *pairs; /* sorted by image, or by annotation where there is no image */
  size_t count;
  size_t left_out; /* images without annotation that the request doesn't want */
} pairing;

/* Lists the images and the annotations that end in one of `endings`, a constant array that NULL
 * ends. Where an image has several of them at one place (7.xml, 7.seg.png), the ending that comes first
 * counts. What ends in one of them is no image. Errors: those of listing_make; NOT_FOUND when there is
 * neither. */
checkrob_status pairing_open(pairing **out, const pairing_request *request, const char *const *endings);
void pairing_free(pairing *pairs);

/* The .cls file at an image's place; NULL if there is none. */
const listed_file *pairing_number_file(const pairing *pairs, const listed_file *image);

/* Leaves of the pairs those that the lists name; a name without an image is a pair too. OUT_OF_MEMORY. */
checkrob_status pairing_choose(pairing *pairs);

/* What a pair is called: its image's path, or its annotation's, or a list's name for it. */
const char *pairing_name(const pairing *pairs, size_t i);
/* The pair of that name; NULL if there is none. */
const image_pair *pairing_find(const pairing *pairs, const char *name);

/* Stores the sentence for a pair that is not matched and returns NOT_FOUND. */
checkrob_status pairing_error(const pairing *pairs, const image_pair *pair);

#endif
