/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/levelling.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "classes/statistics.h"

static void shift(checkrob_row *row, const char *name, double by) {
  if (checkrob_row_has(row, name)) row_put_number(row, name, checkrob_row_number(row, name) - by);
}

static bool has_suspicion(const checkrob_row *row) {
  return checkrob_row_has(row, "suspicion_low") && checkrob_row_number(row, "area") > 0.0;
}

checkrob_status level_suspicions(checkrob_row *const *classes, size_t count) {
  double *sizes = malloc((2 * count + 1) * sizeof *sizes), slope = 0.0;
  if (!sizes) return error_memory("the classes' suspicions");
  double *suspicions = sizes + count;
  size_t known = 0;
  for (size_t i = 0; i < count; i++) {
    if (!has_suspicion(classes[i])) continue;
    sizes[known] = log(checkrob_row_number(classes[i], "area"));
    suspicions[known++] = checkrob_row_number(classes[i], "suspicion");
  }
  if (known < LEVELLED_CLASSES) {
    free(sizes);
    return CHECKROB_OK;
  }
  checkrob_status status = statistics_slope(&slope, sizes, suspicions, known);
  double middle = statistics_median(sizes, known); /* this sorts them */
  free(sizes);
  for (size_t i = 0; i < count && !status; i++) {
    if (!has_suspicion(classes[i])) continue;
    double by = slope * (log(checkrob_row_number(classes[i], "area")) - middle);
    shift(classes[i], "suspicion", by);
    shift(classes[i], "suspicion_low", by);
    shift(classes[i], "suspicion_high", by);
    row_put_number(classes[i], "suspicion_size", by);
  }
  return status;
}
