/* SPDX-License-Identifier: Apache-2.0 */
/* The gate: its options are those of several commands (usage.c, GATE_CONDITIONS ...). A command reads them
 * first, and judges when its own files are written. */
#ifndef CHECKROB_TOOLS_GATE_H
#define CHECKROB_TOOLS_GATE_H

#include "options_cli.h"

typedef struct gate {
  const command_line *line;
  checkrob_gate *conditions; /* NULL: the command line has none */
  int prints_files;          /* a FILE may be '-', because nothing else goes to standard output */
} gate;

/* Reads the conditions, and checks that the baseline can be opened. EXIT_OK, or the exit code after an error
 * message. Without any option of the gate, EXIT_OK; gate_judge() then does nothing. */
int gate_open(gate *g, const command_line *line);

/* EXIT_FAILED, and an error message, if a file of the gate is one of the results that score writes in this
 * folder, or an input. */
int gate_spare(const gate *g, const char *folder);

/* Judges, prints the violations, and writes the gate's files: EXIT_OK, EXIT_GATE, or EXIT_FAILED after an
 * error message. `given`: the results, as on the command line. before: a baseline that is open already, or
 * NULL for that of the command line. */
int gate_judge(const gate *g, checkrob_results *results, const char *given, checkrob_results *before);

void gate_free(gate *g);

#endif
