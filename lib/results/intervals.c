/* SPDX-License-Identifier: Apache-2.0 */
#include "results/intervals.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/number.h"

static checkrob_status insert(interval_set *set, size_t at, interval added) {
  interval *items = array_grow(set->items, &set->capacity, set->count, sizeof *items);
  if (!items) return error_memory("the inputs of a results file");
  set->items = items;
  memmove(items + at + 1, items + at, (set->count - at) * sizeof *items);
  items[at] = added;
  set->count++;
  return CHECKROB_OK;
}

static void remove_at(interval_set *set, size_t at) {
  set->count--;
  memmove(set->items + at, set->items + at + 1, (set->count - at) * sizeof *set->items);
}

checkrob_status intervals_add(bool *overlaps, interval_set *set, interval added) {
  *overlaps = false;
  if (added.first >= added.end) return CHECKROB_OK;
  size_t at = 0;
  while (at < set->count && set->items[at].end <= added.first) at++;
  if (at < set->count && set->items[at].first < added.end) {
    *overlaps = true;
    return CHECKROB_OK;
  }
  checkrob_status status = insert(set, at, added);
  if (status) return status;
  if (at + 1 < set->count && set->items[at + 1].first == added.end) {
    set->items[at].end = set->items[at + 1].end;
    remove_at(set, at + 1);
  }
  if (at > 0 && set->items[at - 1].end == added.first) {
    set->items[at - 1].end = set->items[at].end;
    remove_at(set, at);
  }
  return CHECKROB_OK;
}

/* Reads digits, and moves *text behind them. */
static bool read_number(int64_t *out, const char **text) {
  char digits[32];
  size_t length = strspn(*text, "0123456789");
  if (length == 0 || length >= sizeof digits) return false;
  memcpy(digits, *text, length);
  digits[length] = '\0';
  *text += length;
  return number_parse_index(out, digits);
}

/* "0-49" */
static bool read_interval(interval *out, const char **text) {
  int64_t last = 0;
  if (!read_number(&out->first, text) || *(*text)++ != '-' || !read_number(&last, text)) return false;
  if (last < out->first || last == INT64_MAX) return false;
  out->end = last + 1;
  return true;
}

checkrob_status intervals_read(bool *sound, interval_set *set, const char *text) {
  *sound = true;
  while (*text) {
    interval next;
    bool overlaps = false;
    *sound = read_interval(&next, &text) && (*text == '\0' || (*text == ',' && text[1]));
    if (!*sound) return CHECKROB_OK;
    checkrob_status status = intervals_add(&overlaps, set, next);
    if (status) return status;
    if (overlaps) *sound = false;
    if (overlaps) return CHECKROB_OK;
    if (*text) text++;
  }
  return CHECKROB_OK;
}

char *intervals_write(const interval_set *set) {
  size_t most = 2 * 21 + 1; /* bytes of an interval and a comma */
  char *text = calloc(set->count + 1, most);
  for (size_t i = 0, used = 0; text && i < set->count; i++)
    used += (size_t)snprintf(text + used, most + 1, "%s%" PRId64 "-%" PRId64, i ? "," : "",
                             set->items[i].first, set->items[i].end - 1);
  return text;
}

bool intervals_are_all(const interval_set *set, int64_t count) {
  if (set->count == 0) return count == 0;
  return set->count == 1 && set->items[0].first == 0 && set->items[0].end == count;
}

void intervals_clear(interval_set *set) {
  free(set->items);
  *set = (interval_set){0};
}
