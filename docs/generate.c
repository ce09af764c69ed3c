/* SPDX-License-Identifier: Apache-2.0 */
/* Copies a document and generates the parts that follow from declarations. Usage: generate FILE >NEW
 *
 * Such a part is between two lines that contain "generated: WHAT" and "end of generated", as comments of the
 * document. WHAT is:
 *   man options COMMAND            the options of a sub-command, for a manual page
 *   man options COMMAND like OTHER the same; options that OTHER has too are only named
 *   man options general            the options of all sub-commands
 *   markdown options               tables of all options of the library
 */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../tools/options_cli.h"

static const command_usage *const usages[] = {&score_usage,    &check_usage,  &layers_usage, &explain_usage,
                                              &extract_usage,  &export_usage, &merge_usage,  &compare_usage,
                                              &features_usage, &attack_usage, &gate_usage};

static const command_usage *usage_of(const char *name) {
  for (size_t i = 0; i < sizeof usages / sizeof usages[0]; i++)
    if (strcmp(usages[i]->name, name) == 0) return usages[i];
  fprintf(stderr, "there is no sub-command '%s'\n", name);
  exit(1);
}

/* ---- manual page ---- */

/* Prints text for roff, one sentence in each line; text in backticks is bold. */
static void put_roff(const char *text) {
  int is_bold = 0;
  for (const char *c = text; *c; c++) {
    if (*c == '`')
      fputs((is_bold = !is_bold) ? "\\fB" : "\\fR", stdout);
    else if (*c == '-')
      fputs("\\-", stdout);
    else if (*c == '\\')
      fputs("\\e", stdout);
    else if (*c == '.' && c[1] == ' ' && (isupper((unsigned char)c[2]) || c[2] == '`'))
      fputs(".\n", stdout), c++;
    else
      putchar(*c);
  }
}

/* "FILE|imagenet": words in capitals are replaced by the user, and italic; others are literal, and bold. */
static void put_roff_argument(const char *argument) {
  for (const char *c = argument; *c;) {
    size_t length = strspn(c, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"), small = strspn(c, "abcdefghijklmnopqrstuvwxyz");
    if (length > 0)
      printf("\\fI%.*s\\fR", (int)length, c);
    else if (small > 0)
      printf("\\fB%.*s\\fR", (int)(length = small), c);
    else
      length = 1, putchar(*c);
    c += length;
  }
}

static void put_roff_flag(const checkrob_option_info *info) {
  char flag[FLAG_BYTES];
  write_flag(flag, info->name);
  fputs("\\fB", stdout);
  put_roff(flag);
  fputs("\\fR", stdout);
}

static void put_capitalised(const char *text, void (*put)(const char *)) {
  char first[2] = {(char)toupper((unsigned char)*text), '\0'};
  put(first);
  put(text + 1);
}

static void put_roff_option(const checkrob_option_info *info) {
  char allowed[512], details[4096];
  write_allowed(allowed, sizeof allowed, info);
  puts(".TP");
  put_roff_flag(info);
  if (*info->argument) fputs("\\~", stdout);
  put_roff_argument(info->argument);
  putchar('\n');
  put_capitalised(info->help, put_roff);
  if (*allowed) fputs(" (", stdout);
  put_roff(allowed);
  puts(*allowed ? ")." : ".");
  if (!*info->details) return;
  write_message_with_flags(details, sizeof details, info->details);
  put_roff(details);
  putchar('\n');
}

static int is_in(const usage_options *list, const char *name) {
  for (size_t i = 0; list && i < list->count; i++)
    if (list->items[i].origin != OF_COMMAND && strcmp(list->items[i].info.name, name) == 0) return 1;
  return 0;
}

static void put_shared(const usage_options *list, const usage_options *like, const char *other) {
  const char *between = ".TP\n";
  for (size_t i = 0; i < list->count; i++) {
    if (list->items[i].origin != OF_LIBRARY || !is_in(like, list->items[i].info.name)) continue;
    fputs(between, stdout);
    put_roff_flag(&list->items[i].info);
    between = ",\\~";
  }
  if (*between == ',') printf("\nAs for\n.BR \"checkrob %s\" .\n", other);
}

static void put_man_options(const char *command, const char *other) {
  usage_options list, others;
  usage_options_list(&list, usage_of(command));
  if (other) usage_options_list(&others, usage_of(other));
  const char *group = "";
  for (size_t i = 0; i < list.count; i++) {
    const usage_option *option = &list.items[i];
    if (strcmp(option->info.group, "general") == 0) continue;
    if (option->origin != OF_COMMAND && other && is_in(&others, option->info.name)) continue;
    if (!other && strcmp(option->info.group, group) != 0) {
      puts(".PP");
      put_capitalised(option->info.group, put_roff);
      puts(":");
    }
    group = option->info.group;
    put_roff_option(&option->info);
  }
  if (other) put_shared(&list, &others, other);
}

static void put_man_general(void) {
  usage_options list;
  usage_options_list(&list, &score_usage);
  for (size_t i = 0; i < list.count; i++)
    if (strcmp(list.items[i].info.group, "general") == 0) put_roff_option(&list.items[i].info);
}

/* ---- Markdown ---- */

static const char *type_name(const checkrob_option_info *info) {
  static const char *const names[] = {
      [CHECKROB_OPTION_TEXT] = "string",     [CHECKROB_OPTION_PATH] = "string",
      [CHECKROB_OPTION_INTEGER] = "integer", [CHECKROB_OPTION_NUMBER] = "number",
      [CHECKROB_OPTION_CHOICE] = "string",   [CHECKROB_OPTION_CHOICES] = "string",
      [CHECKROB_OPTION_FLAG] = "boolean"};
  if (info->is_list) return "list of strings";
  return strcmp(info->name, "preprocess") == 0 ? "string or object" : names[info->type];
}

/* A bar would close the cell. */
static void put_cell(const char *text) {
  for (; *text; text++) {
    if (*text == '|') putchar('\\');
    putchar(*text);
  }
}

static void put_markdown_options(void) {
  const char *group = "";
  for (size_t i = 0; i < checkrob_option_count(); i++) {
    checkrob_option_info info = CHECKROB_OPTION_INFO_INIT;
    char allowed[512];
    if (checkrob_option_at(&info, i) != CHECKROB_OK) return;
    if (strcmp(info.group, group) != 0) {
      fputs(*group ? "\n### " : "### ", stdout);
      put_capitalised(info.group, put_cell);
      puts("\n\n| option | type | decides | meaning |\n|---|---|---|---|");
    }
    group = info.group;
    info.is_list = 0; /* the type says it */
    write_allowed(allowed, sizeof allowed, &info);
    checkrob_option_at(&info, i);
    printf("| `%s` | %s | %s | ", info.name, type_name(&info), info.changes_results ? "yes" : "");
    put_capitalised(info.help, put_cell);
    if (*allowed) fputs(" (", stdout);
    put_cell(allowed);
    fputs(*allowed ? ")." : ".", stdout);
    if (*info.details) putchar(' ');
    put_cell(info.details);
    puts(" |");
  }
}

/* ---- the whole ---- */

static void generate(char *what) {
  char *words[6] = {NULL};
  char *rest = NULL;
  size_t count = 0;
  for (char *word = strtok_r(what, " \n", &rest); word && count < 5; word = strtok_r(NULL, " \n", &rest))
    words[count++] = word;
  int is_options = count >= 2 && strcmp(words[1], "options") == 0;
  if (is_options && count >= 3 && strcmp(words[2], "general") == 0)
    put_man_general();
  else if (is_options && count >= 3 && strcmp(words[0], "man") == 0)
    put_man_options(words[2], words[3] && strcmp(words[3], "like") == 0 ? words[4] : NULL);
  else if (is_options && strcmp(words[0], "markdown") == 0)
    put_markdown_options();
  else
    fprintf(stderr, "there is no part '%s' that could be generated\n", count ? words[0] : ""), exit(1);
}

int main(int argc, char **argv) {
  FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
  char line[4096];
  int is_inside = 0;
  if (!file) {
    fprintf(stderr, "usage: generate FILE >NEW\n");
    return 1;
  }
  while (fgets(line, sizeof line, file)) {
    char *what = strstr(line, "generated: ");
    if (strstr(line, "end of generated")) is_inside = 0;
    if (!is_inside) fputs(line, stdout);
    if (!what) continue;
    what[strcspn(what, "\n")] = '\0';
    char *end = strstr(what, " -->");
    if (end) *end = '\0';
    is_inside = 1;
    generate(what + strlen("generated: "));
  }
  fclose(file);
  return is_inside || fflush(stdout) != 0;
}
