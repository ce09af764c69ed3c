/* SPDX-License-Identifier: Apache-2.0 */
#include "base/array.h"

#include <stdint.h>
#include <stdlib.h>

void *array_grow(void *items, size_t *capacity, size_t count, size_t item_bytes) {
  if (count < *capacity) return items;
  size_t wanted = *capacity ? *capacity * 2 : 8;
  if (wanted > SIZE_MAX / item_bytes) return NULL;
  void *grown = realloc(items, wanted * item_bytes);
  if (grown) *capacity = wanted;
  return grown;
}
