/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* environ */
#include "backend/process.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "backend/failure.h"
#include "backend/place.h"
#include "backend/protocol.h"

#define GREETING_MILLISECONDS 120000 /* libtorch is read from a disk, which may be slow and far away */
#define END_MILLISECONDS 5000
#define CLOSED_MILLISECONDS 3000 /* between the end of its channel and its own, on a busy machine */

/* ---- what the first worker said of its libtorch ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char version[64], warning[512]; /* change once at most, from "": they are returned without the lock */

static void note_installation(const char *its_version, const char *its_warning) {
  pthread_mutex_lock(&lock);
  if (!*version) {
    snprintf(warning, sizeof warning, "%s", its_warning ? its_warning : "");
    snprintf(version, sizeof version, "%s", its_version ? its_version : "");
  }
  pthread_mutex_unlock(&lock);
}

static void ask_installation(void) {
  worker_process p = {0};
  process_end_cause cause;
  shim_error error;
  pthread_mutex_lock(&lock);
  bool is_known = *version != '\0';
  pthread_mutex_unlock(&lock);
  if (!is_known && process_start(&p, &cause, &error) == SHIM_OK) process_end(&p);
}

const char *process_torch_version(void) {
  ask_installation();
  return version;
}

const char *process_installation_warning(void) {
  ask_installation();
  return *warning ? warning : NULL;
}

/* ---- start ---- */

/* The environment in which libtorch computes best beside other threads; what the user has set has priority.
 * tools/waiting.h says why. */
static const struct {
  const char *text, *names[3];
} settings[] = {{"GOMP_SPINCOUNT=1000", {"GOMP_SPINCOUNT=", "OMP_WAIT_POLICY="}},
                {"OPENBLAS_THREAD_TIMEOUT=4", {"OPENBLAS_THREAD_TIMEOUT="}},
                {"MALLOC_TRIM_THRESHOLD_=1073741824", {"MALLOC_TRIM_THRESHOLD_=", "GLIBC_TUNABLES="}},
                {"MALLOC_MMAP_THRESHOLD_=33554432", {"MALLOC_MMAP_THRESHOLD_=", "GLIBC_TUNABLES="}},
                {"MALLOC_TOP_PAD_=67108864", {"MALLOC_TOP_PAD_=", "GLIBC_TUNABLES="}}};

#define SETTINGS (sizeof settings / sizeof settings[0])

static bool has_any(char *const *environment, const char *const names[3]) {
  for (; *environment; environment++)
    for (size_t i = 0; i < 3 && names[i]; i++)
      if (strncmp(*environment, names[i], strlen(names[i])) == 0) return true;
  return false;
}

/* The caller frees the list, not its texts; NULL: out of memory. */
static char **make_environment(void) {
  size_t count = 0;
  while (environ[count]) count++;
  char **result = calloc(count + SETTINGS + 1, sizeof *result);
  if (!result) return NULL;
  memcpy(result, environ, count * sizeof *result);
  for (size_t i = 0; i < SETTINGS; i++)
    if (!has_any(environ, settings[i].names)) result[count++] = (char *)settings[i].text;
  return result;
}

/* Descriptors: no input; what the model prints goes to standard error, since standard output is the
 * program's; and the channel. The rest is closed by the worker itself. */
static int add_actions(posix_spawn_file_actions_t *actions, int channel) {
  int failed = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (!failed && fcntl(STDERR_FILENO, F_GETFD) < 0) /* a program without one */
    failed = posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  if (!failed) failed = posix_spawn_file_actions_adddup2(actions, STDERR_FILENO, STDOUT_FILENO);
  if (!failed) failed = posix_spawn_file_actions_adddup2(actions, channel, WORKER_CONTROL);
  return failed;
}

/* The program's handlers and masks are not the worker's. SIGINT stays blocked, until the worker ignores it:
 * loading libtorch takes a while. */
static int add_signals(posix_spawnattr_t *attributes) {
  sigset_t blocked, all;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGINT);
  sigfillset(&all);
  int failed = posix_spawnattr_setsigmask(attributes, &blocked);
  if (!failed) failed = posix_spawnattr_setsigdefault(attributes, &all);
  if (!failed) failed = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  return failed;
}

static int spawn(pid_t *id, const char *path, int channel) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  char name[] = "checkrob-worker", *arguments[] = {name, NULL};
  char **environment = make_environment();
  if (!environment) return ENOMEM;
  int failed = posix_spawn_file_actions_init(&actions);
  if (!failed) {
    failed = posix_spawnattr_init(&attributes);
    if (!failed) {
      failed = add_actions(&actions, channel);
      if (!failed) failed = add_signals(&attributes);
      if (!failed) failed = posix_spawn(id, path, &actions, &attributes, arguments, environment);
      posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
  }
  free(environment);
  return failed;
}

static int refuse_greeting(worker_process *p, channel_result result, const char *path,
                           process_end_cause *cause, shim_error *error) {
  if (result == CHANNEL_OK || result == CHANNEL_MEMORY) {
    process_kill(p, "sent no greeting", cause);
    return backend_fail(error, SHIM_ERROR,
                        "%s is not the worker of this version of checkrob; install both again", path);
  }
  process_kill(p, result == CHANNEL_LATE ? "did not start in time" : NULL, cause);
  backend_fail(error, SHIM_ERROR, "the model's worker %s %s before it was ready; start it by hand to see why",
               path, cause->text);
  return PROCESS_LOST;
}

static int receive_greeting(worker_process *p, const char *path, process_end_cause *cause,
                            shim_error *error) {
  message m = {0};
  channel_result result = channel_receive(p->control, &m, NULL, channel_in(GREETING_MILLISECONDS));
  int64_t magic = result == CHANNEL_OK ? message_get(&m) : 0;
  int64_t protocol = result == CHANNEL_OK ? message_get(&m) : 0;
  int code = SHIM_OK;
  if (magic != PROTOCOL_MAGIC || protocol != PROTOCOL_VERSION) {
    code = refuse_greeting(p, result, path, cause, error);
  } else {
    const char *its_version = message_get_text(&m);
    note_installation(its_version, message_get_text(&m));
  }
  message_free(&m);
  return code;
}

int process_start(worker_process *out, process_end_cause *cause, shim_error *error) {
  char path[4096];
  int ends[2];
  worker_process p;
  if (!place_worker(path, sizeof path))
    return backend_fail(
        error, SHIM_ERROR, "there is no worker to run the model: %s %s, and CHECKROB_WORKER names no other",
        path,
        access(path, F_OK) == 0 ? "cannot be executed (its permissions, or a file system mounted with noexec)"
                                : "does not exist");
  int failed = channel_pair(ends);
  if (failed)
    return backend_fail(error, SHIM_ERROR, "no channel to a worker can be made: %s", strerror(failed));
  failed = spawn(&p.id, path, ends[1]);
  close(ends[1]);
  if (failed) {
    close(ends[0]);
    return backend_fail(error, failed == ENOMEM ? SHIM_NO_MEMORY : SHIM_ERROR,
                        "the model's worker %s cannot be started: %s", path, strerror(failed));
  }
  p.control = ends[0];
  p.parent = getpid();
  int code = receive_greeting(&p, path, cause, error);
  if (code == SHIM_OK) *out = p;
  return code;
}

/* ---- end ---- */

/* Waits until the process has ended; false if it has not by then. `status` is -1 if somebody else has waited
 * for it. */
static bool wait_for_end(pid_t id, int *status, int milliseconds) {
  const struct timespec pause = {0, 1000000};
  *status = -1;
  for (int i = 0;; i++) {
    pid_t ended = waitpid(id, status, milliseconds > 0 ? WNOHANG : 0);
    if (ended == id) return true;
    if (ended < 0 && errno == ECHILD) {
      *status = -1;
      return true;
    }
    if (milliseconds > 0 && i >= milliseconds) return false;
    if (milliseconds > 0) nanosleep(&pause, NULL);
  }
}

/* If the program has waited for it itself, its number may be another process's by now. */
static void kill_child(pid_t id) {
  siginfo_t info;
  if (waitid(P_PID, (id_t)id, &info, WEXITED | WNOHANG | WNOWAIT) == 0) kill(id, SIGKILL);
}

void process_end(worker_process *p) {
  int status;
  if (p->parent == getpid()) shutdown(p->control, SHUT_RDWR); /* its end, whoever has copies of it */
  close(p->control);
  if (p->parent != getpid()) return;
  if (wait_for_end(p->id, &status, END_MILLISECONDS)) return;
  kill_child(p->id);
  wait_for_end(p->id, &status, 0);
}

static void describe(process_end_cause *cause, int status) {
  cause->is_from_outside = false;
  if (status >= 0 && WIFSIGNALED(status)) {
    int number = WTERMSIG(status);
    snprintf(cause->text, sizeof cause->text, "was killed by signal %d (%s)", number, strsignal(number));
    cause->is_from_outside =
        number == SIGKILL || number == SIGTERM || number == SIGINT || number == SIGHUP || number == SIGQUIT;
  } else if (status >= 0 && WIFEXITED(status)) {
    snprintf(cause->text, sizeof cause->text, "ended with exit code %d", WEXITSTATUS(status));
  } else {
    snprintf(cause->text, sizeof cause->text, "ended");
    cause->is_from_outside = true;
  }
}

void process_kill(worker_process *p, const char *why, process_end_cause *cause) {
  int status = -1;
  if (!why && !wait_for_end(p->id, &status, CLOSED_MILLISECONDS)) why = "closed its channel";
  if (why) {
    kill_child(p->id);
    wait_for_end(p->id, &status, 0);
    snprintf(cause->text, sizeof cause->text, "%s and was killed", why);
    cause->is_from_outside = false;
  } else {
    describe(cause, status);
  }
  close(p->control);
}
