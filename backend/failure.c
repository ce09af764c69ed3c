/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/failure.h"

#include <stdarg.h>
#include <stdio.h>

int backend_fail(shim_error *error, int code, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(error->message, sizeof error->message, format, arguments);
  va_end(arguments);
  error->code = code;
  return code;
}

int backend_fail_memory(shim_error *error) {
  return backend_fail(error, SHIM_NO_MEMORY,
                      "out of memory for what the library and the model's worker share");
}
