/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/formats/named_inputs.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "dataset/files/near_names.h"
#include "dataset/files/path_tail.h"

/* Files in the order of their paths' ends. */
typedef struct name_index {
  const listed_file **files;
  size_t count;
} name_index;

static path_tail tail_of(const char *path) {
  return (path_tail){.text = path, .bytes = strlen(path)};
}

static int by_end(const void *left, const void *right) {
  const listed_file *a = *(const listed_file *const *)left, *b = *(const listed_file *const *)right;
  return path_tail_compare(tail_of(a->path), tail_of(b->path));
}

static int compare_name(const void *name, const void *item) {
  return path_tail_compare_name(*(const path_tail *)name, tail_of((*(const listed_file *const *)item)->path));
}

/* The name is after what ends in it. */
static int compare_after(const void *name, const void *item) {
  int order = compare_name(name, item);
  return order ? order : 1;
}

/* The number of files that end in a name; the first of them, in this order, is the shortest. */
static size_t count_fitting(const listed_file **first, const name_index *index, const char *name) {
  const path_tail key = tail_of(name);
  size_t item = sizeof *index->files;
  size_t start = array_lower_bound(&key, index->files, index->count, item, compare_name);
  size_t end = array_lower_bound(&key, index->files, index->count, item, compare_after);
  *first = end > start ? index->files[start] : NULL;
  return end - start;
}

/* NULL if no file or several match; *candidates: number of files of this base name. */
static const listed_file *find_file(size_t *candidates, const name_index *index, const char *name) {
  while (strncmp(name, "./", 2) == 0) name += 2;
  const listed_file *found, *of_base;
  size_t fitting = count_fitting(&found, index, name);
  *candidates = count_fitting(&of_base, index, path_base(name));
  if (found && strcmp(found->path, name) == 0) { /* an exact match */
    *candidates = 1;
    return found;
  }
  if (fitting == 0 && *candidates == 1) return of_base;
  return fitting == 1 ? found : NULL;
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
    qsort(index.files, index.count, sizeof(listed_file *), by_end);
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
