/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/files/shard.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dataset/files/path.h"

bool shard_hides(const char *name) {
  while (*name) {
    size_t bytes = strcspn(name, "/");
    if (bytes > 0 && name[0] == '.' && !(bytes == 2 && name[1] == '.')) return true;
    name += bytes + (name[bytes] == '/');
  }
  return false;
}

/* WebDataset's key: the path up to the first dot of its base name. */
static size_t key_bytes(const char *path) {
  const char *name = path_base(path);
  return (size_t)(name - path) + strcspn(name, ".");
}

static int compare_keys(const listed_file *a, const listed_file *b) {
  size_t left = key_bytes(a->path), right = key_bytes(b->path);
  int order = memcmp(a->path, b->path, left < right ? left : right);
  return order ? order : (left > right) - (left < right);
}

static int by_key(const void *left, const void *right) {
  const listed_file *a = left, *b = right;
  int order = compare_keys(a, b);
  if (!order) order = strcmp(a->path, b->path);
  return order ? order : (a->offset > b->offset) - (a->offset < b->offset);
}

static bool is_image_ending(const char *ending) {
  for (size_t i = 0; listing_image_endings[i]; i++)
    if (strcasecmp(ending, listing_image_endings[i]) == 0) return true;
  return false;
}

static bool is_plain_image(const listed_file *file) {
  return is_image_ending(file->path + key_bytes(file->path));
}

static bool is_image(const listed_file *file) {
  return is_image_ending(strrchr(file->path, '.'));
}

/* Moves the selected files of one key to `to`. They are sorted by path, then by offset. */
static size_t select_of_key(listed_file *to, const listed_file *files, size_t count) {
  size_t kept = 0;
  bool plain = false;
  for (size_t i = 0; i < count; i++) plain = plain || is_plain_image(&files[i]);
  for (size_t i = 0; i < count; i++) {
    bool replaced = i + 1 < count && strcmp(files[i].path, files[i + 1].path) == 0;
    bool part = plain && is_image(&files[i]) && !is_plain_image(&files[i]);
    if (!replaced && !part) to[kept++] = files[i];
  }
  return kept;
}

size_t shard_select(listed_file *files, size_t count) {
  size_t kept = 0;
  if (count) qsort(files, count, sizeof *files, by_key);
  for (size_t i = 0, end; i < count; i = end) {
    for (end = i + 1; end < count && compare_keys(&files[i], &files[end]) == 0;) end++;
    kept += select_of_key(files + kept, files + i, end - i);
  }
  return kept;
}
