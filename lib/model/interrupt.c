/* SPDX-License-Identifier: Apache-2.0 */
#include "base/interrupt.h"

#include "backend/backend.h"
#include "base/error.h"
#include "model/handle.h"
#include "model/model.h"

static _Thread_local const atomic_int *heeded;

static int is_given_up(const void *interrupted) {
  return atomic_load((const atomic_int *)interrupted) == INTERRUPT_GIVE_UP;
}

void model_heed_interrupt(const atomic_int *interrupted) {
  heeded = interrupted;
  backend_give_up_if(interrupted ? is_given_up : NULL, interrupted);
}

checkrob_status model_check_interrupt(void) {
  return heeded && is_given_up(heeded) ? model_fail_given_up() : CHECKROB_OK;
}

checkrob_status model_fail_given_up(void) {
  return error_set(CHECKROB_ERROR_INTERRUPTED, "the run was interrupted, and its current batch given up");
}
