#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"

void put_text(FILE *file, const char *text, int width) {
  int cells = 0;
  for (; *text; text++) {
    unsigned char byte = (unsigned char)*text;
    fputc(byte < 0x20 || byte == 0x7f ? '?' : byte, file);
    cells += (byte & 0xc0) != 0x80; /* UTF-8: only the first byte of a character counts */
  }
  for (; cells < width; cells++) fputc(' ', file);
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

int profile_resolve(profile *p) {
  if (!p->name) p->name = "standard";
  int paper = strcmp(p->name, "paper") == 0;
  if (!paper && strcmp(p->name, "standard") != 0) return 0;
  if (!p->preprocess) p->preprocess = paper ? "paper" : "imagenet";
  if (p->top_k == 0) p->top_k = paper ? 5 : 1;
  p->is_paper = paper;
  p->geometry = paper ? CHECKROB_GEOMETRY_PAPER : CHECKROB_GEOMETRY_STANDARD;
  return 1;
}

int same_file(const char *path, const char *other) {
  struct stat one, two;
  return stat(path, &one) == 0 && stat(other, &two) == 0 && one.st_dev == two.st_dev &&
         one.st_ino == two.st_ino;
}
