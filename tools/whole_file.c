/* SPDX-License-Identifier: Apache-2.0 */
#include "whole_file.h"

#include <errno.h>
#include <string.h>

int whole_file_open(whole_file *w, const char *path) {
  return write_target_open(w, path, WRITE_ANY);
}

int whole_file_open_seekable(whole_file *w, const char *path) {
  return write_target_open(w, path, WRITE_FILE);
}

int whole_file_close(whole_file *w) {
  return write_target_close(w, 0);
}

void whole_file_discard(whole_file *w) {
  write_target_close(w, ECANCELED);
}

const char *whole_file_reason(int code) {
  const char *reason = write_target_reason(code);
  return reason ? reason : strerror(code);
}
