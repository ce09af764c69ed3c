/* SPDX-License-Identifier: Apache-2.0 */
#include "base/named.h"

#include <strings.h>

bool named_find(int *out, const named_value *table, size_t count, const char *name) {
  for (size_t i = 0; i < count; i++)
    if (strcasecmp(name, table[i].name) == 0) {
      *out = table[i].value;
      return true;
    }
  return false;
}

const char *named_name(const named_value *table, size_t count, int value) {
  for (size_t i = 0; i < count; i++)
    if (table[i].value == value) return table[i].name;
  return NULL;
}
