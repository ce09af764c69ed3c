/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded into the command: tells on standard error what it asks of malloc, and at its end how OpenBLAS's
 * threads would wait. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

__attribute__((visibility("default"))) int mallopt(int parameter, int value) {
  const char *name = parameter == M_TRIM_THRESHOLD   ? "TRIM_THRESHOLD"
                     : parameter == M_MMAP_THRESHOLD ? "MMAP_THRESHOLD"
                     : parameter == M_TOP_PAD        ? "TOP_PAD"
                                                     : "another";
  fprintf(stderr, "setting %s=%d\n", name, value);
  return 1;
}

static __attribute__((destructor)) void tell_timeout(void) {
  const char *timeout = getenv("OPENBLAS_THREAD_TIMEOUT");
  fprintf(stderr, "setting TIMEOUT=%s\n", timeout ? timeout : "none");
}
