/* SPDX-License-Identifier: Apache-2.0 */
#include "whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void release(whole_file *w) {
  free(w->path);
  free(w->part);
  *w = (whole_file){0};
}

/* Bits that nobody can guess: who may write to the folder could otherwise put a file or a link there before.
 * Without the system's random numbers, bits that differ from process to process. */
static uint64_t unguessable_bits(void) {
  uint64_t bits = 0;
  if (getrandom(&bits, sizeof bits, GRND_NONBLOCK) == (ssize_t)sizeof bits) return bits;
  struct timespec now = {0, 0};
  clock_gettime(CLOCK_REALTIME, &now);
  return (uint64_t)now.tv_nsec << 32 ^ (uint64_t)now.tv_sec ^ (uint64_t)getpid() << 16;
}

/* As the library's lib/base/part_file.c does. The umask sets the file's mode. O_EXCL: whatever has the name,
 * a link included, is not opened. */
static int create(whole_file *w, size_t bytes) {
  snprintf(w->part, bytes, "%s.%016" PRIx64 ".part", w->path, unguessable_bits());
  int descriptor = open(w->part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (descriptor < 0) return errno;
  w->file = fdopen(descriptor, "wb");
  int code = w->file ? 0 : errno;
  if (code) {
    close(descriptor);
    remove(w->part);
  }
  return code;
}

/* A device must not be replaced by a file. */
static int check_target(const char *path) {
  struct stat there;
  if (stat(path, &there) != 0 || S_ISREG(there.st_mode)) return 0;
  return S_ISDIR(there.st_mode) ? EISDIR : ENOTSUP;
}

int whole_file_open(whole_file *w, const char *path) {
  size_t bytes = strlen(path) + 64;
  *w = (whole_file){.path = strdup(path), .part = malloc(bytes)};
  int code = w->path && w->part ? check_target(path) : ENOMEM;
  if (code == 0) code = EEXIST;
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
