/* SPDX-License-Identifier: Apache-2.0 */
/* The options of a command as text: flags, allowed values, help. */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "options_cli.h"
#include "terminal.h"

/* ---- what a command takes ---- */

static const checkrob_option_info verdict_option =
    OWN_OPTION("verdict", TEXT, "verdict", "NAME=N[,...]",
               "short for several of the options that follow: min_images=20,level=0.9", .details = "");

static const checkrob_option_info general_options[] = {
    OWN_OPTION("spec", PATH, "general", "FILE",
               "take options from a run specification, or from the summary.json of a run",
               .details = "Options that are given besides replace those of the file."),
    OWN_OPTION("print_spec", FLAG, "general", "",
               "print the options that are given as a run specification, and exit", .details = ""),
    OWN_OPTION("help", FLAG, "general", "", "print help, and exit; -h does the same", .details = "")};

/* In the commands whose groups name them. */
static const checkrob_option_info terminal_options[] = {
    OWN_OPTION("wide", FLAG, "terminal", "",
               "print all columns of a table, and all of its lines, even if they don't fit the terminal",
               .details = "In a pipe or a file this is always so, unless COLUMNS is set."),
    OWN_OPTION("color", CHOICE, "terminal", "WHEN", "colours for verdicts", .choices = "auto|always|never",
               .default_text = "auto",
               .details = "`auto`: on a terminal, unless NO_COLOR is set or TERM is `dumb`."),
    OWN_OPTION("quiet", FLAG, "terminal", "",
               "print no table, no notes and no progress; errors and warnings stay", .details = "")};

#define TERMINAL_COUNT (sizeof terminal_options / sizeof terminal_options[0])
#define GENERAL_COUNT (sizeof general_options / sizeof general_options[0])

static int is_listed(const usage_options *list, const char *name) {
  for (size_t i = 0; i < list->count; i++)
    if (strcmp(list->items[i].info.name, name) == 0) return 1;
  return 0;
}

static void add(usage_options *list, const checkrob_option_info *info, option_origin origin) {
  if (list->count < MOST_USAGE_OPTIONS && !is_listed(list, info->name))
    list->items[list->count++] = (usage_option){*info, origin};
}

static int is_meant(const checkrob_option_info *info, const char *entry) {
  return strcmp(info->group, entry) == 0 || strcmp(info->name, entry) == 0;
}

static void add_entry(usage_options *list, const command_usage *usage, const char *entry) {
  for (size_t i = 0; i < usage->own_count; i++)
    if (is_meant(&usage->own[i], entry)) add(list, &usage->own[i], OF_COMMAND);
  for (size_t i = 0; i < TERMINAL_COUNT; i++)
    if (is_meant(&terminal_options[i], entry)) add(list, &terminal_options[i], OF_ALL);
  for (size_t i = 0; i < checkrob_option_count(); i++) {
    checkrob_option_info info = CHECKROB_OPTION_INFO_INIT;
    if (checkrob_option_at(&info, i) != CHECKROB_OK || !is_meant(&info, entry)) continue;
    if (strncmp(info.name, "verdict_", 8) == 0) add(list, &verdict_option, OF_ALL);
    add(list, &info, OF_LIBRARY);
  }
}

static int has_library_options(const usage_options *list) {
  for (size_t i = 0; i < list->count; i++)
    if (list->items[i].origin == OF_LIBRARY) return 1;
  return 0;
}

void usage_options_list(usage_options *out, const command_usage *usage) {
  out->count = 0;
  for (const char *const *entry = usage->groups; *entry; entry++) add_entry(out, usage, *entry);
  /* --help alone, if the command has no option that a specification may contain */
  size_t first = has_library_options(out) ? 0 : GENERAL_COUNT - 1;
  for (size_t i = first; i < GENERAL_COUNT; i++) add(out, &general_options[i], OF_ALL);
}

/* ---- flags ---- */

void write_flag(char flag[FLAG_BYTES], const char *name) {
  snprintf(flag, FLAG_BYTES, "--%s", name);
  for (char *c = flag; *c; c++)
    if (*c == '_') *c = '-';
}

static int is_option(const char *word, size_t length) {
  checkrob_option_info info = CHECKROB_OPTION_INFO_INIT;
  for (size_t i = 0; i < checkrob_option_count() && checkrob_option_at(&info, i) == CHECKROB_OK; i++)
    if (strlen(info.name) == length && strncmp(info.name, word, length) == 0) return 1;
  return 0;
}

/* Letters of names and paths: next to such a letter, a name is a part of something else. */
static int is_inner(char c) {
  return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '/' || c == '.';
}

void write_message_with_flags(char *out, size_t bytes, const char *message) {
  size_t used = 0;
  for (const char *c = message; *c && used + 1 < bytes;) {
    size_t length = strspn(c, "abcdefghijklmnopqrstuvwxyz_");
    int is_whole =
        length > 0 && (c == message || !is_inner(c[-1])) && (!is_inner(c[length]) || c[length] == '.');
    int is_meant = (length > 0 && memchr(c, '_', length)) ||
                   (c == message && strncmp(c + length, " is ", 4) == 0) ||
                   (c - message >= 7 && strncmp(c - 7, "option ", 7) == 0);
    int is_name = is_whole && is_meant && length < FLAG_BYTES - 2 && is_option(c, length);
    char flag[FLAG_BYTES], name[FLAG_BYTES - 2];
    snprintf(name, sizeof name, "%.*s", (int)length, c);
    write_flag(flag, name);
    if (length == 0) length = 1;
    int written = is_name ? snprintf(out + used, bytes - used, "%s", flag)
                          : snprintf(out + used, bytes - used, "%.*s", (int)length, c);
    used += (size_t)written;
    c += length;
  }
  if (bytes > 0) out[used < bytes ? used : bytes - 1] = '\0';
}

const char *error_with_flags(void) {
  static char message[4096];
  write_message_with_flags(message, sizeof message, checkrob_last_error());
  return message;
}

int fail_with_flags(int code) {
  return fail(code, "%s", error_with_flags());
}

/* ---- what is allowed ---- */

/* A text that grows to a limit. */
typedef struct words {
  char *text;
  size_t bytes, used;
} words;

static void say(words *w, const char *before, const char *text, size_t length) {
  if (w->used >= w->bytes) return;
  w->used += (size_t)snprintf(w->text + w->used, w->bytes - w->used, "%s%.*s", before, (int)length, text);
}

/* "mean or max" */
static void say_choices(words *w, const char *choices) {
  for (const char *choice = choices; *choice;) {
    size_t length = strcspn(choice, "|");
    const char *next = choice + length + (choice[length] == '|');
    const char *between = *next ? ", " : " or ";
    say(w, choice == choices ? "" : between, choice, length);
    choice = next;
  }
}

static void say_range(words *w, const checkrob_option_info *info) {
  char range[128] = "";
  if (isfinite(info->low) && isfinite(info->high))
    snprintf(range, sizeof range,
             info->excludes_bounds ? "above %.15g and below %.15g" : "from %.15g to %.15g", info->low,
             info->high);
  else if (isfinite(info->low))
    snprintf(range, sizeof range, "%.15g or more", info->low);
  else if (isfinite(info->high))
    snprintf(range, sizeof range, "%.15g or less", info->high);
  say(w, "", range, strlen(range));
}

void write_allowed(char *out, size_t bytes, const checkrob_option_info *info) {
  words w = {out, bytes, 0};
  out[0] = '\0';
  if (info->choices) say_choices(&w, info->choices);
  if (info->type == CHECKROB_OPTION_INTEGER || info->type == CHECKROB_OPTION_NUMBER) say_range(&w, info);
  int has_default = info->default_text && *info->default_text && info->type != CHECKROB_OPTION_FLAG;
  if (has_default)
    say(&w, w.used ? "; default: " : "default: ", info->default_text, strlen(info->default_text));
  if (has_default && info->paper_text)
    say(&w, "; under the profile paper: ", info->paper_text, strlen(info->paper_text));
  if (info->is_list) say(&w, w.used ? "; " : "", "may be repeated", strlen("may be repeated"));
}

/* ---- help ---- */

#define INDENT 28

static void put_option(FILE *file, const checkrob_option_info *info, int columns) {
  char flag[FLAG_BYTES], allowed[512], text[2048];
  write_flag(flag, info->name);
  write_allowed(allowed, sizeof allowed, info);
  int column = fprintf(file, "  %s%s%s", flag, *info->argument ? " " : "", info->argument);
  if (column > INDENT - 2) {
    fputc('\n', file);
    column = 0;
  }
  fprintf(file, "%*s", INDENT - column, "");
  snprintf(text, sizeof text, "%s%s%s%s", info->help, *allowed ? " (" : "", allowed, *allowed ? ")" : "");
  put_paragraphs(file, text, INDENT, INDENT, columns);
}

/* A command without the flag does not mention the profile. */
static int lists_profile(const usage_options *list) {
  for (size_t i = 0; i < list->count; i++)
    if (strcmp(list->items[i].info.name, "profile") == 0) return 1;
  return 0;
}

void print_help(FILE *file, const command_usage *usage) {
  int columns = prose_columns(file);
  usage_options list;
  usage_options_list(&list, usage);
  int column = fprintf(file, "Usage: checkrob %s ", usage->name);
  put_paragraphs(file, usage->synopsis, column, column, columns);
  put_paragraphs(file, usage->purpose, 0, 0, columns);
  const char *group = "";
  int with_profile = lists_profile(&list);
  for (size_t i = 0; i < list.count; i++) {
    checkrob_option_info info = list.items[i].info;
    if (strcmp(info.group, group) != 0)
      fprintf(file, "\n%c%s:\n", toupper((unsigned char)info.group[0]), info.group + 1);
    group = info.group;
    if (!with_profile) info.paper_text = NULL;
    put_option(file, &info, columns);
  }
  if (usage->closing) {
    fputc('\n', file);
    put_paragraphs(file, usage->closing, 0, 0, columns);
  }
}
