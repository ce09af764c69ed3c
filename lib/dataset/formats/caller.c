/* A dataset that the caller's program provides: it fills each input itself. */
#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "dataset/formats/caller.h"

static void close_caller(void *state) {
  free(state);
}

static size_t count_inputs(const void *state) {
  return ((const caller_source *)state)->input_count;
}

static checkrob_status name_input(checkrob_input *out, size_t input) {
  char *name = text_format("input %zu", input);
  checkrob_status status = name ? input_set_name(out, name) : error_memory("an input's name");
  free(name);
  return status;
}

static checkrob_status read_input(checkrob_input *out, void *state, size_t input) {
  const caller_source *source = state;
  checkrob_status status = name_input(out, input);
  if (status) return status;
  error_store("the caller's function failed without a sentence");
  status = source->read(out, input, source->user_data);
  if (status || out->origin) return status;
  return input_set_origin(out, out->name, 0, 0);
}

const dataset_format dataset_format_caller = {0,    "caller",   NULL, close_caller, count_inputs,
                                              NULL, read_input, NULL};
