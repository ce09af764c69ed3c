/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/files/path.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/text.h"

checkrob_status path_list_add(path_list *list, const char *path) {
  char **items = array_grow(list->items, &list->capacity, list->count, sizeof *items);
  if (!items) return error_memory("a list of paths");
  list->items = items;
  items[list->count] = text_copy(path);
  if (!items[list->count]) return error_memory("a list of paths");
  list->count++;
  return CHECKROB_OK;
}

void path_list_clear(path_list *list) {
  for (size_t i = 0; i < list->count; i++) free(list->items[i]);
  free(list->items);
  *list = (path_list){0};
}

path_span path_list_span(const path_list *list) {
  return (path_span){(const char *const *)list->items, list->count};
}

char *path_join(const char *folder, const char *name) {
  if (folder[0] == '\0') return text_copy(name);
  const char *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
  return text_format("%s%s%s", folder, slash, name);
}

const char *path_base(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash && slash[1] ? slash + 1 : path;
}

size_t path_stem_bytes(const char *path) {
  const char *base = path_base(path), *dot = strrchr(base, '.');
  return dot && dot > base ? (size_t)(dot - path) : strlen(path);
}

char *path_from_windows(const char *path) {
  char *copy = text_copy(path);
  for (char *c = copy; c && *c; c++)
    if (*c == '\\') *c = '/';
  return copy;
}
