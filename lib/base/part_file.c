/* SPDX-License-Identifier: Apache-2.0 */
#include "base/part_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

/* Bits that nobody can guess: who may write to the folder could otherwise put a file or a link there before.
 * Without the system's random numbers, bits that differ from process to process. */
static uint64_t unguessable_bits(void) {
  uint64_t bits = 0;
  if (getrandom(&bits, sizeof bits, GRND_NONBLOCK) == (ssize_t)sizeof bits) return bits;
  struct timespec now = {0, 0};
  clock_gettime(CLOCK_REALTIME, &now);
  return (uint64_t)now.tv_nsec << 32 ^ (uint64_t)now.tv_sec ^ (uint64_t)getpid() << 16;
}

/* Unlike with mkstemp(), the umask sets the file's mode. O_EXCL: whatever has the name, a link included, is
 * not opened. */
static FILE *create(const char *name) {
  int descriptor = open(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  FILE *file = descriptor >= 0 ? fdopen(descriptor, "w+b") : NULL;
  if (file || descriptor < 0) return file;
  int reason = errno;
  close(descriptor);
  unlink(name);
  errno = reason;
  return NULL;
}

checkrob_status part_file_open(part_file *out, const char *path) {
  struct stat there;
  if (stat(path, &there) == 0 && !S_ISREG(there.st_mode))
    return error_set(CHECKROB_ERROR_IO, "cannot write %s: it exists and is not a file", path);
  *out = (part_file){.path = text_copy(path)};
  bool taken = out->path != NULL;
  for (unsigned attempt = 0; taken && attempt < 100; attempt++) {
    free(out->part);
    out->part = text_format("%s.%016" PRIx64 ".part", path, unguessable_bits());
    if (!out->part) break;
    out->file = create(out->part);
    if (out->file) return CHECKROB_OK;
    taken = errno == EEXIST;
  }
  checkrob_status status = out->part ? error_errno("write", path) : error_memory(path);
  free(out->path);
  free(out->part);
  *out = (part_file){0};
  return status;
}

checkrob_status part_file_finish(part_file *f, checkrob_status status) {
  if (!f->path || !f->part) /* it is not open */
    return status ? status : error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "part_file_finish: no file is open");
  bool written = !f->file || (fflush(f->file) == 0 && !ferror(f->file));
  int reason = errno;
  if (f->file && fclose(f->file) != 0 && written) written = false, reason = errno;
  errno = reason;
  if (!status && (!written || rename(f->part, f->path) != 0)) status = error_errno("write", f->path);
  if (status) unlink(f->part);
  free(f->path);
  free(f->part);
  *f = (part_file){0};
  return status;
}

checkrob_status file_write_whole(const char *path, const char *data, size_t bytes) {
  part_file to;
  checkrob_status status = part_file_open(&to, path);
  if (status) return status;
  if (fwrite(data, 1, bytes, to.file) != bytes) status = error_errno("write", path);
  return part_file_finish(&to, status);
}
