/* SPDX-License-Identifier: Apache-2.0 */
/* Delays threads at random where they meet other threads or processes, so that rare orders of events become
 * common: LD_PRELOAD=libdelays.so PROGRAM. Some threads are slowed down much, some a little, some not at all,
 * as on a machine that is busy elsewhere. DELAYS_MICROSECONDS is the longest usual delay, 2000 by default;
 * DELAYS_SEED makes other ones. A seed does not repeat a failure exactly, because the machine has a say in
 * the order too. */
#define _GNU_SOURCE    /* RTLD_NEXT */
#undef _FORTIFY_SOURCE /* it makes read() and others inline functions, which are replaced here */
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
  ONE_CALL_IN = 16,   /* is delayed */
  ONE_DELAY_IN = 256, /* is a long one */
  LONG_FACTOR = 20,
  START_FACTOR = 5,           /* a new thread may start late */
  LEAVE_ALONE_AFTER = 8000000 /* microseconds of a thread, so that a program with many calls ends */
};

static uint64_t mix(uint64_t x) { /* SplitMix64 */
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

static uint64_t setting(const char *name, uint64_t otherwise) {
  const char *text = getenv(name);
  return text ? strtoull(text, NULL, 10) : otherwise;
}

/* In the initial block of thread-local memory: code that allocates it may lock, and come here again. */
#define OF_THREAD _Thread_local __attribute__((tls_model("initial-exec")))
static OF_THREAD uint64_t state, spent;
static OF_THREAD uint64_t longest; /* microseconds; 0: this thread is not delayed */

static uint64_t draw(void) {
  if (!state) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    state = mix(setting("DELAYS_SEED", 1) * 1000003U + (uint64_t)syscall(SYS_gettid) * 77U +
                (uint64_t)now.tv_nsec) |
            1;
    static const uint64_t parts[] = {0, 20, 4, 1};
    uint64_t part = parts[state >> 62];
    longest = part ? setting("DELAYS_MICROSECONDS", 2000) / part : 0;
  }
  return state = mix(state);
}

static void pause_for(uint64_t microseconds) {
  struct timespec pause = {(time_t)(microseconds / 1000000), (long)(microseconds % 1000000) * 1000};
  spent += microseconds;
  nanosleep(&pause, NULL);
}

/* Not the many calls of libraries that others test. */
static int is_of_interest(const void *caller) {
  static const char *const others[] = {"sqlite3", "libtorch",  "libc10", "gomp",
                                       "blas",    "libstdc++", "dnnl",   "chrom"};
  Dl_info library;
  if (!dladdr(caller, &library) || !library.dli_fname) return 1;
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    if (strstr(library.dli_fname, others[i])) return 0;
  return 1;
}

static void maybe_delay(const void *caller) {
  int error = errno;
  uint64_t drawn = draw();
  if (longest && spent < LEAVE_ALONE_AFTER && drawn % ONE_CALL_IN == 0 && is_of_interest(caller))
    pause_for((drawn >> 8) % longest * ((drawn >> 40) % ONE_DELAY_IN ? 1 : LONG_FACTOR));
  errno = error;
}

#define VISIBLE __attribute__((visibility("default")))
#define FIND(real, name) \
  if (!(real)) *(void **)&(real) = dlsym(RTLD_NEXT, name)

#define DELAYED(type, name, parameters, arguments) \
  VISIBLE type name parameters {                   \
    static __typeof__(&(name)) real;               \
    FIND(real, #name);                             \
    maybe_delay(__builtin_return_address(0));      \
    type result = real arguments;                  \
    maybe_delay(__builtin_return_address(0));      \
    return result;                                 \
  }

DELAYED(int, pthread_mutex_lock, (pthread_mutex_t * mutex), (mutex))
DELAYED(int, pthread_mutex_unlock, (pthread_mutex_t * mutex), (mutex))
DELAYED(int, pthread_cond_signal, (pthread_cond_t * condition), (condition))
DELAYED(int, pthread_cond_broadcast, (pthread_cond_t * condition), (condition))
DELAYED(int, pthread_join, (pthread_t thread, void **result_of), (thread, result_of))
DELAYED(int, poll, (struct pollfd * files, nfds_t count, int milliseconds), (files, count, milliseconds))
DELAYED(ssize_t, read, (int file, void *bytes, size_t count), (file, bytes, count))
DELAYED(ssize_t, write, (int file, const void *bytes, size_t count), (file, bytes, count))
DELAYED(ssize_t, recv, (int file, void *bytes, size_t count, int flags), (file, bytes, count, flags))
DELAYED(ssize_t, send, (int file, const void *bytes, size_t count, int flags), (file, bytes, count, flags))
DELAYED(ssize_t, recvmsg, (int file, struct msghdr *message, int flags), (file, message, flags))
DELAYED(ssize_t, sendmsg, (int file, const struct msghdr *message, int flags), (file, message, flags))
DELAYED(int, close, (int file), (file))
DELAYED(pid_t, waitpid, (pid_t process, int *status, int options), (process, status, options))
DELAYED(int, kill, (pid_t process, int number), (process, number))
DELAYED(int, rename, (const char *from, const char *to), (from, to))
DELAYED(int, unlink, (const char *path), (path))

typedef struct beginning {
  void *(*work)(void *);
  void *data;
} beginning;

static void *begin_late(void *allocated) {
  beginning b = *(beginning *)allocated;
  free(allocated);
  uint64_t drawn = draw();
  if (longest && drawn % 2) pause_for((drawn >> 8) % (longest * START_FACTOR));
  return b.work(b.data);
}

VISIBLE int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*work)(void *),
                           void *data) {
  static int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
  FIND(real, "pthread_create");
  beginning *b = malloc(sizeof *b);
  if (!b) return EAGAIN;
  *b = (beginning){work, data};
  int failed = real(thread, attributes, begin_late, b);
  if (failed) free(b);
  maybe_delay(__builtin_return_address(0));
  return failed;
}
