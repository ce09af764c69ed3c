/* SPDX-License-Identifier: Apache-2.0 */
/* The worker's side: answers requests on the control channel with the functions of shim/shim.h. */
#ifndef CHECKROB_BACKEND_SERVE_H
#define CHECKROB_BACKEND_SERVE_H

/* Serves until the channel is closed. Returns 1 if nothing runs any more, 0 if a cut still computes: then
 * the process can only be ended. */
int serve(int control);

#endif
