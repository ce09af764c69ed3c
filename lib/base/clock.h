/* SPDX-License-Identifier: Apache-2.0 */
/* The clock for durations. */
#ifndef CHECKROB_LIB_CLOCK_H
#define CHECKROB_LIB_CLOCK_H

#include <time.h>

/* Seconds since some moment. It never goes back. */
static inline double clock_seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

#endif
