/* SPDX-License-Identifier: Apache-2.0 */
#include "base/interrupt.h"

#include "backend/backend.h"
#include "base/error.h"
#include "model/handle.h"
#include "model/model.h"

static _Thread_local const atomic_int *heeded;

void model_heed_interrupt(const atomic_int *interrupted) {
  heeded = interrupted;
}

static int is_unwanted(const void *of_cut) {
  return atomic_load((const atomic_int *)of_cut) || (heeded && atomic_load(heeded) == INTERRUPT_GIVE_UP);
}

int model_begin_run(const atomic_int *of_cut) {
  backend_give_up_if(is_unwanted, of_cut);
  return is_unwanted(of_cut) ? BACKEND_GIVEN_UP : SHIM_OK;
}

checkrob_status model_end_run(atomic_int *of_cut, int code, const shim_error *error) {
  backend_give_up_if(NULL, NULL);
  if (atomic_exchange(of_cut, 0) || code == BACKEND_GIVEN_UP)
    return error_set(CHECKROB_ERROR_INTERRUPTED, "interrupted while the model ran; this batch was given up");
  return code == SHIM_OK ? CHECKROB_OK : model_fail(code, error);
}
