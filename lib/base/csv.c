/* SPDX-License-Identifier: Apache-2.0 */
#include "base/csv.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"

/* Bytes of the UTF-8 sequence at `text`; 0 if it is not valid (overlong forms, surrogates and NUL are not).
 * The NUL after the text ends a truncated sequence, so the function never reads past it. */
static size_t utf8_sequence(const unsigned char *text) {
  if (text[0] == 0) return 0;
  if (text[0] < 0x80) return 1;
  size_t bytes = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;
  if (text[0] < 0xc2 || text[0] > 0xf4) return 0;
  for (size_t i = 1; i < bytes; i++)
    if ((text[i] & 0xc0) != 0x80) return 0;
  if (text[0] == 0xe0 && text[1] < 0xa0) return 0;
  if (text[0] == 0xed && text[1] > 0x9f) return 0;
  if (text[0] == 0xf0 && text[1] < 0x90) return 0;
  if (text[0] == 0xf4 && text[1] > 0x8f) return 0;
  return bytes;
}

static checkrob_status check_utf8(const char *path, const char *text, const char *end) {
  size_t line = 1;
  while (text < end) {
    size_t bytes = utf8_sequence((const unsigned char *)text);
    if (bytes == 0)
      return error_set(CHECKROB_ERROR_BAD_INPUT, "%s:%zu: not UTF-8 text; save the file as CSV in UTF-8",
                       path, line);
    if (*text == '\n') line++;
    text += bytes;
  }
  return CHECKROB_OK;
}

checkrob_status csv_start(csv_reader *reader, const char *path, char *text, size_t bytes) {
  checkrob_status status = check_utf8(path, text, text + bytes);
  if (status) return status;
  bool marked = bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0;
  *reader = (csv_reader){.path = path, .next = marked ? text + 3 : text, .end = text + bytes, .next_line = 1};
  return CHECKROB_OK;
}

void csv_finish(csv_reader *reader) {
  free(reader->fields);
  reader->fields = NULL;
}

/* Bytes of the line ending at `text`; 0 if there is none. */
static size_t line_end(const char *text) {
  return *text == '\n' ? 1 : text[0] == '\r' && text[1] == '\n' ? 2 : 0;
}

static bool at_field_end(const csv_reader *reader) {
  return reader->next == reader->end || *reader->next == ',' || line_end(reader->next);
}

static checkrob_status read_quoted(char **field, csv_reader *reader) {
  size_t opened = reader->next_line;
  char *from = reader->next + 1;
  char *to = from;
  *field = to;
  bool closed = false;
  while (from < reader->end && !closed) {
    char c = *from++;
    if (c == '"' && *from == '"') {
      *to++ = *from++;
    } else if (c == '"') {
      closed = true;
    } else {
      if (c == '\n') reader->next_line++;
      *to++ = c;
    }
  }
  if (!closed)
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "%s:%zu: a quote opens a field and is never closed; close it, or remove it",
                     reader->path, opened);
  *to = '\0'; /* on the closing quote at the latest */
  reader->next = from;
  if (at_field_end(reader)) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_BAD_INPUT,
                   "%s:%zu: text after a closing quote; insert a comma there, or double the quote",
                   reader->path, reader->next_line);
}

static checkrob_status read_plain(char **field, csv_reader *reader) {
  *field = reader->next;
  while (!at_field_end(reader) && *reader->next != '"') reader->next++;
  if (at_field_end(reader)) return CHECKROB_OK;
  return error_set(
      CHECKROB_ERROR_BAD_INPUT,
      "%s:%zu: a quote inside a field; put the whole field in quotes and double the quote inside",
      reader->path, reader->next_line);
}

static checkrob_status read_field(csv_reader *reader) {
  char **fields =
      array_grow(reader->fields, &reader->field_capacity, reader->field_count, sizeof *reader->fields);
  if (!fields) return error_memory(reader->path);
  reader->fields = fields;
  char **field = &fields[reader->field_count++];
  return *reader->next == '"' ? read_quoted(field, reader) : read_plain(field, reader);
}

static void skip_line_end(csv_reader *reader) {
  reader->next += line_end(reader->next);
  reader->next_line++;
}

checkrob_status csv_next(csv_reader *reader) {
  while (line_end(reader->next)) skip_line_end(reader);
  if (reader->next == reader->end) return CHECKROB_END;
  reader->line = reader->next_line;
  reader->field_count = 0;
  bool more = true;
  while (more) {
    checkrob_status status = read_field(reader);
    if (status) return status;
    char *field_end = reader->next;
    more = *field_end == ',';
    if (more)
      reader->next++;
    else
      skip_line_end(reader);
    *field_end = '\0';
  }
  return CHECKROB_OK;
}
