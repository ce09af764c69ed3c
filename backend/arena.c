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

bool arena_reserve(arena *a, size_t size) {
  if (size <= a->size) return true;
  if (size > SIZE_MAX / 2 - STEP) return false;
  size_t grown = (size + size / 4 + STEP) / STEP * STEP;
  return ftruncate(a->descriptor, (off_t)grown) == 0 && map(a, grown, PROT_READ | PROT_WRITE);
}

bool arena_view(arena *a, size_t size) {
  if (size <= a->size) return true;
  struct stat s;
  if (fstat(a->descriptor, &s) != 0 || s.st_size < 0 || (uint64_t)s.st_size < size) return false;
  return map(a, (size_t)s.st_size, PROT_READ);
}
