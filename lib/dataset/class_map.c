/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/class_map.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/csv.h"
#include "base/error.h"
#include "base/number.h"
#include "base/similar.h"
#include "base/text.h"
#include "dataset/imagenet_classes.h"

/* A map of a thousand classes has some ten kilobytes. A larger file is a mistake. */
#define FILE_LIMIT (UINT64_C(64) << 20)
/* Every row of the results has the class's name. */
#define NAME_LIMIT 4096

typedef struct class_entry {
  char *name, *title; /* title NULL: there is none */
  int64_t index;
  size_t line;
} class_entry;

/* Similar names have equal hashes. */
typedef struct hashed_entry {
  uint64_t hash;
  const class_entry *entry;
} hashed_entry;

struct checkrob_class_map {
  class_entry *entries; /* in the file's order */
  size_t count, capacity;
  /* The entries sorted for lookup; entries of one index are in the file's order. */
  const class_entry **by_name, **by_index;
  hashed_entry *by_hash; /* each sample without a class asks for a name like its own */
};

static checkrob_status append(checkrob_class_map *classes, const char *name, int64_t index, const char *title,
                              size_t line) {
  class_entry *entries = array_grow(classes->entries, &classes->capacity, classes->count, sizeof *entries);
  if (!entries) return error_memory("the class map");
  classes->entries = entries;
  class_entry entry = {.name = text_copy(name), .index = index, .line = line};
  if (title[0]) entry.title = text_copy(title);
  entries[classes->count++] = entry;
  return entry.name && (entry.title || !title[0]) ? CHECKROB_OK : error_memory("the class map");
}

static checkrob_status check_length(const csv_reader *reader, const char *what, const char *text) {
  size_t bytes = strlen(text);
  if (bytes <= NAME_LIMIT) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_LIMIT, "%s:%zu: the %s has %zu bytes; the limit is %d", reader->path,
                   reader->line, what, bytes, NAME_LIMIT);
}

static checkrob_status add_entry(checkrob_class_map *classes, const csv_reader *reader, bool titled) {
  const char *path = reader->path;
  size_t line = reader->line;
  if (reader->field_count != (titled ? 3 : 2))
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "%s:%zu: the line has %zu field%s, but %s; put a name with a comma in quotes", path,
                     line, reader->field_count, reader->field_count == 1 ? "" : "s",
                     titled ? "name,index,title has three" : "name,index has two");
  const char *name = reader->fields[0];
  int64_t index;
  if (name[0] == '\0')
    return error_set(CHECKROB_ERROR_BAD_INPUT, "%s:%zu: the name is empty; write the class's name", path,
                     line);
  if (!number_parse_index(&index, reader->fields[1]))
    return error_set(
        CHECKROB_ERROR_BAD_INPUT,
        "%s:%zu: the index of '%s' is '%s'; write the index of the model's output, a whole number from 0",
        path, line, name, reader->fields[1]);
  const char *title = titled ? reader->fields[2] : "";
  checkrob_status status = check_length(reader, "name", name);
  if (!status) status = check_length(reader, "title", title);
  return status ? status : append(classes, name, index, title, line);
}

static checkrob_status read_header(bool *titled, csv_reader *reader) {
  checkrob_status status = csv_next(reader);
  if (status == CHECKROB_END)
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "%s: the class map is empty; it needs the header name,index and a line for each class",
                     reader->path);
  if (status) return status;
  static const char *const columns[] = {"name", "index", "title"};
  bool good = reader->field_count == 2 || reader->field_count == 3;
  for (size_t i = 0; good && i < reader->field_count; i++) good = strcmp(reader->fields[i], columns[i]) == 0;
  if (!good)
    return error_set(
        CHECKROB_ERROR_BAD_INPUT,
        "%s:%zu: the header name,index is missing; begin the file with it, or with name,index,title",
        reader->path, reader->line);
  *titled = reader->field_count == 3;
  return CHECKROB_OK;
}

static checkrob_status read_entries(checkrob_class_map *classes, csv_reader *reader) {
  bool titled;
  checkrob_status status = read_header(&titled, reader);
  if (status) return status;
  while ((status = csv_next(reader)) == CHECKROB_OK) {
    status = add_entry(classes, reader, titled);
    if (status) return status;
  }
  if (status != CHECKROB_END) return status;
  if (classes->count == 0)
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "%s: the class map has no class; add a line name,index for each class", reader->path);
  return CHECKROB_OK;
}

static int in_file_order(const class_entry *left, const class_entry *right) {
  return (left > right) - (left < right); /* both are in one array */
}

static int compare_names(const void *left, const void *right) {
  const class_entry *a = *(const class_entry *const *)left, *b = *(const class_entry *const *)right;
  int order = strcmp(a->name, b->name);
  return order ? order : in_file_order(a, b);
}

static int compare_indices(const void *left, const void *right) {
  const class_entry *a = *(const class_entry *const *)left, *b = *(const class_entry *const *)right;
  int order = (a->index > b->index) - (a->index < b->index);
  return order ? order : in_file_order(a, b);
}

static int compare_hashes(const void *left, const void *right) {
  const hashed_entry *a = left, *b = right;
  int order = (a->hash > b->hash) - (a->hash < b->hash);
  return order ? order : in_file_order(a->entry, b->entry);
}

static checkrob_status sort_entries(checkrob_class_map *classes) {
  classes->by_name = malloc(classes->count * sizeof(const class_entry *));
  classes->by_index = malloc(classes->count * sizeof(const class_entry *));
  classes->by_hash = malloc(classes->count * sizeof *classes->by_hash);
  if (!classes->by_name || !classes->by_index || !classes->by_hash) return error_memory("the class map");
  for (size_t i = 0; i < classes->count; i++) {
    const class_entry *entry = &classes->entries[i];
    classes->by_name[i] = classes->by_index[i] = entry;
    classes->by_hash[i] = (hashed_entry){similar_hash(entry->name, strlen(entry->name)), entry};
  }
  qsort(classes->by_name, classes->count, sizeof(const class_entry *), compare_names);
  qsort(classes->by_index, classes->count, sizeof(const class_entry *), compare_indices);
  qsort(classes->by_hash, classes->count, sizeof *classes->by_hash, compare_hashes);
  return CHECKROB_OK;
}

static checkrob_status refuse_duplicates(const checkrob_class_map *classes, const char *path) {
  const class_entry *first = NULL, *again = NULL;
  for (size_t i = 1; i < classes->count; i++) {
    const class_entry *left = classes->by_name[i - 1], *right = classes->by_name[i];
    if (strcmp(left->name, right->name) == 0 && (!again || right < again)) {
      first = left;
      again = right;
    }
  }
  if (!again) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_BAD_INPUT,
                   "%s:%zu: the name '%s' is on line %zu already; remove one of the two", path, again->line,
                   again->name, first->line);
}

static checkrob_status read_map(checkrob_class_map *classes, const char *path, char *text, size_t bytes) {
  csv_reader reader;
  checkrob_status status = csv_start(&reader, path, text, bytes);
  if (status) return status;
  status = read_entries(classes, &reader);
  csv_finish(&reader);
  if (!status) status = sort_entries(classes);
  if (!status) status = refuse_duplicates(classes, path);
  return status;
}

/* The same bytes as file_read would return. */
static checkrob_status read_built_in(char **text, size_t *bytes) {
  char *copy = malloc(imagenet_classes_csv_bytes + 1);
  if (!copy) return error_memory("the class map");
  memcpy(copy, imagenet_classes_csv, imagenet_classes_csv_bytes);
  copy[imagenet_classes_csv_bytes] = '\0';
  *text = copy;
  *bytes = imagenet_classes_csv_bytes;
  return CHECKROB_OK;
}

checkrob_status checkrob_class_map_open(checkrob_class_map **out, const char *name_or_path) {
  if (!out || !name_or_path)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_class_map_open: out or the name is NULL");
  char *text;
  size_t bytes;
  bool built_in = strcmp(name_or_path, "imagenet") == 0;
  checkrob_status status =
      built_in ? read_built_in(&text, &bytes) : file_read(&text, &bytes, name_or_path, FILE_LIMIT);
  if (status) return error_set(status, "the class map: %s", checkrob_last_error());
  checkrob_class_map *classes = calloc(1, sizeof *classes);
  status = classes ? read_map(classes, name_or_path, text, bytes) : error_memory("the class map");
  free(text);
  if (status)
    checkrob_class_map_free(classes);
  else
    *out = classes;
  return status;
}

void checkrob_class_map_free(checkrob_class_map *classes) {
  if (!classes) return;
  for (size_t i = 0; i < classes->count; i++) {
    free(classes->entries[i].name);
    free(classes->entries[i].title);
  }
  free(classes->entries);
  free(classes->by_name);
  free(classes->by_index);
  free(classes->by_hash);
  free(classes);
}

size_t checkrob_class_map_count(const checkrob_class_map *classes) {
  return classes ? classes->count : 0;
}

const char *checkrob_class_map_name(const checkrob_class_map *classes, size_t entry) {
  return classes && entry < classes->count ? classes->entries[entry].name : NULL;
}

int64_t checkrob_class_map_index(const checkrob_class_map *classes, size_t entry) {
  return classes && entry < classes->count ? classes->entries[entry].index : -1;
}

const char *checkrob_class_map_title(const checkrob_class_map *classes, size_t entry) {
  return classes && entry < classes->count ? classes->entries[entry].title : NULL;
}

size_t checkrob_class_map_line(const checkrob_class_map *classes, size_t entry) {
  return classes && entry < classes->count ? classes->entries[entry].line : 0;
}

static int find_name(const void *name, const void *candidate) {
  return strcmp(name, (*(const class_entry *const *)candidate)->name);
}

static int find_index(const void *key, const void *candidate) {
  int64_t index = *(const int64_t *)key, found = (*(const class_entry *const *)candidate)->index;
  return (index > found) - (index < found);
}

int64_t checkrob_class_map_find(const checkrob_class_map *classes, const char *name) {
  if (!classes || !name) return -1;
  const class_entry **found =
      bsearch(name, classes->by_name, classes->count, sizeof(const class_entry *), find_name);
  return found ? (*found)->index : -1;
}

const char *checkrob_class_map_name_of(const checkrob_class_map *classes, int64_t index) {
  if (!classes) return NULL;
  const class_entry *const *found =
      array_find(&index, classes->by_index, classes->count, sizeof(const class_entry *), find_index);
  return found ? (*found)->name : NULL;
}

const char *checkrob_class_map_title_of(const checkrob_class_map *classes, int64_t index) {
  size_t count = checkrob_class_map_count(classes);
  if (count == 0) return NULL;
  size_t i = array_lower_bound(&index, classes->by_index, count, sizeof(const class_entry *), find_index);
  while (i < count && classes->by_index[i]->index == index && !classes->by_index[i]->title) i++;
  return i < count && classes->by_index[i]->index == index ? classes->by_index[i]->title : NULL;
}

static int find_hash(const void *key, const void *candidate) {
  uint64_t hash = *(const uint64_t *)key, found = ((const hashed_entry *)candidate)->hash;
  return (hash > found) - (hash < found);
}

const char *class_map_similar(const checkrob_class_map *classes, const char *name) {
  size_t count = checkrob_class_map_count(classes), bytes = strlen(name);
  if (count == 0) return NULL;
  const uint64_t hash = similar_hash(name, bytes);
  size_t i = array_lower_bound(&hash, classes->by_hash, count, sizeof *classes->by_hash, find_hash);
  for (; i < count && classes->by_hash[i].hash == hash; i++) {
    const char *other = classes->by_hash[i].entry->name;
    if (similar(name, bytes, other, strlen(other))) return other;
  }
  return NULL;
}
