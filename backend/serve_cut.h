/* SPDX-License-Identifier: Apache-2.0 */
/* One cut of the worker's model, served on a thread of its own. */
#ifndef CHECKROB_BACKEND_SERVE_CUT_H
#define CHECKROB_BACKEND_SERVE_CUT_H

#include "backend/message.h"
#include "shim/shim.h"

/* Makes the cut that the request describes, read up to its first value, and starts its thread. Takes the
 * three descriptors over, also after an error. */
int serve_cut_start(const shim_model *model, message *request, const int descriptors[3], shim_error *error);

/* Waits until all cuts have ended, for a while; false: one still computes. */
bool serve_cut_wait(void);

/* Reads the numbers of threads of a request, and sets them for the calling thread. */
void serve_threads(message *request);
/* Writes the code, and the message of an error. */
void serve_put_code(message *reply, int code, const shim_error *error);

#endif
