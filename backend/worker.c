/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob-worker: runs a model for libcheckrob.so, which starts it (process.c). It ends when the channel to
 * the library is closed, and so with the program, whatever ends that. */
#define _GNU_SOURCE /* close_range, POLLRDHUP */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/protocol.h"
#include "backend/serve.h"
#include "shim/shim.h"

/* Longer than serve_cut_wait(), shorter than the library waits in process_end(). */
#define PATIENCE_SECONDS 4

static int explain(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "--version") == 0)
    return printf("checkrob-worker, protocol %d (libtorch %s)\n", PROTOCOL_VERSION, shim_torch_version()) < 0;
  fprintf(stderr,
          "checkrob-worker runs a model for the library libcheckrob, which starts it.\n"
          "usage: checkrob-worker --version\n");
  return 2;
}

static int is_channel(int descriptor) {
  int type = 0;
  socklen_t size = sizeof type;
  return getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

/* Ends the process when the channel has been closed for a while. serve() ends it sooner, unless it opens a
 * model, which may take for ever. */
static void *watch(void *unused) {
  (void)unused;
  struct pollfd p = {WORKER_CONTROL, POLLRDHUP, 0};
  while (poll(&p, 1, -1) <= 0) continue;
  sleep(PATIENCE_SECONDS);
  _exit(EXIT_FAILURE);
}

static void start_watch(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, watch, NULL) == 0) pthread_detach(thread);
}

int main(int argc, char **argv) {
  if (argc != 1 || !is_channel(WORKER_CONTROL)) return explain(argc, argv);
  /* Ctrl-C reaches all processes of a terminal: the program decides what it interrupts. */
  signal(SIGINT, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  setvbuf(stdout, NULL, _IOLBF, 0); /* _exit() and crashes lose what a model has printed to a buffer */
  close_range(WORKER_CONTROL + 1, UINT_MAX, 0); /* what the program had open is not the worker's */
  fcntl(WORKER_CONTROL, F_SETFD, FD_CLOEXEC);
  start_watch();
  int is_free = serve(WORKER_CONTROL);
#ifdef __SANITIZE_ADDRESS__
  if (is_free) return EXIT_SUCCESS; /* looks for leaks */
#endif
  _exit(is_free ? EXIT_SUCCESS : EXIT_FAILURE); /* libtorch takes a while to end, and has nothing to save */
}
