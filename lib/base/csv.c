/* SPDX-License-Identifier: Apache-2.0 */
#include "base/csv.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/utf8.h"

checkrob_status csv_start(csv_reader *reader, const char *path, char *text, size_t bytes) {
  const char *start = text;
  char *end = text + bytes;
  checkrob_status status = utf8_start_strict(&start, &bytes, path);
  if (status) return status;
  *reader = (csv_reader){.path = path, .next = text + (start - text), .end = end, .next_line = 1};
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
  if (reader->field_count == CSV_FIELD_LIMIT)
    return error_set(CHECKROB_ERROR_LIMIT,
                     "%s:%zu: the line has more than the limit of %d fields; correct the line", reader->path,
                     reader->line, CSV_FIELD_LIMIT);
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
