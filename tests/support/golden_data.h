/* SPDX-License-Identifier: Apache-2.0 */
/* The authors' numbers: CSV rows and maps of their unchanged code for the kangaroo photos. */
#ifndef CHECKROB_TESTS_GOLDEN_DATA_H
#define CHECKROB_TESTS_GOLDEN_DATA_H

#include <stddef.h>
#include <stdint.h>

typedef struct golden_row {
  char image[64];
  unsigned width, height, boxes;
  double logit, rs;
  int64_t top5[5];
} golden_row;

typedef struct golden_data {
  golden_row *rows;
  size_t count;
  float *maps; /* [count, height, width] */
  size_t height, width;
} golden_data;

/* The folder with golden/ and kangaroo/, or NULL where it is not there: then the test skips. */
const char *golden_folder(void);

/* Reads STEM.csv and STEM__maps.npy of golden/; fails the test on anything unexpected. */
void golden_read(golden_data *data, const char *stem);
void golden_free(golden_data *data);

#endif
