/* SPDX-License-Identifier: Apache-2.0 */
#include "waiting.h"

#include <malloc.h>
#include <stdlib.h>

static int is_set(const char *name) {
  return getenv(name) != NULL;
}

/* libgomp and OpenBLAS read the environment when they are loaded, which is with the first model. (A build
 * with sanitizers has them from the start: there nothing changes.) */
static void let_threads_sleep(void) {
  if (!is_set("GOMP_SPINCOUNT") && !is_set("OMP_WAIT_POLICY"))
    setenv("GOMP_SPINCOUNT", "1000", 0);     /* 20 to 50 microseconds */
  setenv("OPENBLAS_THREAD_TIMEOUT", "4", 0); /* 2^4 cycles: the smallest */
}

static void keep_memory(void) {
  if (is_set("GLIBC_TUNABLES")) return;
  if (!is_set("MALLOC_TRIM_THRESHOLD_")) mallopt(M_TRIM_THRESHOLD, 1 << 30);
  if (!is_set("MALLOC_MMAP_THRESHOLD_")) mallopt(M_MMAP_THRESHOLD, 32 << 20); /* the largest */
  if (!is_set("MALLOC_TOP_PAD_")) mallopt(M_TOP_PAD, 64 << 20);
}

void prepare_waiting(void) {
  let_threads_sleep();
  keep_memory();
}
