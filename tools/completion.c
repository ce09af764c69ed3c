/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob completion: scripts for shells. All of them follow from the declared options. */
#include <string.h>

#include "nearest.h"
#include "options_cli.h"

/* ---- words ---- */

/* What completes an option's value. */
static int takes_file(const checkrob_option_info *info) {
  return info->type == CHECKROB_OPTION_PATH;
}

/* "a|b" as "a b". Choices that stand for others, such as cuda:N, are left out. */
static void put_choices(const char *choices) {
  for (const char *choice = choices; choice && *choice;) {
    size_t length = strcspn(choice, "|");
    int is_literal = strcspn(choice, "NP<") >= length;
    if (is_literal) printf("%s%.*s", choice == choices ? "" : " ", (int)length, choice);
    choice += length + (choice[length] == '|');
  }
}

/* A text within single quotes, in which `special` characters have a backslash. */
static void put_quoted_text(const char *text, const char *special) {
  for (const char *c = text; *c; c++) {
    if (*c == '\'')
      fputs("'\\''", stdout);
    else if (strchr(special, *c))
      printf("\\%c", *c);
    else
      putchar(*c);
  }
}

typedef void (*for_command)(const command_usage *usage, const char *summary, const usage_options *options);

static void each_command(for_command function) {
  const char *summary = NULL;
  const command_usage *usage = NULL;
  for (size_t i = 0; (usage = command_usage_at(&summary, i)); i++) {
    usage_options options;
    usage_options_list(&options, usage);
    function(usage, summary, &options);
  }
}

static void put_name(const command_usage *usage, const char *summary, const usage_options *options) {
  (void)summary;
  (void)options;
  printf(" %s", usage->name);
}

/* ---- bash ---- */

static void put_bash_flags(const command_usage *usage, const char *summary, const usage_options *options) {
  char flag[FLAG_BYTES];
  (void)summary;
  printf("    %s) flags='", usage->name);
  for (size_t i = 0; i < options->count; i++) {
    write_flag(flag, options->items[i].info.name);
    printf("%s%s", i > 0 ? " " : "", flag);
  }
  fputs("' ;;\n", stdout);
}

static void put_bash_values(const command_usage *usage, const char *summary, const usage_options *options) {
  char flag[FLAG_BYTES];
  (void)summary;
  for (size_t i = 0; i < options->count; i++) {
    const checkrob_option_info *info = &options->items[i].info;
    if (info->type == CHECKROB_OPTION_FLAG || takes_file(info)) continue;
    write_flag(flag, info->name);
    printf("    '%s %s') values='", usage->name, flag);
    put_choices(info->choices);
    fputs("' ;;\n", stdout);
  }
}

/* bash breaks words at '=' too. Values without choices complete to nothing, paths to files. */
static void print_bash(void) {
  fputs(
      "# bash completion for checkrob: checkrob completion bash\n"
      "_checkrob() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} flags='' values='-'\n"
      "  COMPREPLY=()\n"
      "  [ \"$current\" = '=' ] && current=''\n"
      "  [ \"$before\" = '=' ] && before=${COMP_WORDS[COMP_CWORD-2]}\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    COMPREPLY=($(compgen -W '",
      stdout);
  each_command(put_name);
  fputs(
      " --help --version' -- \"$current\"))\n"
      "    return\n"
      "  fi\n"
      "  case ${COMP_WORDS[1]} in\n"
      "    completion) values='bash zsh fish --help' ;;\n",
      stdout);
  each_command(put_bash_flags);
  fputs(

      "  esac\n"
      "  case \"${COMP_WORDS[1]} $before\" in\n",
      stdout);
  each_command(put_bash_values);
  fputs(
      "  esac\n"
      "  if [ \"$values\" != '-' ]; then\n"
      "    COMPREPLY=($(compgen -W \"$values\" -- \"$current\"))\n"
      "  elif [[ $current == -* ]]; then\n"
      "    COMPREPLY=($(compgen -W \"$flags\" -- \"$current\"))\n"
      "  else\n"
      "    compopt -o default 2> /dev/null || :\n"
      "  fi\n"
      "}\n"
      "complete -F _checkrob checkrob\n",
      stdout);
}

/* ---- zsh ---- */

static void put_zsh_summary(const command_usage *usage, const char *summary, const usage_options *options) {
  (void)options;
  printf("    '%s:", usage->name);
  put_quoted_text(summary, ":\\");
  fputs("'\n", stdout);
}

/* '*--images=[the images ...]:DIR|TAR:_files' */
static void put_zsh_option(const checkrob_option_info *info) {
  char flag[FLAG_BYTES];
  write_flag(flag, info->name);
  int is_flag = info->type == CHECKROB_OPTION_FLAG;
  printf(" \\\n        '%s%s%s[", info->is_list ? "*" : "", flag, is_flag ? "" : "=");
  put_quoted_text(info->help, "[]\\");
  putchar(']');
  if (!is_flag) {
    putchar(':');
    put_quoted_text(info->argument, ":\\");
    putchar(':');
    if (takes_file(info)) fputs("_files", stdout);
    if (!takes_file(info) && info->choices) {
      putchar('(');
      put_choices(info->choices);
      putchar(')');
    }
  }
  putchar('\'');
}

static void put_zsh_command(const command_usage *usage, const char *summary, const usage_options *options) {
  (void)summary;
  printf("    %s)\n      _arguments", usage->name);
  for (size_t i = 0; i < options->count; i++) put_zsh_option(&options->items[i].info);
  if (strcmp(usage->name, "completion") == 0)
    fputs(" '1:shell:(bash zsh fish)'", stdout);
  else if (usage->takes_arguments)
    fputs(" '*:results:_files'", stdout);
  fputs("\n      ;;\n", stdout);
}

static void print_zsh(void) {
  fputs(
      "#compdef checkrob\n"
      "# zsh completion for checkrob: checkrob completion zsh\n"
      "_checkrob() {\n"
      "  local -a commands\n"
      "  commands=(\n",
      stdout);
  each_command(put_zsh_summary);
  fputs(
      "  )\n"
      "  if (( CURRENT == 2 )); then\n"
      "    _describe command commands\n"
      "    return\n"
      "  fi\n"
      "  shift words\n"
      "  (( CURRENT-- ))\n"
      "  case $words[1] in\n",
      stdout);
  each_command(put_zsh_command);
  fputs(
      "  esac\n"
      "}\n"
      "if [ \"$funcstack[1]\" = _checkrob ]; then\n"
      "  _checkrob \"$@\"\n"
      "else\n"
      "  compdef _checkrob checkrob\n"
      "fi\n",
      stdout);
}

/* ---- fish ---- */

static void put_fish_option(const command_usage *usage, const checkrob_option_info *info) {
  char flag[FLAG_BYTES];
  write_flag(flag, info->name);
  printf("complete -c checkrob -n '__fish_seen_subcommand_from %s' -l %s", usage->name, flag + 2);
  if (info->type != CHECKROB_OPTION_FLAG) fputs(takes_file(info) ? " -r -F" : " -x", stdout);
  if (info->choices && !takes_file(info)) {
    fputs(" -a '", stdout);
    put_choices(info->choices);
    putchar('\'');
  }
  fputs(" -d '", stdout);
  for (const char *c = info->help; *c; c++) printf(*c == '\'' || *c == '\\' ? "\\%c" : "%c", *c);
  fputs("'\n", stdout);
}

static void put_fish_command(const command_usage *usage, const char *summary, const usage_options *options) {
  printf("complete -c checkrob -n __fish_use_subcommand -a %s -d '", usage->name);
  for (const char *c = summary; *c; c++) printf(*c == '\'' || *c == '\\' ? "\\%c" : "%c", *c);
  fputs("'\n", stdout);
  if (strcmp(usage->name, "completion") == 0)
    printf("complete -c checkrob -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'\n");
  else if (usage->takes_arguments)
    printf("complete -c checkrob -n '__fish_seen_subcommand_from %s' -F\n", usage->name);
  for (size_t i = 0; i < options->count; i++) put_fish_option(usage, &options->items[i].info);
}

static void print_fish(void) {
  fputs(
      "# fish completion for checkrob: checkrob completion fish\n"
      "complete -c checkrob -f\n",
      stdout);
  each_command(put_fish_command);
}

/* ---- the command ---- */

int command_completion(const command_line *line) {
  static const char shells[] = "bash|zsh|fish";
  if (line->argument_count != 1) return fail_usage("completion", "give one shell: bash, zsh or fish");
  const char *shell = line->arguments[0];
  nearest_name near;
  near_start(&near, shell);
  near_offer_choices(&near, shells);
  if (strcmp(shell, "bash") == 0)
    print_bash();
  else if (strcmp(shell, "zsh") == 0)
    print_zsh();
  else if (strcmp(shell, "fish") == 0)
    print_fish();
  else
    return fail_usage("completion", "there is no completion for '%s', but for bash, zsh and fish%s%s", shell,
                      *near.name ? "; the nearest is " : "", near.name);
  return finish_output();
}
