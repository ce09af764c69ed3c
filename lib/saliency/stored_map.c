/* SPDX-License-Identifier: Apache-2.0 */
#include "saliency/stored_map.h"

double stored_map_share(const double *map, const float *region, const float *counted, size_t cells) {
  double inside = 0.0, total = 0.0;
  for (size_t i = 0; i < cells; i++) {
    inside += map[i] * (double)region[i];
    if (counted) total += map[i] * (double)counted[i];
  }
  if (!counted) return inside;
  return total > 0.0 ? inside / total : 0.0;
}
