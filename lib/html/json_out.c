/* SPDX-License-Identifier: Apache-2.0 */
#include "html/json_out.h"

#include "base/error.h"

/* Outside of texts JSON has no '<', and in a text this escape is the same. */
static int write_escaped(const char *buffer, size_t size, void *data) {
  FILE *file = data;
  for (size_t i = 0; i < size; i++) {
    if (buffer[i] == '<')
      fputs("\\u003c", file);
    else
      fputc(buffer[i], file);
  }
  return 0;
}

checkrob_status json_out(FILE *file, json_t *value) {
  bool is_whole = value && !json_ran_short();
  if (is_whole)
    is_whole = json_dump_callback(value, write_escaped, file,
                                  JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(6)) == 0;
  json_decref(value);
  return !is_whole ? error_memory("the report") : CHECKROB_OK;
}
