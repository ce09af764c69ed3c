/* SPDX-License-Identifier: Apache-2.0 */
/* Images of a class with almost the same surroundings: a place that was photographed many times, frames of
 * one video, one picture in several versions. */
#ifndef CHECKROB_LIB_DUPLICATES_H
#define CHECKROB_LIB_DUPLICATES_H

#include "table/row_list.h"

#define DUPLICATE_TABLE "duplicate"

extern const column_list duplicate_columns;

/* An empty list with the table's columns. OUT_OF_MEMORY. */
checkrob_status duplicates_start(row_list *list);

/* The surroundings of a sample. Starts as zeros; the rest is the result. */
typedef struct surroundings {
  size_t input, part;
  char *image;       /* owned */
  float *values;     /* [features], owned: standardised, so that over all samples each has mean 0 */
  size_t group;      /* from 1; 0: nothing is almost the same */
  double similarity; /* to the most similar other one; -1 if there is none */
} surroundings;

/* The samples of a class. Starts as zeros. */
typedef struct surroundings_list {
  surroundings *items;
  size_t count, capacity, features;
} surroundings_list;

void surroundings_clear(surroundings_list *list);

/* Appends a sample. The values are copied, and standardised in the copy by these means and deviations.
 * OUT_OF_MEMORY. */
checkrob_status surroundings_add(surroundings_list *list, size_t input, size_t part, const char *image,
                                 const float *values, const double *means, const double *deviations);

/* Two samples are in one group if the cosine of their standardised values is at least the threshold. */
#define DUPLICATE_COSINE 0.9
/* The threshold for a dataset: DUPLICATE_COSINE, or more where backgrounds are alike anyway: so much that of
 * 10,000 pairs of `others`, of two images of different classes [others->count], one reaches it. Scales the
 * values to length 1. OUT_OF_MEMORY. */
checkrob_status duplicates_threshold(double *out, surroundings_list *others, const int64_t *class_of);

/* Finds the groups, and numbers them in the order of their first samples. */
void duplicates_find(surroundings_list *list, double threshold);

/* Appends a row for each sample in a group. OUT_OF_MEMORY. */
checkrob_status duplicates_fill(row_list *out, const surroundings_list *list, const checkrob_row *class_row);

#endif
