/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/formats/json_stream.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/text.h"
#include "base/utf8.h"

typedef struct scanner {
  FILE *file;
  const char *path;
  uint64_t offset; /* of the next byte */
  size_t line;
  char *text; /* what is being collected */
  size_t bytes, capacity;
  bool collecting;
  checkrob_status status; /* of collecting */
} scanner;

static checkrob_status broken(const scanner *s, const char *what) {
  if (ferror(s->file)) return error_errno("read", s->path);
  return error_set(CHECKROB_ERROR_BAD_INPUT, "%s:%zu: %s; export the file again", s->path, s->line, what);
}

static void collect(scanner *s, int byte) {
  if (s->status) return;
  if (s->bytes >= JSON_ELEMENT_LIMIT) {
    s->status = error_set(CHECKROB_ERROR_LIMIT, "%s:%zu: an element has more than the limit of %llu bytes",
                          s->path, s->line, (unsigned long long)JSON_ELEMENT_LIMIT);
    return;
  }
  char *grown = array_grow(s->text, &s->capacity, s->bytes + 1, 1); /* room for a NUL too */
  if (!grown) {
    s->status = error_memory(s->path);
    return;
  }
  s->text = grown;
  s->text[s->bytes++] = (char)byte;
  s->text[s->bytes] = '\0';
}

static int next_byte(scanner *s) {
  int byte = getc_unlocked(s->file);
  if (byte == EOF) return EOF;
  s->offset++;
  s->line += byte == '\n';
  if (s->collecting) collect(s, byte);
  return byte;
}

static bool is_white(int byte) {
  return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static int next_mark(scanner *s) {
  int byte = next_byte(s);
  while (is_white(byte)) byte = next_byte(s);
  return byte;
}

/* Skips the rest of a string, after its first quote. */
static bool pass_string(scanner *s) {
  for (int byte; (byte = next_byte(s)) != EOF;) {
    if (byte == '"') return true;
    if (byte == '\\' && next_byte(s) == EOF) return false;
  }
  return false;
}

/* Skips to the end of the value that begins with `byte`. After a number or a word, *after is the byte that
 * follows; else 0. */
static bool pass_value(scanner *s, int byte, int *after) {
  size_t depth = 0;
  *after = 0;
  do {
    if (byte == '"') {
      if (!pass_string(s)) return false;
    } else if (byte == '{' || byte == '[') {
      depth++;
    } else if (byte == '}' || byte == ']') {
      depth--;
    } else if (depth == 0) { /* a number, true, false, null */
      s->collecting = false;
      while (byte != EOF && byte != ',' && byte != ']' && byte != '}' && !is_white(byte)) {
        byte = next_byte(s);
        if (byte != EOF && byte != ',' && byte != ']' && byte != '}' && !is_white(byte)) collect(s, byte);
      }
      *after = byte;
      return byte != EOF;
    }
    if (depth == 0) return true;
    byte = next_byte(s);
  } while (byte != EOF);
  return false;
}

static void start_collecting(scanner *s, int first) {
  s->bytes = 0;
  s->collecting = true;
  if (first) collect(s, first);
}

/* The mark after a value. */
static int mark_after(scanner *s, int after) {
  s->collecting = false;
  return after == 0 || is_white(after) ? next_mark(s) : after;
}

static checkrob_status walk_array(scanner *s, const char *name, json_element_callback callback,
                                  void *user_data) {
  int byte = next_mark(s);
  if (byte == ']') return CHECKROB_OK;
  for (;;) {
    json_element element = {.array = name, .offset = s->offset - 1, .line = s->line};
    int after;
    if (byte == EOF) return broken(s, "the file is truncated");
    start_collecting(s, byte);
    if (!pass_value(s, byte, &after)) return broken(s, "the file is truncated");
    s->collecting = false;
    if (s->status) return s->status;
    element.text = s->text;
    element.bytes = s->bytes;
    checkrob_status status = callback(&element, user_data);
    if (status) return status;
    byte = mark_after(s, after);
    if (byte == ']') return CHECKROB_OK;
    if (byte != ',') return broken(s, "the file is not JSON, or it is truncated");
    byte = next_mark(s);
  }
}

/* A member: its name, then an array to walk or any other value to skip. *mark: the mark after it. */
static checkrob_status walk_member(scanner *s, int *mark, json_element_callback callback, void *user_data) {
  char name[64];
  start_collecting(s, 0);
  s->bytes = 0;
  if (s->text) s->text[0] = '\0';
  if (!pass_string(s)) return broken(s, "the file is truncated");
  s->collecting = false;
  if (s->status) return s->status;
  snprintf(name, sizeof name, "%.*s", (int)(s->bytes < 64 ? s->bytes - 1 : 63), s->text);
  if (next_mark(s) != ':') return broken(s, "the file is not JSON, or it is truncated");
  int byte = next_mark(s), after = 0;
  if (byte == '[') {
    checkrob_status status = walk_array(s, name, callback, user_data);
    if (status) return status;
  } else {
    const json_element element = {.array = name, .offset = s->offset - 1, .line = s->line};
    checkrob_status status = callback(&element, user_data);
    if (status) return status;
    if (byte == EOF || !pass_value(s, byte, &after)) return broken(s, "the file is truncated");
  }
  *mark = mark_after(s, after);
  return CHECKROB_OK;
}

static checkrob_status walk(scanner *s, json_element_callback callback, void *user_data) {
  int first = next_mark(s);
  if (first == EOF && !ferror(s->file))
    return error_set(CHECKROB_ERROR_BAD_INPUT, "%s:%zu: the file is empty; export it again", s->path,
                     s->line);
  if (first != '{' && !ferror(s->file))
    return error_set(
        CHECKROB_ERROR_BAD_INPUT,
        "%s:%zu: the file does not begin with '{' as COCO's instances do; export it in COCO's format",
        s->path, s->line);
  int mark = next_mark(s);
  while (mark == '"') {
    checkrob_status status = walk_member(s, &mark, callback, user_data);
    if (status) return status;
    if (mark == ',') mark = next_mark(s);
  }
  return mark == '}' ? CHECKROB_OK : broken(s, "the file is not JSON, or it is truncated");
}

/* Skips a byte order mark. Anything but UTF-8 is refused. */
static checkrob_status check_encoding(scanner *s) {
  char head[4];
  size_t got = fread(head, 1, sizeof head, s->file);
  if (ferror(s->file)) return error_errno("read", s->path);
  const char *encoding = utf8_other_encoding(head, got);
  if (encoding)
    return error_set(CHECKROB_ERROR_BAD_INPUT, "%s is %s text; save the file as UTF-8", s->path, encoding);
  s->offset = got >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  return fseek(s->file, (long)s->offset, SEEK_SET) == 0 ? CHECKROB_OK : error_errno("read", s->path);
}

checkrob_status json_stream(const char *path, json_element_callback callback, void *user_data) {
  scanner s = {.path = path, .line = 1};
  checkrob_status status = file_open(&s.file, path);
  if (status) return status;
  setvbuf(s.file, NULL, _IOFBF, 1 << 20);
  status = check_encoding(&s);
  if (!status) status = walk(&s, callback, user_data);
  fclose(s.file);
  free(s.text);
  return status;
}
