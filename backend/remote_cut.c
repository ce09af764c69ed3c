/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/arena.h"
#include "backend/backend.h"
#include "backend/failure.h"
#include "backend/patience.h"
#include "backend/remote_model.h"
#include "backend/threads.h"
#include "base/text.h"

#define TRIES 2         /* in shared turns, then alone */
#define TRIES_OUTSIDE 4 /* if a worker was perhaps killed from outside */

struct remote_cut {
  remote_model *model;
  char **paths;
  size_t count;
  int maps, score;
  size_t made_in; /* the worker's number; 0: none */
  int channel;    /* to it; -1: none */
  arena to, from; /* the worker, and from it */
  message message;
};

/* ---- making it ---- */

static void close_channel(remote_cut *cut) {
  if (cut->channel < 0) return;
  if (remote_model_is_owner(cut->model)) shutdown(cut->channel, SHUT_RDWR); /* whoever has copies of it */
  close(cut->channel);
  cut->channel = -1;
}

static void put_cut(message *m, const remote_cut *cut) {
  message_clear(m);
  message_put(m, REQUEST_CUT);
  message_put(m, cut->maps);
  message_put(m, cut->score);
  threads_put(m);
  message_put(m, (int64_t)cut->count);
  for (size_t i = 0; i < cut->count; i++) message_put_text(m, cut->paths[i]);
}

static int fail_to_make(const char *what, int number, shim_error *error) {
  return backend_fail(error, number == ENOMEM ? SHIM_NO_MEMORY : BACKEND_NO_WORKER,
                      "no %s for the model's worker can be made: %s%s", what, strerror(number),
                      number == EMFILE ? "; raise the limit of open files (ulimit -n)" : "");
}

/* Makes the cut in the worker that runs, unless it is there already. */
static int attach(remote_cut *cut, shim_error *error) {
  int ends[2];
  size_t made_in = cut->made_in;
  if (remote_model_is_current(cut->model, made_in)) return SHIM_OK;
  int failed = channel_pair(ends);
  if (failed) return fail_to_make("channel", failed, error);
  const int descriptors[] = {ends[1], cut->to.descriptor, cut->from.descriptor};
  message request = {0};
  put_cut(&request, cut);
  int code = remote_model_attach(cut->model, &made_in, &request, descriptors, 3, error);
  message_free(&request);
  close(ends[1]);
  if (code != SHIM_OK || made_in == cut->made_in) {
    close(ends[0]);
    return code;
  }
  close_channel(cut);
  cut->channel = ends[0];
  cut->made_in = made_in;
  return SHIM_OK;
}

static bool copy_paths(remote_cut *cut, const char *const *paths, size_t count) {
  cut->paths = calloc(count + 1, sizeof *cut->paths);
  if (!cut->paths) return false;
  for (; cut->count < count; cut->count++)
    if (!(cut->paths[cut->count] = text_copy(paths[cut->count]))) return false;
  return true;
}

/* One try, in which the worker may die. */
typedef int (*attempt)(remote_cut *cut, void *job, const char **why, shim_error *error);
static int with_tries(remote_cut *cut, attempt run, void *job, const char *what, shim_error *error);

static int attempt_nothing(remote_cut *cut, void *job, const char **why, shim_error *error) {
  (void)cut, (void)job, (void)why, (void)error;
  return SHIM_OK;
}

int remote_cut_new(remote_cut **out, remote_model *model, const char *const *paths, size_t count, int maps,
                   int score, shim_error *error) {
  remote_cut *cut = calloc(1, sizeof *cut);
  if (!cut) return backend_fail_memory(error);
  *cut = (remote_cut){.model = model, .maps = maps, .score = score, .channel = -1};
  cut->to = cut->from = (arena)ARENA_NONE;
  int code = copy_paths(cut, paths, count) ? SHIM_OK : backend_fail_memory(error);
  if (code == SHIM_OK && (!arena_new(&cut->to) || !arena_new(&cut->from)))
    code = fail_to_make("shared memory", errno, error);
  if (code == SHIM_OK) code = with_tries(cut, attempt_nothing, NULL, "it prepared the layers", error);
  if (code == SHIM_OK)
    *out = cut;
  else
    remote_cut_free(cut);
  return code;
}

void remote_cut_free(remote_cut *cut) {
  if (!cut) return;
  close_channel(cut);
  arena_free(&cut->to);
  arena_free(&cut->from);
  message_free(&cut->message);
  for (size_t i = 0; i < cut->count; i++) free(cut->paths[i]);
  free(cut->paths);
  free(cut);
}

/* ---- trying ---- */

static int blame(const process_end_cause *cause, const char *what, int tries, shim_error *error) {
  return backend_fail(
      error, SHIM_ERROR,
      "the model's worker process %s while %s, %d times; the model or libtorch crashes or hangs, or "
      "memory is short",
      cause->text, what, tries);
}

static int with_tries(remote_cut *cut, attempt run, void *job, const char *what, shim_error *error) {
  turns *t = remote_model_turns(cut->model);
  int owned = remote_model_check_owner(cut->model, error);
  if (owned != SHIM_OK) return owned;
  for (int tries = 1;; tries++) {
    const char *why = NULL;
    process_end_cause cause;
    if (patience_is_over()) return patience_fail(error);
    turns_enter(t, tries > 1);
    int code = attach(cut, error);
    if (code == SHIM_OK) code = run(cut, job, &why, error);
    if (remote_must_end(code)) remote_model_lose(cut->model, cut->made_in, why, &cause);
    turns_leave(t);
    if (code != REMOTE_LOST) return code;
    if (tries >= (cause.is_from_outside ? TRIES_OUTSIDE : TRIES)) return blame(&cause, what, tries, error);
  }
}

/* ---- arrays out of shared memory ---- */

/* Reads arrays one after another; the reader's copies. */
typedef struct arrays {
  const unsigned char *at;
  size_t rest;
} arrays;

/* A copy, by malloc(); NULL: out of memory, or there are not so many bytes. */
static float *take(arrays *from, size_t bytes) {
  if (bytes > from->rest) return NULL;
  float *copy = malloc(bytes > 0 ? bytes : 1);
  if (!copy) return NULL;
  memcpy(copy, from->at, bytes);
  from->at += bytes;
  from->rest -= bytes;
  return copy;
}

/* ---- running ---- */

typedef struct run_job {
  shim_capture *out;
  const float *input;
  const int64_t *shape, *targets;
  int activations;
} run_job;

/* The sizes of what was captured; `bytes` gets their sum. false: they are not what was asked for. */
static bool get_capture(shim_capture *capture, size_t *bytes, message *m, const run_job *job, size_t layers,
                        int64_t classes) {
  size_t part;
  capture->batch = message_get(m);
  capture->classes = message_get(m);
  if (capture->batch != job->shape[0] || capture->classes != classes || (size_t)message_get(m) != layers)
    return false;
  const int64_t logits[] = {capture->batch, capture->classes};
  if (!protocol_bytes(bytes, logits, 2, sizeof(float))) return false;
  for (size_t i = 0; i < layers; i++) {
    shim_map *map = &capture->maps[i];
    map->channels = message_get_within(m, 0, INT64_MAX);
    map->height = message_get_within(m, 0, INT64_MAX);
    map->width = message_get_within(m, 0, INT64_MAX);
    const int64_t sizes[] = {capture->batch, map->channels, map->height, map->width};
    size_t arrays_of = job->activations ? (job->targets ? 2 : 1) : 0;
    if (!protocol_bytes(&part, sizes, 4, sizeof(float))) return false;
    if (__builtin_mul_overflow(part, arrays_of, &part) || __builtin_add_overflow(*bytes, part, bytes))
      return false;
  }
  return message_is_sound(m);
}

/* The arrays of a capture whose sizes are known. */
static bool take_arrays(shim_capture *capture, arrays *from, const run_job *job) {
  capture->logits = take(from, (size_t)(capture->batch * capture->classes) * sizeof(float));
  bool complete = capture->logits != NULL;
  for (size_t i = 0; complete && job->activations && i < capture->layers; i++) {
    shim_map *map = &capture->maps[i];
    size_t bytes = (size_t)(capture->batch * map->channels * map->height * map->width) * sizeof(float);
    map->activation = take(from, bytes);
    complete = map->activation != NULL;
    if (!complete || !job->targets) continue;
    map->gradient = take(from, bytes);
    complete = map->gradient != NULL;
  }
  return complete;
}

static int64_t classes_of(const remote_cut *cut) {
  return remote_model_description(cut->model)->classes;
}

/* The arrays of a reply whose sizes are `sound`, and that has so many bytes. */
static int view_reply(remote_cut *cut, bool sound, size_t bytes, const char **why, shim_error *error) {
  arena_result viewed = sound ? arena_view(&cut->from, bytes) : ARENA_SHORT;
  if (viewed == ARENA_NO_MEMORY) return backend_fail_memory(error);
  if (viewed == ARENA_OK) return SHIM_OK;
  *why = "sent a damaged reply";
  return REMOTE_LOST;
}

static int read_capture(remote_cut *cut, const run_job *job, const char **why, shim_error *error) {
  size_t bytes = 0;
  shim_capture capture = {.layers = cut->count};
  capture.maps = calloc(cut->count + 1, sizeof *capture.maps);
  if (!capture.maps) return backend_fail_memory(error);
  bool sound = get_capture(&capture, &bytes, &cut->message, job, cut->count, classes_of(cut));
  int code = view_reply(cut, sound, bytes, why, error);
  if (code != SHIM_OK) {
    free(capture.maps);
    return code;
  }
  arrays from = {cut->from.data, bytes};
  if (!take_arrays(&capture, &from, job)) {
    shim_capture_free(&capture);
    return backend_fail_memory(error);
  }
  *job->out = capture;
  return SHIM_OK;
}

static void put_shape(message *m, const int64_t shape[4]) {
  for (size_t i = 0; i < 4; i++) message_put(m, shape[i]);
}

/* Writes both arrays to shared memory, which a forked child must not do: it is its parent's too. */
static int write_arrays(remote_cut *cut, const float *input, const int64_t shape[4], const void *more,
                        size_t more_bytes, shim_error *error) {
  size_t bytes;
  int owned = remote_model_check_owner(cut->model, error);
  if (owned != SHIM_OK) return owned;
  if (!protocol_bytes(&bytes, shape, 4, sizeof *input))
    return backend_fail(error, SHIM_BAD_ARGUMENT, "the batch has more values than memory");
  if (!arena_reserve(&cut->to, bytes + more_bytes)) return backend_fail_memory(error);
  memcpy(cut->to.data, input, bytes);
  if (more_bytes > 0) memcpy((unsigned char *)cut->to.data + bytes, more, more_bytes);
  return SHIM_OK;
}

static int attempt_run(remote_cut *cut, void *data, const char **why, shim_error *error) {
  const run_job *job = data;
  message *m = &cut->message;
  message_clear(m);
  message_put(m, REQUEST_RUN);
  threads_put(m);
  put_shape(m, job->shape);
  message_put(m, job->targets != NULL);
  message_put(m, job->activations);
  int code = remote_exchange(cut->channel, m, NULL, 0, m, remote_model_deadline(cut->model, 1), why, error);
  return code == SHIM_OK ? read_capture(cut, job, why, error) : code;
}

int remote_cut_run(shim_capture *out, remote_cut *cut, const float *input, const int64_t shape[4],
                   const int64_t *targets, int activations, shim_error *error) {
  run_job job = {out, input, shape, targets, activations};
  size_t target_bytes = targets ? (size_t)shape[0] * sizeof *targets : 0;
  int code = write_arrays(cut, input, shape, targets, target_bytes, error);
  return code == SHIM_OK ? with_tries(cut, attempt_run, &job, "it ran the model", error) : code;
}

/* ---- ablation ---- */

typedef struct ablation_job {
  float **out;
  const int64_t *shape;
  size_t layer;
  int64_t rows, channels, batch;
} ablation_job;

static int read_ablation(remote_cut *cut, const ablation_job *job, const char **why, shim_error *error) {
  size_t bytes = 0;
  message *m = &cut->message;
  int64_t sizes[2];
  for (size_t i = 0; i < 2; i++) sizes[i] = message_get(m);
  bool sound = sizes[0] == job->rows && sizes[1] == classes_of(cut) && message_is_sound(m) &&
               protocol_bytes(&bytes, sizes, 2, sizeof(float));
  int code = view_reply(cut, sound, bytes, why, error);
  if (code != SHIM_OK) return code;
  arrays from = {cut->from.data, bytes};
  float *logits = take(&from, bytes);
  if (!logits) return backend_fail_memory(error);
  *job->out = logits;
  return SHIM_OK;
}

static int attempt_ablation(remote_cut *cut, void *data, const char **why, shim_error *error) {
  const ablation_job *job = data;
  int64_t runs = job->batch > 0 ? job->rows / job->batch + 2 : 1;
  message *m = &cut->message;
  message_clear(m);
  message_put(m, REQUEST_ABLATE);
  threads_put(m);
  put_shape(m, job->shape);
  message_put(m, (int64_t)job->layer);
  message_put(m, job->rows);
  message_put(m, job->channels);
  message_put(m, job->batch);
  int code =
      remote_exchange(cut->channel, m, NULL, 0, m, remote_model_deadline(cut->model, runs), why, error);
  return code == SHIM_OK ? read_ablation(cut, job, why, error) : code;
}

int remote_cut_ablate(float **out, remote_cut *cut, const float *input, const int64_t shape[4], size_t layer,
                      const unsigned char *removed, int64_t rows, int64_t channels, int64_t batch,
                      shim_error *error) {
  const int64_t sizes[] = {rows, channels};
  size_t bytes;
  if (!protocol_bytes(&bytes, sizes, 2, 1))
    return backend_fail(error, SHIM_BAD_ARGUMENT, "there are more channels to remove than memory");
  ablation_job job = {out, shape, layer, rows, channels, batch};
  int code = write_arrays(cut, input, shape, removed, bytes, error);
  return code == SHIM_OK ? with_tries(cut, attempt_ablation, &job, "it ran the model", error) : code;
}
