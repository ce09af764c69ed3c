/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/formats/named_inputs.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "dataset/files/near_names.h"

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

/* Windows writes "train\\7.jpg". */
static checkrob_status match(named_input *in, const name_index *index) {
  in->file = find_file(&in->candidates, index, in->name);
  if (in->file || in->candidates > 0 || !strchr(in->name, '\\')) return CHECKROB_OK;
  char *name = path_from_windows(in->name);
  if (!name) return error_memory("the list of images");
  in->file = find_file(&in->candidates, index, name);
  free(name);
  return CHECKROB_OK;
}

/* ---- inputs ---- */

static int by_name(const void *left, const void *right) {
  const named_input *a = left, *b = right;
  int order = strcmp(a->name, b->name);
  return order ? order : (a->entry > b->entry) - (a->entry < b->entry);
}

/* Names without a file, and files without a name, that look alike. */
static checkrob_status find_near(named_inputs *inputs) {
  near_names names, files;
  checkrob_status status = near_names_new(&names, inputs->count);
  if (status) return status;
  status = near_names_new(&files, inputs->count);
  for (size_t i = 0; i < inputs->count && !status; i++) {
    const named_input *in = &inputs->items[i];
    if (in->entry == NAMED_NOWHERE)
      near_names_add(&files, in->name);
    else if (!in->file)
      near_names_add(&names, in->name);
  }
  bool both = !status && names.count > 0 && files.count > 0;
  if (both) near_names_sort(&names), near_names_sort(&files);
  for (size_t i = 0; i < inputs->count && both; i++) {
    named_input *in = &inputs->items[i];
    if (in->entry == NAMED_NOWHERE)
      in->near = near_names_find(&names, in->name);
    else if (!in->file)
      in->near = near_names_find(&files, in->name);
  }
  near_names_clear(&names);
  near_names_clear(&files);
  return status;
}

static checkrob_status fill(named_inputs *out, const listing *files, const name_index *index,
                            const char *const *names, size_t count, bool *meant) {
  for (size_t i = 0; i < count; i++) {
    named_input *in = &out->items[out->count++];
    *in = (named_input){.name = names[i], .entry = i};
    checkrob_status status = match(in, index);
    if (status) return status;
    if (!in->file) continue;
    in->name = in->file->path;
    meant[in->file - files->files] = true;
  }
  for (size_t i = 0; i < files->count; i++)
    if (!meant[i])
      out->items[out->count++] =
          (named_input){.name = files->files[i].path, .file = &files->files[i], .entry = NAMED_NOWHERE};
  qsort(out->items, out->count, sizeof *out->items, by_name);
  return find_near(out);
}

checkrob_status named_inputs_make(named_inputs *out, const listing *files, const char *const *names,
                                  size_t count) {
  name_index index = {malloc((files->count + 1) * sizeof(listed_file *)), files->count};
  bool *meant = calloc(files->count + 1, sizeof *meant);
  out->items = malloc((count + files->count + 1) * sizeof *out->items);
  bool good = index.files && meant && out->items;
  checkrob_status status = good ? CHECKROB_OK : error_memory("the list of images");
  if (!status) {
    for (size_t i = 0; i < files->count; i++) index.files[i] = &files->files[i];
    qsort(index.files, index.count, sizeof(listed_file *), by_base_name);
    status = fill(out, files, &index, names, count, meant);
    named_input *fitted = realloc(out->items, (out->count + 1) * sizeof *fitted);
    if (fitted) out->items = fitted;
  }
  free(index.files);
  free(meant);
  return status;
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
