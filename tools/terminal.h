/* SPDX-License-Identifier: Apache-2.0 */
/* What a person sees: how wide a line may be, colours, and the options --wide, --color and --quiet, which
 * hold for the whole command.
 *
 * On a terminal, tables and texts fit its width. In a pipe or a file nothing is cut or wrapped: programs read
 * it, and `grep` finds a whole line. The environment variable COLUMNS, where it is set, limits a line there
 * too. */
#ifndef CHECKROB_TOOLS_TERMINAL_H
#define CHECKROB_TOOLS_TERMINAL_H

#include <stdio.h>

/* Set by the command line. */
typedef enum terminal_colour { COLOUR_AUTO = 0, COLOUR_ALWAYS, COLOUR_NEVER } terminal_colour;
void terminal_set_quiet(int quiet);
void terminal_set_wide(int wide);
void terminal_set_colour(terminal_colour colour);

/* --quiet: no table, no notes, no progress. */
int is_quiet(void);
/* --wide: tables have all columns and rows. */
int is_wide(void);

/* The columns of a line; 0: no limit. */
int line_columns(FILE *file);
/* The columns of a table: the same, but 0 with --wide. */
int table_columns(void);
/* The columns of help and of other texts for people, which are wrapped in a pipe too: at 80. */
int prose_columns(FILE *file);

int is_terminal(FILE *file);

/* Whether the file is a terminal on which lines can be drawn again: not one called "dumb". */
int can_redraw(FILE *file);

/* The sequence that starts the colour of a verdict, and the one that ends it; "" where there are no colours.
 * Colours repeat what the word says, and nothing else. */
const char *verdict_colour(const char *verdict);
const char *colour_end(void);

#endif
