/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob: the command. One file for each sub-command, on the public API alone. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "options_cli.h"

static const char usage[] =
    "Usage: checkrob COMMAND [OPTION]...\n"
    "Checks what an image classifier looks at: how much of the evidence for each class lies on the object.\n"
    "\n"
    "Commands:\n"
    "  score    score a model on a folder of annotated images, class by class\n"
    "  check    find what is wrong with a dataset, without a model\n"
    "  layers   list a model's layers and their output shapes\n"
    "  explain  draw what the model looks at in one image\n"
    "  extract  read representations out, as NumPy arrays\n"
    "  methods  list the saliency methods\n"
    "  export   write results as CSV or JSON lines\n"
    "  merge    join the shards of a run\n"
    "  compare  compare two results, class by class\n"
    "  report   write a page that shows which classes not to trust, and why\n"
    "  attack   make images that fool the model, from what probes found\n"
    "  features show what else a class is recognised by: its spurious features\n"
    "  data     show what in the data goes with each class\n"
    "  advise   list what images to add or drop, and what it gains\n"
    "  gate     check results by conditions, for pipelines\n"
    "\n"
    "  checkrob COMMAND --help   the options of a command (-h does the same)\n"
    "  checkrob --version        versions of checkrob and of libtorch\n"
    "\n"
    "Exit codes: 0 done, 1 failed, 2 wrong command line, 3 no image could be evaluated, 4 interrupted, 5 "
    "check found something, 6 the gate is closed.\n";

static const struct {
  const command_usage *usage;
  int (*function)(const command_line *line);
} commands[] = {
    {&score_usage, command_score},       {&layers_usage, command_layers},   {&explain_usage, command_explain},
    {&extract_usage, command_extract},   {&methods_usage, command_methods}, {&check_usage, command_check},
    {&export_usage, command_export},     {&merge_usage, command_merge},     {&compare_usage, command_compare},
    {&features_usage, command_features}, {&attack_usage, command_attack},   {&data_usage, command_data},
    {&advise_usage, command_advise},     {&gate_usage, command_gate},       {&report_usage, command_report}};

static int run(int argc, char **argv) {
  if (argc < 2) return fail_usage("", "no command given; checkrob --help lists them");
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
    fputs(usage, stdout);
    return finish_output();
  }
  if (strcmp(argv[1], "--version") == 0) {
    printf("checkrob %s (libtorch %s)\n", checkrob_version(), checkrob_torch_version());
    return finish_output();
  }
  for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
    if (strcmp(argv[1], commands[i].usage->name) != 0) continue;
    command_line line;
    int code = command_line_read(&line, commands[i].usage, argc - 1, argv + 1);
    if (code >= 0) return code;
    code = commands[i].function(&line);
    command_line_free(&line);
    return code;
  }
  return fail_usage("", "there is no command '%s'; checkrob --help lists them", argv[1]);
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
  occupy_standard_descriptors();
  signal(SIGPIPE, SIG_IGN); /* a reader that closes its pipe is an error message, as a full disk is */
  int code = run(argc, argv), written = finish_output();
  int is_success = code == EXIT_OK || code == EXIT_FOUND || code == EXIT_GATE;
  return is_success && written != EXIT_OK ? written : code;
}
