/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "backend/serve_cut.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backend/arena.h"
#include "backend/channel.h"
#include "backend/failure.h"
#include "backend/protocol.h"

#define END_SECONDS 2

/* ---- the cuts that are served ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards what follows */
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER;
static size_t served;

static void note_start(void) {
  pthread_mutex_lock(&lock);
  served++;
  pthread_mutex_unlock(&lock);
}

static void note_end(void) {
  pthread_mutex_lock(&lock);
  served--;
  pthread_cond_broadcast(&ended);
  pthread_mutex_unlock(&lock);
}

bool serve_cut_wait(void) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += END_SECONDS;
  pthread_mutex_lock(&lock);
  int late = 0;
  while (served > 0 && !late) late = pthread_cond_timedwait(&ended, &lock, &until);
  bool none = served == 0;
  pthread_mutex_unlock(&lock);
  return none;
}

/* ---- what requests have in common ---- */

/* Setting the number has side effects in libtorch, so it is set where it changes. */
void serve_threads(message *request) {
  static atomic_int in_force;
  int process = (int)message_get_within(request, 0, 4096);
  int limit = (int)message_get_within(request, 0, 4096);
  if (process > 0 && atomic_exchange(&in_force, process) != process) shim_set_threads(process);
  shim_limit_threads(limit);
}

void serve_put_code(message *reply, int code, const shim_error *error) {
  message_clear(reply);
  message_put(reply, code);
  if (code != SHIM_OK) message_put_text(reply, error->message);
}

typedef struct served_cut {
  shim_cut *cut;
  int channel;
  arena to, from; /* this process, and from it */
  message message;
} served_cut;

static int fail_request(shim_error *error) {
  return backend_fail(error, SHIM_ERROR, "the model's worker received a damaged request");
}

/* The arrays of a request: the input, and `more_bytes` after it. */
static arena_result read_arrays(served_cut *s, const float **input, const void **more, const int64_t shape[4],
                                size_t more_bytes) {
  size_t bytes;
  if (!protocol_bytes(&bytes, shape, 4, sizeof(float))) return ARENA_SHORT;
  arena_result result = arena_view(&s->to, bytes + more_bytes);
  if (result != ARENA_OK) return result;
  *input = s->to.data;
  *more = (const unsigned char *)s->to.data + bytes;
  return ARENA_OK;
}

static int fail_to_read(arena_result result, shim_error *error) {
  return result == ARENA_NO_MEMORY ? backend_fail_memory(error) : fail_request(error);
}

static void get_shape(int64_t shape[4], message *m) {
  for (size_t i = 0; i < 4; i++) shape[i] = message_get_within(m, 0, INT32_MAX);
}

/* ---- running ---- */

static unsigned char *append(unsigned char *to, const float *array, size_t bytes) {
  if (array) memcpy(to, array, bytes);
  return array ? to + bytes : to;
}

static size_t bytes_of(const shim_capture *capture, const shim_map *map) {
  return (size_t)(capture->batch * map->channels * map->height * map->width) * sizeof(float);
}

/* Writes the arrays to shared memory, and their sizes to the reply. */
static int put_capture(served_cut *s, const shim_capture *capture, shim_error *error) {
  size_t logits = (size_t)(capture->batch * capture->classes) * sizeof(float), bytes = logits;
  for (size_t i = 0; i < capture->layers; i++) {
    const shim_map *map = &capture->maps[i];
    if (map->activation) bytes += bytes_of(capture, map);
    if (map->gradient) bytes += bytes_of(capture, map);
  }
  if (!arena_reserve(&s->from, bytes)) return backend_fail_memory(error);
  serve_put_code(&s->message, SHIM_OK, error);
  message_put(&s->message, capture->batch);
  message_put(&s->message, capture->classes);
  message_put(&s->message, (int64_t)capture->layers);
  unsigned char *to = append(s->from.data, capture->logits, logits);
  for (size_t i = 0; i < capture->layers; i++) {
    const shim_map *map = &capture->maps[i];
    message_put(&s->message, map->channels);
    message_put(&s->message, map->height);
    message_put(&s->message, map->width);
    to = append(to, map->activation, bytes_of(capture, map));
    to = append(to, map->gradient, bytes_of(capture, map));
  }
  return SHIM_OK;
}

static int run(served_cut *s, shim_error *error) {
  int64_t shape[4];
  const float *input;
  const void *more;
  get_shape(shape, &s->message);
  bool has_targets = message_get_within(&s->message, 0, 1) == 1;
  int activations = (int)message_get_within(&s->message, 0, 1);
  size_t target_bytes = has_targets ? (size_t)shape[0] * sizeof(int64_t) : 0;
  if (!message_is_sound(&s->message)) return fail_request(error);
  arena_result result = read_arrays(s, &input, &more, shape, target_bytes);
  if (result != ARENA_OK) return fail_to_read(result, error);
  /* Targets follow an even number of floats or an odd one: they are copied to where integers may be. */
  int64_t *targets = has_targets ? malloc(target_bytes + 1) : NULL;
  if (has_targets && !targets) return backend_fail_memory(error);
  if (has_targets) memcpy(targets, more, target_bytes);
  shim_capture capture;
  int code = shim_cut_run(&capture, s->cut, input, shape, targets, activations, error);
  free(targets);
  if (code != SHIM_OK) return code;
  code = put_capture(s, &capture, error);
  shim_capture_free(&capture);
  return code;
}

/* ---- ablation ---- */

static int put_logits(served_cut *s, const float *logits, int64_t rows, int64_t classes, shim_error *error) {
  size_t bytes = (size_t)(rows * classes) * sizeof *logits;
  if (!arena_reserve(&s->from, bytes)) return backend_fail_memory(error);
  memcpy(s->from.data, logits, bytes);
  serve_put_code(&s->message, SHIM_OK, error);
  message_put(&s->message, rows);
  message_put(&s->message, classes);
  return SHIM_OK;
}

static int ablate(served_cut *s, int64_t classes, shim_error *error) {
  int64_t shape[4];
  const float *input;
  const void *removed;
  get_shape(shape, &s->message);
  size_t layer = (size_t)message_get_within(&s->message, 0, INT32_MAX);
  int64_t sizes[2];
  for (size_t i = 0; i < 2; i++) sizes[i] = message_get_within(&s->message, 0, INT32_MAX);
  int64_t batch = message_get(&s->message);
  size_t bytes;
  if (!message_is_sound(&s->message) || !protocol_bytes(&bytes, sizes, 2, 1)) return fail_request(error);
  arena_result result = read_arrays(s, &input, &removed, shape, bytes);
  if (result != ARENA_OK) return fail_to_read(result, error);
  float *logits = NULL;
  int code = shim_cut_ablate(&logits, s->cut, input, shape, layer, removed, sizes[0], sizes[1], batch, error);
  if (code != SHIM_OK) return code;
  code = put_logits(s, logits, sizes[0], classes, error);
  free(logits);
  return code;
}

/* ---- a cut's thread ---- */

typedef struct start {
  served_cut cut;
  int64_t classes;
} start;

static int answer(start *s, shim_error *error) {
  int64_t kind = message_get(&s->cut.message);
  serve_threads(&s->cut.message);
  if (kind == REQUEST_RUN) return run(&s->cut, error);
  return kind == REQUEST_ABLATE ? ablate(&s->cut, s->classes, error) : fail_request(error);
}

static void free_start(start *s) {
  shim_cut_free(s->cut.cut);
  arena_free(&s->cut.to);
  arena_free(&s->cut.from);
  message_free(&s->cut.message);
  close(s->cut.channel);
  free(s);
}

static void *serve_one(void *data) {
  start *s = data;
  shim_error error;
  while (channel_receive(s->cut.channel, &s->cut.message, NULL, CHANNEL_NEVER) == CHANNEL_OK) {
    int code = answer(s, &error);
    if (code != SHIM_OK) serve_put_code(&s->cut.message, code, &error);
    if (channel_send(s->cut.channel, &s->cut.message, NULL, 0, CHANNEL_NEVER) != CHANNEL_OK) break;
  }
  free_start(s);
  note_end();
  return NULL;
}

/* ---- making a cut ---- */

static int new_cut(shim_cut **out, const shim_model *model, message *m, shim_error *error) {
  int maps = (int)message_get_within(m, 0, 1);
  int score = (int)message_get_within(m, SHIM_SCORE_LOGIT, SHIM_SCORE_LOG_ODDS);
  serve_threads(m);
  size_t count = (size_t)message_get_within(m, 0, (int64_t)(m->size / sizeof(int64_t)));
  const char **paths = calloc(count + 1, sizeof *paths);
  if (!paths) return backend_fail_memory(error);
  for (size_t i = 0; i < count; i++)
    if (!(paths[i] = message_get_text(m))) m->is_damaged = true;
  int code =
      message_is_sound(m) ? shim_cut_new(out, model, paths, count, maps, score, error) : fail_request(error);
  free(paths);
  return code;
}

/* Closes those that the arenas have not taken over. */
static int adopt(start *s, const int descriptors[3], shim_error *error) {
  s->cut.channel = descriptors[0];
  s->cut.to = s->cut.from = (arena)ARENA_NONE;
  bool complete = descriptors[0] >= 0;
  if (!arena_adopt(&s->cut.to, descriptors[1])) {
    complete = false;
    close(descriptors[1]);
  }
  if (!arena_adopt(&s->cut.from, descriptors[2])) {
    complete = false;
    close(descriptors[2]);
  }
  if (complete) return SHIM_OK;
  return descriptors[2] >= 0 ? fail_request(error) /* the kernel drops those that there is no room for */
                             : backend_fail(error, SHIM_ERROR,
                                            "the model's worker has too many open files for another cut; "
                                            "raise their limit (ulimit -n)");
}

int serve_cut_start(const shim_model *model, message *request, const int descriptors[3], shim_error *error) {
  start *s = calloc(1, sizeof *s);
  if (!s) {
    for (size_t i = 0; i < 3; i++) close(descriptors[i]);
    return backend_fail_memory(error);
  }
  s->classes = shim_model_class_count(model);
  int code = adopt(s, descriptors, error);
  if (code == SHIM_OK) code = new_cut(&s->cut.cut, model, request, error);
  pthread_t thread;
  if (code == SHIM_OK) {
    note_start();
    int failed = pthread_create(&thread, NULL, serve_one, s);
    if (failed) {
      note_end();
      code = backend_fail(error, SHIM_NO_MEMORY, "no thread can be started: %s", strerror(failed));
    } else {
      pthread_detach(thread);
      return SHIM_OK;
    }
  }
  free_start(s);
  return code;
}
