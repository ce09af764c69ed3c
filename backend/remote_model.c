/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/remote_model.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/backend.h"
#include "backend/failure.h"
#include "backend/patience.h"
#include "backend/threads.h"
#include "base/text.h"

#define TRIES 5 /* to open a model */

/* What tells a file from one that took its place. */
typedef struct file_identity {
  dev_t device;
  ino_t number;
  off_t size;
  struct timespec changed;
} file_identity;

struct remote_model {
  shim_opening opening;
  char *path, *device, *output; /* the opening's strings */
  pid_t owner;                  /* the process that opened it */
  file_identity archive;
  description description;
  turns turns;
  pthread_mutex_t lock; /* guards what follows */
  worker_process process;
  bool is_running;
  size_t number;           /* of the worker, from 1 */
  process_end_cause cause; /* of the last one's end */
};

/* ---- requests ---- */

static const char *why_lost(channel_result result) {
  switch (result) {
    case CHANNEL_LATE:
      return "did not answer in time (the option worker_timeout)";
    case CHANNEL_MEMORY:
      return "sent a reply that is too large";
    case CHANNEL_UNWANTED:
      return "was given up";
    default:
      return NULL;
  }
}

int remote_exchange(int channel, const message *request, const int *descriptors, size_t count, message *reply,
                    channel_deadline deadline, const char **why, shim_error *error) {
  if (request->is_damaged) return backend_fail_memory(error);
  channel_result result = channel_send(channel, request, descriptors, count, deadline);
  if (result == CHANNEL_OK) result = channel_receive_wanted(channel, reply, deadline, patience_is_over);
  *why = why_lost(result);
  if (result == CHANNEL_UNWANTED) return patience_fail(error);
  if (result != CHANNEL_OK) return REMOTE_LOST;
  int64_t code = message_get(reply);
  if (code == SHIM_OK && !reply->is_damaged) return SHIM_OK;
  const char *text = message_get_text(reply);
  if (text && code >= SHIM_NO_DEVICE && code <= SHIM_ERROR) return backend_fail(error, (int)code, "%s", text);
  *why = "sent a damaged reply";
  return REMOTE_LOST;
}

channel_deadline remote_model_deadline(const remote_model *model, int64_t runs) {
  int64_t seconds = model->opening.worker_timeout;
  return channel_in(seconds > INT64_MAX / 1000 / (runs + 1) ? 0 : seconds * 1000 * runs);
}

turns *remote_model_turns(remote_model *model) {
  return &model->turns;
}

/* ---- opening; with the lock ---- */

static void put_opening(message *m, const shim_opening *opening) {
  message_clear(m);
  message_put(m, REQUEST_OPEN);
  message_put_text(m, opening->path);
  message_put(m, opening->height);
  message_put(m, opening->width);
  message_put_text(m, opening->device);
  message_put(m, opening->layout);
  message_put(m, opening->prefix_tokens);
  message_put_text(m, opening->output);
  message_put(m, opening->least_classes);
  message_put(m, opening->gray);
  threads_put(m);
}

/* Starts a worker and opens the model there. */
static int open_in_worker(remote_model *model, description *d, shim_error *error) {
  int code = process_start(&model->process, &model->cause, error);
  if (code != SHIM_OK) return code;
  const char *why = NULL;
  message m = {0};
  put_opening(&m, &model->opening);
  code =
      remote_exchange(model->process.control, &m, NULL, 0, &m, remote_model_deadline(model, 8), &why, error);
  if (code == SHIM_OK && !description_get(d, &m)) {
    why = "sent a damaged description of the model";
    code = REMOTE_LOST;
  }
  message_free(&m);
  if (remote_must_end(code))
    process_kill(&model->process, why, &model->cause);
  else if (code != SHIM_OK)
    process_end(&model->process);
  return code;
}

/* A worker that died while it opened the model is replaced: `always`, or if it was perhaps killed from
 * outside. */
static int open_with_tries(remote_model *model, description *d, bool always, shim_error *error) {
  for (int tries = 1;; tries++) {
    error->message[0] = '\0';
    int code = open_in_worker(model, d, error);
    if (code == SHIM_OK) {
      model->is_running = true;
      model->number++;
    }
    if (code != REMOTE_LOST) return code;
    if (tries < TRIES && (always || model->cause.is_from_outside)) continue;
    if (*error->message) return SHIM_ERROR; /* before it was ready */
    return backend_fail(
        error, SHIM_ERROR,
        "%s: the model's worker process %s while it opened the model; the archive may be damaged, or "
        "its code, or libtorch, may crash",
        model->path, model->cause.text);
  }
}

static bool identify(file_identity *out, const char *path) {
  struct stat s;
  if (stat(path, &s) != 0) return false;
  *out = (file_identity){s.st_dev, s.st_ino, s.st_size, s.st_mtim};
  return true;
}

static bool is_same(const file_identity *a, const file_identity *b) {
  return a->device == b->device && a->number == b->number && a->size == b->size &&
         a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

/* Opens the model in a new worker, after the last one has died. */
static int reopen(remote_model *model, shim_error *error) {
  file_identity archive;
  description d = {0};
  if (!identify(&archive, model->path) || !is_same(&archive, &model->archive))
    return backend_fail(
        error, SHIM_BAD_ARCHIVE,
        "%s: the model's worker process %s, and the archive has changed since it was opened, so no "
        "other worker can be started with it",
        model->path, model->cause.text);
  int code = open_with_tries(model, &d, true, error);
  if (code == SHIM_ERROR) code = error->code = BACKEND_NO_WORKER;
  bool differs = code == SHIM_OK &&
                 (d.classes != model->description.classes || d.layer_count != model->description.layer_count);
  description_free(&d);
  if (!differs) return code;
  process_end(&model->process);
  model->is_running = false;
  return backend_fail(error, SHIM_BAD_ARCHIVE, "%s: another worker reads another model from the archive",
                      model->path);
}

/* ---- the model ---- */

static bool copy_opening(remote_model *model, const shim_opening *opening) {
  model->opening = *opening;
  model->path = text_copy(opening->path);
  model->device = text_copy(opening->device);
  model->output = opening->output ? text_copy(opening->output) : NULL;
  model->opening.path = model->path;
  model->opening.device = model->device;
  model->opening.output = model->output;
  return model->path && model->device && (!opening->output || model->output);
}

static void free_parts(remote_model *model) {
  description_free(&model->description);
  free(model->path);
  free(model->device);
  free(model->output);
  free(model);
}

int remote_model_open(remote_model **out, const shim_opening *opening, shim_error *error) {
  remote_model *model = calloc(1, sizeof *model);
  if (!model) return backend_fail_memory(error);
  model->owner = getpid();
  if (!copy_opening(model, opening) || !turns_start(&model->turns)) {
    free_parts(model);
    return backend_fail_memory(error);
  }
  identify(&model->archive, model->path); /* without a file, the worker says so */
  int code = pthread_mutex_init(&model->lock, NULL) == 0
                 ? open_with_tries(model, &model->description, false, error)
                 : backend_fail_memory(error);
  if (code == SHIM_OK) {
    *out = model;
    return code;
  }
  turns_stop(&model->turns);
  free_parts(model);
  return code;
}

void remote_model_free(remote_model *model) {
  if (!model) return;
  if (model->is_running) process_end(&model->process);
  if (remote_model_is_owner(model)) { /* else threads of the parent may wait in them, for ever */
    pthread_mutex_destroy(&model->lock);
    turns_stop(&model->turns);
  }
  free_parts(model);
}

const description *remote_model_description(const remote_model *model) {
  return &model->description;
}

pid_t remote_model_process(const remote_model *model) {
  remote_model *m = (remote_model *)model; /* for the lock */
  if (!remote_model_is_owner(model)) return 0;
  pthread_mutex_lock(&m->lock);
  pid_t id = m->is_running ? m->process.id : 0;
  pthread_mutex_unlock(&m->lock);
  return id;
}

size_t remote_model_restarts(const remote_model *model) {
  remote_model *m = (remote_model *)model;
  if (!remote_model_is_owner(model)) return 0;
  pthread_mutex_lock(&m->lock);
  size_t restarts = m->number - 1;
  pthread_mutex_unlock(&m->lock);
  return restarts;
}

/* ---- for its cuts ---- */

bool remote_model_is_owner(const remote_model *model) {
  return model->owner == getpid();
}

int remote_model_check_owner(const remote_model *model, shim_error *error) {
  if (remote_model_is_owner(model)) return SHIM_OK;
  return backend_fail(
      error, SHIM_ERROR,
      "%s: the model was opened before this process was forked, and its worker belongs to the parent; "
      "open the model in the process that uses it",
      model->path);
}

static void lose(remote_model *model, size_t number, const char *why) {
  if (!model->is_running || model->number != number) return;
  process_kill(&model->process, why, &model->cause);
  model->is_running = false;
}

void remote_model_lose(remote_model *model, size_t number, const char *why, process_end_cause *cause) {
  pthread_mutex_lock(&model->lock);
  lose(model, number, why);
  *cause = model->cause;
  pthread_mutex_unlock(&model->lock);
}

static int attach(remote_model *model, size_t *made, const message *request, const int *descriptors,
                  size_t count, shim_error *error) {
  int code = model->is_running ? SHIM_OK : reopen(model, error);
  if (code != SHIM_OK || *made == model->number) return code;
  const char *why = NULL;
  message reply = {0};
  code = remote_exchange(model->process.control, request, descriptors, count, &reply,
                         remote_model_deadline(model, 4), &why, error);
  if (code == SHIM_OK && !message_is_sound(&reply)) {
    why = "sent a damaged reply";
    code = REMOTE_LOST;
  }
  message_free(&reply);
  if (code == SHIM_OK) *made = model->number;
  if (remote_must_end(code)) lose(model, model->number, why);
  return code;
}

bool remote_model_is_current(remote_model *model, size_t number) {
  pthread_mutex_lock(&model->lock);
  bool is_current = model->is_running && model->number == number;
  pthread_mutex_unlock(&model->lock);
  return is_current;
}

int remote_model_attach(remote_model *model, size_t *made, const message *request, const int *descriptors,
                        size_t count, shim_error *error) {
  pthread_mutex_lock(&model->lock);
  int code = attach(model, made, request, descriptors, count, error);
  pthread_mutex_unlock(&model->lock);
  return code;
}
