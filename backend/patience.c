/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/patience.h"

#include "backend/backend.h"
#include "backend/failure.h"

static _Thread_local int (*wanted)(const void *data);
static _Thread_local const void *wanted_data;

void backend_give_up_if(int (*function)(const void *data), const void *data) {
  wanted = function;
  wanted_data = data;
}

bool patience_is_over(void) {
  return wanted && wanted(wanted_data);
}

int patience_fail(shim_error *error) {
  return backend_fail(error, BACKEND_GIVEN_UP, "the batch that the model's worker computed was given up");
}
