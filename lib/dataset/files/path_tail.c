/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/files/path_tail.h"

/* The order of bytes: 0 is the end, then a slash, so that what ends in whole folders is first. */
static int order_of(char byte) {
  return byte == '/' ? 1 : 2 + (unsigned char)byte;
}

/* Of byte number `i` from the end. */
static int order_at(const path_tail *t, size_t i) {
  if (i < t->bytes) return order_of(t->text[t->bytes - 1 - i]);
  if (!t->front) return 0;
  if (i == t->bytes) return 1;
  size_t at = i - t->bytes - 1;
  return at < t->front_bytes ? order_of(t->front[t->front_bytes - 1 - at]) : 0;
}

int path_tail_compare(path_tail a, path_tail b) {
  for (size_t i = 0;; i++) {
    int left = order_at(&a, i), right = order_at(&b, i);
    if (left != right) return left < right ? -1 : 1;
    if (left == 0) return 0;
  }
}

int path_tail_compare_name(path_tail name, path_tail path) {
  for (size_t i = 0; i < name.bytes; i++) {
    int left = order_at(&name, i), right = order_at(&path, i);
    if (left != right) return left < right ? -1 : 1;
  }
  return order_at(&path, name.bytes) > 1 ? -1 : 0;
}
