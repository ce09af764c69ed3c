/* SPDX-License-Identifier: Apache-2.0 */
/* Strings and files, beyond what C provides. Functions that allocate return NULL if out of memory; the caller
 * frees the result. */
#ifndef CHECKROB_LIB_TEXT_H
#define CHECKROB_LIB_TEXT_H

#include <checkrob/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

char *text_copy(const char *text);
__attribute__((format(printf, 1, 2))) char *text_format(const char *format, ...);

/* A text that is written like a file:
 *
 *    text_writer w;
 *    if (!text_writer_start(&w)) return NULL;
 *    fprintf(w.file, ...);
 *    return text_writer_finish(&w); */
typedef struct text_writer {
  FILE *file;
  char *text; /* not before text_writer_finish() */
  size_t bytes;
} text_writer;

/* false: out of memory; there is then nothing to finish. */
bool text_writer_start(text_writer *w);
/* Closes the file, and returns the text, for the caller to free; NULL if anything of it could not be
 * written, for lack of memory. */
char *text_writer_finish(text_writer *w);

/* Reads a whole file of at most `limit` bytes. A NUL is added after the last byte and not counted. Errors:
 * NOT_FOUND, IO (also for a folder), LIMIT, OUT_OF_MEMORY; the error message names the path. */
checkrob_status file_read(char **data, size_t *bytes, const char *path, uint64_t limit);
/* Opens a file for reading; the caller closes it. Errors: NOT_FOUND, IO (also for a folder, a device, and a
 * named pipe, which would block). */
checkrob_status file_open(FILE **out, const char *path);

#endif
