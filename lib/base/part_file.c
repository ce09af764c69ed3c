/* SPDX-License-Identifier: Apache-2.0 */
#include "base/part_file.h"

#include <errno.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"

static checkrob_status cannot_write(const char *path, int code) {
  const char *reason = write_target_reason(code);
  if (reason) return error_set(CHECKROB_ERROR_IO, "cannot write %s: %s", path, reason);
  errno = code;
  return error_errno("write", path);
}

static checkrob_status open_as(part_file *out, const char *path, int kind) {
  int code = write_target_open(out, path, kind);
  return code ? cannot_write(path, code) : CHECKROB_OK;
}

checkrob_status part_file_open(part_file *out, const char *path) {
  return open_as(out, path, WRITE_ANY);
}

checkrob_status part_file_open_named(part_file *out, const char *path) {
  return open_as(out, path, WRITE_NAMED);
}

checkrob_status part_file_finish(part_file *f, checkrob_status status) {
  if (!f->path) /* it is not open */
    return status ? status : error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "part_file_finish: no file is open");
  if (status) {
    write_target_close(f, ECANCELED);
    return status;
  }
  char *path = text_copy(f->path);
  int code = write_target_close(f, 0);
  if (code) status = cannot_write(path ? path : "a file", code);
  free(path);
  return status;
}

checkrob_status file_write_whole(const char *path, const char *data, size_t bytes) {
  part_file to;
  checkrob_status status = part_file_open(&to, path);
  if (status) return status;
  if (fwrite(data, 1, bytes, to.file) != bytes) status = cannot_write(path, errno);
  return part_file_finish(&to, status);
}
