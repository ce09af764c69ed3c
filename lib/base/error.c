/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define MESSAGE_BYTES 4096

static _Thread_local char message[MESSAGE_BYTES];

const char *checkrob_last_error(void) {
  return message;
}

/* Control characters become escapes, \x0A, so that a message is one line. `line` has room for four bytes
 * each. */
static void escape_controls(char *line, const char *text) {
  for (; *text; text++) {
    bool is_control = (unsigned char)*text < ' ' || *text == 127;
    if (is_control)
      line += snprintf(line, 5, "\\x%02X", (unsigned)*text);
    else
      *line++ = *text;
  }
  *line = '\0';
}

void error_store(const char *format, ...) {
  /* A separate buffer, because an argument may point into the message that is replaced. */
  /* One byte more shows whether a UTF-8 character is cut. */
  char fresh[MESSAGE_BYTES + 1];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(fresh, sizeof fresh, format, arguments);
  va_end(arguments);
  size_t bytes = length < 0 ? 0 : strlen(fresh);
  if (bytes == MESSAGE_BYTES) bytes--;
  while (bytes > 0 && ((unsigned char)fresh[bytes] & 0xC0) == 0x80) bytes--;
  fresh[bytes] = '\0';
  char line[4 * MESSAGE_BYTES];
  escape_controls(line, fresh);
  checkrob_text_escape(message, sizeof message, line);
}

checkrob_status error_errno(const char *action, const char *path) {
  int number = errno;
  char reason[256];
  if (number == ENOMEM)
    return error_set(CHECKROB_ERROR_OUT_OF_MEMORY, "cannot %s %s: out of memory", action, path);
  if (strerror_r(number, reason, sizeof reason) != 0) snprintf(reason, sizeof reason, "error %d", number);
  checkrob_status status =
      number == ENOENT || number == ENOTDIR ? CHECKROB_ERROR_NOT_FOUND : CHECKROB_ERROR_IO;
  return error_set(status, "cannot %s %s: %s", action, path, reason);
}

const char *checkrob_status_name(checkrob_status status) {
  switch (status) {
    case CHECKROB_OK:
      return "ok";
    case CHECKROB_ERROR:
      return "error";
    case CHECKROB_ERROR_INVALID_ARGUMENT:
      return "invalid_argument";
    case CHECKROB_ERROR_NOT_FOUND:
      return "not_found";
    case CHECKROB_ERROR_BAD_INPUT:
      return "bad_input";
    case CHECKROB_ERROR_UNSUPPORTED:
      return "unsupported";
    case CHECKROB_ERROR_LIMIT:
      return "limit";
    case CHECKROB_ERROR_IO:
      return "io";
    case CHECKROB_ERROR_OUT_OF_MEMORY:
      return "out_of_memory";
    case CHECKROB_ERROR_NUMERIC:
      return "numeric";
    case CHECKROB_ERROR_NO_OBJECT:
      return "no_object";
    case CHECKROB_ERROR_INTERRUPTED:
      return "interrupted";
    case CHECKROB_END:
      return "end";
    case CHECKROB_ERROR_OTHER_OPTIONS:
      return "other_options";
    case CHECKROB_ERROR_MODEL_UNSUPPORTED:
      return "model_unsupported";
  }
  return "unknown";
}
