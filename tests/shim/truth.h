/* SPDX-License-Identifier: Apache-2.0 */
/* What make_models.py wrote: the eager model's numbers. */
#ifndef CHECKROB_TESTS_SHIM_TRUTH_H
#define CHECKROB_TESTS_SHIM_TRUTH_H

#include <stddef.h>
#include <stdint.h>

#include "shim.h"

typedef struct truth {
  int64_t shape[4]; /* of the input: N, 3, H, W */
  int64_t classes;
  int64_t layer[4]; /* N, C, h, w */
  int64_t *targets;
  float *input, *logits, *activation, *gradient;
} truth;

/* Fail the running test if the file cannot be read. */
void truth_read(truth *out, const char *path);
void truth_free(truth *t);

/* Fails the running test unless all values are within `tolerance` of the largest expected one. */
void assert_close(const char *what, const float *got, const float *expected, size_t count, double tolerance);

/* Compares a run with the truth; without gradient where the run had no targets. */
void assert_capture(const shim_capture *capture, const truth *t, int with_gradient);

#endif
