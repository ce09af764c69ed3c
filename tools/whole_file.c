/* SPDX-License-Identifier: Apache-2.0 */
#include "whole_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void release(whole_file *w) {
  free(w->path);
  free(w->part);
  *w = (whole_file){0};
}

int whole_file_open(whole_file *w, const char *path) {
  size_t bytes = strlen(path) + sizeof ".part";
  *w = (whole_file){.path = malloc(bytes), .part = malloc(bytes)};
  int code = ENOMEM;
  if (w->path && w->part) {
    snprintf(w->path, bytes, "%s", path);
    snprintf(w->part, bytes, "%s.part", path);
    w->file = fopen(w->part, "wbe");
    code = w->file ? 0 : errno;
  }
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
