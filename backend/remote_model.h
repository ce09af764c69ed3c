/* SPDX-License-Identifier: Apache-2.0 */
/* What a model in a worker offers to its cuts. */
#ifndef CHECKROB_BACKEND_REMOTE_MODEL_H
#define CHECKROB_BACKEND_REMOTE_MODEL_H

#include "backend/backend.h"
#include "backend/process.h"
#include "backend/remote.h"
#include "backend/turns.h"

#define REMOTE_LOST PROCESS_LOST

turns *remote_model_turns(remote_model *model);

/* A process that was forked has copies of all objects, but the worker belongs to its parent. Nothing below is
 * for such a process. */
bool remote_model_is_owner(const remote_model *model);
/* SHIM_ERROR in such a process. */
int remote_model_check_owner(const remote_model *model, shim_error *error);

/* Whether the worker of this number runs. */
bool remote_model_is_current(remote_model *model, size_t number);

/* Makes sure that a worker runs in which the model is open and the caller's cut is made. *made is the number
 * of the worker that the cut was made in, 0 for none. If another one runs now, the cut is made there, from
 * the request and its descriptors, and *made is set. SHIM_OK, REMOTE_LOST or an error; BACKEND_NO_WORKER:
 * the last one has died, and no other can be started. */
int remote_model_attach(remote_model *model, size_t *made, const message *request, const int *descriptors,
                        size_t count, shim_error *error);

/* When a request that starts now is late; `runs`: how often it runs the model. */
channel_deadline remote_model_deadline(const remote_model *model, int64_t runs);

/* The worker of this number is lost. Kills what is left of it. `why` NULL: it has closed its channel. */
void remote_model_lose(remote_model *model, size_t number, const char *why, process_end_cause *cause);

/* Sends a request and receives its reply, read up to its code. The reply is in *m, which may be the request.
 * SHIM_OK; REMOTE_LOST or BACKEND_GIVEN_UP (*why is for remote_model_lose()); or the code and the message of
 * the worker. */
int remote_exchange(int channel, const message *request, const int *descriptors, size_t count, message *reply,
                    channel_deadline deadline, const char **why, shim_error *error);
/* Whether a worker cannot be used any more after an exchange that returned this. */
static inline bool remote_must_end(int code) {
  return code == REMOTE_LOST || code == BACKEND_GIVEN_UP;
}

#endif
