/* SPDX-License-Identifier: Apache-2.0 */
#include "base/array.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *array_grow(void *items, size_t *capacity, size_t count, size_t item_bytes) {
  if (count < *capacity) return items;
  size_t wanted = *capacity ? *capacity * 2 : 8;
  if (wanted > SIZE_MAX / item_bytes) return NULL;
  void *grown = realloc(items, wanted * item_bytes);
  if (grown) *capacity = wanted;
  return grown;
}

void *array_insert(void *items, size_t *capacity, size_t *count, size_t at, size_t item_bytes) {
  char *grown = array_grow(items, capacity, *count, item_bytes);
  if (!grown) return NULL;
  memmove(grown + (at + 1) * item_bytes, grown + at * item_bytes, (*count - at) * item_bytes);
  memset(grown + at * item_bytes, 0, item_bytes);
  ++*count;
  return grown;
}

size_t array_lower_bound(const void *key, const void *items, size_t count, size_t item_bytes,
                         array_compare compare) {
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (compare(key, (const char *)items + middle * item_bytes) > 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

const void *array_find(const void *key, const void *items, size_t count, size_t item_bytes,
                       array_compare compare) {
  size_t at = array_lower_bound(key, items, count, item_bytes, compare);
  if (at == count) return NULL;
  const void *item = (const char *)items + at * item_bytes;
  return compare(key, item) == 0 ? item : NULL;
}
