/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean": the name that is nearest to a misspelt one. */
#ifndef CHECKROB_TOOLS_NEAREST_H
#define CHECKROB_TOOLS_NEAREST_H

#include <stddef.h>

/* Longer names are compared by so many bytes. */
#define NEAREST_BYTES 64

typedef struct nearest_name {
  const char *wanted;
  char name[NEAREST_BYTES]; /* "" if no name is near enough to be meant */
  size_t distance;
} nearest_name;

void near_start(nearest_name *near, const char *wanted);
void near_offer(nearest_name *near, const char *name, size_t length);
/* "a|b|c" */
void near_offer_choices(nearest_name *near, const char *choices);

/* Levenshtein's distance; upper and lower case do not differ. */
size_t edit_distance(const char *a, const char *b);

#endif
