/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

char *text_copy(const char *text) {
  size_t bytes = strlen(text) + 1;
  char *copy = malloc(bytes);
  if (copy) memcpy(copy, text, bytes);
  return copy;
}

char *text_format(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  if (length < 0) return NULL;
  char *text = malloc((size_t)length + 1);
  if (!text) return NULL;
  va_start(arguments, format);
  vsnprintf(text, (size_t)length + 1, format, arguments);
  va_end(arguments);
  return text;
}

bool text_writer_start(text_writer *w) {
  *w = (text_writer){0};
  w->file = open_memstream(&w->text, &w->bytes);
  return w->file != NULL;
}

/* Without memory for the last byte, fclose() succeeds, and there is no text. */
char *text_writer_finish(text_writer *w) {
  bool failed = ferror(w->file) != 0;
  if (fclose(w->file) == 0 && !failed) return w->text;
  free(w->text);
  return NULL;
}

static checkrob_status read_open_file(char **data, size_t *bytes, int file, const char *path,
                                      uint64_t limit) {
  struct stat info;
  if (fstat(file, &info) != 0) return error_errno("read", path);
  uint64_t size = (uint64_t)info.st_size;
  if (size > limit || size >= SIZE_MAX)
    return error_set(CHECKROB_ERROR_LIMIT, "%s has %" PRIu64 " bytes, more than the limit of %" PRIu64, path,
                     size, limit);
  char *buffer = malloc((size_t)size + 1);
  if (!buffer) return error_memory(path);
  size_t filled = 0;
  while (filled < size) {
    ssize_t got = read(file, buffer + filled, (size_t)size - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      checkrob_status status = error_errno("read", path);
      free(buffer);
      return status;
    }
    /* The file shrank after fstat: the parser reports it. */
    if (got == 0) break;
    filled += (size_t)got;
  }
  buffer[filled] = '\0';
  *data = buffer;
  *bytes = filled;
  return CHECKROB_OK;
}

/* O_NONBLOCK: a named pipe must not block. It is refused, because it is no regular file. */
static checkrob_status open_regular(int *out, const char *path) {
  struct stat info;
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return error_errno("open", path);
  checkrob_status status = CHECKROB_OK;
  if (fstat(file, &info) != 0)
    status = error_errno("read", path);
  else if (!S_ISREG(info.st_mode))
    status = error_set(CHECKROB_ERROR_IO, "cannot read %s: it is not a file", path);
  if (status)
    close(file);
  else
    *out = file;
  return status;
}

checkrob_status file_open(FILE **out, const char *path) {
  int file = -1;
  checkrob_status status = open_regular(&file, path);
  if (status) return status;
  *out = fdopen(file, "rb");
  if (*out) return CHECKROB_OK;
  status = error_errno("open", path);
  close(file);
  return status;
}

checkrob_status file_read(char **data, size_t *bytes, const char *path, uint64_t limit) {
  int file = -1;
  checkrob_status status = open_regular(&file, path);
  if (status) return status;
  status = read_open_file(data, bytes, file, path, limit);
  close(file);
  return status;
}
