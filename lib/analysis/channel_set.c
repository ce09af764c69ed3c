/* SPDX-License-Identifier: Apache-2.0 */
#include "analysis/channel_set.h"

#include <string.h>

#include "base/error.h"

checkrob_status class_sets_check(const class_sets *sets, size_t channels) {
  for (size_t f = 0; f < sets->count; f++)
    for (size_t k = 0; k < sets->sets[f].count; k++)
      if (sets->sets[f].channels[k] >= channels)
        return error_set(
            CHECKROB_ERROR_BAD_INPUT,
            "the results file is damaged: feature %zu has channel %zu, but the layer has %zu; score "
            "again, into another file",
            sets->sets[f].number, sets->sets[f].channels[k], channels);
  return CHECKROB_OK;
}

void channel_set_mark(unsigned char *removed, const channel_set *set, size_t channels) {
  memset(removed, 0, channels);
  for (size_t k = 0; k < set->count; k++) removed[set->channels[k]] = 1;
}

void channel_set_map(double *map, const channel_set *set, const float *activation, const float *gradient,
                     size_t positions) {
  memset(map, 0, positions * sizeof *map);
  for (size_t k = 0; k < set->count; k++)
    for (size_t i = 0; i < positions; i++) {
      size_t at = set->channels[k] * positions + i;
      map[i] += (double)gradient[at] * (double)activation[at];
    }
}
