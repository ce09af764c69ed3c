/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that two processes share: one writes tensors to it, the other reads them. It grows and never
 * shrinks. The kernel sees to that (a seal), so that a reader never faults, whatever the writer does. */
#ifndef CHECKROB_BACKEND_ARENA_H
#define CHECKROB_BACKEND_ARENA_H

#include <stdbool.h>
#include <stddef.h>

typedef struct arena {
  int descriptor; /* -1: none */
  void *data;     /* NULL while `size` is 0 */
  size_t size;    /* bytes that are mapped */
} arena;

#define ARENA_NONE \
  { -1, NULL, 0 }

/* Makes shared memory of no bytes; false, with errno: out of memory or descriptors. */
bool arena_new(arena *a);
/* Takes over a descriptor that another process sent; false if it is not such memory. The descriptor is then
 * the caller's to close. */
bool arena_adopt(arena *a, int descriptor);
/* ARENA_NONE is allowed. */
void arena_free(arena *a);

/* For the writer: at least `size` bytes at `data`, which moves; false: out of memory. */
bool arena_reserve(arena *a, size_t size);

typedef enum arena_result {
  ARENA_OK,
  ARENA_SHORT, /* the writer has not made room for so many bytes */
  ARENA_NO_MEMORY
} arena_result;
/* For the reader: at least `size` bytes at `data`, which moves. */
arena_result arena_view(arena *a, size_t size);

#endif
