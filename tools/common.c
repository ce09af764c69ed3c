/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "activity.h"
#include "cells.h"
#include "command.h"
#include "terminal.h"

#define MESSAGE_INDENT 2 /* of the lines after the first */

void put_text(FILE *file, const char *text, int width) {
  char *clean = cells_clean(text); /* a path of the command line may have any bytes */
  const char *shown = clean ? clean : "(out of memory)";
  fputs(shown, file);
  for (int cells = (int)cells_count(shown); cells < width; cells++) fputc(' ', file);
  free(clean);
}

const char *class_shown(const checkrob_row *row) {
  return checkrob_row_text(row, checkrob_row_has(row, "title") ? "title" : "class");
}

/* A word as it is shown; the caller frees it. NULL: out of memory. */
static char *clean_word(const char *word, size_t length) {
  char *copy = strndup(word, length), *clean = copy ? cells_clean(copy) : NULL;
  free(copy);
  return clean;
}

static int break_line(FILE *file, int indent) {
  fprintf(file, "\n%*s", indent, "");
  return indent;
}

/* The bytes up to where a line may be broken: not before a percent sign. */
static size_t piece_length(const char *text, const char *ends) {
  size_t length = strcspn(text, ends);
  if (length > 0 && text[length] == ' ' && text[length + 1] == '%')
    length += 1 + strcspn(text + length + 1, ends);
  return length;
}

/* `ends`: what ends a word. */
static void put_words(FILE *file, const char *text, int column, int indent, int columns, const char *ends) {
  int is_first = 1; /* in its line */
  while (*text) {
    size_t length = piece_length(text, ends);
    char *clean = clean_word(text, length);
    const char *word = clean ? clean : "(out of memory)";
    int cells = (int)cells_count(word);
    if (!is_first && columns > 0 && column + 1 + cells > columns) {
      column = break_line(file, indent);
      is_first = 1;
    }
    fprintf(file, "%s%s", is_first ? "" : " ", word);
    column += cells + !is_first;
    free(clean);
    is_first = text[length] == '\n';
    if (is_first) column = break_line(file, indent);
    text += length + (text[length] != '\0');
  }
  fputc('\n', file);
}

void put_wrapped(FILE *file, const char *text, int column, int indent, int columns) {
  put_words(file, text, column, indent, columns, " ");
}

void put_paragraphs(FILE *file, const char *text, int column, int indent, int columns) {
  put_words(file, text, column, indent, columns, " \n");
}

void put_line(const char *format, ...) {
  char text[8192];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  put_wrapped(stdout, text, 0, 2, line_columns(stdout));
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

/* A reader of standard output that stops early, such as head, is no failure to talk about: the process then
 * ends as one that SIGPIPE ends. */
static void leave_if_unread(void) {
  struct pollfd output = {.fd = STDOUT_FILENO};
  if (poll(&output, 1, 0) <= 0 || !(output.revents & POLLERR)) return;
  signal(SIGPIPE, SIG_DFL);
  raise(SIGPIPE);
}

static void say(const char *kind, const char *format, va_list arguments) {
  char text[8192];
  vsnprintf(text, sizeof text, format, arguments);
  if (strstr(text, "standard output") || strstr(text, "/dev/stdout")) leave_if_unread();
  activity_end();
  int column = fprintf(stderr, "checkrob: %s: ", kind);
  put_wrapped(stderr, text, column, MESSAGE_INDENT, is_terminal(stderr) ? line_columns(stderr) : 0);
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
  if (is_quiet()) return;
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
  leave_if_unread();
  if (was_said++) return EXIT_FAILED;
  return is_flushed ? fail(EXIT_FAILED, "cannot write all to standard output; free space where it goes to")
                    : fail(EXIT_FAILED, "cannot write to standard output: %s", strerror(reason));
}
