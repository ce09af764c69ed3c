/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of computing threads, as shim_set_threads() and shim_limit_threads() set them: for the shim
 * when it is loaded, and for the workers, which get them with each request. */
#ifndef CHECKROB_BACKEND_THREADS_H
#define CHECKROB_BACKEND_THREADS_H

#include "backend/message.h"
#include "backend/protocol.h"

void threads_set_process(int threads);
void threads_set_limit(int threads);
/* Of the process, and of the calling thread. */
protocol_threads threads_now(void);
/* Writes both to a request. */
void threads_put(message *m);

#endif
