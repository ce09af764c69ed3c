/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/formats/named_inputs.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"

/* Files by their base names. */
typedef struct name_index {
  const listed_file **files; /* by base name, then by path */
  size_t count;
} name_index;

static int by_base_name(const void *left, const void *right) {
  const char *a = (*(const listed_file *const *)left)->path, *b = (*(const listed_file *const *)right)->path;
  int order = strcmp(path_base(a), path_base(b));
  return order ? order : strcmp(a, b);
}

static int compare_base(const void *base, const void *item) {
  return strcmp(base, path_base((*(const listed_file *const *)item)->path));
}

/* NULL if no file or several match; *candidates: number of files of this base name. */
static const listed_file *find_file(size_t *candidates, const name_index *index, const char *name) {
  while (strncmp(name, "./", 2) == 0) name += 2;
  const char *base = path_base(name);
  size_t first = array_lower_bound(base, index->files, index->count, sizeof *index->files, compare_base);
  size_t last = first, fitting = 0;
  const listed_file *found = NULL;
  for (; last < index->count && strcmp(path_base(index->files[last]->path), base) == 0; last++) {
    if (!path_ends_in(index->files[last]->path, strlen(index->files[last]->path), name)) continue;
    found = index->files[last];
    fitting++;
    if (strcmp(found->path, name) == 0) { /* an exact match */
      *candidates = 1;
      return found;
    }
  }
  *candidates = last - first;
  if (fitting == 1) return found;
  return fitting == 0 && last - first == 1 ? index->files[first] : NULL;
}

/* ---- inputs ---- */

static int by_name(const void *left, const void *right) {
  const named_input *a = left, *b = right;
  int order = strcmp(a->name, b->name);
  return order ? order : (a->entry > b->entry) - (a->entry < b->entry);
}

static void fill(named_inputs *out, const listing *files, const name_index *index, const char *const *names,
                 size_t count, bool *meant) {
  for (size_t i = 0; i < count; i++) {
    named_input *in = &out->items[out->count++];
    *in = (named_input){.name = names[i], .entry = i};
    in->file = find_file(&in->candidates, index, names[i]);
    if (!in->file) continue;
    in->name = in->file->path;
    meant[in->file - files->files] = true;
  }
  for (size_t i = 0; i < files->count; i++)
    if (!meant[i])
      out->items[out->count++] =
          (named_input){.name = files->files[i].path, .file = &files->files[i], .entry = NAMED_NOWHERE};
  qsort(out->items, out->count, sizeof *out->items, by_name);
}

checkrob_status named_inputs_make(named_inputs *out, const listing *files, const char *const *names,
                                  size_t count) {
  name_index index = {malloc((files->count + 1) * sizeof(listed_file *)), files->count};
  bool *meant = calloc(files->count + 1, sizeof *meant);
  out->items = malloc((count + files->count + 1) * sizeof *out->items);
  bool good = index.files && meant && out->items;
  if (good) {
    for (size_t i = 0; i < files->count; i++) index.files[i] = &files->files[i];
    qsort(index.files, index.count, sizeof(listed_file *), by_base_name);
    fill(out, files, &index, names, count, meant);
    named_input *fitted = realloc(out->items, (out->count + 1) * sizeof *fitted);
    if (fitted) out->items = fitted;
  }
  free(index.files);
  free(meant);
  return good ? CHECKROB_OK : error_memory("the list of images");
}

void named_inputs_leave_out(named_inputs *inputs, bool (*is_empty)(const void *state, size_t entry),
                            const void *state) {
  size_t kept = 0;
  for (size_t i = 0; i < inputs->count; i++) {
    const named_input *in = &inputs->items[i];
    bool unannotated = in->entry == NAMED_NOWHERE || (in->file && is_empty && is_empty(state, in->entry));
    if (!unannotated) inputs->items[kept++] = *in;
  }
  inputs->left_out = inputs->count - kept;
  inputs->count = kept;
}

void named_inputs_clear(named_inputs *inputs) {
  free(inputs->items);
  *inputs = (named_inputs){0};
}

checkrob_status named_input_start(checkrob_input *out, const listing *files, const named_input *in) {
  checkrob_status status = input_set_name(out, in->name);
  return status || !in->file ? status : listing_locate(&out->location, files, in->file);
}
