/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

static int put_printable(FILE *file, const char *text) {
  int cells = 0;
  for (; *text; text++) {
    unsigned char byte = (unsigned char)*text;
    fputc(byte < 0x20 || byte == 0x7f ? '?' : byte, file);
    cells += (byte & 0xc0) != 0x80; /* UTF-8: only the first byte of a character counts */
  }
  return cells;
}

void put_text(FILE *file, const char *text, int width) {
  size_t bytes = checkrob_text_escape(NULL, 0, text) + 1;
  char *escaped = malloc(bytes); /* a path of the command line may have any bytes */
  if (escaped) checkrob_text_escape(escaped, bytes, text);
  int cells = put_printable(file, escaped ? escaped : "(out of memory)");
  for (; cells < width; cells++) fputc(' ', file);
  free(escaped);
}

const char *class_shown(const checkrob_row *row) {
  return checkrob_row_text(row, checkrob_row_has(row, "title") ? "title" : "class");
}

static int put_word(FILE *file, const char *word, size_t length) {
  for (size_t i = 0; i < length; i++)
    fputc((unsigned char)word[i] < ' ' || word[i] == 127 ? '?' : word[i], file);
  return (int)length;
}

void put_wrapped(FILE *file, const char *text, int column, int indent, int columns) {
  int is_first = 1;
  while (*text) {
    size_t length = strcspn(text, " \n");
    if (!is_first && column + 1 + (int)length > columns) {
      fprintf(file, "\n%*s", indent, "");
      column = indent;
      is_first = 1;
    }
    if (!is_first) column += fprintf(file, " ");
    column += put_word(file, text, length);
    is_first = 0;
    text += length;
    if (*text == '\n') {
      fprintf(file, "\n%*s", indent, "");
      column = indent;
      is_first = 1;
    }
    text += *text != '\0';
  }
  fputc('\n', file);
}

void put_number(double value, int width, int digits) {
  if (isfinite(value))
    printf("  %*.*f", width, digits, value);
  else
    printf("  %*s", width, "-");
}

char *line_about(const char *name, const char *message) {
  int is_named = strstr(message, name) != NULL;
  size_t bytes = strlen(name) + strlen(message) + 3;
  char *line = malloc(bytes);
  if (line) snprintf(line, bytes, "%s%s%s", is_named ? "" : name, is_named ? "" : ": ", message);
  return line;
}

static void say(const char *kind, const char *format, va_list arguments) {
  char text[8192];
  vsnprintf(text, sizeof text, format, arguments);
  fprintf(stderr, "checkrob: %s: ", kind);
  put_text(stderr, text, 0);
  fputc('\n', stderr);
}

int fail(int code, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  say("error", format, arguments);
  va_end(arguments);
  return code;
}

int fail_library(void) {
  return fail(EXIT_FAILED, "%s", checkrob_last_error());
}

void say_usage(const char *command, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  say("error", format, arguments);
  va_end(arguments);
  fprintf(stderr, "Try 'checkrob %s%s--help'.\n", command, *command ? " " : "");
}

void warn(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  say("warning", format, arguments);
  va_end(arguments);
}

void note(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  say("note", format, arguments);
  va_end(arguments);
}

int parse_integer(int64_t *out, const char *text, int64_t low, int64_t high) {
  char *end = NULL;
  errno = 0;
  long long value = strtoll(text, &end, 10);
  if (errno != 0 || end == text || *end != '\0' || value < low || value > high) return 0;
  *out = value;
  return 1;
}

/* The message appears once, although a sub-command and main() both finish. If the output failed earlier, its
 * reason is no longer known. */
int finish_output(void) {
  static int was_said = 0;
  int is_flushed = fflush(stdout) == 0, reason = errno;
  if (is_flushed && !ferror(stdout)) return EXIT_OK;
  if (was_said++) return EXIT_FAILED;
  return is_flushed ? fail(EXIT_FAILED, "cannot write all to standard output; free space where it goes to")
                    : fail(EXIT_FAILED, "cannot write to standard output: %s", strerror(reason));
}
