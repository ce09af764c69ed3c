#include "dataset/name_index.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static int by_base_name(const void *left, const void *right) {
  const char *a = (*(const listed_file *const *)left)->path, *b = (*(const listed_file *const *)right)->path;
  int order = strcmp(base_name(a), base_name(b));
  return order ? order : strcmp(a, b);
}

checkrob_status name_index_make(name_index *out, const listing *files) {
  const listed_file **sorted = malloc((files->count + 1) * sizeof(listed_file *));
  if (!sorted) return error_memory("the list of images");
  for (size_t i = 0; i < files->count; i++) sorted[i] = &files->files[i];
  qsort(sorted, files->count, sizeof(listed_file *), by_base_name);
  *out = (name_index){sorted, files->count};
  return CHECKROB_OK;
}

void name_index_clear(name_index *index) {
  free(index->files);
  *index = (name_index){0};
}

/* The first place whose base name is not below. */
static size_t lower_bound(const name_index *index, const char *base) {
  size_t low = 0, high = index->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (strcmp(base_name(index->files[middle]->path), base) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static bool ends_in(const char *path, const char *name) {
  size_t path_bytes = strlen(path), name_bytes = strlen(name);
  if (path_bytes < name_bytes || strcmp(path + path_bytes - name_bytes, name) != 0) return false;
  return path_bytes == name_bytes || path[path_bytes - name_bytes - 1] == '/';
}

const listed_file *name_index_find(size_t *candidates, const name_index *index, const char *name) {
  while (strncmp(name, "./", 2) == 0) name += 2;
  const char *base = base_name(name);
  size_t first = lower_bound(index, base), last = first, fitting = 0;
  const listed_file *found = NULL;
  for (; last < index->count && strcmp(base_name(index->files[last]->path), base) == 0; last++) {
    if (!ends_in(index->files[last]->path, name)) continue;
    found = index->files[last];
    fitting++;
    if (strcmp(found->path, name) == 0) { /* no other can be nearer */
      *candidates = 1;
      return found;
    }
  }
  *candidates = last - first;
  if (fitting == 1) return found;
  return fitting == 0 && last - first == 1 ? index->files[first] : NULL;
}
