/* SPDX-License-Identifier: Apache-2.0 */
/* Paths of the files that the sub-commands write. */
#ifndef CHECKROB_TOOLS_FILES_H
#define CHECKROB_TOOLS_FILES_H

#include "options_cli.h"

/* FOLDER/NAME. The caller frees; NULL: out of memory. */
char *join_path(const char *folder, const char *name);

int is_folder(const char *path);

/* mkdir -p. EXIT_OK, or the code after the error message was printed. */
int make_folder(const char *folder);

/* The results file of what the user gave: 'score' prints "results in DIR", and DIR means the file in it. The
 * caller frees; NULL: out of memory. */
char *results_file(const char *given);
/* Opens that file. `options`: as in checkrob_results_open(). */
checkrob_status open_results(checkrob_results **out, const char *given, const checkrob_options *options);
/* Whether the run that wrote the results had this option, which is a flag. */
int results_have(const checkrob_results *results, const char *flag);

/* Whether both paths name the same file. 0 if one of them does not exist. */
int same_file(const char *path, const char *other);
/* Whether `path` names the file NAME in the folder, which need not exist yet. */
int is_file_of(const char *path, const char *folder, const char *name);

/* EXIT_FAILED, and an error message, if writing `path` would replace a file that an option names as an input.
 * This mistake is easy: a class map named classes.csv in the folder of the results. */
int spare_inputs(const command_line *line, const char *path);
/* The same for the inputs of the run that wrote the results, as it recorded their paths. */
int spare_recorded(const checkrob_results *results, const char *path);

/* The same for the results that the command reads: its arguments, and --baseline. */
int spare_results(const command_line *line, const char *path);

/* The same for a folder that is to be filled, which may not be that of the images or annotations of
 * `options`. */
int spare_folders(const checkrob_options *options, const char *folder);

/* Warns if the run was interrupted, or shards are missing. `given`: the results, as on the command line. */
void warn_if_incomplete(const checkrob_results *results, const char *given);

/* Writes a text of CSV in quotation marks. */
void put_quoted(FILE *file, const char *text);

/* Warns if the results are those of one shard: what depends on all samples is not known. */
void warn_if_shard(const checkrob_results *results, const char *given);

/* Warns of each option in which two results differ so that a class's numbers may change by it alone. */
void warn_of_differences(const checkrob_results *before, const checkrob_results *after);

/* An option of the command that names a file to write: EXIT_OK if it ends in `ending`, or EXIT_USAGE. A link
 * to a file with another ending is refused too: the link is followed, and what it names is something else. */
int check_ending(const command_line *line, const char *name, const char *ending);

/* The file that --out and --as name: of '-' a name of standard output, and without --out the name after --as.
 * NULL: neither is given. */
const char *output_path(const command_line *line);
/* EXIT_OK; or EXIT_USAGE, and an error message, if --out is given without --as. */
int check_output(const command_line *line);

/* Writes a whole file with `write`, which returns an exit code: it appears if that is EXIT_OK. Prints an
 * error message if the file cannot be written. */
int whole_file_write(const char *path, int (*write)(FILE *file, void *data), void *data);

#endif
