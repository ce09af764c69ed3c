/* SPDX-License-Identifier: Apache-2.0 */
/* A worker process: its start, its control channel, and its end. */
#ifndef CHECKROB_BACKEND_PROCESS_H
#define CHECKROB_BACKEND_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "backend/channel.h"
#include "shim/shim.h"

typedef struct worker_process {
  pid_t id;
  pid_t parent; /* the process that started it: a child that was forked later must not wait for it */
  int control;  /* its control channel */
} worker_process;

/* How a process ended. */
typedef struct process_end_cause {
  char text[128];       /* "was killed by signal 6 (Aborted)" */
  bool is_from_outside; /* perhaps by somebody else, and not by what it computed: SIGKILL, SIGTERM ... */
} process_end_cause;

/* Not a code of the shim: the worker died, or did not answer in time. */
#define PROCESS_LOST (-1000)

/* Starts a worker, and waits for its greeting. SHIM_ERROR: there is none, it cannot be started, or is of
 * another version. PROCESS_LOST: it has ended before; *cause says how, and *error is set too. */
int process_start(worker_process *out, process_end_cause *cause, shim_error *error);

/* Closes the channel, and waits until the worker has ended; one that does not end soon is killed. In a
 * process that was forked since, it only closes its copies. */
void process_end(worker_process *p);

/* Says how it ended. `why` NULL: it has closed its channel, so it has ended by itself, or does so now. Else
 * it is killed for that: "did not answer in time". */
void process_kill(worker_process *p, const char *why, process_end_cause *cause);

/* The version of libtorch and the warning about it, of the first worker that was started. If none was, one is
 * started for them. Static storage; the version is "" if no worker can be started. */
const char *process_torch_version(void);
const char *process_installation_warning(void);

#endif
