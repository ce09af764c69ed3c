/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the calling thread still wants what a worker computes for it: backend_give_up_if(). */
#ifndef CHECKROB_BACKEND_PATIENCE_H
#define CHECKROB_BACKEND_PATIENCE_H

#include <stdbool.h>

#include "shim/shim.h"

bool patience_is_over(void);
/* BACKEND_GIVEN_UP, with its message. */
int patience_fail(shim_error *error);

#endif
