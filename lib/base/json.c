/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/utf8.h"

static _Thread_local bool ran_short;

/* Those that the program uses, usually malloc() and free(). */
static json_malloc_t next_malloc;
static json_free_t next_free;

static void *watched_malloc(size_t bytes) {
  void *memory = next_malloc(bytes);
  if (!memory) ran_short = true;
  return memory;
}

static void start_watching(void) {
  json_get_alloc_funcs(&next_malloc, &next_free);
  json_set_alloc_funcs(watched_malloc, next_free);
}

void json_watch(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, start_watching);
  ran_short = false;
}

bool json_ran_short(void) {
  return ran_short;
}

void json_run_short(void) {
  ran_short = true;
}

json_t *json_text(const char *text) {
  if (utf8_is_valid(text)) return json_string(text);
  char *escaped = utf8_escaped(text);
  json_t *value = escaped ? json_string(escaped) : NULL;
  if (!escaped) json_run_short();
  free(escaped);
  return value;
}

json_t *json_number(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

checkrob_status json_parse(json_t **out, json_error_t *problem, const char *text, size_t bytes, size_t flags,
                           const char *purpose) {
  json_watch();
  json_t *parsed = json_loadb(text, bytes, flags, problem);
  if (json_ran_short()) {
    json_decref(parsed);
    return error_memory(purpose);
  }
  *out = parsed;
  return parsed ? CHECKROB_OK : CHECKROB_ERROR_BAD_INPUT;
}

checkrob_status json_parse_file(json_t **out, const char *text, size_t bytes, const char *where,
                                const char *purpose) {
  json_error_t problem;
  checkrob_status status = utf8_start(&text, &bytes, where);
  if (status) return status;
  status = json_parse(out, &problem, text, bytes, JSON_REJECT_DUPLICATES, purpose);
  if (status != CHECKROB_ERROR_BAD_INPUT) return status;
  if (bytes == 0) return error_set(status, "%s: empty; it has to be a JSON object", where);
  return error_set(status, "%s:%d: not valid JSON: %s", where, problem.line, problem.text);
}
