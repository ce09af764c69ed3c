/* SPDX-License-Identifier: Apache-2.0 */
/* The library's own implementation of shim/shim.h: each model is either in this process, where the shim is
 * loaded when the first model is opened, or in a worker process. shim_opening.worker says which.
 *
 * What a model of this implementation says beyond shim/shim.h: */
#ifndef CHECKROB_BACKEND_BACKEND_H
#define CHECKROB_BACKEND_BACKEND_H

#include "shim/shim.h"

/* Not a code of the shim: a worker died, and no other can be started; or there are no descriptors for a cut.
 * It is not the fault of what was to be run. */
#define BACKEND_NO_WORKER (-100)
/* Not a code of the shim: what backend_give_up_if() set said so. */
#define BACKEND_GIVEN_UP (-101)

/* For the calling thread alone: while a worker computes for it, `function` is asked about ten times a second.
 * Once it returns 1, the worker is killed, and the call returns BACKEND_GIVEN_UP; the next one gets another
 * worker. NULL: never. What this process computes itself cannot be stopped. */
void backend_give_up_if(int (*function)(const void *data), const void *data);

/* The process that runs the model; 0: this one, or the worker has just died. */
int64_t backend_worker(const shim_model *model);
/* How many workers of the model died, so that another one was started. */
size_t backend_restarts(const shim_model *model);

/* Which libtorch this process has loaded, by whomever. Two builds in one process crash. */
enum { BACKEND_TORCH_NONE = 0, BACKEND_TORCH_OF_SHIM = 1, BACKEND_TORCH_OTHER = 2 };
int backend_loaded_torch(void);

#endif
