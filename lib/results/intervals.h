/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of inputs, by their numbers in the whole dataset: which of them a results file covers. */
#ifndef CHECKROB_LIB_INTERVALS_H
#define CHECKROB_LIB_INTERVALS_H

#include <checkrob/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct interval {
  int64_t first, end; /* without `end` */
} interval;

/* Sorted and disjoint; neighbours are joined. All zeros: the empty set. */
typedef struct interval_set {
  interval *items;
  size_t count, capacity;
} interval_set;

/* Adds an interval, which may be empty. *overlaps: it has an input that the set has too; the set is then as
 * it was. OUT_OF_MEMORY. */
checkrob_status intervals_add(bool *overlaps, interval_set *set, interval added);
/* Adds what intervals_write() wrote. *sound: false for another text, or if an interval overlaps. */
checkrob_status intervals_read(bool *sound, interval_set *set, const char *text);
/* "0-49,100-149", with the last input of each. The caller frees it; NULL: out of memory. */
char *intervals_write(const interval_set *set);
/* Whether the set is that of all inputs below `count`. */
bool intervals_are_all(const interval_set *set, int64_t count);
void intervals_clear(interval_set *set);

#endif
