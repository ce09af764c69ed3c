/* SPDX-License-Identifier: Apache-2.0 */
#include "whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void release(whole_file *w) {
  free(w->path);
  free(w->part);
  *w = (whole_file){0};
}

/* A name that no other file has; the umask sets the file's mode. */
static int create(whole_file *w, size_t bytes) {
  struct timespec now = {0, 0};
  clock_gettime(CLOCK_REALTIME, &now);
  snprintf(w->part, bytes, "%s.%ld-%09ld.part", w->path, (long)getpid(), now.tv_nsec);
  int descriptor = open(w->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0) return errno;
  w->file = fdopen(descriptor, "wb");
  int code = w->file ? 0 : errno;
  if (code) {
    close(descriptor);
    remove(w->part);
  }
  return code;
}

int whole_file_open(whole_file *w, const char *path) {
  size_t bytes = strlen(path) + 64;
  *w = (whole_file){.path = strdup(path), .part = malloc(bytes)};
  int code = w->path && w->part ? EEXIST : ENOMEM;
  for (int attempt = 0; attempt < 100 && code == EEXIST; attempt++) code = create(w, bytes);
  if (code) release(w);
  return code;
}

int whole_file_close(whole_file *w) {
  int code = ferror(w->file) ? EIO : 0;
  errno = EIO;
  if (fclose(w->file) != 0 && code == 0) code = errno;
  if (code == 0 && rename(w->part, w->path) != 0) code = errno;
  if (code != 0) remove(w->part);
  release(w);
  return code;
}

void whole_file_discard(whole_file *w) {
  if (w->file) {
    fclose(w->file);
    remove(w->part);
  }
  release(w);
}
