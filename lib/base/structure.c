/* SPDX-License-Identifier: Apache-2.0 */
#include "base/structure.h"

#include <string.h>

#include "base/error.h"

static size_t size_of(const void *structure) {
  size_t size;
  memcpy(&size, structure, sizeof size);
  return size;
}

checkrob_status structure_give(void *theirs, const void *ours, size_t our_size) {
  size_t their_size = size_of(theirs);
  if (their_size < sizeof(size_t))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "the member `size` of a structure is not set; use its initialiser");
  size_t common = their_size < our_size ? their_size : our_size;
  memcpy((char *)theirs + sizeof(size_t), (const char *)ours + sizeof(size_t), common - sizeof(size_t));
  return CHECKROB_OK;
}

checkrob_status structure_take(void *ours, size_t our_size, const void *theirs) {
  size_t their_size = size_of(theirs);
  if (their_size < sizeof(size_t) || their_size > our_size)
    return error_set(
        CHECKROB_ERROR_INVALID_ARGUMENT,
        "the member `size` of a structure is %zu, but must be %zu to %zu; use its initialiser, and a library "
        "that is not older than the header",
        their_size, sizeof(size_t), our_size);
  memcpy((char *)ours + sizeof(size_t), (const char *)theirs + sizeof(size_t), their_size - sizeof(size_t));
  return CHECKROB_OK;
}
