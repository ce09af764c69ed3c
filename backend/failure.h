/* SPDX-License-Identifier: Apache-2.0 */
/* Filling a shim_error. */
#ifndef CHECKROB_BACKEND_FAILURE_H
#define CHECKROB_BACKEND_FAILURE_H

#include "shim/shim.h"

/* Returns `code`. */
__attribute__((format(printf, 3, 4))) int backend_fail(shim_error *error, int code, const char *format, ...);
int backend_fail_memory(shim_error *error);

#endif
