/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean": the few names nearest to a misspelt one. */
#ifndef CHECKROB_LIB_NEAREST_H
#define CHECKROB_LIB_NEAREST_H

#include <stddef.h>

#define NEAREST_COUNT 3

typedef struct nearest_names {
  const char *wanted;
  const char *names[NEAREST_COUNT]; /* nearest first; borrowed from the offers */
  size_t distances[NEAREST_COUNT];
  size_t count;
} nearest_names;

void nearest_start(nearest_names *near, const char *wanted);
void nearest_offer(nearest_names *near, const char *name);

/* Writes "'a', 'b', 'c'", as many names as fit; "" if none was offered. */
void nearest_list(char *text, size_t bytes, const nearest_names *near);

#endif
