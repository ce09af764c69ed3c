/* SPDX-License-Identifier: Apache-2.0 */
/* Coordinates that are shares of the image's size where a format has pixels. */
#ifndef CHECKROB_LIB_SHARES_H
#define CHECKROB_LIB_SHARES_H

#include <checkrob/status.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Whether all are within 0 to 1 and some are no whole pixels: an object smaller than a pixel, in the image's
 * corner, is a mistake. */
static inline bool shares_not_pixels(const double *values, size_t count) {
  bool whole = true;
  for (size_t i = 0; i < count; i++) {
    if (!(values[i] >= 0 && values[i] <= 1)) return false;
    whole = whole && (values[i] == 0 || values[i] == 1);
  }
  return !whole;
}

/* A predicate as error message. */
static inline checkrob_status shares_error(const char *what) {
  return error_set(CHECKROB_ERROR_BAD_INPUT,
                   "has a %s within 0 to 1, but coordinates are pixels here; multiply shares by the image's "
                   "width and height",
                   what);
}

#endif
