/* SPDX-License-Identifier: Apache-2.0 */
/* Representations as files: FILE.npy, or FILE.LAYER.npy for each of several layers, and FILE.csv, which names
 * each row's image. FILE.failed.csv names the images that are left out, where any is. */
#ifndef CHECKROB_TOOLS_ARRAYS_H
#define CHECKROB_TOOLS_ARRAYS_H

#include "npy.h"
#include "options_cli.h"

typedef struct arrays {
  const command_line *line;
  const char *out; /* FILE.npy */
  npy_file *files; /* [count], one a layer */
  size_t count;
  FILE *rows, *failures;
  char *rows_path, *failures_path;
  size_t row_count;
  int error; /* errno of the first failed write; 0: none */
  const char *error_path;
} arrays;

/* `layers`: their paths with commas between; numbers are of the command's option `dtype`. What an earlier
 * extraction left under these names is removed. EXIT_OK, or the code after an error message was printed;
 * arrays_free() is due in either case. */
int arrays_open(arrays *a, const command_line *line, const char *out, const char *layers);
/* A checkrob_batch_callback, whose user_data is the arrays: interrupts where a file cannot be written. */
int arrays_add(const checkrob_batch *batch, void *a);
/* Writes a failure down. Other than 0 where it cannot be written. */
int arrays_add_failure(arrays *a, const char *image, checkrob_status status, const char *message);
/* Completes the files with what was added, and prints what they hold. Exit code as above. */
int arrays_finish(arrays *a);
/* Removes arrays that are not finished. */
void arrays_free(arrays *a);

#endif
