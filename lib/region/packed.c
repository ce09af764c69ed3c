/* SPDX-License-Identifier: Apache-2.0 */
#include "region/packed.h"

#include <stdlib.h>

#include "base/error.h"

static size_t list_runs(packed_run *runs, const float *coverage, size_t pixels) {
  size_t count = 0;
  for (size_t i = 0, end; i < pixels; i = end) {
    for (end = i + 1; end < pixels && coverage[end] == coverage[i] && end - i < UINT32_MAX;) end++;
    if (runs) runs[count] = (packed_run){coverage[i], (uint32_t)(end - i)};
    count++;
  }
  return count;
}

checkrob_status packed_make(packed_coverage *out, const float *coverage, size_t pixels) {
  size_t count = list_runs(NULL, coverage, pixels);
  packed_run *runs = malloc((count + 1) * sizeof *runs);
  if (!runs) return error_memory("a region");
  list_runs(runs, coverage, pixels);
  *out = (packed_coverage){runs, count};
  return CHECKROB_OK;
}

void packed_write(float *coverage, const packed_coverage *packed) {
  for (size_t i = 0; i < packed->count; i++)
    for (uint32_t k = 0; k < packed->runs[i].length; k++) *coverage++ = packed->runs[i].value;
}

bool packed_is_covered(const packed_coverage *packed) {
  for (size_t i = 0; i < packed->count; i++)
    if (packed->runs[i].value > 0.0F) return true;
  return false;
}
