/* SPDX-License-Identifier: Apache-2.0 */
#include "activity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cells.h"
#include "terminal.h"

#define DOTS_CELLS 5 /* " ...", and the last cell stays free, where some terminals break the line */

static int is_shown;

static void draw(const char *clean) {
  int columns = line_columns(stderr) - DOTS_CELLS;
  size_t bytes = cells_prefix(clean, columns > 0 ? (size_t)columns : 1);
  fprintf(stderr, "\r\033[K%.*s ...", (int)bytes, clean);
  fflush(stderr);
  is_shown = 1;
}

void activity_begin(const char *what, const char *name) {
  activity_end();
  if (is_quiet() || !can_redraw(stderr)) return;
  size_t bytes = strlen(what) + strlen(name) + 2;
  char *text = malloc(bytes), *clean = NULL;
  if (text) snprintf(text, bytes, "%s%s%s", what, *name ? " " : "", name);
  if (text) clean = cells_clean(text);
  if (clean) draw(clean);
  free(clean);
  free(text);
}

void activity_end(void) {
  if (!is_shown) return;
  fputs("\r\033[K", stderr);
  fflush(stderr);
  is_shown = 0;
}
