/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* memfd_create, seals */
#include "backend/arena.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define STEP ((size_t)1 << 20) /* what it grows by, at least */

bool arena_new(arena *a) {
  *a = (arena)ARENA_NONE;
  int descriptor = memfd_create("checkrob", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (descriptor < 0) return false;
  if (fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
    close(descriptor);
    return false;
  }
  a->descriptor = descriptor;
  return true;
}

bool arena_adopt(arena *a, int descriptor) {
  *a = (arena)ARENA_NONE;
  int seals = fcntl(descriptor, F_GET_SEALS);
  if (seals < 0 || !(seals & F_SEAL_SHRINK)) return false;
  a->descriptor = descriptor;
  return true;
}

static void unmap(arena *a) {
  if (a->data) munmap(a->data, a->size);
  a->data = NULL;
  a->size = 0;
}

void arena_free(arena *a) {
  unmap(a);
  if (a->descriptor >= 0) close(a->descriptor);
  a->descriptor = -1;
}

static bool map(arena *a, size_t size, int protection) {
  unmap(a);
  void *data = mmap(NULL, size, protection, MAP_SHARED, a->descriptor, 0);
  if (data == MAP_FAILED) return false;
  a->data = data;
  a->size = size;
  return true;
}

/* Bytes of the memory itself, mapped or not. */
static bool file_size(const arena *a, size_t *size) {
  struct stat s;
  if (fstat(a->descriptor, &s) != 0 || s.st_size < 0) return false;
  *size = (size_t)s.st_size;
  return true;
}

bool arena_reserve(arena *a, size_t size) {
  if (size <= a->size) return true;
  size_t room;
  if (size > SIZE_MAX / 2 - STEP || !file_size(a, &room)) return false;
  if (room < size) { /* else an earlier writer, which has died, has made it as large */
    room = (size + size / 4 + STEP) / STEP * STEP;
    if (ftruncate(a->descriptor, (off_t)room) != 0) return false;
  }
  return map(a, room, PROT_READ | PROT_WRITE);
}

arena_result arena_view(arena *a, size_t size) {
  if (size <= a->size) return ARENA_OK;
  size_t room;
  if (!file_size(a, &room) || room < size) return ARENA_SHORT;
  return map(a, room, PROT_READ) ? ARENA_OK : ARENA_NO_MEMORY;
}
