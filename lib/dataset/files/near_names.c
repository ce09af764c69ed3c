/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/files/near_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/similar.h"

checkrob_status near_names_new(near_names *out, size_t room) {
  *out = (near_names){.items = malloc((room + 1) * sizeof *out->items)};
  return out->items ? CHECKROB_OK : error_memory("the list of images");
}

/* A name in an annotation may have Windows' slashes. */
static const char *base_of(const char *path) {
  const char *base = path_base(path), *back = strrchr(base, '\\');
  return back && back[1] ? back + 1 : base;
}

static near_name entry_of(const char *path) {
  const char *base = base_of(path);
  return (near_name){similar_hash(base, path_stem_bytes(base)), path};
}

void near_names_add(near_names *names, const char *path) {
  names->items[names->count++] = entry_of(path);
}

static int compare(const void *left, const void *right) {
  const near_name *a = left, *b = right;
  if (a->hash != b->hash) return a->hash < b->hash ? -1 : 1;
  return strcmp(a->path, b->path);
}

void near_names_sort(near_names *names) {
  qsort(names->items, names->count, sizeof *names->items, compare);
}

void near_names_clear(near_names *names) {
  free(names->items);
  *names = (near_names){0};
}

static int compare_hash(const void *key, const void *item) {
  uint64_t hash = *(const uint64_t *)key, found = ((const near_name *)item)->hash;
  return (hash > found) - (hash < found);
}

const char *near_names_find(const near_names *names, const char *path) {
  if (names->count == 0) return NULL;
  near_name wanted = entry_of(path);
  const near_name *found =
      array_find(&wanted.hash, names->items, names->count, sizeof *names->items, compare_hash);
  if (!found) return NULL;
  const char *base = base_of(path), *near = base_of(found->path);
  return similar(base, path_stem_bytes(base), near, path_stem_bytes(near)) ? found->path : NULL;
}

near_hint near_names_hint(const char *near) {
  near_hint hint = {""};
  if (near) snprintf(hint.text, sizeof hint.text, "; did you mean %.280s?", near);
  return hint;
}
