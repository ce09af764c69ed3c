/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* for O_TMPFILE */
#include "base/write_target.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINKS_MOST 40 /* as the kernel */
#define NAMES_TRIED 100

/* ---- what the path names ---- */

/* The descriptor that the path is a name of, such as /dev/stdout; or -1. Standard output and standard error
 * may have moved from where they were when the process began. */
static int descriptor_of(const char *path) {
  static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
  long number = strcmp(path, "/dev/stdout") == 0 ? 1 : strcmp(path, "/dev/stderr") == 0 ? 2 : -1;
  for (size_t i = 0; i < 2 && number < 0; i++) {
    const char *digits = path + strlen(folders[i]);
    if (strncmp(path, folders[i], strlen(folders[i])) != 0 || strspn(digits, "0123456789") != strlen(digits))
      continue;
    if (*digits && strlen(digits) < 7) number = strtol(digits, NULL, 10);
  }
  return number == 1 ? fileno(stdout) : number == 2 ? fileno(stderr) : (int)number;
}

/* The folder of a path, with the last slash; "./" without one. NULL: out of memory. */
static char *folder_of(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? strndup(path, (size_t)(slash - path) + 1) : strdup("./");
}

/* In a folder such as /tmp anybody may put a link or a FIFO in the way. As the kernel does where it follows
 * links: one of somebody else than the user and the folder's owner is not used. */
static int is_planted(const char *path, const struct stat *there) {
  struct stat folder;
  char *parent = folder_of(path);
  int known = parent && stat(parent, &folder) == 0;
  free(parent);
  if (!known) return 1;
  int is_shared = (folder.st_mode & S_ISVTX) && (folder.st_mode & S_IWOTH);
  return is_shared && there->st_uid != geteuid() && there->st_uid != folder.st_uid;
}

/* Replaces the name of a link by what it names. 0, or errno. */
static int follow(char **name) {
  char text[PATH_MAX];
  ssize_t length = readlink(*name, text, sizeof text);
  if (length < 0) return errno;
  if ((size_t)length >= sizeof text) return ENAMETOOLONG;
  text[length] = '\0';
  char *parent = text[0] == '/' ? strdup("") : folder_of(*name);
  size_t bytes = parent ? strlen(parent) + (size_t)length + 1 : 0;
  char *next = parent ? malloc(bytes) : NULL;
  if (next) snprintf(next, bytes, "%s%s", parent, text);
  free(parent);
  if (!next) return ENOMEM;
  free(*name);
  *name = next;
  return 0;
}

/* Follows links, except to what is no file. *there.st_mode is 0 if nothing has the name. 0, or errno. */
static int find(char **name, struct stat *there) {
  for (int links = 0; links < LINKS_MOST; links++) {
    *there = (struct stat){0};
    if (lstat(*name, there) != 0) return errno == ENOENT ? 0 : errno;
    if (!S_ISREG(there->st_mode) && !S_ISDIR(there->st_mode) && is_planted(*name, there)) return EACCES;
    if (!S_ISLNK(there->st_mode)) return 0;
    struct stat last;
    if (descriptor_of(*name) >= 0) return 0;
    if (stat(*name, &last) == 0 && !S_ISREG(last.st_mode)) {
      *there = last;
      return 0;
    }
    int code = follow(name);
    if (code) return code;
  }
  return ELOOP;
}

/* ---- writing through ---- */

static int copy_descriptor(int descriptor) {
  int flags = fcntl(descriptor, F_GETFL);
  if (flags >= 0 && (flags & O_ACCMODE) == O_RDONLY) errno = EBADF;
  return flags < 0 || (flags & O_ACCMODE) == O_RDONLY ? -1 : fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
}

static int open_stream(write_target *w, int descriptor) {
  if (descriptor < 0) return errno;
  w->file = fdopen(descriptor, "wb");
  if (w->file) return 0;
  int code = errno;
  close(descriptor);
  return code;
}

/* A FIFO waits for its reader. Nothing is created or emptied: what is there may have changed since. */
static int open_through(write_target *w, const char *name) {
  struct stat there;
  int descriptor = open(name, O_WRONLY | O_NOCTTY | O_CLOEXEC);
  if (descriptor >= 0 && (fstat(descriptor, &there) != 0 || S_ISREG(there.st_mode))) {
    close(descriptor);
    return EBUSY;
  }
  return open_stream(w, descriptor);
}

/* ---- a new file ---- */

/* Bits that nobody can guess: who may write to the folder could otherwise put a file or a link there before.
 * Without the system's random numbers, bits that differ from process to process. */
static uint64_t unguessable_bits(void) {
  uint64_t bits = 0;
  if (getrandom(&bits, sizeof bits, GRND_NONBLOCK) == (ssize_t)sizeof bits) return bits;
  struct timespec now = {0, 0};
  clock_gettime(CLOCK_REALTIME, &now);
  return (uint64_t)now.tv_nsec << 32 ^ (uint64_t)now.tv_sec ^ (uint64_t)getpid() << 16;
}

/* Another name for the unfinished file. 0, or ENOMEM. */
static int choose_name(write_target *w) {
  size_t bytes = strlen(w->target) + 64;
  free(w->part);
  w->part = malloc(bytes);
  if (!w->part) return ENOMEM;
  snprintf(w->part, bytes, "%s.%016" PRIx64 ".part", w->target, unguessable_bits());
  return 0;
}

/* A file without a name disappears with the process, however that ends. Not every file system has such
 * files, and /proc gives it a name at last. */
static int open_nameless(write_target *w) {
  char *folder = folder_of(w->target);
  int descriptor =
      folder && access("/proc/self/fd", X_OK) == 0 ? open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666) : -1;
  free(folder);
  return descriptor < 0 ? ENOTSUP : open_stream(w, descriptor);
}

/* The umask sets the file's mode. O_EXCL: whatever has the name, a link included, is not opened. */
static int open_named(write_target *w) {
  int code = EEXIST;
  for (int attempt = 0; attempt < NAMES_TRIED && code == EEXIST; attempt++) {
    code = choose_name(w);
    if (code) return code;
    int descriptor = open(w->part, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    code = open_stream(w, descriptor);
    if (code && descriptor >= 0) unlink(w->part);
  }
  return code;
}

/* Gives a file without a name one. 0, or errno. */
static int link_file(write_target *w) {
  char descriptor[64];
  snprintf(descriptor, sizeof descriptor, "/proc/self/fd/%d", fileno(w->file));
  int code = EEXIST;
  for (int attempt = 0; attempt < NAMES_TRIED && code == EEXIST; attempt++) {
    code = choose_name(w);
    if (!code && linkat(AT_FDCWD, descriptor, AT_FDCWD, w->part, AT_SYMLINK_FOLLOW) != 0) code = errno;
  }
  if (code) {
    free(w->part);
    w->part = NULL;
  }
  return code;
}

/* ---- the whole ---- */

static void release(write_target *w) {
  free(w->path);
  free(w->target);
  free(w->part);
  *w = (write_target){0};
}

static int open_target(write_target *w, int kind) {
  struct stat there;
  int code = find(&w->target, &there), descriptor = code ? -1 : descriptor_of(w->target);
  if (code) return code;
  int is_file = descriptor < 0 && (there.st_mode == 0 || S_ISREG(there.st_mode));
  if (is_file) {
    code = kind == WRITE_NAMED ? ENOTSUP : open_nameless(w);
    return code ? open_named(w) : 0;
  }
  if (descriptor < 0 && S_ISDIR(there.st_mode)) return EISDIR;
  if (descriptor < 0 && S_ISBLK(there.st_mode)) return ENOTBLK;
  if (kind != WRITE_ANY) return ESPIPE;
  code = descriptor >= 0 ? open_stream(w, copy_descriptor(descriptor)) : open_through(w, w->target);
  free(w->target);
  w->target = NULL;
  return code;
}

int write_target_open(write_target *w, const char *path, int kind) {
  *w = (write_target){.path = strdup(path), .target = strdup(path)};
  int code = w->path && w->target ? open_target(w, kind) : ENOMEM;
  if (code) release(w);
  return code;
}

int write_target_close(write_target *w, int code) {
  if (w->file && !code && (fflush(w->file) != 0 || ferror(w->file))) code = errno ? errno : EIO;
  if (w->file && !code && w->target && !w->part) code = link_file(w);
  if (w->file && fclose(w->file) != 0 && !code) code = errno;
  if (!code && w->part && rename(w->part, w->target) != 0) code = errno;
  if (code && w->part) unlink(w->part);
  release(w);
  return code;
}

int write_target_remove(const char *path) {
  struct stat there;
  char *name = strdup(path);
  int code = name ? find(&name, &there) : ENOMEM;
  if (!code && S_ISREG(there.st_mode) && descriptor_of(name) < 0 && unlink(name) != 0) code = errno;
  free(name);
  return code;
}

const char *write_target_reason(int code) {
  switch (code) {
    case EBADF:
      return "it is not open for writing";
    case EISDIR:
      return "it is a folder";
    case ENOTBLK:
      return "it is a block device; give a file";
    case ESPIPE:
      return "it is not a file, and what is written there is read or written again; give a file";
    case ENXIO:
      return "it is a socket or a device that nobody serves; give a file";
    case EACCES:
      return "it or its folder is not writable, or it is a link or a FIFO that somebody else put into a "
             "shared folder";
    case EPIPE:
      return "its reader closed it before all was written";
    case EINTR:
      return "interrupted while waiting for its reader";
    case EBUSY:
      return "it was replaced meanwhile, or something is mounted on it";
    default:
      return NULL;
  }
}
