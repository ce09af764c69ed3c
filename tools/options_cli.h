/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of a sub-command: its options, how they are read, and its help. All follow from the
 * library's declarations (checkrob/options.h), and from declarations of the same form for the options of the
 * sub-command alone. A flag is an option's name with dashes: top_k is --top-k. */
#ifndef CHECKROB_TOOLS_OPTIONS_CLI_H
#define CHECKROB_TOOLS_OPTIONS_CLI_H

#include "command.h"

/* ---- the options of a sub-command ---- */

typedef struct command_usage {
  const char *name;     /* "score" */
  const char *synopsis; /* after the name: "--model FILE ... [OPTION]..." */
  const char *purpose;  /* paragraphs, with "\n" between; help breaks their lines */
  /* Groups of options, or single ones, in the order of the help text; NULL after the last. They name the
   * library's options and the command's own alike. */
  const char *const *groups;
  const checkrob_option_info *own; /* options of the command alone */
  size_t own_count;
  const char *const *needed; /* required options, and NULL after the last; or NULL */
  const char *closing;       /* a paragraph after the options: exit codes. NULL: none */
  int takes_arguments;       /* 1: also arguments that are no options */
} command_usage;

/* Rows of `own`. */
#define OWN_OPTION(name_, type_, group_, argument_, help_, ...)                             \
  {                                                                                         \
    .size = sizeof(checkrob_option_info), .name = (name_), .type = CHECKROB_OPTION_##type_, \
    .group = (group_), .argument = (argument_), .help = (help_), __VA_ARGS__                \
  }

/* Where an option is declared. */
typedef enum option_origin {
  OF_LIBRARY = 1,
  OF_COMMAND = 2, /* command_usage.own */
  /* Here: --spec, --print-spec, --help, those of the terminal, and --verdict for all that begin with
     verdict_. */
  OF_ALL = 3
} option_origin;

typedef struct usage_option {
  checkrob_option_info info;
  option_origin origin;
} usage_option;

#define MOST_USAGE_OPTIONS 128

/* All options of a command, in the order of its help text. */
typedef struct usage_options {
  usage_option items[MOST_USAGE_OPTIONS];
  size_t count;
} usage_options;
void usage_options_list(usage_options *out, const command_usage *usage);

/* ---- a command line ---- */

#define MOST_OWN_OPTIONS 32

/* An item of a list among the command's own options. */
typedef struct own_item {
  size_t option; /* in command_usage.own */
  const char *value;
} own_item;

typedef struct command_line {
  const command_usage *usage;
  checkrob_options *options;         /* of --spec, replaced by those of the command line */
  const char *own[MOST_OWN_OPTIONS]; /* as on the command line, of a list the first item; NULL: not there */
  char *copies[MOST_OWN_OPTIONS];    /* of choices, as they are declared; the line's own */
  own_item *items;                   /* [item_count]: of all lists, in the order of the command line */
  size_t item_count;
  char **arguments; /* [argument_count]: those that are no options */
  int argument_count;
} command_line;

/* Sets an option as another handle has it; a list as a whole. */
checkrob_status options_replace(checkrob_options *options, const checkrob_options *given, const char *name);

/* Reads a command line. An option that is no list may be given twice only with the same value. Returns -1 if
 * the sub-command must run; the caller then calls command_line_free(). Otherwise it printed help, a
 * specification or an error message, and returns the exit code. */
int command_line_read(command_line *out, const command_usage *usage, int argc, char **argv);
void command_line_free(command_line *line);

/* The command's own options: the value of the command line, or else the default. Without either: NULL for a
 * text, -1 for a number, 0 for a flag. */
const char *command_line_text(const command_line *line, const char *name);
int64_t command_line_integer(const command_line *line, const char *name);
int command_line_flag(const command_line *line, const char *name);
/* Without either: NaN. */
double command_line_number(const command_line *line, const char *name);
/* Item `number` of a list, from 0; NULL past the end. */
const char *command_line_item(const command_line *line, const char *name, size_t number);

/* ---- words ---- */

/* "--top-k" */
#define FLAG_BYTES 64
void write_flag(char flag[FLAG_BYTES], const char *name);

/* The library's messages name options. For users of the command these are flags: "top_k is 0" becomes
 * "--top-k is 0". A name without underscore is replaced only at the beginning before " is ", and after
 * "option ". */
void write_message_with_flags(char *out, size_t bytes, const char *message);

/* checkrob_last_error() with flags; valid until the next call. */
const char *error_with_flags(void);
/* Prints the same as an error; returns `code`. */
int fail_with_flags(int code);

/* The allowed values and the default: "from 1 to 4096; default: 16"; "" if there is nothing to say. */
void write_allowed(char *out, size_t bytes, const checkrob_option_info *info);

/* Prints the help text, for the width of the terminal. */
void print_help(FILE *file, const command_usage *usage);

/* ---- the sub-commands: each has a usage, and a function that returns the exit code ---- */

#define COMMAND(name)                      \
  extern const command_usage name##_usage; \
  int command_##name(const command_line *line)

/* All sub-commands, in the order of the help text; NULL past the end. *summary: one line about it. */
const command_usage *command_usage_at(const char **summary, size_t i);

COMMAND(score);
COMMAND(check);
COMMAND(layers);
COMMAND(explain);
COMMAND(extract);
COMMAND(methods);
COMMAND(export);
COMMAND(merge);
COMMAND(compare);
COMMAND(report);
COMMAND(features);
COMMAND(attack);
COMMAND(data);
COMMAND(advise);
COMMAND(completion);
COMMAND(gate);

#endif
