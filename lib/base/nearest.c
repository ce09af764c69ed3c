/* SPDX-License-Identifier: Apache-2.0 */
#include "base/nearest.h"

#include <stdio.h>
#include <string.h>

/* Only this many characters of a path are compared. No real module path is longer. */
#define LONGEST 255

/* Levenshtein's distance, one row of the table at a time. */
static size_t edit_distance(const char *a, const char *b) {
  size_t row[LONGEST + 1];
  size_t b_length = strlen(b) < LONGEST ? strlen(b) : LONGEST;
  for (size_t j = 0; j <= b_length; j++) row[j] = j;
  for (size_t i = 0; a[i] && i < LONGEST; i++) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b_length; j++) {
      size_t change = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      size_t shift = (row[j] < diagonal ? row[j] : diagonal) + 1;
      row[j + 1] = change < shift ? change : shift;
    }
  }
  return row[b_length];
}

void nearest_start(nearest_names *near, const char *wanted) {
  memset(near, 0, sizeof *near);
  near->wanted = wanted;
}

void nearest_offer(nearest_names *near, const char *name) {
  size_t distance = edit_distance(near->wanted, name);
  size_t at = near->count;
  while (at > 0 && distance < near->distances[at - 1]) at--;
  if (at == NEAREST_COUNT) return;
  if (near->count < NEAREST_COUNT) near->count++;
  for (size_t i = near->count - 1; i > at; i--) {
    near->names[i] = near->names[i - 1];
    near->distances[i] = near->distances[i - 1];
  }
  near->names[at] = name;
  near->distances[at] = distance;
}

void nearest_list(char *text, size_t bytes, const nearest_names *near) {
  text[0] = '\0';
  size_t used = 0;
  for (size_t i = 0; i < near->count; i++) {
    size_t needed = strlen(near->names[i]) + (i ? 4 : 2);
    if (used + needed >= bytes) return;
    used += (size_t)snprintf(text + used, bytes - used, "%s'%s'", i ? ", " : "", near->names[i]);
  }
}
