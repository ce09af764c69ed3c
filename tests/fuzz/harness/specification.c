/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a run specification in JSON. What was read is written and read again. */
#include <string.h>

#include "fuzz/fuzz.h"

typedef checkrob_status (*writer)(char **out, const checkrob_options *options);

static void write_and_read(const checkrob_options *options, writer write) {
  char *json = NULL, *json_again = NULL;
  checkrob_options *again = NULL;
  fuzz_must(write(&json, options));
  fuzz_must(checkrob_options_parse(&again, json, strlen(json)));
  fuzz_must(write(&json_again, again));
  FUZZ_CHECK(strcmp(json, json_again) == 0, "%s is read as %s", json, json_again);
  checkrob_options_free(again);
  checkrob_options_json_free(json_again);
  checkrob_options_json_free(json);
}

void fuzz_input(const uint8_t *data, size_t bytes) {
  checkrob_options *options = NULL;
  if (!fuzz_ok(checkrob_options_parse(&options, (const char *)data, bytes))) return;
  write_and_read(options, checkrob_options_json);
  write_and_read(options, checkrob_options_json_in_force);
  fuzz_ok_call(checkrob_options_check(options));
  checkrob_options_free(options);
}
