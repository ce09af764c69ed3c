/* SPDX-License-Identifier: Apache-2.0 */
/* Coverage in little memory. It is 0 or 1 nearly everywhere, so equal values that follow each other are
 * stored once: a box of an input of 224 x 224 pixels takes some kilobytes, not 200. */
#ifndef CHECKROB_LIB_PACKED_H
#define CHECKROB_LIB_PACKED_H

#include <checkrob/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct packed_run {
  float value;
  uint32_t length;
} packed_run;

typedef struct packed_coverage {
  packed_run *runs; /* NULL: there is none */
  size_t count;
} packed_coverage;

/* The caller frees out->runs. OUT_OF_MEMORY. */
checkrob_status packed_make(packed_coverage *out, const float *coverage, size_t pixels);

/* Writes the same values again. */
void packed_write(float *coverage, const packed_coverage *packed);

/* Whether any pixel is covered. */
bool packed_is_covered(const packed_coverage *packed);

#endif
