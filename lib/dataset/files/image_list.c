/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/files/image_list.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/text.h"
#include "base/utf8.h"

#define FILE_LIMIT (UINT64_C(1) << 30)

static checkrob_status add_entry(image_lists *lists, const char *name, const char *list, size_t line) {
  list_entry *entries = array_grow(lists->entries, &lists->capacity, lists->count, sizeof *entries);
  if (!entries) return error_memory("a list of images");
  lists->entries = entries;
  entries[lists->count++] = (list_entry){name, list, line};
  return CHECKROB_OK;
}

static size_t trimmed(const char *text, size_t bytes) {
  while (bytes > 0 && strchr(" \t\r", text[bytes - 1])) bytes--;
  return bytes;
}

/* Removes a number from the end of a line. A line that is only a number is a name. */
static bool take_number(char *line, bool *negative) {
  size_t bytes = strlen(line), digits = 0;
  while (digits < bytes && line[bytes - digits - 1] >= '0' && line[bytes - digits - 1] <= '9') digits++;
  size_t start = bytes - digits;
  *negative = start > 0 && line[start - 1] == '-';
  start -= *negative;
  size_t name = trimmed(line, start);
  if (digits == 0 || name == 0 || name == start) return false;
  line[name] = '\0';
  return true;
}

static checkrob_status add_line(image_lists *lists, char *line, const char *list, size_t number) {
  bool negative = false;
  line[trimmed(line, strlen(line))] = '\0';
  line += strspn(line, " \t");
  if (take_number(line, &negative) && negative) return CHECKROB_OK;
  while (strncmp(line, "./", 2) == 0) line += 2;
  return *line ? add_entry(lists, line, list, number) : CHECKROB_OK;
}

static checkrob_status add_lines(image_lists *lists, char *text, size_t bytes, const char *path) {
  const char *start = text;
  size_t before = lists->count;
  checkrob_status status = utf8_start(&start, &bytes, path);
  if (status) return status;
  text += start - text; /* the names may have other bytes, as files may */
  for (size_t number = 1; *text; number++) {
    size_t length = strcspn(text, "\n");
    char *next = text + length + (text[length] == '\n');
    text[length] = '\0';
    status = add_line(lists, text, path, number);
    if (status) return status;
    text = next;
  }
  if (lists->count > before) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_BAD_INPUT,
                   "%s names no image; write an image's name on each line, or use another list", path);
}

checkrob_status image_lists_open(image_lists *out, path_span paths) {
  out->texts = calloc(paths.count + 1, sizeof *out->texts);
  out->paths = calloc(paths.count + 1, sizeof *out->paths);
  if (!out->texts || !out->paths) return error_memory("a list of images");
  for (size_t i = 0; i < paths.count; i++) {
    size_t bytes = 0;
    checkrob_status status = file_read(&out->texts[i], &bytes, paths.items[i], FILE_LIMIT);
    if (status) return status;
    out->paths[out->text_count++] = text_copy(paths.items[i]);
    if (!out->paths[i]) return error_memory("a list of images");
    status = add_lines(out, out->texts[i], bytes, out->paths[i]);
    if (status) return status;
  }
  return CHECKROB_OK;
}

void image_lists_clear(image_lists *lists) {
  for (size_t i = 0; i < lists->text_count; i++) {
    free(lists->texts[i]);
    free(lists->paths[i]);
  }
  free(lists->texts);
  free(lists->paths);
  free(lists->entries);
  *lists = (image_lists){0};
}
