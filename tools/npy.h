/* SPDX-License-Identifier: Apache-2.0 */
/* NumPy's array files, written row by row: https://numpy.org/neps/nep-0001-npy-format.html, version 1.0. */
#ifndef CHECKROB_TOOLS_NPY_H
#define CHECKROB_TOOLS_NPY_H

#include <stddef.h>
#include <stdint.h>

#include "whole_file.h"

typedef struct npy_file {
  whole_file to;
  int half; /* float16 instead of float32 */
  size_t rows, row_size;
  size_t row_shape[3], row_rank;
  size_t overflows; /* finite numbers that are too large for float16 */
  uint16_t *halves; /* [row_size] */
} npy_file;

/* Opens a file that gets its name when it is closed. 0, or errno. */
int npy_open(npy_file *npy, const char *path, int half);
/* Appends rows of `row_rank` axes; every call passes the same row shape. 0, or errno. */
int npy_append(npy_file *npy, const float *values, size_t rows, const size_t *row_shape, size_t row_rank);
/* Completes the header, and writes what is buffered; the file may be closed or discarded then. 0, or errno.
 */
int npy_complete(npy_file *npy);
/* Completes the header and renames the file; without rows it removes the file. 0, or errno. Frees everything.
 */
int npy_close(npy_file *npy);
/* Removes the unfinished file, and frees everything. */
void npy_discard(npy_file *npy);

/* IEEE 754 binary16, rounded to nearest, ties to even; a number that is too large becomes infinite. */
uint16_t half_of(float value);

#endif
