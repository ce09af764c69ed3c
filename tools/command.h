/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the sub-commands: exit codes and error messages. */
#ifndef CHECKROB_TOOLS_COMMAND_H
#define CHECKROB_TOOLS_COMMAND_H

#include <checkrob/checkrob.h>
#include <stdio.h>

/* Documented in checkrob(1), for pipelines: a number never changes its meaning. */
enum {
  EXIT_OK = 0,          /* done; a warning reports images that could not be evaluated */
  EXIT_FAILED = 1,      /* nothing, or not everything, could be done: stderr says why */
  EXIT_USAGE = 2,       /* the command line is wrong */
  EXIT_NONE = 3,        /* done, but not one image could be evaluated */
  EXIT_INTERRUPTED = 4, /* interrupted by SIGINT or SIGTERM; the results so far are written */
  EXIT_FOUND = 5,       /* check: something is wrong with the data */
  EXIT_GATE = 6,        /* a condition of the gate is violated; the results are written */
};

/* "checkrob: error: ..." on stderr; returns `code`. */
__attribute__((format(printf, 2, 3))) int fail(int code, const char *format, ...);
/* The library's last error message; returns EXIT_FAILED. */
int fail_library(void);
/* A wrong command line: prints the error message and where help is, and returns EXIT_USAGE. A macro, so that
 * a static analyser sees in every file that parsing stops there. */
#define fail_usage(...) (say_usage(__VA_ARGS__), EXIT_USAGE)
__attribute__((format(printf, 2, 3))) void say_usage(const char *command, const char *format, ...);
__attribute__((format(printf, 1, 2))) void warn(const char *format, ...);
/* For information that is not a warning; nothing with --quiet. */
__attribute__((format(printf, 1, 2))) void note(const char *format, ...);

/* "NAME: MESSAGE", or the message alone if it contains the name. The caller frees; NULL: out of memory. */
char *line_about(const char *name, const char *message);

/* Flushes standard output: EXIT_OK; or EXIT_FAILED, and once an error message, if it cannot be written.
 * main() calls it last; a sub-command does before it goes on to something that depends on it. */
int finish_output(void);

/* Parses a whole number in [low, high]; 0 if `text` is not one. */
int parse_integer(int64_t *out, const char *text, int64_t low, int64_t high);

/* Writes a text from a file or an archive to a terminal or a pipe, padded with blanks to `width`. Control
 * characters become '?', because a file name may contain escape sequences of a terminal. */
void put_text(FILE *file, const char *text, int width);

/* The class of a row for people: its title, or its name in the class map if it has none. Borrowed from the
 * row. */
const char *class_shown(const checkrob_row *row);

/* Prints `text` from column `column` on, breaks lines between words, so that they have at most `columns`
 * columns (0: no limit), and indents the lines after the first. Control characters become '?', a "\n" too: a
 * name from the data must not begin a line, which a pipeline may take for a command. */
void put_wrapped(FILE *file, const char *text, int column, int indent, int columns);
/* The same for texts of the command's own, in which a "\n" breaks the line. */
void put_paragraphs(FILE *file, const char *text, int column, int indent, int columns);

/* Prints a line to standard output; on a terminal it is wrapped. A "\n" breaks it too. */
__attribute__((format(printf, 1, 2))) void put_line(const char *format, ...);

/* A number in a column of a table: two blanks, then `width` columns; '-' if it is not finite. */
void put_number(double value, int width, int digits);

#endif
