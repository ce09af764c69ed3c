/* SPDX-License-Identifier: Apache-2.0 */
/* Representations as files: FILE.npy, or FILE.LAYER.npy for each of several layers, and FILE.csv, which lists
 * the image of each row. FILE.failed.csv lists the omitted images, if there are any. */
#ifndef CHECKROB_TOOLS_ARRAYS_H
#define CHECKROB_TOOLS_ARRAYS_H

#include "npy.h"
#include "options_cli.h"

typedef struct arrays {
  const command_line *line;
  const char *out; /* FILE.npy */
  npy_file *files; /* [count], one for each layer */
  size_t count;
  whole_file rows, failures;
  char *rows_path, *failures_path;
  size_t row_count;
  int error; /* errno of the first failed write; 0: none */
  const char *error_path;
} arrays;

/* `layers`: their paths with commas between. The option `dtype` of the command is the type of the numbers.
 * Files of an earlier extraction with these names are removed. Returns EXIT_OK, or the exit code after it
 * printed an error message. The caller calls arrays_free() in both cases. */
int arrays_open(arrays *a, const command_line *line, const char *out, const char *layers);
/* The list of rows that is written beside FILE.npy, FILE.csv. The caller frees; NULL: out of memory. */
char *arrays_rows_path(const char *out);
/* A checkrob_batch_callback, whose user_data is the arrays: interrupts if a file cannot be written. */
int arrays_add(const checkrob_batch *batch, void *a);
/* Records a failure. Returns 0, or another number if it cannot be written. */
int arrays_add_failure(arrays *a, const char *image, checkrob_status status, const char *message);
/* Completes the files, and prints their contents. If one cannot be written, all are removed. Exit code as
 * above. */
int arrays_finish(arrays *a);
/* Removes arrays that are not finished. */
void arrays_free(arrays *a);

#endif
