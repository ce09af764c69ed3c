#include "run/gather.h"

#include <string.h>

#include "base/error.h"

/* How long a wait lasts before cancellation and progress are looked at again. */
#define POLL_MILLISECONDS 100

checkrob_status gather_report(const gatherer *g, size_t done) {
  if (g->on_progress && g->on_progress(done, checkrob_cursor_input_count(g->cursor), g->progress_data) != 0)
    return error_set(CHECKROB_ERROR_CANCELLED, "stopped by the progress callback");
  return CHECKROB_OK;
}

checkrob_status gather_slot(slot **out, const gatherer *g, size_t i) {
  int pending = 0;
  return pipeline_peek(out, &pending, g->line, i, 0);
}

checkrob_status gather_batch(size_t *held, size_t *good, const gatherer *g, size_t done) {
  *held = *good = 0;
  while (*good < g->batch) {
    if (atomic_load(g->cancelled)) return error_set(CHECKROB_ERROR_CANCELLED, "the run was cancelled");
    slot *s = NULL;
    int pending = 0;
    checkrob_status status = pipeline_peek(&s, &pending, g->line, *held, POLL_MILLISECONDS);
    if (status == CHECKROB_OK && pending) status = gather_report(g, done);
    if (status != CHECKROB_OK) return status;
    if (pending) continue;
    if (!s) break;
    if (s->status == CHECKROB_OK) {
      memcpy(g->input + *good * g->stride, s->tensor, g->stride * sizeof *g->input);
      ++*good;
    }
    ++*held;
  }
  return CHECKROB_OK;
}
