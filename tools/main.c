/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob: the command. One file for each sub-command, on the public API alone. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "nearest.h"
#include "options_cli.h"
#include "terminal.h"
#include "waiting.h"

typedef struct sub_command {
  const command_usage *usage;
  int (*function)(const command_line *line);
} sub_command;

static const sub_command commands[] = {
    {&score_usage, command_score},     {&check_usage, command_check},
    {&layers_usage, command_layers},   {&explain_usage, command_explain},
    {&extract_usage, command_extract}, {&methods_usage, command_methods},
    {&export_usage, command_export},   {&merge_usage, command_merge},
    {&compare_usage, command_compare}, {&report_usage, command_report},
    {&attack_usage, command_attack},   {&features_usage, command_features},
    {&data_usage, command_data},       {&advise_usage, command_advise},
    {&gate_usage, command_gate},       {&completion_usage, command_completion}};

#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static int print_usage(void) {
  int columns = prose_columns(stdout);
  puts("Usage: checkrob COMMAND [OPTION]...");
  put_paragraphs(
      stdout,
      "Checks what an image classifier looks at: how much of the evidence for each class lies on the "
      "object.",
      0, 0, columns);
  puts("\nCommands:");
  const char *summary = NULL;
  const command_usage *usage = NULL;
  for (size_t i = 0; (usage = command_usage_at(&summary, i)); i++) {
    int column = printf("  %-10s  ", usage->name);
    put_paragraphs(stdout, summary, column, column, columns);
  }
  puts(
      "\n  checkrob COMMAND --help   the options of a command (-h does the same)\n"
      "  checkrob --version        versions of checkrob and of libtorch (also: -V, version)\n");
  put_paragraphs(stdout,
                 "Exit codes: 0 done, 1 failed, 2 wrong command line, 3 no image could be evaluated, 4 "
                 "interrupted, 5 check found something, 6 the gate is closed.",
                 0, 0, columns);
  return finish_output();
}

static int print_version(void) {
  const char *torch = checkrob_torch_version();
  printf("checkrob %s (libtorch %s)\n", checkrob_version(), *torch ? torch : "not found");
  return finish_output();
}

static int refuse_command(const char *name) {
  nearest_name near;
  near_start(&near, name);
  for (size_t i = 0; i < COMMAND_COUNT; i++)
    near_offer(&near, commands[i].usage->name, strlen(commands[i].usage->name));
  if (*near.name) return fail_usage("", "there is no command '%s'; the nearest is %s", name, near.name);
  return fail_usage("", "there is no command '%s'; checkrob --help lists them", name);
}

static int run_command(const sub_command *command, int argc, char **argv) {
  command_line line;
  int code = command_line_read(&line, command->usage, argc, argv);
  if (code >= 0) return code;
  code = command->function(&line);
  command_line_free(&line);
  return code;
}

static int is_one_of(const char *text, const char *const *names) {
  for (; *names; names++)
    if (strcmp(text, *names) == 0) return 1;
  return 0;
}

static int run(int argc, char **argv) {
  static const char *const help[] = {"--help", "-h", "help", NULL};
  static const char *const version[] = {"--version", "-V", "version", NULL};
  if (argc < 2) return fail_usage("", "no command given; checkrob --help lists them");
  if (is_one_of(argv[1], help)) return print_usage();
  if (is_one_of(argv[1], version)) return print_version();
  for (size_t i = 0; i < COMMAND_COUNT; i++)
    if (strcmp(argv[1], commands[i].usage->name) == 0) return run_command(&commands[i], argc - 1, argv + 1);
  return refuse_command(argv[1]);
}

/* A file that is opened later must not become what we print to. */
static void occupy_standard_descriptors(void) {
  int descriptor;
  do descriptor = open("/dev/null", O_RDONLY); /* the lowest that is free; to write to it is an error */
  while (descriptor >= 0 && descriptor <= STDERR_FILENO);
  if (descriptor >= 0) close(descriptor);
}

/* Wherever a sub-command returns: what could not be written is a failure. */
int main(int argc, char **argv) {
  prepare_waiting();
  occupy_standard_descriptors();
  signal(SIGPIPE, SIG_IGN); /* a reader that closes its pipe is an error message, as a full disk is */
  int code = run(argc, argv), written = finish_output();
  int is_success = code == EXIT_OK || code == EXIT_FOUND || code == EXIT_GATE;
  return is_success && written != EXIT_OK ? written : code;
}
