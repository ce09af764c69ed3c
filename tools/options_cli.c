/* SPDX-License-Identifier: Apache-2.0 */
#include "options_cli.h"

#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "nearest.h"
#include "terminal.h"

/* ---- one option of a command line ---- */

/* The state of reading. */
typedef struct reading {
  command_line *line;
  usage_options list;
  checkrob_options *given; /* the library's options on the command line, without those of --spec */
  const char *spec;
  int prints_spec;
} reading;

static int refuse(const reading *r, checkrob_status status, const char *before) {
  if (status == CHECKROB_ERROR_OUT_OF_MEMORY) return fail_with_flags(EXIT_FAILED);
  return fail_usage(r->line->usage->name, "%s%s", before, error_with_flags());
}

/* Of two values, none would be the right one to ignore. */
static int refuse_second(const reading *r, const char *name, const char *first, const char *second) {
  char flag[FLAG_BYTES];
  write_flag(flag, name);
  return fail_usage(r->line->usage->name, "%s is given twice, as '%s' and as '%s'; remove one of them", flag,
                    first, second);
}

/* Sets an option of the library that is no list. The values are compared as the library writes them. */
static int set_once(reading *r, const char *name, const char *value, const char *before) {
  int is_second = checkrob_options_is_set(r->given, name);
  char *old = is_second ? strdup(checkrob_options_text(r->given, name)) : NULL;
  if (is_second && !old) return fail(EXIT_FAILED, "out of memory");
  checkrob_status status = checkrob_options_set(r->given, name, value);
  int code = -1;
  if (status)
    code = refuse(r, status, before);
  else if (old && strcmp(old, checkrob_options_text(r->given, name)) != 0)
    code = refuse_second(r, name, old, checkrob_options_text(r->given, name));
  free(old);
  return code;
}

static int take_library_option(reading *r, const checkrob_option_info *info, const char *value) {
  int is_more = info->is_list && checkrob_options_is_set(r->given, info->name);
  if (is_more) {
    checkrob_status status = checkrob_options_add(r->given, info->name, value);
    return status ? refuse(r, status, "") : -1;
  }
  return set_once(r, info->name, value, "");
}

/* "min_images=20,level=0.9" */
static int take_verdict(reading *r, const char *text) {
  do {
    char name[64], value[64];
    size_t length = strcspn(text, ","), before = strcspn(text, "=");
    size_t after = before < length ? length - before - 1 : 0;
    if (before == 0 || after == 0 || before > 40 || after >= sizeof value)
      return fail_usage(r->line->usage->name, "--verdict '%.*s' is not NAME=NUMBER", (int)length, text);
    snprintf(name, sizeof name, "verdict_%.*s", (int)before, text);
    snprintf(value, sizeof value, "%.*s", (int)after, text + before + 1);
    int code = set_once(r, name, value, "--verdict: ");
    if (code >= 0) return code;
    text += length;
    if (*text == ',') text++;
  } while (*text);
  return -1;
}

/* The declared choice, which the user may write in any case; what follows a "|" is another one. NULL: there
 * is none. */
static const char *find_choice(const char *choices, const char *value) {
  size_t bytes = strlen(value);
  for (const char *choice = choices; *choice;) {
    size_t length = strcspn(choice, "|");
    if (length == bytes && strncasecmp(choice, value, bytes) == 0) return choice;
    choice += length + (choice[length] == '|');
  }
  return NULL;
}

/* The caller frees it; NULL: out of memory. */
static char *write_choice(const char *choices, const char *value) {
  return strndup(find_choice(choices, value), strlen(value));
}

static int is_number(const checkrob_option_info *info, const char *value) {
  char *end = NULL;
  double number = strtod(value, &end);
  return end != value && !*end && number >= info->low && number <= info->high; /* NaN is neither */
}

static int is_allowed(const checkrob_option_info *info, const char *value) {
  int64_t number = 0;
  if (info->choices) return find_choice(info->choices, value) != NULL;
  if (info->type == CHECKROB_OPTION_FLAG) return strcmp(value, "true") == 0 || strcmp(value, "false") == 0;
  if (info->type == CHECKROB_OPTION_INTEGER)
    return parse_integer(&number, value, (int64_t)info->low,
                         isinf(info->high) ? INT64_MAX : (int64_t)info->high);
  if (info->type == CHECKROB_OPTION_NUMBER) return is_number(info, value);
  return *value != '\0';
}

static int refuse_value(const reading *r, const checkrob_option_info *info, const char *value) {
  const char *command = r->line->usage->name;
  char flag[FLAG_BYTES], allowed[512];
  checkrob_option_info without_default = *info;
  without_default.default_text = NULL;
  write_flag(flag, info->name);
  write_allowed(allowed, sizeof allowed, &without_default);
  if (!*value) return fail_usage(command, "%s is empty", flag);
  nearest_name near;
  near_start(&near, value);
  if (info->choices) near_offer_choices(&near, info->choices);
  return fail_usage(command, "%s is '%s', but must be %s%s%s%s", flag, value,
                    info->type == CHECKROB_OPTION_INTEGER ? "a whole number, " : "",
                    info->type == CHECKROB_OPTION_FLAG ? "true or false" : allowed,
                    *near.name ? "; the nearest is " : "", near.name);
}

static int take_own_option(reading *r, const checkrob_option_info *info, const char *value) {
  const command_usage *usage = r->line->usage;
  command_line *line = r->line;
  size_t i = 0;
  if (!is_allowed(info, value)) return refuse_value(r, info, value);
  while (strcmp(usage->own[i].name, info->name) != 0) i++;
  char *choice = info->choices && !info->is_list ? write_choice(info->choices, value) : NULL;
  if (info->choices && !info->is_list && !choice) return fail(EXIT_FAILED, "out of memory");
  if (line->copies[i])
    free(choice); /* the option was given twice */
  else
    line->copies[i] = choice;
  if (line->copies[i] && strcasecmp(line->copies[i], value) == 0) value = line->copies[i];
  if (line->own[i] && !info->is_list && strcmp(line->own[i], value) != 0)
    return refuse_second(r, info->name, line->own[i], value);
  if (info->is_list) line->items[line->item_count++] = (own_item){i, value};
  if (!line->own[i]) line->own[i] = value;
  return -1;
}

/* Options of the whole command: terminal.h. */
static int take_terminal_option(const reading *r, const checkrob_option_info *info, const char *value) {
  int is_on = strcmp(value, "true") == 0;
  if (!is_allowed(info, value)) return refuse_value(r, info, value);
  if (strcmp(info->name, "quiet") == 0) terminal_set_quiet(is_on);
  if (strcmp(info->name, "wide") == 0) terminal_set_wide(is_on);
  if (strcmp(info->name, "color") == 0)
    terminal_set_colour(strcasecmp(value, "always") == 0  ? COLOUR_ALWAYS
                        : strcasecmp(value, "never") == 0 ? COLOUR_NEVER
                                                          : COLOUR_AUTO);
  return -1;
}

static int take(reading *r, const usage_option *option, const char *value) {
  if (!value) value = "true"; /* a flag */
  if (option->origin == OF_LIBRARY) return take_library_option(r, &option->info, value);
  if (option->origin == OF_COMMAND) return take_own_option(r, &option->info, value);
  if (strcmp(option->info.group, "terminal") == 0) return take_terminal_option(r, &option->info, value);
  if (strcmp(option->info.name, "verdict") == 0) return take_verdict(r, value);
  if (strcmp(option->info.name, "spec") == 0) {
    if (r->spec && strcmp(r->spec, value) != 0) return refuse_second(r, "spec", r->spec, value);
    r->spec = value;
  }
  if (strcmp(option->info.name, "print_spec") == 0) r->prints_spec = 1;
  if (strcmp(option->info.name, "help") != 0) return -1;
  print_help(stdout, r->line->usage);
  return finish_output();
}

/* ---- what is no option ---- */

static int refuse_short_form(const reading *r, const char *flag, size_t length) {
  char list[512] = "";
  for (size_t i = 0, used = 0; i < r->list.count && used < sizeof list; i++) {
    char other[FLAG_BYTES];
    write_flag(other, r->list.items[i].info.name);
    if (strncmp(other, flag, length) == 0)
      used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "", other);
  }
  return fail_usage(r->line->usage->name, "'%.*s' may be any of %s", (int)length, flag, list);
}

/* `flag` as the user wrote it, perhaps with "=VALUE" after it. */
static int refuse_unknown(const reading *r, const char *flag) {
  char typed[FLAG_BYTES];
  size_t length = strcspn(flag, "="), longer = 0;
  nearest_name near;
  snprintf(typed, sizeof typed, "%.*s", (int)length, flag);
  near_start(&near, typed);
  for (size_t i = 0; i < r->list.count; i++) {
    char other[FLAG_BYTES];
    write_flag(other, r->list.items[i].info.name);
    longer += length > 2 && strncmp(other, typed, length) == 0;
    near_offer(&near, other, strlen(other));
  }
  if (longer > 1) return refuse_short_form(r, flag, length);
  return fail_usage(r->line->usage->name, "there is no option '%s'%s%s", typed,
                    *near.name ? "; the nearest is " : "", near.name);
}

static int refuse_getopt(const reading *r, int code, const char *flag) {
  if (code != ':') {
    if (optopt == 0) return refuse_unknown(r, flag);
    return fail_usage(r->line->usage->name, "there is no option '-%c'", optopt);
  }
  const checkrob_option_info *info = &r->list.items[optopt - 256].info;
  char name[FLAG_BYTES];
  write_flag(name, info->name);
  return fail_usage(r->line->usage->name, "%s needs a value: %s %s", name, name, info->argument);
}

/* ---- the whole ---- */

/* Flags of the library's list in getopt's form. `flags` holds their names. */
static void getopt_table(struct option *table, char (*flags)[FLAG_BYTES], const usage_options *list) {
  for (size_t i = 0; i < list->count; i++) {
    write_flag(flags[i], list->items[i].info.name);
    int kind = list->items[i].info.type == CHECKROB_OPTION_FLAG ? optional_argument : required_argument;
    table[i] = (struct option){flags[i] + 2, kind, NULL, 256 + (int)i};
  }
  table[list->count] = (struct option){NULL, 0, NULL, 0};
}

static int read_options(reading *r, int argc, char **argv) {
  char flags[MOST_USAGE_OPTIONS][FLAG_BYTES];
  struct option table[MOST_USAGE_OPTIONS + 1];
  getopt_table(table, flags, &r->list);
  opterr = 0;
  optind = 0; /* glibc: from the start, also if another command line was read before */
  for (int option; (option = getopt_long(argc, argv, ":h", table, NULL)) != -1;) {
    if (option == 'h') {
      print_help(stdout, r->line->usage);
      return finish_output();
    }
    if (option < 256) return refuse_getopt(r, option, argv[optind - 1]);
    int code = take(r, &r->list.items[option - 256], optarg);
    if (code >= 0) return code;
  }
  r->line->arguments = argv + optind;
  r->line->argument_count = argc - optind;
  if (optind < argc && !r->line->usage->takes_arguments)
    return fail_usage(r->line->usage->name, "'%s' is no option", argv[optind]);
  return -1;
}

checkrob_status options_replace(checkrob_options *options, const checkrob_options *given, const char *name) {
  size_t count = checkrob_options_count(given, name);
  checkrob_status status = checkrob_options_set(options, name, checkrob_options_text(given, name));
  for (size_t i = 1; i < count && !status; i++)
    status = checkrob_options_add(options, name, checkrob_options_item(given, name, i));
  return status;
}

static int join(reading *r) {
  checkrob_status status =
      r->spec ? checkrob_options_read(&r->line->options, r->spec) : checkrob_options_new(&r->line->options);
  for (size_t i = 0; i < r->list.count && !status; i++) {
    const char *name = r->list.items[i].info.name;
    if (r->list.items[i].origin == OF_LIBRARY && checkrob_options_is_set(r->given, name))
      status = options_replace(r->line->options, r->given, name);
  }
  if (status) return fail_library();
  status = checkrob_options_check(r->line->options);
  return status ? refuse(r, status, "") : -1;
}

static int print_spec(const checkrob_options *options) {
  char *json = NULL;
  if (checkrob_options_json(&json, options)) return fail_library();
  printf("%s\n", json);
  checkrob_options_json_free(json);
  return finish_output();
}

static int is_there(const command_line *line, const char *name) {
  for (size_t i = 0; i < line->usage->own_count; i++)
    if (strcmp(line->usage->own[i].name, name) == 0) return command_line_text(line, name) != NULL;
  return *checkrob_options_text(line->options, name) != '\0';
}

static int check_needed(const command_line *line) {
  char flag[FLAG_BYTES];
  int is_dry = command_line_flag(line, "dry_run"); /* it writes nothing */
  for (const char *const *name = line->usage->needed; name && *name; name++)
    if (!is_there(line, *name) && !(is_dry && strcmp(*name, "out") == 0)) {
      write_flag(flag, *name);
      return fail_usage(line->usage->name, "%s is missing", flag);
    }
  return -1;
}

int command_line_read(command_line *out, const command_usage *usage, int argc, char **argv) {
  *out = (command_line){.usage = usage, .items = calloc((size_t)argc + 1, sizeof *out->items)};
  reading r = {.line = out};
  usage_options_list(&r.list, usage);
  if (!out->items || checkrob_options_new(&r.given) != CHECKROB_OK) {
    command_line_free(out);
    return fail(EXIT_FAILED, "out of memory");
  }
  int code = read_options(&r, argc, argv);
  if (code < 0) code = join(&r);
  if (code < 0 && r.prints_spec) code = print_spec(out->options);
  if (code < 0) code = check_needed(out);
  checkrob_options_free(r.given);
  if (code >= 0) command_line_free(out);
  return code;
}

void command_line_free(command_line *line) {
  checkrob_options_free(line->options);
  free(line->items);
  line->options = NULL;
  line->items = NULL;
  for (size_t i = 0; i < MOST_OWN_OPTIONS; i++) free(line->copies[i]);
  memset(line->copies, 0, sizeof line->copies);
}

/* ---- the command's own options ---- */

const char *command_line_text(const command_line *line, const char *name) {
  for (size_t i = 0; i < line->usage->own_count; i++)
    if (strcmp(line->usage->own[i].name, name) == 0)
      return line->own[i] ? line->own[i] : line->usage->own[i].default_text;
  return NULL;
}

const char *command_line_item(const command_line *line, const char *name, size_t number) {
  for (size_t i = 0; i < line->item_count; i++)
    if (strcmp(line->usage->own[line->items[i].option].name, name) == 0 && number-- == 0)
      return line->items[i].value;
  return NULL;
}

double command_line_number(const command_line *line, const char *name) {
  const char *text = command_line_text(line, name);
  return text ? strtod(text, NULL) : NAN;
}

int64_t command_line_integer(const command_line *line, const char *name) {
  const char *text = command_line_text(line, name);
  int64_t value = -1;
  return text && parse_integer(&value, text, INT64_MIN, INT64_MAX) ? value : -1;
}

int command_line_flag(const command_line *line, const char *name) {
  const char *text = command_line_text(line, name);
  return text && strcmp(text, "true") == 0;
}
