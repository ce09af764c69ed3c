/* SPDX-License-Identifier: Apache-2.0 */
#include "terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define USUAL_COLUMNS 80
#define FEWEST_COLUMNS 20
#define MOST_PROSE_COLUMNS 100 /* longer lines are hard to read */

static struct {
  int quiet, wide;
  terminal_colour colour;
} settings; /* of the command line */

void terminal_set_quiet(int quiet) {
  settings.quiet = quiet;
}

void terminal_set_wide(int wide) {
  settings.wide = wide;
}

void terminal_set_colour(terminal_colour colour) {
  settings.colour = colour;
}

int is_quiet(void) {
  return settings.quiet;
}

int is_wide(void) {
  return settings.wide;
}

int is_terminal(FILE *file) {
  return isatty(fileno(file));
}

/* ---- width ---- */

/* $COLUMNS; 0 if it is no number of columns. */
static int columns_of_environment(void) {
  const char *text = getenv("COLUMNS");
  char *end = NULL;
  long columns = text ? strtol(text, &end, 10) : 0;
  return text && *text && *end == '\0' && columns > 0 && columns < 100000 ? (int)columns : 0;
}

int line_columns(FILE *file) {
  struct winsize size = {0};
  int columns = 0;
  if (is_terminal(file)) {
    if (ioctl(fileno(file), TIOCGWINSZ, &size) == 0) columns = size.ws_col;
    if (columns == 0) columns = columns_of_environment();
    if (columns == 0) columns = USUAL_COLUMNS;
  } else {
    columns = columns_of_environment();
  }
  return columns > 0 && columns < FEWEST_COLUMNS ? FEWEST_COLUMNS : columns;
}

int table_columns(void) {
  return settings.wide ? 0 : line_columns(stdout);
}

int prose_columns(FILE *file) {
  int columns = line_columns(file);
  if (columns == 0) return USUAL_COLUMNS;
  return columns < MOST_PROSE_COLUMNS ? columns : MOST_PROSE_COLUMNS;
}

/* ---- what it can do ---- */

static int is_dumb(void) {
  const char *name = getenv("TERM");
  return !name || !*name || strcmp(name, "dumb") == 0;
}

int can_redraw(FILE *file) {
  return is_terminal(file) && !is_dumb();
}

static int has_colours(void) {
  const char *refused = getenv("NO_COLOR");
  if (settings.colour != COLOUR_AUTO) return settings.colour == COLOUR_ALWAYS;
  return can_redraw(stdout) && !(refused && *refused);
}

/* Of the 256 colours, which all but the oldest terminals have: each has a contrast of 3.3 or more to white
 * and of 4.1 or more to black, and any two differ by 43 or more (CIE 1976) for people with normal colour
 * vision, protanopia, deuteranopia and tritanopia. */
static const struct {
  const char *verdict, *start;
} colours[] = {{"non-robust", "\033[1;38;5;161m"}, /* #d7005f, bold */
               {"doubtful", "\033[38;5;136m"},     /* #af8700 */
               {"robust", "\033[38;5;33m"},        /* #0087ff */
               {"not suspicious", "\033[38;5;33m"},
               {"no dependence found", "\033[38;5;33m"}};

const char *verdict_colour(const char *verdict) {
  for (size_t i = 0; i < sizeof colours / sizeof colours[0] && has_colours(); i++)
    if (strcmp(colours[i].verdict, verdict) == 0) return colours[i].start;
  return "";
}

const char *colour_end(void) {
  return has_colours() ? "\033[0m" : "";
}
