/* SPDX-License-Identifier: Apache-2.0 */
/* A dataset of the caller's own: a function of the program fills each input. */
#include "dataset/formats/caller.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"

typedef struct caller_source {
  size_t input_count;
  checkrob_input_callback read;
  void *user_data;
  pthread_mutex_t *reading; /* held while `read` runs */
} caller_source;

static void close_caller(void *state) {
  caller_source *source = state;
  pthread_mutex_destroy(source->reading);
  free(source->reading);
  free(source);
}

checkrob_status caller_open(void **state, size_t input_count, checkrob_input_callback read, void *user_data) {
  caller_source *source = calloc(1, sizeof *source);
  pthread_mutex_t *reading = malloc(sizeof(pthread_mutex_t));
  if (!source || !reading) {
    free(source);
    free(reading);
    return error_memory("a dataset");
  }
  pthread_mutex_init(reading, NULL);
  *source = (caller_source){input_count, read, user_data, reading};
  *state = source;
  return CHECKROB_OK;
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

static checkrob_status read_input(checkrob_input *out, const void *state, size_t input) {
  const caller_source *source = state;
  checkrob_status status = name_input(out, input);
  if (status) return status;
  error_store("the program's function failed and set no error message");
  pthread_mutex_lock(source->reading);
  status = source->read(out, input, source->user_data);
  pthread_mutex_unlock(source->reading);
  out->unusable = status != CHECKROB_OK;
  if (status || out->origin) return status;
  return input_set_origin(out, out->name, 0, 0);
}

const dataset_format dataset_format_caller = {
    .name = "caller", .close = close_caller, .input_count = count_inputs, .read = read_input};
