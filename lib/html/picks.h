/* SPDX-License-Identifier: Apache-2.0 */
/* The images that a report shows, chosen from the samples of results. */
#ifndef CHECKROB_LIB_HTML_PICKS_H
#define CHECKROB_LIB_HTML_PICKS_H

#include <checkrob/results.h>
#include <stdbool.h>

/* Why an image is shown. */
typedef enum pick_kind {
  PICK_WORST,
  PICK_TYPICAL,
  PICK_BEST,
  PICK_MISSED, /* not recognised, or without a map */
  PICK_FEATURE,
  PICK_POOL
} pick_kind;

/* A map as bytes: 255 is its largest value. */
typedef struct byte_map {
  unsigned char *cells; /* [height, width]; NULL: there is none */
  size_t height, width;
} byte_map;

typedef struct pick {
  pick_kind kind;
  int64_t index;      /* output index of the class */
  int64_t feature;    /* of PICK_FEATURE and PICK_POOL: the feature's number; else 0 */
  size_t input, part; /* of the sample; of PICK_POOL in the pool */
  char *image;        /* its name; NULL until the sample was read */
  double rs, region_share, probability;
  int64_t predicted, rank;
  double x, y; /* where the feature is, in shares of the model's input; NaN */
  byte_map map;
  /* The same sample in other results. */
  double rs_before;
  byte_map map_before;
} pick;

typedef struct pick_list {
  pick *items;
  size_t count, capacity;
} pick_list;

void pick_list_clear(pick_list *list);
/* Adds a pick of which nothing else is known. NULL: out of memory. */
pick *pick_list_add(pick_list *list, pick_kind kind, int64_t index, size_t input, size_t part);

/* Samples that were taken for another class: how many of `index` were taken for `predicted`. */
typedef struct confusion {
  int64_t index, predicted;
  size_t count;
} confusion;

/* What one pass over the samples finds. Starts as zeros. */
typedef struct samples_seen {
  struct seen_sample *items; /* by class, then from the least to the most saliency on the object */
  size_t count, capacity;
  confusion *confusions; /* by class, then the most frequent first */
  size_t confusion_count;
} samples_seen;

void samples_seen_clear(samples_seen *seen);
/* Adds an evaluated sample. OUT_OF_MEMORY. */
checkrob_status samples_seen_add(samples_seen *seen, const checkrob_row *sample);
/* Sorts them and counts the confusions, after the last sample. OUT_OF_MEMORY. */
checkrob_status samples_seen_finish(samples_seen *seen);

/* Chooses `most` samples of each class, among those that are recognised and have a map: a wrong answer is not
 * explained by its saliency. Half of them, rounded up, are the worst; a quarter the best, and the rest are
 * around the median. Where there are fewer, samples that are not recognised follow. */
checkrob_status picks_choose(pick_list *out, const samples_seen *seen, size_t most);

/* Reads the chosen samples (but those of a pool): names, numbers and maps. */
checkrob_status picks_read(pick_list *picks, checkrob_results *results);
/* Reads the same samples, by image and class, in other results. */
checkrob_status picks_read_before(pick_list *picks, checkrob_results *before);

/* Adds the images that show spurious features, at most `most` of each, the strongest first. */
checkrob_status picks_add_features(pick_list *picks, checkrob_results *results, size_t most);
/* Adds the images of the pool that are taken for a class by a feature, without showing the class. */
checkrob_status picks_add_pool(pick_list *picks, checkrob_results *results, size_t most);

#endif
