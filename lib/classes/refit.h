/* SPDX-License-Identifier: Apache-2.0 */
/* A new last layer on representations: multinomial logistic regression. Pure functions. */
#ifndef CHECKROB_LIB_REFIT_H
#define CHECKROB_LIB_REFIT_H

#include <checkrob/status.h>
#include <stdatomic.h>
#include <stddef.h>

/* What a layer is fitted to. Classes are numbered from 0. */
typedef struct refit_data {
  const float *const *rows; /* [count], each [features]: of mean 0 and deviation 1 or so */
  const size_t *labels;     /* [count] */
  size_t count, features, classes;
  const atomic_int *interrupted; /* any thread may set it: the fit stops at the next step; NULL: never */
} refit_data;

/* A linear layer: the logit of class k is weights[k] . row + the last number of weights[k]. */
typedef struct refit_layer {
  size_t features, classes;
  double *weights; /* [classes, features + 1] */
} refit_layer;

void refit_clear(refit_layer *layer);

/* Minimises the mean cross-entropy, where each class that has rows counts the same, plus REFIT_DECAY / 2
 * times the sum of the squared weights without the last ones, by L-BFGS (Liu and Nocedal, On the limited
 * memory BFGS method, Mathematical Programming 1989), in at most `steps` steps. Starts from `start`, or from
 * zeros if it is NULL. The same data give the same layer. OUT_OF_MEMORY. */
#define REFIT_DECAY 1e-3
checkrob_status refit_fit(refit_layer *out, const refit_data *data, const refit_layer *start, size_t steps);

/* The class with the largest logit; of equal ones the first. */
size_t refit_predict(const refit_layer *layer, const float *row);

#endif
