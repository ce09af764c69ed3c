/* SPDX-License-Identifier: Apache-2.0 */
#include "nearest.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define LARGEST_DISTANCE 3 /* a larger one is no misspelling */

static int same_letter(char a, char b) {
  return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* One row of the table at a time. */
size_t edit_distance(const char *a, const char *b) {
  size_t row[NEAREST_BYTES + 1], length = strnlen(b, NEAREST_BYTES);
  for (size_t j = 0; j <= length; j++) row[j] = j;
  for (size_t i = 0; a[i] && i < NEAREST_BYTES; i++) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < length; j++) {
      size_t change = diagonal + !same_letter(a[i], b[j]);
      size_t shift = 1 + (row[j] < row[j + 1] ? row[j] : row[j + 1]);
      diagonal = row[j + 1];
      row[j + 1] = change < shift ? change : shift;
    }
  }
  return row[length];
}

void near_start(nearest_name *near, const char *wanted) {
  *near = (nearest_name){.wanted = wanted, .distance = LARGEST_DISTANCE + 1};
}

/* A name of which every letter would change is not meant. */
void near_offer(nearest_name *near, const char *name, size_t length) {
  char offered[NEAREST_BYTES];
  snprintf(offered, sizeof offered, "%.*s", (int)length, name);
  size_t distance = edit_distance(near->wanted, offered);
  if (distance >= near->distance || distance >= strlen(near->wanted)) return;
  near->distance = distance;
  memcpy(near->name, offered, sizeof offered);
}

void near_offer_choices(nearest_name *near, const char *choices) {
  for (const char *choice = choices; *choice;) {
    size_t length = strcspn(choice, "|");
    near_offer(near, choice, length);
    choice += length + (choice[length] == '|');
  }
}
