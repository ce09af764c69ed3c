/* SPDX-License-Identifier: Apache-2.0 */
/* An allocator that fails when it is told to. A test program that includes this file, once, replaces malloc,
 * calloc and realloc: of the whole process with all of its libraries or, in a build with a sanitizer, which
 * has an allocator of its own, of the code of this project alone (--wrap of the linker). */
#ifndef SUPPORT_SHORT_MEMORY_H
#define SUPPORT_SHORT_MEMORY_H

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef CHECKROB_WRAPPED_MALLOC
void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *memory, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *memory, size_t bytes);
#define SHORT_NAME(name) __wrap_##name
#define SHORT_REAL(name) __real_##name
#define SHORT_COUNTS_LIVE 0
#define SHORT_SEEN
#else
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *memory, size_t bytes);
void __libc_free(void *memory);
void *malloc(size_t bytes);
void *calloc(size_t count, size_t bytes);
void *realloc(void *memory, size_t bytes);
void free(void *memory);
#define SHORT_NAME(name) name
#define SHORT_REAL(name) __libc_##name
#define SHORT_COUNTS_LIVE 1
/* Symbols are hidden in this project: then the libraries would go on with the allocator of the C library. */
#define SHORT_SEEN __attribute__((visibility("default")))
#endif

static atomic_bool short_armed, short_lasts;
static atomic_llong short_calls, short_at, short_failures, short_live;

/* From now on allocation number `at`, from 1, fails; and all later ones too, if it `lasts`. */
static void short_begin(long long at, bool lasts) {
  atomic_store(&short_calls, 0);
  atomic_store(&short_at, at);
  atomic_store(&short_lasts, lasts);
  atomic_store(&short_failures, 0);
  atomic_store(&short_armed, true);
}

/* Returns the number of allocations that failed. */
static long long short_end(void) {
  atomic_store(&short_armed, false);
  return atomic_load(&short_failures);
}

static bool short_fails(void) {
  if (!atomic_load(&short_armed)) return false;
  long long call = atomic_fetch_add(&short_calls, 1) + 1, at = atomic_load(&short_at);
  if (call != at && !(atomic_load(&short_lasts) && call > at)) return false;
  atomic_fetch_add(&short_failures, 1);
  errno = ENOMEM;
  return true;
}

static void *short_count(void *memory) {
  if (memory) atomic_fetch_add(&short_live, 1);
  return memory;
}

SHORT_SEEN void *SHORT_NAME(malloc)(size_t bytes) {
  return short_fails() ? NULL : short_count(SHORT_REAL(malloc)(bytes));
}

SHORT_SEEN void *SHORT_NAME(calloc)(size_t count, size_t bytes) {
  return short_fails() ? NULL : short_count(SHORT_REAL(calloc)(count, bytes));
}

SHORT_SEEN void *SHORT_NAME(realloc)(void *memory, size_t bytes) {
  if (short_fails()) return NULL;
  void *moved = SHORT_REAL(realloc)(memory, bytes);
  return memory ? moved : short_count(moved);
}

#if SHORT_COUNTS_LIVE
SHORT_SEEN void free(void *memory) {
  if (memory) atomic_fetch_sub(&short_live, 1);
  __libc_free(memory);
}
#endif

#endif
