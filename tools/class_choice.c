/* SPDX-License-Identifier: Apache-2.0 */
#include "class_choice.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "nearest.h"
#include "options_cli.h"

#define SUGGESTED 3

/* ---- by title ---- */

static int has_title(const checkrob_class_map *classes, size_t entry, const char *wanted) {
  const char *title = checkrob_class_map_title(classes, entry);
  return title && strcasecmp(title, wanted) == 0;
}

/* ImageNet has two classes "crane". */
static int refuse_ambiguous(const checkrob_class_map *classes, const char *wanted) {
  char names[512] = "";
  for (size_t i = 0, used = 0; i < checkrob_class_map_count(classes) && used < sizeof names; i++)
    if (has_title(classes, i, wanted))
      used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "",
                               checkrob_class_map_name(classes, i));
  return fail(EXIT_FAILED, "several classes have the title '%s'; give the name of one: %s", wanted, names);
}

/* EXIT_OK with -1 if no class has the title. */
static int find_title(int64_t *index, const checkrob_class_map *classes, const char *wanted) {
  *index = -1;
  for (size_t i = 0; i < checkrob_class_map_count(classes); i++) {
    if (!has_title(classes, i, wanted)) continue;
    int64_t found = checkrob_class_map_index(classes, i);
    if (*index >= 0 && *index != found) return refuse_ambiguous(classes, wanted);
    *index = found;
  }
  return EXIT_OK;
}

/* ---- suggestions ---- */

typedef struct suggestions {
  const char *names[SUGGESTED];
  size_t distances[SUGGESTED], count;
} suggestions;

static void lower(char out[FLAG_BYTES], const char *text) {
  snprintf(out, FLAG_BYTES, "%s", text);
  for (char *c = out; *c; c++)
    if (*c >= 'A' && *c <= 'Z') *c = (char)(*c - 'A' + 'a');
}

/* A name that contains what was given is near: "cat" and "Egyptian cat". */
static size_t distance(const char *name, const char *wanted) {
  char one[FLAG_BYTES], other[FLAG_BYTES];
  lower(one, name);
  lower(other, wanted);
  return *other && strstr(one, other) ? 1 : edit_distance(one, other);
}

static void suggest(suggestions *s, const char *name, const char *wanted) {
  if (!name || !*name) return;
  size_t far = distance(name, wanted), at = s->count;
  for (size_t i = 0; i < s->count; i++)
    if (strcmp(s->names[i], name) == 0) return;
  while (at > 0 && s->distances[at - 1] > far) at--;
  if (at == SUGGESTED) return;
  if (s->count < SUGGESTED) s->count++;
  for (size_t i = s->count - 1; i > at; i--) {
    s->names[i] = s->names[i - 1];
    s->distances[i] = s->distances[i - 1];
  }
  s->names[at] = name;
  s->distances[at] = far;
}

static int refuse_unknown(const checkrob_class_map *classes, const char *wanted) {
  suggestions s = {.count = 0};
  char list[512] = "";
  for (size_t i = 0; i < checkrob_class_map_count(classes); i++) {
    suggest(&s, checkrob_class_map_name(classes, i), wanted);
    suggest(&s, checkrob_class_map_title(classes, i), wanted);
  }
  for (size_t i = 0, used = 0; i < s.count && used < sizeof list; i++)
    used += (size_t)snprintf(list + used, sizeof list - used, "%s'%.80s'", i ? ", " : "", s.names[i]);
  return fail(EXIT_FAILED, "the class map has no class '%s'; the nearest are %s", wanted, list);
}

int choose_class(int64_t *index, const checkrob_class_map *classes, const char *wanted) {
  *index = checkrob_class_map_find(classes, wanted);
  if (*index >= 0) return EXIT_OK;
  int code = find_title(index, classes, wanted);
  if (code != EXIT_OK || *index >= 0) return code;
  if (parse_integer(index, wanted, 0, INT64_MAX) && checkrob_class_map_name_of(classes, *index))
    return EXIT_OK;
  return refuse_unknown(classes, wanted);
}

const char *class_title(const checkrob_class_map *classes, int64_t index) {
  const char *title = checkrob_class_map_title_of(classes, index);
  if (title && *title) return title;
  const char *name = checkrob_class_map_name_of(classes, index);
  return name ? name : "";
}
