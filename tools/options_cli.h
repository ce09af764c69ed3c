/* SPDX-License-Identifier: Apache-2.0 */
/* A sub-command's line of options: what it takes, how it is read, and its help. All follow from the library's
 * declarations (checkrob/options.h) and, of the same form, those of the sub-command alone. A flag is an
 * option's name with dashes: top_k is --top-k.
 */
#ifndef CHECKROB_TOOLS_OPTIONS_CLI_H
#define CHECKROB_TOOLS_OPTIONS_CLI_H

#include "command.h"

#define HELP_COLUMNS 100

/* ---- what a sub-command takes ---- */

typedef struct command_usage {
  const char *name;     /* "score" */
  const char *synopsis; /* what follows the name: "--model FILE ... [OPTION]..." */
  const char *purpose;  /* paragraphs, with "\n" between; help breaks their lines */
  /* Groups of options, or single ones, in the order of the help text; NULL behind the last. They name the
   * library's options and the command's own alike. */
  const char *const *groups;
  const checkrob_option_info *own; /* options of the command alone */
  size_t own_count;
  const char *const *needed; /* options without which it can't work, and NULL behind the last; or NULL */
  const char *closing;       /* a paragraph behind the options: exit codes. NULL: none */
  int takes_arguments;       /* 1: others than options, too */
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
  OF_ALL = 3      /* here: --spec, --print-spec, --help, and --verdict for all that begin with verdict_ */
} option_origin;

typedef struct usage_option {
  checkrob_option_info info;
  option_origin origin;
} usage_option;

#define MOST_USAGE_OPTIONS 96

/* All options of a command, in the order of its help text. */
typedef struct usage_options {
  usage_option items[MOST_USAGE_OPTIONS];
  size_t count;
} usage_options;
void usage_options_list(usage_options *out, const command_usage *usage);

/* ---- a command line ---- */

#define MOST_OWN_OPTIONS 24

typedef struct command_line {
  const command_usage *usage;
  checkrob_options *options;         /* of --spec, and over them those that were given */
  const char *own[MOST_OWN_OPTIONS]; /* as given; NULL: not given */
  char **arguments;                  /* those that are no options; [argument_count] */
  int argument_count;
} command_line;

/* Reads a command line; -1: go on, and command_line_free() is then due. Else the exit code, after help, a
 * specification or an error message was printed. */
int command_line_read(command_line *out, const command_usage *usage, int argc, char **argv);
void command_line_free(command_line *line);

/* The command's own options: as given, or else their defaults. Text: NULL where there is neither; numbers:
 * -1; flags: 0. */
const char *command_line_text(const command_line *line, const char *name);
int64_t command_line_integer(const command_line *line, const char *name);
int command_line_flag(const command_line *line, const char *name);

/* ---- words ---- */

/* "--top-k" */
#define FLAG_BYTES 64
void write_flag(char flag[FLAG_BYTES], const char *name);

/* The library's messages name options; for people at a command line these are flags: "top_k is 0" becomes
 * "--top-k is 0". A name without underscore is seen only at the beginning, before " is ", and
 * behind "option ". */
void write_message_with_flags(char *out, size_t bytes, const char *message);

/* checkrob_last_error() so; valid until the next call. */
const char *error_with_flags(void);
/* The same as an error; gives `code`. */
int fail_with_flags(int code);

/* What is allowed and what holds by default: "from 1 to 4096; default: 16"; "" where there is nothing to say.
 */
void write_allowed(char *out, size_t bytes, const checkrob_option_info *info);

/* Prints the help text. Negative where it can't be written. */
int print_help(FILE *file, const command_usage *usage);

/* ---- the sub-commands: each has a usage, and a function that returns the exit code ---- */

#define COMMAND(name)                      \
  extern const command_usage name##_usage; \
  int command_##name(const command_line *line)

COMMAND(score);
COMMAND(check);
COMMAND(layers);
COMMAND(explain);
COMMAND(extract);
COMMAND(methods);
COMMAND(export);
COMMAND(merge);
COMMAND(compare);

#endif
